// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/metrics.h"

#include <algorithm>
#include <string_view>

namespace smtp_session {

TimeNs rtt_server(const Session& session) {
  return elapsed(session.tcp.answered_syn.time, session.tcp.syn_ack.time);
}

TimeNs rtt_client(const Session& session) {
  const TcpFacts& tcp = session.tcp;
  // Of several SYN-ACKs the last was answered: the client answers each that it gets.
  const bool resent = tcp.resent_syn_ack != kNoTime;
  return elapsed(resent ? tcp.resent_syn_ack : tcp.syn_ack.time, tcp.ack.time);
}

TimeNs handshake(const Session& session) {
  return elapsed(session.tcp.first_syn.time, session.tcp.ack.time);
}

TimeNs greeting_delay(const Session& session) {
  if (session.greeting == 0) return kNoTime;
  TimeNs ready = session.tcp.ack.time;
  if (session.proxy != nullptr) ready = session.proxy->at.time;
  // RFC 8314 section 3.3: with implicit TLS the server greets once TLS is up.
  if (session.tls != nullptr && session.tls->mode == TlsMode::kImplicit) {
    ready = session.tls->finished.time;
  }
  return elapsed(ready, session.reply(session.greeting).first_time);
}

TimeNs client_start(const Session& session) {
  if (session.greeting == 0 || session.commands.empty()) return kNoTime;
  const Reply& greeting = session.reply(session.greeting);
  const Command& first = session.commands.front();
  // A client that does not wait for the greeting starts before it is known when, or that it is
  // over.
  const TimeNs time = elapsed(greeting.time, first.first_time);
  return time < 0 || first.frame < greeting.frame ? kNoTime : time;
}

TimeNs tls_handshake(const Session& session) {
  if (session.tls == nullptr || !session.tls->complete) return kNoTime;
  return elapsed(session.tls->client_hello.time, session.tls->finished.time);
}

TimeNs tls_server_hello(const Session& session) {
  if (session.tls == nullptr) return kNoTime;
  return elapsed(session.tls->client_hello.time, session.tls->server_hello.time);
}

TimeNs data_transfer(const Session& session, Index index) {
  const Message& message = session.message(index);
  if (message.end == 0) return kNoTime;
  return elapsed(message.first_time, session.command(message.end).time);
}

TimeNs end_of_data(const Session& session, Index index) {
  const Message& message = session.message(index);
  if (message.end == 0) return kNoTime;
  const Command& end = session.command(message.end);
  return end.reply == 0 ? kNoTime : elapsed(end.time, session.reply(end.reply).time);
}

TimeNs duration(const Session& session) {
  return elapsed(session.first.time, session.last.time);
}

TimeNs latency(const Session& session, const Reply& reply) {
  return reply.command == 0 ? kNoTime : elapsed(session.command(reply.command).time, reply.time);
}

TimeNs service_time(const Session& session, Index index) {
  const Reply& reply = session.reply(index);
  if (reply.command == 0) return kNoTime;
  TimeNs begin = session.command(reply.command).time;
  if (begin == kNoTime) return kNoTime;
  // A command's own earlier replies (334, the results of LMTP) are part of what it took.
  for (Index before = index; before-- > 1;) {
    const Reply& earlier = session.reply(before);
    if (earlier.command == reply.command) continue;
    begin = std::max(begin, earlier.time);
    break;
  }
  return elapsed(begin, reply.time);
}

TimeNs think_time(const Session& session, const Command& command) {
  if (command.pipelined || command.reply_before == 0) return kNoTime;
  return elapsed(session.reply(command.reply_before).time, command.first_time);
}

TimeNs idle_before(const Session& session, const Command& command) {
  // Between these commands and the one before them a client may hold a session open; all others
  // follow from what was just answered.
  const Text verb = command.verb;
  if (verb != "MAIL" && verb != "RSET" && verb != "NOOP" && verb != "QUIT") return kNoTime;
  return think_time(session, command);
}

CapturePoint capture_point(const Session& session) {
  /// Below this the far end is not told from the near one: a local network answers as fast.
  constexpr TimeNs kFar = 1'000'000;
  const TimeNs to_server = rtt_server(session);
  const TimeNs to_client = rtt_client(session);
  if (to_server == kNoTime || to_client == kNoTime || to_server == to_client) {
    return to_server != kNoTime && to_server == to_client && to_server >= kFar
               ? CapturePoint::kMiddle
               : CapturePoint::kUnknown;
  }
  // Halves, for a doubled time could overflow on a broken capture.
  if (to_client <= to_server / 2) return CapturePoint::kClient;
  if (to_server <= to_client / 2) return CapturePoint::kServer;
  if (to_client >= kFar && to_server >= kFar) return CapturePoint::kMiddle;
  return CapturePoint::kUnknown;
}

Index slowest_command(const Session& session) {
  Index slowest = 0;
  TimeNs longest = kNoTime;
  for (std::size_t i = 0; i < session.commands.size(); ++i) {
    const Command& command = session.commands[i];
    if (command.reply == 0) continue;
    const TimeNs took = latency(session, session.reply(command.reply));
    if (took > longest) {
      longest = took;
      slowest = static_cast<Index>(i + 1);
    }
  }
  return slowest;
}

}  // namespace smtp_session
