// SPDX-License-Identifier: GPL-2.0-or-later
//
// Peaks of what happens in many sessions.
#pragma once

#include <cstddef>
#include <vector>

#include "dissector/types.h"

namespace smtp_session {

/// The most of `times` that lie less than `window` (in ns) apart, wherever the window begins.
std::size_t most_within(std::vector<TimeNs> times, TimeNs window);

struct Interval {
  TimeNs begin = 0;
  TimeNs end = 0;
};

/// The most of `intervals` that have an instant in common; both ends belong to them.
std::size_t most_at_once(const std::vector<Interval>& intervals);

}  // namespace smtp_session
