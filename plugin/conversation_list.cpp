// SPDX-License-Identifier: GPL-2.0-or-later
#include "plugin/conversation_list.h"

// First: conversation_table.h needs it and does not include it.
#include <epan/packet.h>

#include <epan/conversation_table.h>

#include <cstdint>
#include <optional>

#include "plugin/capture.h"
#include "plugin/protocol.h"
#include "plugin/taps.h"

namespace smtp_session::ws {
namespace {

constexpr int kAddressIpv6Bytes = 16;
constexpr int kAddressIpv4Bytes = 4;

/// Borrows the bytes: Wireshark's tables copy them.
address address_of(const Endpoint& end) {
  address to;
  const bool ipv6 = end.address.family == 6;
  set_address(&to, ipv6 ? AT_IPv6 : AT_IPv4, ipv6 ? kAddressIpv6Bytes : kAddressIpv4Bytes,
              end.address.bytes.data());
  return to;
}

/// The names of the fields that Wireshark filters a row with.
const char* filter_field(const address& end, conv_filter_type_e kind) {
  const bool ipv6 = end.type == AT_IPv6;
  switch (kind) {
    case CONV_FT_SRC_ADDRESS:
      return ipv6 ? "ipv6.src" : "ip.src";
    case CONV_FT_DST_ADDRESS:
      return ipv6 ? "ipv6.dst" : "ip.dst";
    case CONV_FT_ANY_ADDRESS:
      return ipv6 ? "ipv6.addr" : "ip.addr";
    case CONV_FT_SRC_PORT:
      return "tcp.srcport";
    case CONV_FT_DST_PORT:
      return "tcp.dstport";
    case CONV_FT_ANY_PORT:
      return "tcp.port";
  }
  return CONV_FILTER_INVALID;
}

ct_dissector_info_t conversation_fields = {
    [](conv_item_t* row, conv_filter_type_e kind) { return filter_field(row->src_address, kind); }};
et_dissector_info_t endpoint_fields = {[](endpoint_item_t* row, conv_filter_type_e kind) {
  return filter_field(row->myaddress, kind);
}};

/// What a frame adds to a table. The ends are those of the session, not those of the packet: a
/// tunnel's packet has several.
struct Row {
  conv_hash_t* table;
  address from;
  address to;
  std::uint16_t from_port;
  std::uint16_t to_port;
  std::uint32_t stream;
  int bytes;
};

std::optional<Row> row_of(void* data, const packet_info* pinfo, const void* tapped,
                          tap_flags_t flags) {
  const Capture* state = capture();
  if (state == nullptr) return std::nullopt;
  auto* table = static_cast<conv_hash_t*>(data);
  table->flags = flags;
  const auto& frame = *static_cast<const TapFrame*>(tapped);
  const Session& session = state->engine.sessions()[frame.session];
  const bool by_client = frame.record.sender() == Side::kClient;
  const Endpoint& from = by_client ? session.client : session.server;
  const Endpoint& to = by_client ? session.server : session.client;
  return Row{table,
             address_of(from),
             address_of(to),
             from.port,
             to.port,
             session.stream,
             static_cast<int>(pinfo->fd->pkt_len)};
}

tap_packet_status add_to_conversations(void* data, packet_info* pinfo, epan_dissect_t* /*edt*/,
                                       const void* tapped, tap_flags_t flags) {
  const std::optional<Row> row = row_of(data, pinfo, tapped, flags);
  if (!row) return TAP_PACKET_DONT_REDRAW;
  // A port that is used again makes another session, and another stream of TCP.
  add_conversation_table_data_with_conv_id(row->table, &row->from, &row->to, row->from_port,
                                           row->to_port, row->stream, 1, row->bytes, &pinfo->rel_ts,
                                           &pinfo->abs_ts, &conversation_fields, CONVERSATION_TCP);
  return TAP_PACKET_REDRAW;
}

tap_packet_status add_to_endpoints(void* data, packet_info* pinfo, epan_dissect_t* /*edt*/,
                                   const void* tapped, tap_flags_t flags) {
  const std::optional<Row> row = row_of(data, pinfo, tapped, flags);
  if (!row) return TAP_PACKET_DONT_REDRAW;
  add_endpoint_table_data(row->table, &row->from, row->from_port, TRUE, 1, row->bytes,
                          &endpoint_fields, ENDPOINT_TCP);
  add_endpoint_table_data(row->table, &row->to, row->to_port, FALSE, 1, row->bytes,
                          &endpoint_fields, ENDPOINT_TCP);
  return TAP_PACKET_REDRAW;
}

}  // namespace

void register_conversation_list() {
  register_conversation_table(protocol_id(), FALSE, add_to_conversations, add_to_endpoints);
}

}  // namespace smtp_session::ws
