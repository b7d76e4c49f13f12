// SPDX-License-Identifier: GPL-2.0-or-later
//
// Durations as people read them.
#pragma once

#include <string>

#include "dissector/types.h"

namespace smtp_session {

/// "0.511 ms" below one second, "2.021 s" from there on, rounded to three digits; "-" for kNoTime.
std::string duration_text(TimeNs duration);

}  // namespace smtp_session
