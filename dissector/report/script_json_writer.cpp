// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/report/script_json_writer.h"

#include <cstdint>

namespace smtp_session {

namespace {

constexpr std::string_view kSeparators = "\xE2\x80";  // of U+2028 and U+2029, before A8 and A9

std::string escape(unsigned code) {
  constexpr char kHex[] = "0123456789abcdef";
  return {'\\',
          'u',
          kHex[code >> 12U & 15U],
          kHex[code >> 8U & 15U],
          kHex[code >> 4U & 15U],
          kHex[code & 15U]};
}

}  // namespace

void ScriptJsonWriter::key(const char* name) {
  separate();
  put_quoted(name);
  text_ += ':';
  first_ = true;
}

void ScriptJsonWriter::string(const std::string& value) {
  separate();
  put_quoted(value);
}

void ScriptJsonWriter::integer(std::int64_t value) {
  separate();
  text_ += std::to_string(value);
}

void ScriptJsonWriter::thousandths(int value) {
  separate();
  text_ += std::to_string(value / 1000) + "." + std::to_string(1000 + value % 1000).substr(1);
}

void ScriptJsonWriter::boolean(bool value) {
  separate();
  text_ += value ? "true" : "false";
}

void ScriptJsonWriter::null() {
  separate();
  text_ += "null";
}

void ScriptJsonWriter::begin(char bracket) {
  separate();
  text_ += bracket;
  first_ = true;
}

void ScriptJsonWriter::end(char bracket) {
  text_ += bracket;
  first_ = false;
}

void ScriptJsonWriter::separate() {
  if (!first_) text_ += ',';
  first_ = false;
}

void ScriptJsonWriter::put_quoted(std::string_view value) {
  text_ += '"';
  while (!value.empty()) {
    const char c = value.front();
    std::size_t used = 1;
    if (c == '"' || c == '\\') {
      text_ += '\\';
      text_ += c;
    } else if (static_cast<std::uint8_t>(c) < 0x20 || c == '<' || c == '>' || c == '&') {
      text_ += escape(static_cast<std::uint8_t>(c));
    } else if (value.size() >= 3 && value.substr(0, 2) == kSeparators &&
               (value[2] == '\xA8' || value[2] == '\xA9')) {
      text_ += escape(value[2] == '\xA8' ? 0x2028 : 0x2029);
      used = 3;
    } else {
      text_ += c;
    }
    value.remove_prefix(used);
  }
  text_ += '"';
}

}  // namespace smtp_session
