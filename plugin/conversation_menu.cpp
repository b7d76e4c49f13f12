// SPDX-License-Identifier: GPL-2.0-or-later
#include "plugin/conversation_menu.h"

#include <epan/packet.h>

#include <epan/conversation_filter.h>

#include <optional>

#include "plugin/capture.h"
#include "plugin/ws_compat.h"

namespace smtp_session::ws {
namespace {

/// None where the packet is of no session. In a tunnel, the outermost one.
std::optional<FrameRecord> record_of(const packet_info* pinfo) {
  const Capture* state = capture();
  if (state == nullptr) return std::nullopt;
  return state->engine.frames().find(pinfo->num);
}

bool has_session(const packet_info* pinfo) {
  return record_of(pinfo).has_value();
}

/// To be freed with g_free().
char* session_filter(const packet_info* pinfo) {
  const std::optional<FrameRecord> record = record_of(pinfo);
  return !record ? nullptr : g_strdup_printf("smtp_session.id == %u", record->session);
}

}  // namespace

void register_conversation_menu() {
  add_conversation_filter<has_session, session_filter>("smtp_session", "SMTP Session");
  // View > Colorize Conversation asks these protocols, the last one first.
  add_conversation_filter_protocol("smtp_session");
}

}  // namespace smtp_session::ws
