// SPDX-License-Identifier: GPL-2.0-or-later
//
// Names of the TLS cipher suites that mail servers and clients negotiate.
#pragma once

#include <cstddef>
#include <cstdint>

namespace smtp_session {

/// The IANA name of cipher suite `value`, or nullptr where it is not in the table.
const char* find_cipher_name(std::uint16_t value);

/// How many suites the table names.
std::size_t cipher_name_count();

}  // namespace smtp_session
