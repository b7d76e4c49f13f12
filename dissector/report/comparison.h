// SPDX-License-Identifier: GPL-2.0-or-later
//
// Two sessions side by side, step by step: what became of each, where they part, and the
// difference in time of each step. Fits a terminal of 100 columns.
#pragma once

#include <cstddef>
#include <string>

#include "dissector/report/compared_session.h"

namespace smtp_session {

inline constexpr std::size_t kComparisonWidth = 100;

std::string comparison(const ComparedSession& a, const ComparedSession& b);

/// "1.25x", "312x": b / a; "-" where one is not known or `a` is not above 0.
std::string ratio_text(TimeNs a, TimeNs b);

}  // namespace smtp_session
