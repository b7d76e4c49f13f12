// SPDX-License-Identifier: GPL-2.0-or-later
#include "plugin/decode_as.h"

#include <epan/packet.h>

#include "plugin/packet_source.h"

namespace smtp_session::ws {
namespace {

dissector_handle_t own_handle = nullptr;
dissector_handle_t smtp_handle = nullptr;

int dissect_decode_as(tvbuff_t* tvb, packet_info* pinfo, proto_tree* tree, void* data) {
  take_current_for_smtp();
  // The call of this dissector used up TCP's offer to reassemble; SMTP is to have it.
  pinfo->can_desegment = pinfo->saved_can_desegment;
  return call_dissector_only(smtp_handle, tvb, pinfo, tree, data);
}

}  // namespace

void register_decode_as(int protocol) {
  own_handle = register_dissector("smtp_session", dissect_decode_as, protocol);
}

void hand_off_decode_as() {
  smtp_handle = find_dissector("smtp");
  if (smtp_handle != nullptr) dissector_add_for_decode_as("tcp.port", own_handle);
}

}  // namespace smtp_session::ws
