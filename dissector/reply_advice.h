// SPDX-License-Identifier: GPL-2.0-or-later
//
// What to do about a reply of 4xx or 5xx, from its codes.
#pragma once

#include <cstdint>
#include <string_view>

namespace smtp_session {

/// The next step for `code` with the enhanced code `enhanced` (empty where there is none), or
/// nullptr where the tables know neither.
const char* reply_advice(std::uint16_t code, std::string_view enhanced);

}  // namespace smtp_session
