// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/address_text.h"

#include <algorithm>
#include <cstddef>

#include "dissector/ascii.h"

namespace smtp_session {

namespace {
bool is_hex_digit(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

bool is_octet(std::string_view text) {
  if (text.empty() || text.size() > 3 || !std::all_of(text.begin(), text.end(), is_digit)) {
    return false;
  }
  int value = 0;
  for (const char c : text) value = value * 10 + (c - '0');
  return value <= 255;
}

/// How many groups of 16 bits `text` is, separated by single colons; 0 where it is malformed.
std::size_t count_groups(std::string_view text) {
  std::size_t groups = 0;
  for (;;) {
    const auto colon = text.find(':');
    const std::string_view group = text.substr(0, colon);
    if (colon == std::string_view::npos && is_ipv4_text(group)) return groups + 2;
    if (group.empty() || group.size() > 4 ||
        !std::all_of(group.begin(), group.end(), is_hex_digit)) {
      return 0;
    }
    ++groups;
    if (colon == std::string_view::npos) return groups;
    text.remove_prefix(colon + 1);
  }
}

}  // namespace

bool is_ipv4_text(std::string_view text) {
  for (int i = 0; i < 3; ++i) {
    const auto dot = text.find('.');
    if (dot == std::string_view::npos || !is_octet(text.substr(0, dot))) return false;
    text.remove_prefix(dot + 1);
  }
  return is_octet(text);
}

bool is_ipv6_text(std::string_view text) {
  constexpr std::size_t kGroups = 8;
  const auto run = text.find("::");
  if (run == std::string_view::npos) return count_groups(text) == kGroups;
  const std::string_view before = text.substr(0, run);
  const std::string_view after = text.substr(run + 2);
  const std::size_t first = before.empty() ? 0 : count_groups(before);
  const std::size_t last = after.empty() ? 0 : count_groups(after);
  if ((!before.empty() && first == 0) || (!after.empty() && last == 0)) return false;
  // An IPv4 address can only be the end.
  if (before.find('.') != std::string_view::npos) return false;
  return first + last < kGroups;
}

}  // namespace smtp_session
