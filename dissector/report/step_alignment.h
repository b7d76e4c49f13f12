// SPDX-License-Identifier: GPL-2.0-or-later
//
// Which step of one session stands beside which of the other.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "dissector/report/compared_session.h"

namespace smtp_session {

/// Positions in the two lists of steps; one of them alone where the other session lacks the step.
struct StepPair {
  std::optional<std::size_t> a;
  std::optional<std::size_t> b;
};

/// A longest common subsequence of the steps' kinds, and the other steps between, those of `a`
/// first. Where the sessions are too long for that, a near one (see the source).
std::vector<StepPair> align(const std::vector<ComparedStep>& a, const std::vector<ComparedStep>& b);

}  // namespace smtp_session
