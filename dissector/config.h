// SPDX-License-Identifier: GPL-2.0-or-later
//
// What the user can set. The engine keeps a copy; it reads no preference itself.
#pragma once

#include <bitset>
#include <cstddef>
#include <cstdint>

#include "dissector/thresholds.h"

namespace smtp_session {

class CertificateReader;
class ReplyAdvice;

using PortSet = std::bitset<65536>;

struct Config {
  /// Ports on which the server speaks first, in clear text (STARTTLS may follow): LMTP 24, SMTP 25,
  /// submission 587 (RFC 6409) and the alternatives that mail providers listen on.
  PortSet clear_ports;
  /// Ports on which the client starts with TLS: submissions 465 (RFC 8314 section 3.3), 2465.
  PortSet tls_ports;
  /// The user gave an RSA private key to decrypt with.
  bool rsa_key_loaded = false;
  /// Bytes of each message that are kept to be read, see message_text.h. It may hold anything: none
  /// unless the user wants it.
  std::uint32_t message_text = 0;
  Thresholds thresholds;
  /// Reads the servers' certificates; none: they are not judged. It must outlive the engine.
  const CertificateReader* certificates = nullptr;
  /// What to do about replies; none: the built-in table. It must outlive the engine.
  const ReplyAdvice* reply_advice = nullptr;

  Config() {
    for (const int port : {24, 25, 587, 2525, 2587})
      clear_ports.set(static_cast<std::size_t>(port));
    for (const int port : {465, 2465}) tls_ports.set(static_cast<std::size_t>(port));
  }

  bool watches(std::uint16_t port) const { return clear_ports[port] || tls_ports[port]; }
};

}  // namespace smtp_session
