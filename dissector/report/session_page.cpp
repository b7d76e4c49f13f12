// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/report/session_page.h"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "dissector/names.h"
#include "dissector/report/page_data.h"
#include "dissector/report/script_json_writer.h"
#include "dissector/report/session_json.h"
#include "dissector/report/waterfall.h"

namespace smtp_session {

namespace {

int rank_of(Outcome outcome) {
  switch (outcome) {
    case Outcome::kDelivered:
    case Outcome::kNoMail:
    case Outcome::kEncrypted:
    case Outcome::kIncomplete:
      return 2;
    case Outcome::kPartial:
    case Outcome::kDeferred:
    case Outcome::kDeliveryUnknown:
    case Outcome::kAbortedByClient:
      return 1;
    default:
      return 0;
  }
}

int rank_of(const Session& session) {
  const int rank = rank_of(outcome_of(session));
  if (rank < 2) return rank;
  const bool warned =
      std::any_of(session.findings.begin(), session.findings.end(),
                  [](const Finding& finding) { return finding.severity >= Severity::kWarn; });
  return warned ? 2 : 3;
}

}  // namespace

std::vector<const Session*> page_order(std::vector<const Session*> sessions) {
  std::vector<std::pair<int, const Session*>> ranked;
  ranked.reserve(sessions.size());
  for (const Session* const session : sessions) ranked.emplace_back(rank_of(*session), session);
  std::stable_sort(ranked.begin(), ranked.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  std::transform(ranked.begin(), ranked.end(), sessions.begin(),
                 [](const auto& one) { return one.second; });
  return sessions;
}

std::string_view page_head() {
  return kPageHead;
}

std::string page_session(const Session& session, const std::string& community_id, bool first) {
  ScriptJsonWriter writer;
  writer.begin_object();
  writer.key("session");
  write_json(session, writer, community_id);
  writer.key("bars");
  writer.begin_array();
  for (const Bar& bar : waterfall_of(session)) {
    writer.begin_array();
    writer.string(name_of(bar.kind));
    writer.integer(bar.start);
    writer.integer(bar.end);
    writer.integer(bar.command);
    writer.end_array();
  }
  writer.end_array();
  writer.end_object();
  return (first ? "\n" : ",\n") + writer.text();
}

std::string page_left_out(const std::map<Outcome, std::size_t>& sessions) {
  ScriptJsonWriter writer;
  writer.begin_object();
  writer.key("left_out");
  writer.begin_object();
  for (const auto& [outcome, count] : sessions) {
    writer.key(name_of(outcome));
    writer.integer(static_cast<std::int64_t>(count));
  }
  writer.end_object();
  writer.end_object();
  return ",\n" + writer.text();
}

std::string_view page_tail() {
  return kPageTail;
}

}  // namespace smtp_session
