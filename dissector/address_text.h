// SPDX-License-Identifier: GPL-2.0-or-later
//
// Whether a text is an IP address.
#pragma once

#include <string_view>

namespace smtp_session {

/// Four decimal numbers of up to 255 (RFC 5321 section 4.1.3, IPv4-address-literal).
bool is_ipv4_text(std::string_view text);

/// Eight groups of up to four hexadecimal digits, a run of them as "::", the last two perhaps as an
/// IPv4 address (RFC 5321 section 4.1.3, IPv6-addr).
bool is_ipv6_text(std::string_view text);

}  // namespace smtp_session
