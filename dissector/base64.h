// SPDX-License-Identifier: GPL-2.0-or-later
//
// Base64 as SASL over SMTP uses it (RFC 4954 section 4 refers to RFC 4648 section 4).
#pragma once

#include <string>
#include <string_view>

namespace smtp_session {

/// Decodes `in` (RFC 4648 section 4). The padding may be left out, as some clients do, but if there
/// it must be right. Any other byte, white space included, makes it fail; then `out` is empty.
/// `out` grows once, so that no copy of a secret stays behind in memory that it let go.
bool decode_base64(std::string_view in, std::string& out);

}  // namespace smtp_session
