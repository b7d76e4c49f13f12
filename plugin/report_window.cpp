// SPDX-License-Identifier: GPL-2.0-or-later
#include "plugin/report_window.h"

#include <epan/funnel.h>

namespace smtp_session::ws {

bool show_text(const char* title, const std::string& text) {
  const funnel_ops_t* const operations = funnel_get_funnel_ops();
  if (operations == nullptr || operations->new_text_window == nullptr) return false;
  funnel_text_window_t* const window = operations->new_text_window(operations->ops_id, title);
  if (window == nullptr) return false;
  // Not set_text(): it takes what looks like HTML for HTML, and the text has words of the capture.
  operations->append_text(window, text.c_str());
  operations->prepend_text(window, "");  // goes back to the first line
  return true;
}

bool open_with_desktop(const std::string& path) {
  const funnel_ops_t* const operations = funnel_get_funnel_ops();
  if (operations == nullptr || operations->browser_open_data_file == nullptr) return false;
  operations->browser_open_data_file(path.c_str());
  return true;
}

}  // namespace smtp_session::ws
