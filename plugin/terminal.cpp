// SPDX-License-Identifier: GPL-2.0-or-later
#include "plugin/terminal.h"

#include <epan/timestamp.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>

namespace smtp_session::ws {
namespace {

bool is_set(const char* variable) {
  const char* const value = std::getenv(variable);
  return value != nullptr && *value != '\0';
}

bool stdout_takes_colours() {
  const char* const terminal = std::getenv("TERM");
  const bool dumb = terminal == nullptr || std::strcmp(terminal, "dumb") == 0;
  return isatty(STDOUT_FILENO) != 0 && !dumb && !is_set("NO_COLOR");
}

bool shows_local_time() {
  switch (timestamp_get_type()) {
    case TS_ABSOLUTE:
    case TS_ABSOLUTE_WITH_YMD:
    case TS_ABSOLUTE_WITH_YDOY:
      return true;
    default:
      return false;
  }
}

long utc_offset(TimeNs time) {
  constexpr TimeNs kSecond = 1'000'000'000;
  const auto seconds = static_cast<std::time_t>(time / kSecond);
  std::tm local{};
  return localtime_r(&seconds, &local) == nullptr ? 0 : local.tm_gmtoff;
}

}  // namespace

TextStyle text_style() {
  TextStyle style;
  style.colours = stdout_takes_colours();
  if (shows_local_time()) style.utc_offset = utc_offset;
  return style;
}

}  // namespace smtp_session::ws
