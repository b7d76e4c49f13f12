// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/peak.h"

#include <algorithm>

namespace smtp_session {

std::size_t most_within(std::vector<TimeNs> times, TimeNs window) {
  std::sort(times.begin(), times.end());
  std::size_t most = 0;
  std::size_t first = 0;
  for (std::size_t i = 0; i < times.size(); ++i) {
    while (times[i] - times[first] >= window) ++first;
    most = std::max(most, i - first + 1);
  }
  return most;
}

std::size_t most_at_once(const std::vector<Interval>& intervals) {
  std::vector<TimeNs> begins;
  std::vector<TimeNs> ends;
  for (const Interval& interval : intervals) {
    begins.push_back(interval.begin);
    // Clocks step back.
    ends.push_back(std::max(interval.begin, interval.end));
  }
  std::sort(begins.begin(), begins.end());
  std::sort(ends.begin(), ends.end());
  std::size_t most = 0;
  std::size_t over = 0;
  for (std::size_t i = 0; i < begins.size(); ++i) {
    while (ends[over] < begins[i]) ++over;
    most = std::max(most, i + 1 - over);
  }
  return most;
}

}  // namespace smtp_session
