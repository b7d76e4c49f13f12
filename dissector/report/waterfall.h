// SPDX-License-Identifier: GPL-2.0-or-later
//
// A session as bars on a scale of time: what it did, and what it waited for.
#pragma once

#include <cstdint>
#include <vector>

#include "dissector/session.h"

namespace smtp_session {

enum class BarKind : std::uint8_t {
  kConnect,   ///< SYN to the end of the TCP handshake
  kTls,       ///< the TLS handshake
  kGreeting,  ///< the wait for the greeting, and the greeting
  kThink,     ///< the client before its command
  kIdle,      ///< the same between messages, from kIdleFrom on
  kSend,      ///< first to last byte of a command
  kTransfer,  ///< first to last byte of a message or chunk
  kWait,      ///< command complete to reply complete
  kClose,     ///< FIN or RST
};

/// A client that makes up its next command needs less.
inline constexpr TimeNs kIdleFrom = 1'000'000'000;

const char* name_of(BarKind kind);

/// Times are those since the session's first frame.
struct Bar {
  BarKind kind;
  TimeNs start = 0;
  TimeNs end = 0;     ///< not before `start`
  Index command = 0;  ///< of kThink to kWait
};

/// In order of their starts. What the capture does not hold has no bar; what was not answered lasts
/// to the session's last frame.
std::vector<Bar> waterfall_of(const Session& session);

}  // namespace smtp_session
