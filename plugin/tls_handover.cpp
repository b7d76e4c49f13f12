// SPDX-License-Identifier: GPL-2.0-or-later
#include "plugin/tls_handover.h"

#include <epan/conversation.h>
#include <epan/packet.h>

#include <cstdint>

// Of epan/dissectors/packet-tls-utils.h, which needs a header of libgcrypt that need not be there.
extern "C" std::uint32_t ssl_starttls_post_ack(dissector_handle_t tls_handle, packet_info* pinfo,
                                               dissector_handle_t app_handle);

namespace smtp_session::ws {
namespace {

dissector_handle_t tls_handle = nullptr;
dissector_handle_t smtp_handle = nullptr;
dissector_handle_t own_handle = nullptr;  ///< of "Decode As"
dissector_table_t port_table = nullptr;

bool is_enabled(dissector_handle_t handle) {
  if (handle == nullptr) return false;
  protocol_t* protocol = find_protocol_by_id(dissector_handle_get_protocol_index(handle));
  return proto_is_protocol_enabled(protocol) != 0;
}

bool is_smtp(dissector_handle_t handle) {
  return handle != nullptr && (handle == smtp_handle || handle == own_handle);
}

/// True where TCP would give the segment to the SMTP dissector.
bool goes_to_smtp(const packet_info* pinfo) {
  const conversation_t* conversation =
      find_conversation_pinfo(const_cast<packet_info*>(pinfo), 0);  // not const before 4.4
  if (conversation != nullptr) {
    dissector_handle_t settled =
        conversation_get_dissector(const_cast<conversation_t*>(conversation), pinfo->num);
    if (settled != nullptr) return is_smtp(settled);
  }
  return is_smtp(dissector_get_uint_handle(port_table, pinfo->destport)) ||
         is_smtp(dissector_get_uint_handle(port_table, pinfo->srcport));
}

}  // namespace

void hand_off_tls_handover() {
  tls_handle = find_dissector("tls");
  smtp_handle = find_dissector("smtp");
  own_handle = find_dissector("smtp_session");
  port_table = find_dissector_table("tcp.port");
}

void hand_over_to_tls(packet_info* pinfo, const Endpoint& client, const Endpoint& server) {
  if (port_table == nullptr || !is_enabled(tls_handle) || !is_enabled(smtp_handle)) return;
  // What TCP is going to set, and what finds the conversation.
  const port_type type = pinfo->ptype;
  const std::uint32_t source = pinfo->srcport;
  const std::uint32_t destination = pinfo->destport;
  pinfo->ptype = PT_TCP;
  pinfo->srcport = client.port;
  pinfo->destport = server.port;
  if (goes_to_smtp(pinfo)) ssl_starttls_post_ack(tls_handle, pinfo, smtp_handle);
  pinfo->ptype = type;
  pinfo->srcport = source;
  pinfo->destport = destination;
}

}  // namespace smtp_session::ws
