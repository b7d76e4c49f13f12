// SPDX-License-Identifier: GPL-2.0-or-later
#include "plugin/page_file.h"

#include <cstdio>
#include <map>
#include <string_view>
#include <utility>

#include "dissector/outcome.h"
#include "dissector/report/session_page.h"
#include "plugin/community_id.h"

namespace smtp_session::ws {
namespace {

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

}  // namespace

std::optional<std::size_t> write_page(const std::string& path, const SessionSelection& sessions) {
  PageFile page(path);
  if (!page.write(page_head())) return std::nullopt;
  std::size_t shown = 0;
  std::map<Outcome, std::size_t> left_out;
  for (const Session* session : page_order(sessions)) {
    if (shown == kMaxPageSessions || page.written() >= kMaxPageBytes) {
      ++left_out[outcome_of(*session)];
      continue;
    }
    const std::string id = community_id(session->client, session->server);
    if (!page.write(page_session(*session, id, shown == 0))) return std::nullopt;
    ++shown;
  }
  if (!left_out.empty() && !page.write(page_left_out(left_out))) return std::nullopt;
  if (!page.write(page_tail()) || !page.close()) return std::nullopt;
  return shown;
}

}  // namespace smtp_session::ws
