// SPDX-License-Identifier: GPL-2.0-or-later
//
// The HTML page of sessions in a file.
#pragma once

#include <string>

#include "plugin/session_tap.h"

namespace smtp_session::ws {

/// False where the file could not be written; errno says why.
bool write_page(const std::string& path, const SessionSelection& sessions);

}  // namespace smtp_session::ws
