// SPDX-License-Identifier: GPL-2.0-or-later
#include "plugin/message_export.h"

#include <epan/export_object.h>
#include <epan/tap.h>

#include <algorithm>
#include <string>

#include "dissector/report/endpoint_text.h"
#include "dissector/report/message_file_name.h"
#include "plugin/pool_text.h"
#include "plugin/protocol.h"

namespace smtp_session::ws {
namespace {

int tap_id = -1;

/// What the tap hands to its listener; it lives as long as the packet.
struct ExportedMessage {
  const char* server = nullptr;
  const char* name = nullptr;
  const char* text = nullptr;
  std::size_t size = 0;
};

void queue(const Session& session, const MessageReplay::Finished& finished, packet_info* pinfo) {
  auto* message = wmem_new0(pinfo->pool, ExportedMessage);
  message->server = pool_text(pinfo->pool, endpoint_text(session.server));
  message->name =
      pool_text(pinfo->pool, message_file_name(session, finished.message, finished.text));
  auto* text = static_cast<char*>(wmem_alloc(pinfo->pool, finished.text.size() + 1));
  *std::copy(finished.text.begin(), finished.text.end(), text) = '\0';
  message->text = text;
  message->size = finished.text.size();
  tap_queue_packet(tap_id, pinfo, message);
}

tap_packet_status take_message(void* data, packet_info* pinfo, epan_dissect_t* /*edt*/,
                               const void* tapped, tap_flags_t /*flags*/) {
  const auto& message = *static_cast<const ExportedMessage*>(tapped);
  auto* list = static_cast<export_object_list_t*>(data);
  auto* entry = g_new0(export_object_entry_t, 1);  // the list's, from here on
  entry->pkt_num = pinfo->num;
  entry->hostname = g_strdup(message.server);
  entry->content_type = g_strdup("message/rfc822");
  entry->filename = g_strdup(message.name);
  auto* payload = static_cast<guint8*>(g_malloc(message.size + 1));
  std::copy(message.text, message.text + message.size + 1, payload);
  entry->payload_data = payload;
  entry->payload_len = message.size;
  list->add_entry(list->gui_data, entry);
  return TAP_PACKET_REDRAW;
}

}  // namespace

void register_message_export() {
  tap_id = register_export_object(protocol_id(), take_message, nullptr);
}

bool exports_messages() {
  return have_tap_listener(tap_id) != 0;
}

void export_messages(const Session& session, const std::vector<MessageReplay::Finished>& finished,
                     packet_info* pinfo) {
  for (const MessageReplay::Finished& one : finished) queue(session, one, pinfo);
}

}  // namespace smtp_session::ws
