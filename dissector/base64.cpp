// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/base64.h"

#include <cstddef>
#include <cstdint>

namespace smtp_session {
namespace {

constexpr std::uint32_t kNoSymbol = 0xFF;
/// RFC 4648 section 4: four symbols of six bits stand for three octets.
constexpr std::size_t kSymbols = 4;
constexpr std::size_t kOctets = 3;
constexpr std::size_t kMaxPadding = 2;

/// RFC 4648 table 1. Not <cctype>: that asks the locale.
constexpr std::uint32_t value_of(char symbol) {
  if (symbol >= 'A' && symbol <= 'Z') return static_cast<std::uint32_t>(symbol - 'A');
  if (symbol >= 'a' && symbol <= 'z') return static_cast<std::uint32_t>(symbol - 'a' + 26);
  if (symbol >= '0' && symbol <= '9') return static_cast<std::uint32_t>(symbol - '0' + 52);
  if (symbol == '+') return 62;
  if (symbol == '/') return 63;
  return kNoSymbol;
}

}  // namespace

bool decode_base64(std::string_view in, std::string& out) {
  out.clear();
  std::size_t padding = 0;
  while (padding < kMaxPadding && padding < in.size() && in[in.size() - 1 - padding] == '=') {
    ++padding;
  }
  in.remove_suffix(padding);
  const std::size_t rest = in.size() % kSymbols;
  if (rest == 1) return false;
  if (padding != 0 && (rest == 0 || padding != kSymbols - rest)) return false;

  out.reserve((in.size() / kSymbols + 1) * kOctets);
  std::uint32_t bits = 0;
  std::uint32_t count = 0;
  for (const char symbol : in) {
    const std::uint32_t value = value_of(symbol);
    if (value == kNoSymbol) {
      out.clear();
      return false;
    }
    bits = (bits << 6U) | value;
    count += 6;
    if (count >= 8) {
      count -= 8;
      out.push_back(static_cast<char>((bits >> count) & 0xFFU));
    }
  }
  // The bits left over should be zero; RFC 4648 section 3.5 leaves it to the decoder to mind.
  return true;
}

}  // namespace smtp_session
