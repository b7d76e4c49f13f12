// SPDX-License-Identifier: GPL-2.0-or-later
//
// Wireshark's JSON dumper as the engine's JSON writer.
#pragma once

#include <wsutil/json_dumper.h>

#include <cstdint>
#include <cstdio>
#include <string>

#include "dissector/report/json_writer.h"

namespace smtp_session::ws {

/// Writes JSON values to `file`, each one on a line of its own.
class FileJsonWriter : public JsonWriter {
 public:
  explicit FileJsonWriter(std::FILE* file);

  void begin_object() override;
  void end_object() override;
  void begin_array() override;
  void end_array() override;
  void key(const char* name) override;
  void string(const std::string& value) override;
  void integer(std::int64_t value) override;
  void thousandths(int value) override;
  void boolean(bool value) override;
  void null() override;

  /// Ends the value and its line; false when it was not complete.
  bool finish();

 private:
  json_dumper dumper_{};
};

}  // namespace smtp_session::ws
