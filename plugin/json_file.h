// SPDX-License-Identifier: GPL-2.0-or-later
//
// A session that was saved as JSON, read through Wireshark's JSON parser.
#pragma once

#include <string>

#include "dissector/report/json_value.h"

namespace smtp_session::ws {

/// The value on the first line of the file. False, and what is wrong in `error`, where there is
/// none.
bool read_first_json_line(const std::string& path, JsonValue& value, std::string& error);

}  // namespace smtp_session::ws
