// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/verdict.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "dissector/decrypt_state.h"
#include "dissector/metrics.h"
#include "dissector/names.h"
#include "dissector/outcome.h"
#include "dissector/reply_codes.h"
#include "dissector/reply_words.h"
#include "dissector/report/duration_text.h"
#include "dissector/transaction.h"

namespace smtp_session {

namespace {

/// A step that takes longer is worth a word in a session that went well. As LAT-01 and GRT-01.
constexpr TimeNs kSlow = 1'000'000'000;
/// So is a shorter one that a person may notice, where it is a third of the session or more.
constexpr TimeNs kNoticeable = 150'000'000;
constexpr TimeNs kParts = 3;

bool is_refusal(std::uint16_t code) {
  return is_transient(code) || is_permanent(code);
}

std::string counted(std::size_t count, const char* noun) {
  return std::to_string(count) + " " + noun + (count == 1 ? "" : "s");
}

std::string frame_text(FrameNumber frame) {
  return "frame " + std::to_string(frame);
}

/// ", after 1.234 s"; nothing where the time is not known.
std::string after(TimeNs time) {
  return time == kNoTime ? std::string{} : ", after " + duration_text(time);
}

const char* side_text(Side side) {
  return side == Side::kServer ? "the server" : "the client";
}

/// "550 5.1.1 no such user", at most a line of it.
std::string words_of(const Reply& reply) {
  constexpr std::size_t kMaxWords = 160;
  std::string text = reply.code == 0 ? "" : std::to_string(reply.code);
  std::string words{reply_text(reply)};
  if (words.size() > kMaxWords) {
    std::size_t end = kMaxWords;
    while (end > 0 && (static_cast<unsigned char>(words[end]) & 0xC0U) == 0x80U) --end;
    words = words.substr(0, end) + "\xE2\x80\xA6";
  }
  if (!text.empty() && !words.empty()) text += ' ';
  return text + words;
}

/// What a command is called: "RCPT TO:<a@b>", "end of data", "an encrypted turn".
std::string step_text(const Session& session, Index index) {
  const Command& command = session.command(index);
  if (command.opaque) return "an encrypted turn";
  const Text verb = command.verb;
  if (verb.empty()) return "an empty line";
  if (verb == ".") return "end of data";
  std::string text = shown(verb);
  const bool telling = verb == "MAIL" || verb == "RCPT" || verb == "AUTH" || verb == "EHLO" ||
                       verb == "HELO" || verb == "LHLO";
  if (telling && !command.argument.empty()) {
    text += ' ';
    text += command.argument.view().substr(0, command.argument.view().find(' '));
  }
  return text;
}

/// The closing segment: "FIN in frame 12".
std::string close_text(const Session& session) {
  const TcpFacts& tcp = session.tcp;
  return tcp.close == CloseKind::kRst ? "RST in " + frame_text(tcp.first_rst.frame)
                                      : "FIN in " + frame_text(tcp.first_fin.frame);
}

Moment close_moment(const Session& session) {
  const TcpFacts& tcp = session.tcp;
  return tcp.close == CloseKind::kRst ? tcp.first_rst : tcp.first_fin;
}

/// The last thing that was said before the end: "after RCPT TO:<a@b> in frame 9".
std::string last_step(const Session& session) {
  auto index = static_cast<Index>(session.commands.size());
  // What a client says to a server that has closed did not matter.
  while (index > 0 && session.tcp.close != CloseKind::kNone &&
         session.command(index).frame > close_moment(session).frame) {
    --index;
  }
  if (index != 0) {
    return "after " + step_text(session, index) + " in " + frame_text(session.command(index).frame);
  }
  if (session.greeting != 0) {
    return "after the greeting in " + frame_text(session.reply(session.greeting).frame);
  }
  return session.tls != nullptr ? "in the TLS handshake" : "before the greeting";
}

// -- Slow steps ----------------------------------------------------------------------------------

/// kNoTime is less than any time.
struct SlowStep {
  TimeNs time = kSlow;
  std::string where;  ///< "end of data in frame 12, on the server's side"

  void offer(TimeNs took, const std::string& name, FrameNumber frame, const std::string& side) {
    if (took <= time) return;
    time = took;
    where = name + " in " + frame_text(frame) + ", " + side;
  }
  bool found() const { return !where.empty(); }
};

constexpr const char* kServerSide = "on the server's side";
constexpr const char* kClientSide = "on the client's side";
constexpr const char* kOnTheWay = "on the way";

/// What was lost and sent again has its part in any wait.
std::string repeats(const Session& session) {
  const std::size_t count = session.tcp.retransmissions;
  return count == 0 ? std::string{} : ", with " + counted(count, "retransmission");
}

/// Waits of one kind, together: each of them noticeable.
struct Waits {
  std::string_view verb;
  TimeNs sum = 0;
  TimeNs longest = 0;
  std::size_t count = 0;
  Index command = 0;      ///< of the longest
  FrameNumber frame = 0;  ///< likewise

  void add(TimeNs took, Index index, FrameNumber at) {
    sum += took;
    ++count;
    if (took <= longest) return;
    longest = took;
    command = index;
    frame = at;
  }
};

void offer_replies(const Session& session, SlowStep& slowest) {
  std::vector<Waits> kinds;
  for (Index i = 1; i <= session.replies.size(); ++i) {
    const Reply& reply = session.reply(i);
    if (reply.command == 0 || session.command(reply.command).reply != i) continue;
    const TimeNs took = service_time(session, i);
    if (took < kNoticeable) continue;
    const std::string_view verb = session.command(reply.command).verb.view();
    auto kind = std::find_if(kinds.begin(), kinds.end(),
                             [&](const Waits& waits) { return waits.verb == verb; });
    if (kind == kinds.end()) {
      kinds.emplace_back();
      kind = kinds.end() - 1;
      kind->verb = verb;
    }
    kind->add(took, reply.command, reply.frame);
  }
  for (const Waits& kind : kinds) {
    const bool opaque = session.command(kind.command).opaque;
    const std::string name =
        kind.count == 1
            ? "the reply to " + step_text(session, kind.command)
            : std::to_string(kind.count) + " replies to " +
                  (opaque ? "encrypted turns" : std::string{name_of_command(kind.verb)}) +
                  ", the slowest";
    const std::string side = session.tcp.retransmissions == 0
                                 ? std::string{kServerSide}
                                 : std::string{kServerSide} + " or on the way" + repeats(session);
    slowest.offer(kind.sum, name, kind.frame, side);
  }
}

void offer_pauses(const Session& session, SlowStep& slowest) {
  Waits pauses;
  for (Index i = 1; i <= session.commands.size(); ++i) {
    const TimeNs took = think_time(session, session.command(i));
    if (took >= kNoticeable) pauses.add(took, i, session.command(i).frame);
  }
  if (pauses.count == 0) return;
  const std::string before = " before " + step_text(session, pauses.command);
  slowest.offer(pauses.sum,
                pauses.count == 1 ? "the pause" + before
                                  : std::to_string(pauses.count) + " pauses, the longest" + before,
                pauses.frame, kClientSide);
}

void offer_messages(const Session& session, SlowStep& slowest) {
  for (Index i = 1; i <= session.messages.size(); ++i) {
    const Message& message = session.message(i);
    if (message.end == 0) continue;
    slowest.offer(data_transfer(session, i), "the transfer of message " + std::to_string(i),
                  session.command(message.end).frame,
                  "on the client's side or on the way" + repeats(session));
  }
}

SlowStep slowest_step(const Session& session, TimeNs total) {
  SlowStep slowest;
  slowest.time = std::min(kSlow, std::max(kNoticeable, total / kParts));
  slowest.offer(handshake(session), "the TCP handshake", session.tcp.ack.frame, kOnTheWay);
  if (session.greeting != 0) {
    const Reply& greeting = session.reply(session.greeting);
    // A greeting of several lines can be held back within (Postfix's postscreen does so).
    const TimeNs delay = greeting_delay(session);
    slowest.offer(delay == kNoTime ? kNoTime : delay + elapsed(greeting.first_time, greeting.time),
                  "the greeting", greeting.frame, kServerSide);
    slowest.offer(client_start(session), "the client's first command",
                  session.commands.empty() ? 0 : session.commands.front().frame, kClientSide);
  }
  if (session.tls != nullptr) {
    slowest.offer(tls_handshake(session), "the TLS handshake", session.tls->finished.frame,
                  "between both sides");
  }
  offer_replies(session, slowest);
  offer_pauses(session, slowest);
  offer_messages(session, slowest);
  if (session.tcp.close != CloseKind::kNone && !session.replies.empty()) {
    const Moment last = {session.replies.back().time, session.replies.back().frame};
    const Moment close = close_moment(session);
    // A reply that nobody asked for ends a pause, too.
    const bool unasked = session.replies.size() > 1 && session.replies.back().command == 0;
    const Moment end = unasked ? last : close;
    const TimeNs begin = unasked ? session.replies[session.replies.size() - 2].time : last.time;
    slowest.offer(elapsed(begin, end.time), "the idle time that ended", end.frame, kClientSide);
  }
  return slowest;
}

/// "; 12.010 s in all, of it 12.003 s for the reply to end of data in frame 20, on the server's
/// side"
std::string time_words(const Session& session) {
  const TimeNs total = duration(session);
  if (total == kNoTime) return {};
  std::string text = "; " + duration_text(total) + " in all";
  const SlowStep slowest = slowest_step(session, total);
  if (!slowest.found()) return text + repeats(session);
  return text + ", of it " + duration_text(slowest.time) + " for " + slowest.where;
}

// -- Refusals ------------------------------------------------------------------------------------

std::string refusal_words(const Session& session, Index index) {
  const Reply& reply = session.reply(index);
  std::string text = "the server refused " + step_text(session, reply.command);
  const std::string_view recipient = recipient_of(session, reply);
  if (!recipient.empty()) text += " for <" + std::string{recipient} + ">";
  text += " in " + frame_text(reply.frame) + " with " + words_of(reply);
  const Command& command = session.command(reply.command);
  const TimeNs idle = idle_before(session, command);
  if (idle > kSlow) text += ", after an idle time of " + duration_text(idle);
  const TimeNs took = latency(session, reply);
  return took == kNoTime ? text : text + ", " + duration_text(took) + " after it was asked";
}

/// The first refusal of a mail transaction; where there is a permanent one, that.
Index deciding_refusal(const Session& session) {
  Index first = 0;
  for (Index i = 1; i <= session.replies.size(); ++i) {
    const Reply& reply = session.reply(i);
    if (reply.command == 0 || !is_refusal(reply.code)) continue;
    if (session.command(reply.command).message == 0) continue;
    if (follows_from_refusals(session, reply.command)) continue;
    if (is_permanent(reply.code)) return i;
    if (first == 0) first = i;
  }
  return first;
}

/// The last refusal of any command but QUIT.
Index last_refusal(const Session& session, std::string_view verb = {}) {
  for (auto i = static_cast<Index>(session.replies.size()); i > 0; --i) {
    const Reply& reply = session.reply(i);
    if (reply.command == 0 || !is_refusal(reply.code)) continue;
    const std::string_view refused = session.command(reply.command).verb.view();
    if (refused != "QUIT" && (verb.empty() || refused == verb)) return i;
  }
  return 0;
}

// -- One sentence for each outcome ---------------------------------------------------------------

Index refusal_of_mail(const Session& session) {
  const Index index = deciding_refusal(session);
  return index != 0 ? index : last_refusal(session);
}

std::string refused_text(const Session& session, const char* word) {
  const Index index = refusal_of_mail(session);
  if (index == 0) return word;
  return std::string{word} + ": " + refusal_words(session, index);
}

struct Count {
  std::size_t all = 0;
  std::size_t accepted = 0;
};

Count count_messages(const Session& session) {
  Count count;
  count.all = session.messages.size();
  for (Index i = 1; i <= session.messages.size(); ++i) {
    count.accepted += message_accepted(session, i) ? 1 : 0;
  }
  return count;
}

Count count_recipients(const Session& session) {
  Count count;
  for (Index i = 1; i <= session.messages.size(); ++i) {
    const bool taken = message_accepted(session, i);
    for (const Recipient& recipient : recipients_of(session, i)) {
      ++count.all;
      count.accepted += taken && recipient.accepted ? 1 : 0;
    }
  }
  return count;
}

std::string delivered_text(const Session& session) {
  FrameNumber last = 0;
  for (Index i = 1; i <= session.messages.size(); ++i) {
    const Reply* const reply = final_reply_of(session, i);
    if (reply != nullptr && message_accepted(session, i)) last = reply->frame;
  }
  std::string text =
      "Delivered: the server accepted " + counted(count_messages(session).accepted, "message");
  const std::size_t recipients = count_recipients(session).accepted;
  if (recipients != 0) text += " for " + counted(recipients, "recipient");
  if (last != 0) text += " (" + frame_text(last) + ")";
  return text + time_words(session);
}

std::string partial_text(const Session& session) {
  const Count messages = count_messages(session);
  const Count recipients = count_recipients(session);
  std::string text = "Delivered in part: " + std::to_string(messages.accepted) + " of " +
                     counted(messages.all, "message") + " accepted, for " +
                     std::to_string(recipients.accepted) + " of " +
                     counted(recipients.all, "recipient");
  const Index index = deciding_refusal(session);
  return index == 0 ? text : text + "; " + refusal_words(session, index);
}

/// What an alert means, where its name may not tell (RFC 8446 section 6.2, RFC 5246 section 7.2.2).
const char* meaning_of_alert(std::uint8_t description) {
  switch (description) {
    case 40:
      return "the sides share no cipher or other parameter";
    case 42:
    case 43:
    case 46:
      return "it does not accept the certificate";
    case 44:
      return "the certificate is revoked";
    case 45:
      return "the certificate has expired";
    case 48:
      return "it does not trust who signed the certificate";
    case 70:
      return "the sides share no TLS version";
    case 71:
      return "the ciphers of the other side are too weak";
    case 112:
      return "it has no certificate for that name";
    case 116:
      return "it wants a certificate of the client";
    default:
      return nullptr;
  }
}

std::string tls_failed_text(const Session& session) {
  const TlsFacts* const tls = session.tls.get();
  std::string text = "TLS failed: ";
  if (tls != nullptr && tls->alert.has_value() && !alert_answers_close(session)) {
    text += std::string{side_text(tls->alert->sender)} + " sent the alert " +
            tls_alert_name(tls->alert->description);
    const char* const meaning = meaning_of_alert(tls->alert->description);
    if (meaning != nullptr) text += std::string{" ("} + meaning + ")";
    return text + " in " + frame_text(tls->alert->at.frame) +
           after(elapsed(tls->client_hello.time, tls->alert->at.time));
  }
  const Index refusal = last_refusal(session, "STARTTLS");
  if (refusal != 0) return text + refusal_words(session, refusal);
  const std::string port = "port " + std::to_string(session.server.port);
  const bool hello = tls != nullptr && tls->client_hello.known();
  if (hello && !session.implicit_tls_port && tls->mode == TlsMode::kImplicit &&
      !tls->server_hello.known()) {
    text += "the client began with TLS in " + frame_text(tls->client_hello.frame) + " on " + port +
            ", which begins in clear text; ";
  } else if (session.implicit_tls_port && !hello && !session.commands.empty()) {
    text += "the client sent " + step_text(session, 1) + " in clear text in " +
            frame_text(session.command(1).frame) + " on " + port + ", which begins with TLS; ";
  }
  text += side_text(session.tcp.closed_by);
  text += " ended the connection" + std::string{hello ? " in the handshake (" : " ("} +
          close_text(session) + ")";
  return tls == nullptr ? text
                        : text + after(elapsed(tls->client_hello.time, close_moment(session).time));
}

std::string no_greeting_text(const Session& session) {
  return std::string{"No greeting: the server "} +
         (session.server_silent ? "said nothing" : "did not end its greeting") + ", " +
         side_text(session.tcp.closed_by) + " ended the connection (" + close_text(session) + ")" +
         after(elapsed(session.tcp.ack.time, close_moment(session).time));
}

std::string unknown_text(const Session& session) {
  for (auto i = static_cast<Index>(session.messages.size()); i > 0; --i) {
    const Message& message = session.message(i);
    if (message.end == 0 || session.command(message.end).reply != 0) continue;
    if (!can_be_accepted(session, i)) continue;
    const Command& end = session.command(message.end);
    const TimeNs waited = elapsed(end.time, close_moment(session).time);
    std::string text = std::string{"Delivery unknown: "} + side_text(ended_by(session)) +
                       " ended the connection (" + close_text(session) + ")";
    text += waited > 0 ? after(waited) + " without" : std::string{" before"};
    text += " the reply to end of data in " + frame_text(end.frame);
    return text;
  }
  return "Delivery unknown";
}

std::string aborted_text(const Session& session, Side side) {
  std::string text = std::string{"Aborted by "} + side_text(side) + ": ";
  const bool last_words =  // of a server that gives up, be it within the message
      side == Side::kServer && !session.replies.empty() &&
      (session.replies.back().code == kServiceNotAvailable ||
       (session.replies.back().kind == ReplyKind::kUnsolicited &&
        is_refusal(session.replies.back().code)));
  if (last_words) {
    const Reply& reply = session.replies.back();
    if (reply.command != 0) return text + refusal_words(session, last_refusal(session));
    return text + words_of(reply) + " in " + frame_text(reply.frame) + ", " + last_step(session);
  }
  if (side == Side::kServer && !session.replies.empty() && session.replies.back().command != 0 &&
      session.replies.back().code == kServiceClosing) {
    // To another command than QUIT: it has had enough of the client.
    const Reply& reply = session.replies.back();
    return text + "it answered " + step_text(session, reply.command) + " in " +
           frame_text(reply.frame) + " with " + words_of(reply);
  }
  if (side == Side::kClient && !session.commands.empty() &&
      session.commands.back().verb == "QUIT" && !session.messages.empty()) {
    return text + "QUIT in " + frame_text(session.commands.back().frame) + " gave up message " +
           std::to_string(session.messages.size());
  }
  if (session.tcp.close == CloseKind::kNone) return text + last_step(session);
  const TimeNs last = session.replies.empty() ? session.first.time : session.replies.back().time;
  text += close_text(session) + ", " + last_step(session);
  const TimeNs waited = elapsed(last, close_moment(session).time);
  if (waited >= 0) {
    text += ", " + duration_text(waited) + " after the last reply";
  }
  return text;
}

std::string encrypted_text(const Session& session) {
  std::size_t turns = 0;
  for (const Command& command : session.commands) turns += command.opaque ? 1 : 0;
  return std::string{"Encrypted: the content cannot be read, as "} +
         reason_of(decrypt_state(session)) + "; " + counted(turns, "turn") + " under TLS" +
         time_words(session);
}

std::string incomplete_text(const Session& session) {
  std::string text = "Incomplete: ";
  if (session.tcp.close == CloseKind::kNone) {
    text += "the capture ends in " + frame_text(session.last.frame) + ", " + last_step(session);
  } else if (session.tcp.mid_stream) {
    text += "the capture begins within the session, in " + frame_text(session.first.frame);
  } else if (session.server_silent) {
    text += "the capture does not hold the server's side";
  } else if (session.client_silent) {
    text += "the capture does not hold the client's side";
  } else {
    text += "the capture does not hold what decided the session";
  }
  return text + time_words(session);
}

std::string sentence(const Session& session) {
  const TcpFacts& tcp = session.tcp;
  switch (outcome_of(session)) {
    case Outcome::kConnectionRefused:
      return "Connection refused: the server answered the SYN of " +
             frame_text(tcp.first_syn.frame) + " by RST in " + frame_text(tcp.first_rst.frame) +
             after(elapsed(tcp.first_syn.time, tcp.first_rst.time));
    case Outcome::kConnectionTimeout:
      return "Connection timed out: the server did not answer " + counted(tcp.syn_count, "SYN") +
             " from " + frame_text(tcp.first_syn.frame) + " on, in " +
             duration_text(elapsed(tcp.first_syn.time, session.last.time));
    case Outcome::kNoGreeting:
      return no_greeting_text(session);
    case Outcome::kGreetingRejected: {
      const Reply& greeting = session.reply(session.greeting);
      // The first line names the host, the reason may stand in any.
      return "Refused: the server greeted in " + frame_text(greeting.frame) + " with " +
             std::to_string(greeting.code) + ' ' + joined_lines(greeting) +
             after(greeting_delay(session));
    }
    case Outcome::kTlsFailed:
      return tls_failed_text(session);
    case Outcome::kAuthFailed: {
      const Index refusal = last_refusal(session, "AUTH");
      return refusal == 0 ? "Authentication failed"
                          : "Authentication failed: " + refusal_words(session, refusal);
    }
    case Outcome::kDelivered:
      return delivered_text(session);
    case Outcome::kPartial:
      return partial_text(session);
    case Outcome::kRejected:
      return refused_text(session, "Rejected");
    case Outcome::kDeferred:
      return refused_text(session, "Deferred");
    case Outcome::kDeliveryUnknown:
      return unknown_text(session);
    case Outcome::kAbortedByClient:
      return aborted_text(session, Side::kClient);
    case Outcome::kAbortedByServer:
      return aborted_text(session, Side::kServer);
    case Outcome::kNoMail:
      return "No mail was sent: the client ended the session properly" + time_words(session);
    case Outcome::kEncrypted:
      return encrypted_text(session);
    case Outcome::kIncomplete:
      return incomplete_text(session);
  }
  return {};
}

}  // namespace

std::string verdict(const Session& session) {
  std::string text = sentence(session);
  if (text.empty() || text.back() != '.') text += '.';  // quoted words can end with one
  return text;
}

Index deciding_reply(const Session& session) {
  switch (outcome_of(session)) {
    case Outcome::kGreetingRejected:
      return session.greeting;
    case Outcome::kTlsFailed:
      return last_refusal(session, "STARTTLS");
    case Outcome::kAuthFailed:
      return last_refusal(session, "AUTH");
    case Outcome::kPartial:
    case Outcome::kRejected:
    case Outcome::kDeferred:
      return refusal_of_mail(session);
    case Outcome::kAbortedByServer: {
      const auto last = static_cast<Index>(session.replies.size());
      return last != 0 && is_refusal(session.reply(last).code) ? last : 0;
    }
    default:
      return 0;
  }
}

}  // namespace smtp_session
