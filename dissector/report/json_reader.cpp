// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/report/json_reader.h"

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "dissector/text.h"

namespace smtp_session {

namespace {

constexpr int kMaxDepth = 16;

std::optional<std::uint32_t> hex_digit(char c) {
  if (c >= '0' && c <= '9') return static_cast<std::uint32_t>(c - '0');
  if (c >= 'a' && c <= 'f') return static_cast<std::uint32_t>(c - 'a' + 10);
  if (c >= 'A' && c <= 'F') return static_cast<std::uint32_t>(c - 'A' + 10);
  return std::nullopt;
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

void append_utf8(std::string& text, std::uint32_t code_point) {
  const auto add = [&](std::uint32_t byte) { text += static_cast<char>(byte); };
  if (code_point < 0x80U) return add(code_point);
  if (code_point < 0x800U) {
    add(0xC0U | code_point >> 6U);
  } else if (code_point < 0x10000U) {
    add(0xE0U | code_point >> 12U);
    add(0x80U | (code_point >> 6U & 0x3FU));
  } else {
    add(0xF0U | code_point >> 18U);
    add(0x80U | (code_point >> 12U & 0x3FU));
    add(0x80U | (code_point >> 6U & 0x3FU));
  }
  add(0x80U | (code_point & 0x3FU));
}

class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  bool read_document(JsonValue& value) {
    if (!read(value, 0)) return false;
    skip_blanks();
    return at_ == text_.size();
  }

 private:
  /// The next character; NUL, which begins nothing, at the end.
  char next() const { return at_ < text_.size() ? text_[at_] : '\0'; }

  bool take(char c) {
    if (next() != c || at_ == text_.size()) return false;
    ++at_;
    return true;
  }

  bool take(std::string_view word) {
    if (text_.substr(at_, word.size()) != word) return false;
    at_ += word.size();
    return true;
  }

  void skip_blanks() {
    while (next() == ' ' || next() == '\t' || next() == '\n' || next() == '\r') ++at_;
  }

  bool read(JsonValue& value, int depth) {
    skip_blanks();
    switch (next()) {
      case '{':
        value.kind = JsonValue::Kind::kObject;
        return depth < kMaxDepth && read_items(value, '}', depth);
      case '[':
        value.kind = JsonValue::Kind::kArray;
        return depth < kMaxDepth && read_items(value, ']', depth);
      case '"':
        value.kind = JsonValue::Kind::kString;
        return read_string(value.text);
      case 't':
        value.kind = JsonValue::Kind::kBoolean;
        value.boolean = true;
        return take("true");
      case 'f':
        value.kind = JsonValue::Kind::kBoolean;
        return take("false");
      case 'n':
        return take("null");
      default:
        return read_number(value);
    }
  }

  /// From the bracket that opens a list to the one that closes it.
  bool read_items(JsonValue& value, char close, int depth) {
    ++at_;
    skip_blanks();
    if (take(close)) return true;
    do {
      if (value.kind == JsonValue::Kind::kObject) {
        skip_blanks();
        if (next() != '"' || !read_string(value.keys.emplace_back())) return false;
        skip_blanks();
        if (!take(':')) return false;
      }
      if (!read(value.items.emplace_back(), depth + 1)) return false;
      skip_blanks();
    } while (take(','));
    return take(close);
  }

  bool read_string(std::string& result) {
    ++at_;  // its quote
    std::string words;
    while (at_ < text_.size()) {
      const char c = text_[at_++];
      if (c == '"') {
        result = to_valid_utf8(words);
        return true;
      }
      if (static_cast<unsigned char>(c) < 0x20U) return false;
      if (c != '\\') {
        words += c;
      } else if (!read_escape(words)) {
        return false;
      }
    }
    return false;
  }

  bool read_escape(std::string& words) {
    if (at_ == text_.size()) return false;
    constexpr std::string_view kLetters = "\"\\/bfnrt";
    constexpr std::string_view kMeanings = "\"\\/\b\f\n\r\t";
    const char c = text_[at_++];
    if (c == 'u') return read_code_point(words);
    const std::size_t place = kLetters.find(c);
    if (place == std::string_view::npos) return false;
    words += kMeanings[place];
    return true;
  }

  /// Four digits, or eight with "\u" between them for what is beyond U+FFFF.
  bool read_code_point(std::string& words) {
    constexpr std::uint32_t kReplacement = 0xFFFD;
    const std::optional<std::uint32_t> first = read_unit();
    if (!first) return false;
    const auto is_low = [](std::uint32_t unit) { return unit >= 0xDC00U && unit < 0xE000U; };
    if (*first < 0xD800U || *first >= 0xE000U) {
      append_utf8(words, *first);
      return true;
    }
    const std::size_t behind = at_;
    if (!is_low(*first) && take("\\u")) {
      const std::optional<std::uint32_t> second = read_unit();
      if (!second) return false;
      if (is_low(*second)) {
        append_utf8(words, 0x10000U + ((*first - 0xD800U) << 10U) + (*second - 0xDC00U));
        return true;
      }
      at_ = behind;
    }
    append_utf8(words, kReplacement);  // half of a pair
    return true;
  }

  std::optional<std::uint32_t> read_unit() {
    std::uint32_t unit = 0;
    for (int i = 0; i < 4; ++i) {
      const std::optional<std::uint32_t> digit = hex_digit(next());
      if (!digit) return std::nullopt;
      unit = unit << 4U | *digit;
      ++at_;
    }
    return unit;
  }

  bool read_digits() {
    const std::size_t begin = at_;
    while (is_digit(next())) ++at_;
    return at_ > begin;
  }

  bool read_number(JsonValue& value) {
    const std::size_t begin = at_;
    take('-');
    if (!take('0') && !read_digits()) return false;
    if (take('.') && !read_digits()) return false;
    if (next() == 'e' || next() == 'E') {
      ++at_;
      if (next() == '+' || next() == '-') ++at_;
      if (!read_digits()) return false;
    }
    const std::string_view digits = text_.substr(begin, at_ - begin);
    const char* const end = digits.data() + digits.size();
    const auto [rest, fault] = std::from_chars(digits.data(), end, value.integer);
    const bool whole = fault == std::errc{} && rest == end;
    value.kind = whole ? JsonValue::Kind::kInteger : JsonValue::Kind::kNumber;
    if (!whole) value.text = digits;
    return true;
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace

bool read_json(std::string_view text, JsonValue& value) {
  return Reader(text).read_document(value);
}

}  // namespace smtp_session
