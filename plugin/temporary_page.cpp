// SPDX-License-Identifier: GPL-2.0-or-later
#include "plugin/temporary_page.h"

#include <epan/packet.h>
#include <glib.h>
#include <glib/gstdio.h>
#include <wsutil/report_message.h>

#include <cerrno>
#include <cstring>
#include <vector>

#include "plugin/page_file.h"

namespace smtp_session::ws {
namespace {

std::vector<std::string> pages;

void remove_pages() {
  for (const std::string& page : pages) g_unlink(page.c_str());
  pages.clear();
}

/// An empty file, noted in `pages`; "" where there is none, and the user was told.
std::string new_file() {
  char* path = nullptr;
  GError* error = nullptr;
  const int file = g_file_open_tmp("smtp_session_XXXXXX.html", &path, &error);
  if (file < 0) {
    report_failure("SMTP Session: no temporary file: %s", error->message);
    g_error_free(error);
    return {};
  }
  g_close(file, nullptr);
  pages.emplace_back(path);
  g_free(path);
  return pages.back();
}

}  // namespace

void register_temporary_pages() {
  register_shutdown_routine(remove_pages);
}

std::optional<std::string> temporary_page(const SessionSelection& sessions) {
  std::string path = new_file();
  if (path.empty()) return std::nullopt;
  if (write_page(path, sessions)) return path;
  report_failure("SMTP Session: cannot write \"%s\": %s", path.c_str(), std::strerror(errno));
  return std::nullopt;
}

}  // namespace smtp_session::ws
