// SPDX-License-Identifier: GPL-2.0-or-later
//
// How long the plain text of TLS records is, from the length of their fragments alone. Ciphers that
// pad give a range; a cipher that is not known gives a wide one.
#pragma once

#include <cstdint>

namespace smtp_session {

struct TextLength {
  std::uint32_t min = 0;
  std::uint32_t max = 0;

  constexpr bool exact() const { return min == max; }
};

/// The text of `records` records of application data whose fragments have `bytes` octets together.
/// `version` and `cipher` are those of the ServerHello (0x0303 = TLS 1.2); 0 where not known.
TextLength tls_text_length(std::uint16_t version, std::uint16_t cipher, std::uint32_t bytes,
                           std::uint32_t records);

}  // namespace smtp_session
