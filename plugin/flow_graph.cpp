// SPDX-License-Identifier: GPL-2.0-or-later
#include "plugin/flow_graph.h"

#include <epan/packet.h>
#include <epan/tap.h>
#include <wsutil/report_message.h>

#include <string>

#include "dissector/report/layout.h"
#include "dissector/report/story_steps.h"
#include "plugin/capture.h"
#include "plugin/protocol.h"
#include "plugin/sequence_analysis.h"
#include "plugin/taps.h"

namespace smtp_session::ws {
namespace {

/// What an arrow has room for, in tshark's graph as well.
constexpr std::size_t kMaxLabel = 18;

/// The words that fit; the comment beside the arrow has them all.
std::string label_of(const Step& step) {
  std::string label = printable(step.what);
  if (width_of(label) <= kMaxLabel) return label;
  const std::size_t blank = label.rfind(' ', kMaxLabel);
  return blank == std::string::npos ? cut(label, kMaxLabel) : label.substr(0, blank);
}

/// "Session 3: EHLO client.example", "Session 3: latency 0.511 ms, 250 Ok". The time comes first:
/// the column of comments is narrow.
std::string comment_of(const Session& session, const Step& step) {
  std::string comment = "Session " + std::to_string(session.id) + ": ";
  if (!step.note.empty()) comment += step.note + ", ";
  return comment + printable(step.what);
}

/// Nothing called here raises an exception of Wireshark's.
bool add_step(seq_analysis_info_t* graph, packet_info* pinfo, const Session& session,
              const Step& step) {
  const std::string label = label_of(step);
  const std::string comment = comment_of(session, step);
  seq_analysis_item_t* arrow = sequence_analysis_create_sai_with_addresses(pinfo, graph);
  if (arrow == nullptr) return false;
  sequence_analysis_use_color_filter(pinfo, arrow);
  arrow->frame_number = pinfo->num;
  arrow->port_src = static_cast<guint16>(pinfo->srcport);
  arrow->port_dst = static_cast<guint16>(pinfo->destport);
  arrow->frame_label = g_strdup(label.c_str());
  arrow->comment = g_strdup(comment.c_str());
  arrow->line_style = 1;
  arrow->conv_num = static_cast<guint16>(session.id);
  arrow->display = TRUE;
  g_queue_push_tail(graph->items, arrow);
  return true;
}

tap_packet_status take_frame(void* data, packet_info* pinfo, epan_dissect_t* /*edt*/,
                             const void* tapped, tap_flags_t /*flags*/) {
  const Capture* state = capture();
  if (state == nullptr) return TAP_PACKET_DONT_REDRAW;
  try {
    const auto& frame = *static_cast<const TapFrame*>(tapped);
    const Session& session = state->engine.sessions()[frame.session];
    bool added = false;
    for (const Step& step : steps_at(session, frame.record.frame)) {
      added |= add_step(static_cast<seq_analysis_info_t*>(data), pinfo, session, step);
    }
    return added ? TAP_PACKET_REDRAW : TAP_PACKET_DONT_REDRAW;
  } catch (...) {
    report_failure("SMTP Session Analysis: out of memory while drawing a flow graph");
    return TAP_PACKET_FAILED;
  }
}

}  // namespace

void register_flow_graph() {
  register_seq_analysis("smtp_session", "SMTP Session", protocol_id(), kTapName,
                        TL_REQUIRES_NOTHING, take_frame);
}

}  // namespace smtp_session::ws
