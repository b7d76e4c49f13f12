// SPDX-License-Identifier: GPL-2.0-or-later
//
// JSON (RFC 8259) read into memory, in time that grows with its length and no faster.
#pragma once

#include <string_view>

#include "dissector/report/json_value.h"

namespace smtp_session {

/// False where `text` is no JSON document: one value, with nothing but white space around it. A
/// document whose arrays and objects lie within each other more than 16 deep is refused, too (the
/// schema has 5 levels). Bytes that are no UTF-8 are replaced.
bool read_json(std::string_view text, JsonValue& value);

}  // namespace smtp_session
