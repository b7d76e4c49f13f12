// SPDX-License-Identifier: GPL-2.0-or-later
#include "plugin/statistics_tree.h"

#include <epan/packet.h>
#include <epan/stats_tree.h>
#include <epan/tap.h>
#include <wsutil/report_message.h>

#include <array>
#include <cstddef>
#include <functional>
#include <map>
#include <string>
#include <utility>

#include "dissector/finding.h"
#include "dissector/names.h"
#include "dissector/outcome.h"
#include "dissector/report/layout.h"
#include "plugin/capture.h"
#include "plugin/end_of_pass.h"
#include "plugin/selection.h"
#include "plugin/taps.h"
#include "plugin/tree_events.h"

namespace smtp_session::ws {
namespace {

enum Branch : std::size_t { kOutcomes, kCodes, kCommands, kFindings, kBranchCount };
constexpr std::array<const char*, kBranchCount> kBranchNames{"Outcomes", "Reply codes", "Commands",
                                                             "Findings"};

/// A verb of the capture is as long as the client likes; this much of it is enough.
constexpr std::size_t kMaxVerb = 24;

using Count = std::function<void(Branch branch, const std::string& name)>;

std::string name_of_command(const Command& command) {
  if (command.opaque) return "(encrypted)";
  if (command.verb.empty()) return "(empty line)";
  if (command.verb.view() == ".") return "end of data";
  return cut(printable(command.verb.view()), kMaxVerb);
}

std::string name_of_code(const Reply& reply) {
  if (reply.opaque) return "(encrypted)";
  return reply.code == 0 ? "(no code)" : std::to_string(reply.code);
}

std::string name_of_finding(const Finding& finding) {
  const FindingInfo& info = info_of(finding.id);
  return std::string(info.name) + " " + info.summary;
}

/// A tree that is being filled. What happens in a frame is ticked with the frame, so that rates and
/// bursts are right. But a first pass knows the outcomes, and what else shows late, only at its
/// end: then what is missing is added.
struct Filling {
  Selection selection;
  std::array<int, kBranchCount> nodes{};
  std::map<std::pair<Branch, std::string>, int> ticked;
  std::array<int, kBranchCount> totals{};
  bool first_pass = false;
};

std::map<stats_tree*, Filling> fillings;

void change(stats_tree* tree, Filling& filling, Branch branch, const std::string& name, int by) {
  if (by == 0) return;
  const int number = filling.ticked[{branch, name}] += by;
  const int total = filling.totals[branch] += by;
  // An outcome is of no moment: set, not ticked, it makes no burst.
  const bool timed = branch != kOutcomes;
  const manip_node_mode mode = timed ? MN_INCREASE : MN_SET;
  stats_tree_manip_node_int(mode, tree, kBranchNames[branch], 0, TRUE, timed ? by : total);
  stats_tree_manip_node_int(mode, tree, name.c_str(), filling.nodes[branch], FALSE,
                            timed ? by : number);
}

/// Everything of `session` that `wanted` chooses by its frame.
void count_events(const Session& session, const std::function<bool(FrameNumber)>& wanted,
                  const Count& count) {
  for (const Command& command : session.commands) {
    if (wanted(command.frame)) count(kCommands, name_of_command(command));
  }
  for (const Reply& reply : session.replies) {
    if (wanted(reply.frame)) count(kCodes, name_of_code(reply));
  }
  for (const Finding& finding : session.findings) {
    if (wanted(finding.frame)) count(kFindings, name_of_finding(finding));
  }
}

void count_frame(const Session& session, FrameNumber frame, const Count& count) {
  const EventRange commands = commands_of(session, frame);
  for (Index i = commands.first; i < commands.last; ++i) {
    count(kCommands, name_of_command(session.command(i)));
  }
  const EventRange replies = replies_of(session, frame);
  for (Index i = replies.first; i < replies.last; ++i) {
    count(kCodes, name_of_code(session.reply(i)));
  }
  for (const Finding& finding : findings_of(session, frame)) {
    count(kFindings, name_of_finding(finding));
  }
}

/// After a first pass.
void settle(stats_tree* tree, Filling& filling, Capture& state) {
  state.finish_before_drawing();
  std::map<std::pair<Branch, std::string>, int> missing;
  for (const auto& [key, ticked] : filling.ticked) missing[key] = -ticked;
  const Count count = [&](Branch branch, const std::string& name) { ++missing[{branch, name}]; };
  const Selection& selection = filling.selection;
  for (const Session& session : state.engine.sessions()) {
    if (!selection.has_session(session.id)) continue;
    count(kOutcomes, name_of(outcome_of(session)));
    count_events(
        session, [&](FrameNumber frame) { return selection.has(state.engine, session, frame); },
        count);
  }
  for (const auto& [key, number] : missing) change(tree, filling, key.first, key.second, number);
}

void settle_all(void* /*data*/) {
  Capture* state = capture();
  if (state == nullptr) return;
  try {
    for (auto& [tree, filling] : fillings) {
      if (filling.first_pass) settle(tree, filling, *state);
    }
  } catch (...) {
    give_up("counting sessions");
  }
}

void settle_before_drawing() {
  static bool registered = false;
  if (registered) return;
  registered = true;
  call_before_drawing(settle_all);
}

void begin(stats_tree* tree) {
  try {
    Filling& filling = fillings[tree];
    filling = {};
    for (std::size_t i = 0; i < kBranchCount; ++i) {
      filling.nodes[i] = stats_tree_create_node(tree, kBranchNames[i], 0, STAT_DT_INT, TRUE);
    }
  } catch (...) {
    report_failure("SMTP Session Analysis: out of memory");
  }
}

void end(stats_tree* tree) {
  fillings.erase(tree);
}

void add_frame(stats_tree* tree, Filling& filling, Capture& state, const TapFrame& tapped) {
  const Count count = [&](Branch branch, const std::string& name) {
    change(tree, filling, branch, name, 1);
  };
  const Session& session = state.engine.sessions()[tapped.session];
  const bool first_of_session = filling.selection.add(tapped);
  if (tapped.first_pass) {
    filling.first_pass = true;
    settle_before_drawing();
  } else if (first_of_session) {
    state.finish_when_read();
    count(kOutcomes, name_of(outcome_of(session)));
    count_events(
        session, [&](FrameNumber frame) { return is_without_frame(state.engine, session, frame); },
        count);
  }
  count_frame(session, tapped.record.frame, count);
}

tap_packet_status take_frame(stats_tree* tree, packet_info* /*pinfo*/, epan_dissect_t* /*edt*/,
                             const void* tapped, tap_flags_t /*flags*/) {
  Capture* state = capture();
  const auto filling = fillings.find(tree);
  if (state == nullptr || filling == fillings.end()) return TAP_PACKET_DONT_REDRAW;
  try {
    add_frame(tree, filling->second, *state, *static_cast<const TapFrame*>(tapped));
    return TAP_PACKET_REDRAW;
  } catch (...) {
    report_failure("SMTP Session Analysis: out of memory while counting sessions");
    return TAP_PACKET_FAILED;
  }
}

}  // namespace

void register_statistics_tree() {
  stats_tree_register_plugin(kTapName, kStatisticsTree, "SMTP Session", TL_REQUIRES_NOTHING,
                             take_frame, begin, end);
}

}  // namespace smtp_session::ws
