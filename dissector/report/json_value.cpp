// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/report/json_value.h"

#include <algorithm>
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
