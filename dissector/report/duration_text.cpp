// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/report/duration_text.h"

#include <cstdint>

namespace smtp_session {

namespace {

/// `thousandths` with a decimal point before the last three digits.
std::string with_point(std::uint64_t thousandths) {
  std::string digits = std::to_string(thousandths % 1000);
  digits.insert(0, 3 - digits.size(), '0');
  return std::to_string(thousandths / 1000) + "." + digits;
}

constexpr std::uint64_t rounded(std::uint64_t value, std::uint64_t unit) {
  return value / unit + (value % unit >= unit / 2 ? 1 : 0);
}

}  // namespace

std::string duration_text(TimeNs duration) {
  if (duration == kNoTime) return "-";
  const std::string sign = duration < 0 ? "-" : "";
  const auto length = static_cast<std::uint64_t>(duration < 0 ? -duration : duration);
  constexpr std::uint64_t kMicrosecond = 1'000;
  constexpr std::uint64_t kMillisecond = 1'000'000;
  constexpr std::uint64_t kMicrosecondsInSecond = 1'000'000;
  const std::uint64_t microseconds = rounded(length, kMicrosecond);
  if (microseconds < kMicrosecondsInSecond) return sign + with_point(microseconds) + " ms";
  return sign + with_point(rounded(length, kMillisecond)) + " s";
}

}  // namespace smtp_session
