// SPDX-License-Identifier: GPL-2.0-or-later
#include "plugin/page_file.h"

#include <cstdio>
#include <string_view>
#include <utility>

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
    return file_ != nullptr && std::fwrite(text.data(), 1, text.size(), file_) == text.size();
  }

  /// False where something was not written: a full disk may show only here.
  bool close() { return file_ != nullptr && std::fclose(std::exchange(file_, nullptr)) == 0; }

 private:
  std::FILE* file_;
};

}  // namespace

bool write_page(const std::string& path, const SessionSelection& sessions) {
  PageFile page(path);
  if (!page.write(page_head())) return false;
  bool first = true;
  for (const Session* session : sessions) {
    const std::string id = community_id(session->client, session->server);
    if (!page.write(page_session(*session, id, first))) return false;
    first = false;
  }
  return page.write(page_tail()) && page.close();
}

}  // namespace smtp_session::ws
