// SPDX-License-Identifier: GPL-2.0-or-later
//
// What a JSON document is written to. The caller keeps the order right: a key before each value of
// an object, and every begin with its end. The writer does the escaping.
#pragma once

#include <cstdint>
#include <string>

namespace smtp_session {

class JsonWriter {
 public:
  virtual ~JsonWriter() = default;

  virtual void begin_object() = 0;
  virtual void end_object() = 0;
  virtual void begin_array() = 0;
  virtual void end_array() = 0;
  virtual void key(const char* name) = 0;
  virtual void string(const std::string& value) = 0;
  virtual void integer(std::int64_t value) = 0;
  /// `value` / 1000 as a number with three decimals, e.g. 0.970; `value` is not negative.
  virtual void thousandths(int value) = 0;
  virtual void boolean(bool value) = 0;
  virtual void null() = 0;
};

}  // namespace smtp_session
