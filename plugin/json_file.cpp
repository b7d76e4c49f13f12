// SPDX-License-Identifier: GPL-2.0-or-later
#include "plugin/json_file.h"

#include <glib.h>
#include <wsutil/wsjson.h>

#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstring>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "dissector/text.h"

namespace smtp_session::ws {
namespace {

constexpr std::size_t kMaxLine = std::size_t{16} << 20U;
/// A session of 14 000 commands: the time of Wireshark's parser grows with the square of their
/// number, and is some seconds here.
constexpr int kMaxTokens = 500'000;
/// The schema has 5 levels.
constexpr int kMaxDepth = 16;

struct CloseFile {
  void operator()(std::FILE* file) const { std::fclose(file); }
};

bool read_line(const std::string& path, std::string& line, std::string& error) {
  const std::unique_ptr<std::FILE, CloseFile> file{std::fopen(path.c_str(), "rb")};
  if (file == nullptr) {
    error = std::strerror(errno);
    return false;
  }
  for (int c = std::getc(file.get()); c != EOF && c != '\n'; c = std::getc(file.get())) {
    if (line.size() == kMaxLine) {
      error = "its first line is too long";
      return false;
    }
    line += static_cast<char>(c);
  }
  if (std::ferror(file.get()) != 0) {
    error = std::strerror(errno);
    return false;
  }
  return true;
}

/// Wireshark's tokens (in the order of the text, each with its number of children) as a value.
class TokenReader {
 public:
  TokenReader(std::string& text, const std::vector<jsmntok_t>& tokens)
      : text_(text), tokens_(tokens) {}

  bool read(JsonValue& value, int depth = 0) {
    if (next_ >= tokens_.size() || depth > kMaxDepth) return false;
    const jsmntok_t& token = tokens_[next_++];
    switch (token.type) {
      case JSMN_OBJECT:
        value.kind = JsonValue::Kind::kObject;
        return read_members(value, token.size, depth);
      case JSMN_ARRAY:
        value.kind = JsonValue::Kind::kArray;
        for (int i = 0; i < token.size; ++i) {
          if (!read(value.items.emplace_back(), depth + 1)) return false;
        }
        return true;
      case JSMN_STRING:
        value.kind = JsonValue::Kind::kString;
        return read_string(token, value.text);
      case JSMN_PRIMITIVE:
        return read_primitive(token, value);
      default:
        return false;
    }
  }

 private:
  bool read_members(JsonValue& value, int count, int depth) {
    for (int i = 0; i < count; ++i) {
      if (next_ >= tokens_.size()) return false;
      const jsmntok_t& key = tokens_[next_++];
      if (key.type != JSMN_STRING || key.size != 1) return false;
      if (!read_string(key, value.keys.emplace_back())) return false;
      if (!read(value.items.emplace_back(), depth + 1)) return false;
    }
    return true;
  }

  bool read_string(const jsmntok_t& token, std::string& result) {
    char* const start = &text_[static_cast<std::size_t>(token.start)];
    text_[static_cast<std::size_t>(token.end)] = '\0';  // its closing quote
    if (!json_decode_string_inplace(start)) return false;
    result = to_valid_utf8(start);
    return true;
  }

  bool read_primitive(const jsmntok_t& token, JsonValue& value) const {
    const std::string_view word = std::string_view{text_}.substr(
        static_cast<std::size_t>(token.start), static_cast<std::size_t>(token.end - token.start));
    if (word == "null") return true;
    if (word == "true" || word == "false") {
      value.kind = JsonValue::Kind::kBoolean;
      value.boolean = word == "true";
      return true;
    }
    const char* const end = word.data() + word.size();
    const auto [rest, fault] = std::from_chars(word.data(), end, value.integer);
    if (fault == std::errc{} && rest == end) {
      value.kind = JsonValue::Kind::kInteger;
      return true;
    }
    value.kind = JsonValue::Kind::kNumber;
    value.text = word;
    return !word.empty() && word.find_first_not_of("+-.0123456789eE") == std::string_view::npos;
  }

  std::string& text_;
  const std::vector<jsmntok_t>& tokens_;
  std::size_t next_ = 0;
};

}  // namespace

bool read_first_json_line(const std::string& path, JsonValue& value, std::string& error) {
  std::string line;
  if (!read_line(path, line, error)) return false;
  error = "its first line is no JSON";
  if (line.find('\0') != std::string::npos) return false;
  const int count = json_parse(line.c_str(), nullptr, 0);
  if (count <= 0) return false;
  if (count > kMaxTokens) {
    error = "its first line is too long";
    return false;
  }
  std::vector<jsmntok_t> tokens(static_cast<std::size_t>(count));
  if (json_parse(line.c_str(), tokens.data(), static_cast<unsigned>(count)) != count) return false;
  // What follows the first value would be tokens of its own.
  if (!TokenReader(line, tokens).read(value)) return false;
  error.clear();
  return true;
}

}  // namespace smtp_session::ws
