// SPDX-License-Identifier: GPL-2.0-or-later
//
// ProtocolVersion of TLS: RFC 8446 section 4.2.1 and appendix B.3.
#pragma once

#include <cstdint>

namespace smtp_session {

inline constexpr std::uint16_t kTls11 = 0x0302;
inline constexpr std::uint16_t kTls12 = 0x0303;
inline constexpr std::uint16_t kTls13 = 0x0304;

}  // namespace smtp_session
