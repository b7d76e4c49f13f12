// SPDX-License-Identifier: GPL-2.0-or-later
//
// What the user can set. Passed to the engine by value; the engine reads no preference itself.
#pragma once

#include <bitset>
#include <cstddef>
#include <cstdint>

namespace smtp_session {

using PortSet = std::bitset<65536>;

struct Config {
  /// Ports on which the server speaks first, in clear text (STARTTLS may follow): LMTP 24, SMTP 25,
  /// submission 587 (RFC 6409) and the alternatives that mail providers listen on.
  PortSet clear_ports;
  /// Ports on which the client starts with TLS: submissions 465 (RFC 8314 section 3.3), 2465.
  PortSet tls_ports;

  Config() {
    for (const int port : {24, 25, 587, 2525, 2587})
      clear_ports.set(static_cast<std::size_t>(port));
    for (const int port : {465, 2465}) tls_ports.set(static_cast<std::size_t>(port));
  }

  bool watches(std::uint16_t port) const { return clear_ports[port] || tls_ports[port]; }
};

}  // namespace smtp_session
