// SPDX-License-Identifier: GPL-2.0-or-later
#include "plugin/html_option.h"

#include <epan/packet.h>
#include <wsutil/report_message.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "dissector/outcome.h"
#include "dissector/report/session_page.h"
#include "plugin/community_id.h"
#include "plugin/session_tap.h"
#include "plugin/ws_compat.h"

namespace smtp_session::ws {
namespace {

constexpr char kOption[] = "smtp_session,html";

bool tell_error(const std::string& path) {
  report_failure("smtp_session,html: cannot write \"%s\": %s", path.c_str(), std::strerror(errno));
  return false;
}

/// Writes the page piece by piece: it is never in memory as a whole.
class PageFile {
 public:
  explicit PageFile(const std::string& path) : file_(std::fopen(path.c_str(), "wb")) {}
  PageFile(const PageFile&) = delete;
  PageFile& operator=(const PageFile&) = delete;
  ~PageFile() { close(); }

  bool write(std::string_view text) {
    written_ += text.size();
    return file_ != nullptr && std::fwrite(text.data(), 1, text.size(), file_) == text.size();
  }
  std::size_t written() const { return written_; }

  /// False where something was not written: a full disk may show only here.
  bool close() { return file_ != nullptr && std::fclose(std::exchange(file_, nullptr)) == 0; }

 private:
  std::FILE* file_;
  std::size_t written_ = 0;
};

bool write_page(const std::string& path, const SessionSelection& sessions) {
  PageFile page(path);
  if (!page.write(page_head())) return false;
  std::size_t shown = 0;
  std::map<Outcome, std::size_t> left_out;
  for (const Session* session : page_order(sessions)) {
    if (shown == kMaxPageSessions || page.written() >= kMaxPageBytes) {
      ++left_out[outcome_of(*session)];
      continue;
    }
    const std::string id = community_id(session->client, session->server);
    if (!page.write(page_session(*session, id, shown == 0))) return false;
    ++shown;
  }
  if (!left_out.empty() && !page.write(page_left_out(left_out))) return false;
  if (!page.write(page_tail()) || !page.close()) return false;
  if (!left_out.empty()) {
    report_warning(
        "smtp_session,html: \"%s\" holds %zu of %zu sessions, those that failed first; a display "
        "filter behind the file's name chooses others",
        path.c_str(), shown, sessions.size());
  }
  return true;
}

class HtmlReport : public SessionReport {
 public:
  explicit HtmlReport(std::string path) : path_(std::move(path)) {}

  bool print(const SessionSelection& sessions) override {
    return write_page(path_, sessions) || tell_error(path_);
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
