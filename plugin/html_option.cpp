// SPDX-License-Identifier: GPL-2.0-or-later
#include "plugin/html_option.h"

#include <epan/packet.h>
#include <wsutil/report_message.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "plugin/page_file.h"
#include "plugin/session_tap.h"
#include "plugin/ws_compat.h"

namespace smtp_session::ws {
namespace {

constexpr char kOption[] = "smtp_session,html";

bool tell_error(const std::string& path) {
  report_failure("smtp_session,html: cannot write \"%s\": %s", path.c_str(), std::strerror(errno));
  return false;
}

class HtmlReport : public SessionReport {
 public:
  explicit HtmlReport(std::string path) : path_(std::move(path)) {}

  bool print(const SessionSelection& sessions) override {
    const std::optional<std::size_t> shown = write_page(path_, sessions);
    if (!shown) return tell_error(path_);
    if (*shown < sessions.size()) {
      report_warning(
          "smtp_session,html: \"%s\" holds %zu of %zu sessions, those that failed first; a display "
          "filter behind the file's name chooses others",
          path_.c_str(), *shown, sessions.size());
    }
    return true;
  }

 private:
  std::string path_;
};

/// Told before the capture is read, not after it. What the file holds stays until then.
bool can_write(const std::string& path) {
  std::FILE* const file = std::fopen(path.c_str(), "ab");
  if (file == nullptr) return tell_error(path);
  std::fclose(file);
  return true;
}

bool start_page(const char* argument) {
  const char* const rest = argument + std::strlen(kOption);
  const char* const comma = *rest == ',' ? std::strchr(rest + 1, ',') : nullptr;
  const std::string path = *rest != ','       ? std::string{}
                           : comma == nullptr ? std::string{rest + 1}
                                              : std::string{rest + 1, comma};
  if (path.empty()) {
    report_failure("invalid \"-z %s\": after html comes the name of the file to write", argument);
    return false;
  }
  if (comma != nullptr && comma[1] == '\0') {
    report_failure("invalid \"-z %s\": behind the last comma there is no display filter", argument);
    return false;
  }
  const char* const filter = comma == nullptr ? nullptr : comma + 1;
  return listen(std::make_unique<HtmlReport>(path), filter) && can_write(path);
}

}  // namespace

void register_html_option() {
  register_option("SMTP sessions as HTML", kOption, start_guarded<start_page>, nullptr);
}

}  // namespace smtp_session::ws
