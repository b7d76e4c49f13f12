// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/report/layout.h"

#include <algorithm>
#include <cstdint>

#include "dissector/report/character_width.h"

namespace smtp_session {

namespace {

constexpr std::string_view kEllipsis = "\xE2\x80\xA6";  // U+2026

bool is_continuation(char c) {
  return (static_cast<std::uint8_t>(c) & 0xC0U) == 0x80U;
}

/// The first code point of well-formed `text`, as bytes.
std::string_view first_character(std::string_view text) {
  std::size_t size = 1;
  while (size < text.size() && is_continuation(text[size])) ++size;
  return text.substr(0, size);
}

/// The code point of a character.
std::uint32_t code_point(std::string_view character) {
  const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(character[i]); };
  if (character.size() == 1) return byte(0);
  if (character.size() == 2) return (byte(0) & 0x1FU) << 6U | (byte(1) & 0x3FU);
  const std::uint32_t three = (byte(1) & 0x3FU) << 6U | (byte(2) & 0x3FU);
  if (character.size() == 3) return (byte(0) & 0x0FU) << 12U | three;
  return (byte(0) & 0x07U) << 18U | three << 6U | (byte(3) & 0x3FU);
}

/// As many of the first characters of `text` as fit into `width`.
std::string_view fitting(std::string_view text, std::size_t width) {
  std::size_t size = 0;
  while (size < text.size()) {
    const std::string_view character = first_character(text.substr(size));
    const std::size_t columns = columns_of(code_point(character));
    if (columns > width) break;
    width -= columns;
    size += character.size();
  }
  return text.substr(0, size);
}

bool acts_on_terminal(std::string_view character) {
  const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(character[i]); };
  if (character.size() == 1) return byte(0) < 0x20 || byte(0) == 0x7F;
  if (character.size() == 2) return byte(0) == 0xC2 && byte(1) < 0xA0;  // C1: U+0080 to U+009F
  if (character.size() != 3 || byte(0) != 0xE2) return false;
  // Unicode Standard Annex 9, the explicit directional characters: U+200E, U+200F, U+202A to
  // U+202E, U+2066 to U+2069; and the line separators U+2028, U+2029.
  if (byte(1) == 0x80)
    return byte(2) == 0x8E || byte(2) == 0x8F || (byte(2) >= 0xA8 && byte(2) <= 0xAE);
  return byte(1) == 0x81 && byte(2) >= 0xA6 && byte(2) <= 0xA9;
}

}  // namespace

std::string printable(std::string_view text) {
  std::string shown;
  shown.reserve(text.size());
  while (!text.empty()) {
    const std::string_view character = first_character(text);
    shown += acts_on_terminal(character) ? std::string_view{"?"} : character;
    text.remove_prefix(character.size());
  }
  return shown;
}

std::string escaped(std::string_view text) {
  constexpr char kHexDigits[] = "0123456789abcdef";
  std::string shown;
  shown.reserve(text.size());
  while (!text.empty()) {
    const std::string_view character = first_character(text);
    if (acts_on_terminal(character)) {
      shown += "\\u";
      for (unsigned shift = 16; shift > 0;) {
        shift -= 4;
        shown += kHexDigits[(code_point(character) >> shift) & 0xFU];
      }
    } else {
      shown += character == "\\" ? std::string_view{"\\\\"} : character;
    }
    text.remove_prefix(character.size());
  }
  return shown;
}

std::size_t width_of(std::string_view text) {
  std::size_t width = 0;
  while (!text.empty()) {
    const std::string_view character = first_character(text);
    width += columns_of(code_point(character));
    text.remove_prefix(character.size());
  }
  return width;
}

std::string cut(std::string_view text, std::size_t width) {
  if (width_of(text) <= width) return std::string{text};
  if (width == 0) return {};
  return std::string{fitting(text, width - 1)} += kEllipsis;
}

std::string pad_right(std::string_view text, std::size_t width) {
  const std::size_t used = width_of(text);
  return std::string{text}.append(width > used ? width - used : 0, ' ');
}

std::string pad_left(std::string_view text, std::size_t width) {
  const std::size_t used = width_of(text);
  return std::string(width > used ? width - used : 0, ' ').append(text);
}

std::string wrap(std::string_view text, std::size_t width, std::string_view first,
                 std::string_view other) {
  std::string lines;
  std::string_view indent = first;
  do {
    const std::size_t taken = width_of(indent);
    const std::size_t room = width > taken ? width - taken : 1;
    std::string_view line = fitting(text, room);
    if (line.empty()) line = first_character(text);  // one that is wider than the page
    if (line.size() < text.size() && text[line.size()] != ' ') {
      const std::size_t blank = line.rfind(' ');
      if (blank != std::string_view::npos && blank > 0) line = line.substr(0, blank);
    }
    text.remove_prefix(line.size());
    text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
    lines.append(indent).append(line).append("\n");
    indent = other;
  } while (!text.empty());
  return lines;
}

}  // namespace smtp_session
