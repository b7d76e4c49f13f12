// SPDX-License-Identifier: GPL-2.0-or-later
//
// Latency by command: how often, and how long the answers took.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "dissector/session.h"

namespace smtp_session {

/// The commands that have a row of their own, in the order of a session, then "other" and
/// "encrypted".
std::size_t latency_rows();
const char* latency_row_name(std::size_t row);
std::size_t latency_row_of(const Command& command);

/// True where `command` has its final reply and no gap in the capture touches either: what a gap
/// touches is a bound, not a time.
bool has_exact_latency(const Session& session, const Command& command);

/// The smallest of `sorted` that at least `percent` of 100 of them do not exceed (nearest rank);
/// kNoTime where there are none.
TimeNs percentile(const std::vector<TimeNs>& sorted, unsigned percent);

class LatencyTable {
 public:
  LatencyTable();

  /// Nothing where the command was not answered.
  void add(const Session& session, const Command& command);

  std::string text() const;

 private:
  std::vector<std::vector<TimeNs>> times_;  ///< by row
  std::uint64_t inexact_ = 0;
};

}  // namespace smtp_session
