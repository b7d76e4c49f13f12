// SPDX-License-Identifier: GPL-2.0-or-later
#include <epan/packet.h>
#include <epan/srt_table.h>
#include <epan/tap.h>

#include "dissector/metrics.h"
#include "dissector/report/latency_table.h"
#include "plugin/capture.h"
#include "plugin/protocol.h"
#include "plugin/response_times.h"
#include "plugin/taps.h"
#include "plugin/tree_events.h"

namespace smtp_session::ws {
namespace {

constexpr TimeNs kNanosecondsPerSecond = 1000000000;

void begin(register_srt* /*srt*/, GArray* tables) {
  // All rows from the start: the dialog keeps pointers to them. Wireshark would put the number of a
  // row behind a display filter, and no field has these numbers: none is given.
  const auto rows = static_cast<int>(latency_rows());
  srt_stat_table* table = init_srt_table("SMTP Session: latency by command", "SMTP Session", tables,
                                         rows, "Command", nullptr, nullptr);
  for (int row = 0; row < rows; ++row) {
    init_srt_table_row(table, row, latency_row_name(static_cast<std::size_t>(row)));
  }
}

/// The table takes the time from a start to this packet: the start that gives `took`.
nstime_t start_of(const packet_info* pinfo, TimeNs took) {
  const nstime_t length = {static_cast<time_t>(took / kNanosecondsPerSecond),
                           static_cast<int>(took % kNanosecondsPerSecond)};
  nstime_t start;
  nstime_delta(&start, &pinfo->abs_ts, &length);
  return start;
}

tap_packet_status take_frame(void* data, packet_info* pinfo, epan_dissect_t* /*edt*/,
                             const void* tapped, tap_flags_t /*flags*/) {
  const Capture* state = capture();
  if (state == nullptr) return TAP_PACKET_DONT_REDRAW;
  const auto& frame = *static_cast<const TapFrame*>(tapped);
  const Session& session = state->engine.sessions()[frame.session];
  srt_stat_table* table =
      g_array_index(static_cast<srt_data_t*>(data)->srt_array, srt_stat_table*, 0);
  tap_packet_status status = TAP_PACKET_DONT_REDRAW;
  const EventRange replies = replies_of(session, frame.record.frame);
  for (Index i = replies.first; i < replies.last; ++i) {
    const Reply& reply = session.reply(i);
    if (reply.command == 0) continue;
    const Command& command = session.command(reply.command);
    if (command.reply != i || !has_exact_latency(session, command)) continue;
    const nstime_t start = start_of(pinfo, latency(session, reply));
    add_srt_table_data(table, static_cast<int>(latency_row_of(command)), &start, pinfo);
    status = TAP_PACKET_REDRAW;
  }
  return status;
}

}  // namespace

void register_response_time_table() {
  // Wireshark makes `-z NAME,srt` of the protocol's name, and `-z smtp_session,srt` is the option
  // with percentiles: so the table has a protocol in name only, titled alike.
  const int protocol =
      proto_register_protocol_in_name_only("SMTP Session response times", "SMTP Session",
                                           "smtp_session_srt", protocol_id(), FT_PROTOCOL);
  register_srt_table(protocol, kTapName, 1, take_frame, begin, nullptr);
}

}  // namespace smtp_session::ws
