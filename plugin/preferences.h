// SPDX-License-Identifier: GPL-2.0-or-later
//
// What the user can set; a change dissects the file anew.
#pragma once

#include "dissector/config.h"

namespace smtp_session::ws {

void register_preferences(int protocol);

/// The engine's configuration as the preferences stand now.
Config config_from_preferences();

}  // namespace smtp_session::ws
