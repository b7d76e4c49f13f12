// SPDX-License-Identifier: GPL-2.0-or-later
//
// Where Wireshark shows a report without our linking Qt: through the operations that it has for
// scripts. Each returns false where there are none, or it failed.
#pragma once

#include <string>

namespace smtp_session::ws {

/// Opens a window with `text`. Wireshark remembers the size that the user gives to windows of that
/// title.
bool show_text(const char* title, const std::string& text);

/// Opens a file with the program that the desktop has for it.
bool open_with_desktop(const std::string& path);

}  // namespace smtp_session::ws
