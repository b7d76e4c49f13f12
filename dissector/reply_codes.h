// SPDX-License-Identifier: GPL-2.0-or-later
//
// Reply codes that several files go by.
#pragma once

#include <cstdint>

namespace smtp_session {

inline constexpr std::uint16_t kServiceReady = 220;             // RFC 5321 section 4.2.3, RFC 3207
inline constexpr std::uint16_t kServiceClosing = 221;           // RFC 5321 section 4.2.3
inline constexpr std::uint16_t kAuthenticated = 235;            // RFC 4954 section 6
inline constexpr std::uint16_t kAuthChallenge = 334;            // RFC 4954 section 4
inline constexpr std::uint16_t kRecipientsFollow = 353;         // PRDR
inline constexpr std::uint16_t kStartMailInput = 354;           // RFC 5321 section 4.2.3
inline constexpr std::uint16_t kServiceNotAvailable = 421;      // RFC 5321 section 3.8
inline constexpr std::uint16_t kSyntaxErrorInParameters = 501;  // RFC 5321 section 4.2.3
inline constexpr std::uint16_t kHostTakesNoMail = 521;          // RFC 7504 section 3
inline constexpr std::uint16_t kMailboxUnavailable = 550;       // RFC 5321 section 4.2.3

}  // namespace smtp_session
