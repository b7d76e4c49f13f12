// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/report/percentile.h"

#include <algorithm>
#include <cstddef>

namespace smtp_session {

TimeNs percentile(std::vector<TimeNs> times, unsigned percent) {
  if (times.empty()) return kNoTime;
  const std::size_t rank = (times.size() * percent + 99) / 100;  // from 1, rounded up
  const auto nth = times.begin() + static_cast<std::ptrdiff_t>(rank == 0 ? 0 : rank - 1);
  std::nth_element(times.begin(), nth, times.end());
  return *nth;
}

}  // namespace smtp_session
