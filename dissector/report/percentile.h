// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <vector>

#include "dissector/types.h"

namespace smtp_session {

/// The smallest of `times` that `percent` (1 to 100) per cent of them do not exceed: nearest rank,
/// always one of the times. kNoTime where there are none.
TimeNs percentile(std::vector<TimeNs> times, unsigned percent);

}  // namespace smtp_session
