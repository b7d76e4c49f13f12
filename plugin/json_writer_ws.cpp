// SPDX-License-Identifier: GPL-2.0-or-later
#include "plugin/json_writer_ws.h"

#include <cinttypes>

namespace smtp_session::ws {

FileJsonWriter::FileJsonWriter(std::FILE* file) {
  dumper_.output_file = file;
}

void FileJsonWriter::begin_object() {
  json_dumper_begin_object(&dumper_);
}

void FileJsonWriter::end_object() {
  json_dumper_end_object(&dumper_);
}

void FileJsonWriter::begin_array() {
  json_dumper_begin_array(&dumper_);
}

void FileJsonWriter::end_array() {
  json_dumper_end_array(&dumper_);
}

void FileJsonWriter::key(const char* name) {
  json_dumper_set_member_name(&dumper_, name);
}

void FileJsonWriter::string(const std::string& value) {
  json_dumper_value_string(&dumper_, value.c_str());
}

void FileJsonWriter::integer(std::int64_t value) {
  json_dumper_value_anyf(&dumper_, "%" PRId64, value);
}

void FileJsonWriter::thousandths(int value) {
  // Digits alone: the decimal point of printf's floating formats depends on the locale.
  json_dumper_value_anyf(&dumper_, "%d.%03d", value / 1000, value % 1000);
}

void FileJsonWriter::boolean(bool value) {
  json_dumper_value_anyf(&dumper_, value ? "true" : "false");
}

void FileJsonWriter::null() {
  json_dumper_value_anyf(&dumper_, "null");
}

bool FileJsonWriter::finish() {
  return json_dumper_finish(&dumper_) != 0;
}

}  // namespace smtp_session::ws
