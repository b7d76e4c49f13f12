// SPDX-License-Identifier: GPL-2.0-or-later
//
// ASCII characters, whatever the locale: SMTP's commands, replies and parameters are made of them
// (RFC 5321 section 2.4).
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace smtp_session {

/// WSP of RFC 5234 appendix B.1.
constexpr bool is_blank(char c) {
  return c == ' ' || c == '\t';
}

constexpr bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

constexpr char to_lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

constexpr char to_upper(char c) {
  return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
}

inline std::string to_upper(std::string_view text) {
  std::string result(text);
  for (char& c : result) c = to_upper(c);
  return result;
}

constexpr bool equal_ignoring_case(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (to_lower(a[i]) != to_lower(b[i])) return false;
  }
  return true;
}

/// The position of the first character of `text` that `is_wanted`, or the size of `text`. The
/// standard's find_first_of() calls memchr() for each character, which costs more than the text.
template <typename Predicate>
constexpr std::size_t find_where(std::string_view text, Predicate is_wanted) {
  std::size_t at = 0;
  while (at < text.size() && !is_wanted(text[at])) ++at;
  return at;
}

constexpr std::size_t find_blank(std::string_view text) {
  return find_where(text, is_blank);
}

}  // namespace smtp_session
