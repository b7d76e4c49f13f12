// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/report/text_style.h"

#include "dissector/report/session_json.h"

namespace smtp_session {

namespace {

const char* sequence_of(Paint paint) {
  switch (paint) {
    case Paint::kNone:
      break;
    case Paint::kClient:
      return "\x1B[94m";
    case Paint::kServer:
      return "\x1B[91m";
    case Paint::kTitle:
      return "\x1B[1m";
    case Paint::kCaution:
      return "\x1B[93m";
    case Paint::kTrouble:
      return "\x1B[1;91m";
  }
  return "";
}

std::string two_digits(long value) {
  return (value < 10 ? "0" : "") + std::to_string(value);
}

}  // namespace

std::string painted(std::string_view text, Paint paint, const TextStyle& style) {
  if (!style.colours || paint == Paint::kNone || text.empty()) return std::string{text};
  return sequence_of(paint) + std::string{text} + "\x1B[0m";
}

Paint paint_of(std::optional<Side> sender) {
  if (!sender.has_value()) return Paint::kNone;
  return *sender == Side::kClient ? Paint::kClient : Paint::kServer;
}

std::string arrow_of(std::optional<Side> sender, const char* other) {
  if (!sender.has_value()) return other;
  return *sender == Side::kClient ? "\xE2\x86\x92" : "\xE2\x86\x90";
}

std::string time_text(TimeNs time, const TextStyle& style) {
  constexpr long kSecondsInMinute = 60;
  constexpr long kMinutesInHour = 60;
  constexpr TimeNs kMinute = 60'000'000'000;
  const long minutes = style.utc_offset == nullptr ? 0 : style.utc_offset(time) / kSecondsInMinute;
  std::string text = rfc3339(time + minutes * kMinute);
  text.resize(text.size() - 4);  // "000Z"
  if (style.utc_offset == nullptr) return text + "Z";
  const long ahead = minutes < 0 ? -minutes : minutes;
  return text + (minutes < 0 ? "-" : "+") + two_digits(ahead / kMinutesInHour) + ":" +
         two_digits(ahead % kMinutesInHour);
}

}  // namespace smtp_session
