// SPDX-License-Identifier: GPL-2.0-or-later
//
// Connection requests to the ident service (RFC 1413, TCP port 113). Some mail servers ask their
// client's before they greet it, and wait for an answer that a firewall may swallow.
#pragma once

#include <array>
#include <cstddef>

#include "dissector/segment.h"
#include "dissector/types.h"

namespace smtp_session {

class IdentProbes {
 public:
  static constexpr std::uint16_t kIdentPort = 113;

  /// Notes `segment` where it is such a request.
  void look(const Segment& segment) {
    if (segment.destination.port != kIdentPort || !segment.has(TcpFlags::kSyn) ||
        segment.has(TcpFlags::kAck)) {
      return;
    }
    probes_[next_] = {
        segment.source.address, segment.destination.address, {segment.time, segment.frame}};
    next_ = (next_ + 1) % kKept;
  }

  /// The first request of `server` to `client` that is not before `since`; not known() if none.
  Moment find(const Address& server, const Address& client, TimeNs since) const {
    Moment first;
    for (const Probe& probe : probes_) {
      if (!probe.at.known() || probe.at.time < since || probe.server != server ||
          probe.client != client) {
        continue;
      }
      if (!first.known() || probe.at.frame < first.frame) first = probe.at;
    }
    return first;
  }

 private:
  struct Probe {
    Address server;
    Address client;
    Moment at;
  };
  /// A probe matters until the greeting of its session: few are open at once.
  static constexpr std::size_t kKept = 64;

  std::array<Probe, kKept> probes_{};
  std::size_t next_ = 0;
};

}  // namespace smtp_session
