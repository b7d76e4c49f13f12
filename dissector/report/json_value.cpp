// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/report/json_value.h"

#include <algorithm>
#include <charconv>
#include <utility>

namespace smtp_session {

const JsonValue* JsonValue::find(std::string_view key) const {
  if (kind != Kind::kObject) return nullptr;
  const auto found = std::find(keys.begin(), keys.end(), key);
  return found == keys.end() ? nullptr : &items[static_cast<std::size_t>(found - keys.begin())];
}

std::string_view JsonValue::text_at(std::string_view key) const {
  const JsonValue* const value = find(key);
  return value != nullptr && value->kind == Kind::kString ? value->text : std::string_view{};
}

std::optional<std::int64_t> JsonValue::integer_at(std::string_view key) const {
  const JsonValue* const value = find(key);
  if (value == nullptr || value->kind != Kind::kInteger) return std::nullopt;
  return value->integer;
}

bool JsonValue::flag_at(std::string_view key) const {
  const JsonValue* const value = find(key);
  return value != nullptr && value->kind == Kind::kBoolean && value->boolean;
}

const std::vector<JsonValue>& JsonValue::items_at(std::string_view key) const {
  static const std::vector<JsonValue> kNone;
  const JsonValue* const value = find(key);
  return value == nullptr ? kNone : value->items;
}

namespace {

/// "0.970" in thousandths; a number of more digits is cut.
int thousandths_of(std::string_view digits) {
  const std::size_t point = std::min(digits.find('.'), digits.size());
  std::string whole{digits.substr(0, point)};
  std::string_view rest = digits.substr(point);
  if (!rest.empty()) rest.remove_prefix(1);
  whole += rest.substr(0, 3);
  whole.append(3 - std::min<std::size_t>(rest.size(), 3), '0');
  int value = 0;
  std::from_chars(whole.data(), whole.data() + whole.size(), value);
  return value;
}

}  // namespace

void write_value(const JsonValue& value, JsonWriter& writer) {
  switch (value.kind) {
    case JsonValue::Kind::kNull:
      return writer.null();
    case JsonValue::Kind::kBoolean:
      return writer.boolean(value.boolean);
    case JsonValue::Kind::kInteger:
      return writer.integer(value.integer);
    case JsonValue::Kind::kNumber:
      return writer.thousandths(thousandths_of(value.text));
    case JsonValue::Kind::kString:
      return writer.string(value.text);
    case JsonValue::Kind::kArray:
      writer.begin_array();
      for (const JsonValue& item : value.items) write_value(item, writer);
      return writer.end_array();
    case JsonValue::Kind::kObject:
      writer.begin_object();
      for (std::size_t i = 0; i < value.items.size(); ++i) {
        writer.key(value.keys[i].c_str());
        write_value(value.items[i], writer);
      }
      return writer.end_object();
  }
}

void JsonTreeWriter::string(const std::string& value) {
  JsonValue leaf;
  leaf.kind = JsonValue::Kind::kString;
  leaf.text = value;
  add(std::move(leaf));
}

void JsonTreeWriter::integer(std::int64_t value) {
  JsonValue leaf;
  leaf.kind = JsonValue::Kind::kInteger;
  leaf.integer = value;
  add(std::move(leaf));
}

void JsonTreeWriter::thousandths(int value) {
  JsonValue leaf;
  leaf.kind = JsonValue::Kind::kNumber;
  leaf.text = std::to_string(value / 1000) + "." + std::to_string(1000 + value % 1000).substr(1);
  add(std::move(leaf));
}

void JsonTreeWriter::boolean(bool value) {
  JsonValue leaf;
  leaf.kind = JsonValue::Kind::kBoolean;
  leaf.boolean = value;
  add(std::move(leaf));
}

void JsonTreeWriter::null() {
  add(JsonValue{});
}

void JsonTreeWriter::begin(JsonValue::Kind kind) {
  open_.emplace_back();
  open_.back().kind = kind;
  open_keys_.push_back(std::exchange(key_, {}));
}

void JsonTreeWriter::end() {
  JsonValue whole = std::move(open_.back());
  open_.pop_back();
  key_ = std::move(open_keys_.back());
  open_keys_.pop_back();
  add(std::move(whole));
}

void JsonTreeWriter::add(JsonValue value) {
  if (open_.empty()) {
    root_ = std::move(value);
    return;
  }
  JsonValue& parent = open_.back();
  if (parent.kind == JsonValue::Kind::kObject) parent.keys.push_back(std::exchange(key_, {}));
  parent.items.push_back(std::move(value));
}

}  // namespace smtp_session
