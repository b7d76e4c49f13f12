// SPDX-License-Identifier: GPL-2.0-or-later
//
// Every time of a session, computed from the model alone. All functions return nanoseconds, or
// kNoTime where the instants are not in the capture. Bounds rather than exact values follow from
// Command::exact and Reply::exact.
#pragma once

#include "dissector/session.h"

namespace smtp_session {

TimeNs rtt_server(const Session& session);  ///< answered SYN to SYN-ACK
TimeNs rtt_client(const Session& session);  ///< answered SYN-ACK to ACK
TimeNs handshake(const Session& session);   ///< first SYN to ACK
/// ACK (implicit TLS: end of the TLS handshake; PROXY: that line) to first byte of the greeting.
TimeNs greeting_delay(const Session& session);
TimeNs client_start(const Session& session);  ///< greeting complete to first byte of a command
TimeNs tls_handshake(const Session& session);
/// ClientHello's first byte to the ServerHello: the client's flight, one round trip, the server.
TimeNs tls_server_hello(const Session& session);
TimeNs data_transfer(const Session& session, Index message);  ///< first byte to end of data
TimeNs end_of_data(const Session& session, Index message);    ///< end of data to its reply
TimeNs duration(const Session& session);                      ///< first to last frame

/// Command complete to reply complete.
TimeNs latency(const Session& session, const Reply& reply);
/// What this command alone added: reply complete minus the later of command complete and previous
/// reply complete.
TimeNs service_time(const Session& session, Index reply);
/// Reply it had to wait for to first byte of the command; kNoTime where pipelined.
TimeNs think_time(const Session& session, const Command& command);
/// Silence before MAIL, RSET, NOOP, QUIT with nothing outstanding; kNoTime for other verbs.
TimeNs idle_before(const Session& session, const Command& command);

CapturePoint capture_point(const Session& session);

/// The index of the command with the longest latency, 0 if none was answered.
Index slowest_command(const Session& session);

/// The five parts of the time from first to last frame; they add up to duration().
struct TimeShare {
  TimeNs network = 0;
  TimeNs server = 0;
  TimeNs client = 0;
  TimeNs tls = 0;
  TimeNs transfer = 0;
};

TimeShare time_share(const Session& session);

}  // namespace smtp_session
