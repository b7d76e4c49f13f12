// SPDX-License-Identifier: GPL-2.0-or-later
//
// The limits that decide whether a finding is raised. Each can be set by the user.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "dissector/types.h"

namespace smtp_session {

struct Thresholds {
#define THRESHOLD(member, value, unit, title, description) std::uint32_t member = (value);
#include "dissector/thresholds.def"
#undef THRESHOLD
};

enum class ThresholdUnit : std::uint8_t { kMilliseconds, kCount, kBytes, kPercent };

struct ThresholdInfo {
  const char* name;  ///< of the member
  std::uint32_t Thresholds::*member;
  ThresholdUnit unit;
  const char* title;
  const char* description;
};

inline constexpr auto kThresholds = std::array{
#define THRESHOLD(member, value, unit, title, description) \
  ThresholdInfo{#member, &Thresholds::member, ThresholdUnit::unit, title, description},
#include "dissector/thresholds.def"
#undef THRESHOLD
};

/// A threshold in milliseconds as a duration.
constexpr TimeNs from_ms(std::uint32_t milliseconds) {
  constexpr TimeNs kNanosecondsInMillisecond = 1'000'000;
  return TimeNs{milliseconds} * kNanosecondsInMillisecond;
}

}  // namespace smtp_session
