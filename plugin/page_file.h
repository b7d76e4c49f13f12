// SPDX-License-Identifier: GPL-2.0-or-later
//
// The HTML page of sessions in a file.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "plugin/session_tap.h"

namespace smtp_session::ws {

/// How many of `sessions` the page holds: a browser must be able to open it (see session_page.h),
/// and it says itself what it lacks. Nothing where the file could not be written; errno says why.
std::optional<std::size_t> write_page(const std::string& path, const SessionSelection& sessions);

}  // namespace smtp_session::ws
