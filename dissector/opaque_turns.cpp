// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/opaque_turns.h"

#include <algorithm>

#include "dissector/tls_versions.h"

namespace smtp_session {

namespace {

/// TLS 1.3 adds an inner type and a tag to the text (RFC 8446 section 5.2).
constexpr std::int64_t kTls13Overhead = 17;

/// The shortest ticket message of a server in use: header, lifetime, age, nonce and a ticket of a
/// pre-shared key of 32 octets, sealed. A greeting is rarely longer than the 512 octets of a line
/// (RFC 5321 section 4.5.3.1.5), and mostly below this.
constexpr std::uint32_t kShortestTicket = 160;

/// Under TLS the reply to EHLO loses its STARTTLS line and may gain a line of AUTH mechanisms.
constexpr std::int64_t kStarttlsLine = 14;  // "250-STARTTLS" and line end
constexpr std::int64_t kAuthLine = 36;

/// A server that speaks after such a silence, with nothing asked, says that it will wait no longer.
/// The shortest limits of servers known are ten seconds (RFC 5321 section 4.5.3.2.7 wants five
/// minutes); the parts of a reply, or the replies to a group, are rarely as far apart.
constexpr TimeNs kSilence = 8'000'000'000;

const Reply* clear_hello_reply(const Session& session) {
  for (auto command = session.commands.rbegin(); command != session.commands.rend(); ++command) {
    if (!command->encrypted && command->verb.view() == "EHLO" && command->reply != 0) {
      return &session.reply(command->reply);
    }
  }
  return nullptr;
}

}  // namespace

bool OpaqueTurns::add(const TlsRecord& record) {
  if (record.side == Side::kClient) {
    add_client(record);
    return true;
  }
  return add_server(record);
}

void OpaqueTurns::add_client(const TlsRecord& record) {
  turn_end_ = record.end;
  if (turn_ == 0 && session_.greeting == 0 && before_first_differs_) {
    // The client waits for the greeting (RFC 5321 section 3.1): what came last was no ticket.
    set_greeting(before_first_);
  }
  if (turn_ != 0 && session_.command(turn_).reply == 0) {
    Command& turn = session_.command(turn_);
    turn.bytes += record.length;
    ++turn.records;
    turn.time = record.sent.time;
    turn.frame = record.received.frame;
    turn.exact = turn.exact && record.exact;
    return;
  }
  Command turn;
  turn.first_time = record.first.time;
  turn.time = record.sent.time;
  turn.frame = record.received.frame;
  turn.reply_before = static_cast<Index>(session_.replies.size());
  turn.bytes = record.length;
  turn.records = 1;
  turn.exact = record.exact;
  turn.encrypted = true;
  turn.opaque = true;
  turn_first_ = record.end;
  unsolicited_ = false;
  session_.commands.push_back(turn);
  turn_ = static_cast<Index>(session_.commands.size());
}

void OpaqueTurns::set_reply(Reply& reply, const TlsRecord& record) const {
  reply.first_time = record.received.time;
  reply.time = record.received.time;
  reply.frame = record.received.frame;
  reply.command = turn_;
  reply.encrypted = true;
  reply.opaque = true;
  reply.bytes = record.length;
  reply.records = 1;
  reply.exact = record.exact;
}

void OpaqueTurns::add_to_reply(Reply& reply, const TlsRecord& record) {
  reply.bytes += record.length;
  ++reply.records;
  reply.exact = reply.exact && record.exact;
  // Replies stand in the order of their ends.
  if (&reply != &session_.replies.back()) return;
  reply.time = record.received.time;
  reply.frame = record.received.frame;
}

/// True where `record` belongs to the reply before the turn's own. Its end stays where it was when
/// the client went on.
bool OpaqueTurns::go_on(const TlsRecord& record) {
  if (turn_ < 2 || record.peer_acked == 0 || record.peer_acked >= turn_first_) return false;
  const Command& before = session_.command(turn_ - 1);
  if (!before.opaque || before.reply == 0) return false;
  Reply& reply = session_.reply(before.reply);
  reply.bytes += record.length;
  ++reply.records;
  reply.exact = reply.exact && record.exact;
  return true;
}

void OpaqueTurns::add_unsolicited(const TlsRecord& record) {
  session_.replies.emplace_back();
  Reply& reply = session_.replies.back();
  set_reply(reply, record);
  reply.command = 0;
  reply.kind = ReplyKind::kUnsolicited;
  unsolicited_ = true;
}

void OpaqueTurns::set_greeting(const TlsRecord& record) {
  if (session_.greeting == 0) {
    session_.replies.emplace_back();
    session_.greeting = static_cast<Index>(session_.replies.size());
    session_.replies.back().kind = ReplyKind::kGreeting;
  } else if (session_.greeting != session_.replies.size() ||
             !session_.reply(session_.greeting).opaque) {
    add_unsolicited(record);  // the server greeted in clear, before TLS
    return;
  } else if (session_.tls->version < kTls13) {
    add_to_reply(session_.reply(session_.greeting), record);  // there are no tickets to mistake
    return;
  }
  set_reply(session_.reply(session_.greeting), record);
}

bool OpaqueTurns::is_ticket(const TlsRecord& record) const {
  if (session_.tls->version < kTls13) return false;
  if (ticket_length_ != 0 && record.length == ticket_length_) return true;
  if (turn_ == 0) return record.length >= kShortestTicket;
  if (record.peer_acked != 0 && record.peer_acked < turn_end_) return true;
  if (record.length < kShortestTicket) return false;
  const Reply* hello = clear_hello_reply(session_);
  if (hello == nullptr) return ticket_length_ == 0;
  const std::int64_t excess =
      std::int64_t{record.length} - kTls13Overhead - (std::int64_t{hello->bytes} - kStarttlsLine);
  return excess < -kStarttlsLine || excess > kAuthLine;
}

bool OpaqueTurns::add_server(const TlsRecord& record) {
  const bool implicit = session_.tls->mode == TlsMode::kImplicit;
  if (turn_ == 0) {
    // RFC 3207 section 4.2: after STARTTLS the client speaks first.
    if (!implicit || session_.tcp.mid_stream || is_ticket(record)) {
      before_first_differs_ =
          implicit && !session_.tcp.mid_stream && record.length != ticket_length_;
      before_first_ = record;
      ticket_length_ = record.length;
      return false;
    }
    set_greeting(record);
    return true;
  }
  Command& turn = session_.command(turn_);
  // After an encrypted greeting nothing of the handshake is to come.
  const bool greeted = session_.greeting != 0 && session_.reply(session_.greeting).encrypted;
  const bool first_exchange =
      !greeted && std::none_of(session_.commands.begin(),
                               session_.commands.begin() + static_cast<std::ptrdiff_t>(turn_) - 1,
                               [](const Command& command) { return command.opaque; });
  if (turn.reply == 0) {
    if (go_on(record)) return true;
    if (first_exchange && is_ticket(record)) {
      ticket_length_ = record.length;
      return false;
    }
    session_.replies.emplace_back();
    set_reply(session_.replies.back(), record);
    reply_length_ = record.length;
    turn.reply = static_cast<Index>(session_.replies.size());
    return true;
  }
  if (unsolicited_) {
    add_to_reply(session_.replies.back(), record);
    return true;
  }
  Reply& reply = session_.reply(turn.reply);
  if (elapsed(reply.time, record.received.time) >= kSilence) {
    add_unsolicited(record);
    return true;
  }
  if (first_exchange && session_.tls->version >= kTls13 && ticket_length_ == 0 &&
      reply_length_ >= kShortestTicket && reply.records == 1) {
    // What was taken for the reply was a ticket of a size that the reply could have had. Its frame
    // was shown as the reply's beginning.
    const TimeNs begun = reply.first_time;
    set_reply(reply, record);
    reply.first_time = begun;
    ticket_length_ = reply_length_;
    return true;
  }
  add_to_reply(reply, record);
  return true;
}

}  // namespace smtp_session
