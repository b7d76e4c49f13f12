// SPDX-License-Identifier: GPL-2.0-or-later
#include "plugin/json_file.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>

#include "dissector/report/json_reader.h"

namespace smtp_session::ws {
namespace {

/// A session of some 200 000 commands. As values in memory it takes up to twenty times as much.
constexpr std::size_t kMaxMebibytes = 64;

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
    if (line.size() == kMaxMebibytes << 20U) {
      error = "its first line has more than " + std::to_string(kMaxMebibytes) + " MiB";
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

}  // namespace

bool read_first_json_line(const std::string& path, JsonValue& value, std::string& error) {
  std::string line;
  if (!read_line(path, line, error)) return false;
  if (read_json(line, value)) return true;
  error = "its first line is no JSON";
  return false;
}

}  // namespace smtp_session::ws
