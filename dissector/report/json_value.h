// SPDX-License-Identifier: GPL-2.0-or-later
//
// A JSON document in memory: what a session's JSON is read back from, whether it was written a
// moment ago or comes from a file.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dissector/report/json_writer.h"

namespace smtp_session {

struct JsonValue {
  enum class Kind : std::uint8_t { kNull, kBoolean, kInteger, kNumber, kString, kArray, kObject };

  Kind kind = Kind::kNull;
  bool boolean = false;
  std::int64_t integer = 0;
  std::string text;               ///< of a string; of a kNumber (no integer) its digits
  std::vector<std::string> keys;  ///< of an object, as many as `items`
  std::vector<JsonValue> items;   ///< of an array, or the values of an object

  /// The member of that name; nullptr where there is none, or this is no object.
  const JsonValue* find(std::string_view key) const;

  // Members of an object, as what they should be: empty, none or false where they are not.
  std::string_view text_at(std::string_view key) const;
  std::optional<std::int64_t> integer_at(std::string_view key) const;
  bool flag_at(std::string_view key) const;
  /// The elements of an array, the values of an object.
  const std::vector<JsonValue>& items_at(std::string_view key) const;
};

/// Writes the whole of `value`.
void write_value(const JsonValue& value, JsonWriter& writer);

/// Keeps what is written to it.
class JsonTreeWriter : public JsonWriter {
 public:
  void begin_object() override { begin(JsonValue::Kind::kObject); }
  void end_object() override { end(); }
  void begin_array() override { begin(JsonValue::Kind::kArray); }
  void end_array() override { end(); }
  void key(const char* name) override { key_ = name; }
  void string(const std::string& value) override;
  void integer(std::int64_t value) override;
  void thousandths(int value) override;
  void boolean(bool value) override;
  void null() override;

  /// The whole document, to be taken when its last begin has its end.
  JsonValue take() { return std::move(root_); }

 private:
  void begin(JsonValue::Kind kind);
  void end();
  void add(JsonValue value);

  JsonValue root_;
  std::vector<JsonValue> open_;         ///< outermost first
  std::vector<std::string> open_keys_;  ///< the key of each in the one around it
  std::string key_;
};

}  // namespace smtp_session
