// SPDX-License-Identifier: GPL-2.0-or-later
//
// Pages that a browser is to show: each in a temporary file that its user alone can read and that
// is removed when Wireshark ends.
#pragma once

#include <optional>
#include <string>

#include "plugin/session_tap.h"

namespace smtp_session::ws {

/// To be called once, when the plugin is registered.
void register_temporary_pages();

/// The path of a new page. None where it could not be written; the user was told.
std::optional<std::string> temporary_page(const SessionSelection& sessions);

}  // namespace smtp_session::ws
