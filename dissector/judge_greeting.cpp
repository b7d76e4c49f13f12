// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/judge_greeting.h"

#include <algorithm>
#include <array>

#include "dissector/command_line.h"
#include "dissector/frame_index.h"
#include "dissector/hello_reply.h"
#include "dissector/metrics.h"
#include "dissector/reply_codes.h"
#include "dissector/reply_words.h"
#include "dissector/report/duration_text.h"
#include "dissector/transaction.h"

namespace smtp_session {

namespace {

/// What servers are known to do for so long before they greet.
const char* usual_cause(TimeNs delay) {
  constexpr TimeNs kSecond = 1'000'000'000;
  struct Cause {
    TimeNs seconds;
    const char* words;
  };
  // Greeting pauses that are common settings, and the time limits of resolvers (5 s a try).
  static constexpr std::array<Cause, 7> kCauses{{
      {3, "a greeting pause (3 s is common)"},
      {5, "a DNS query that timed out (5 s), or a greeting pause"},
      {6, "a greeting pause (Postfix postscreen: 6 s)"},
      {10, "DNS queries that timed out (2 times 5 s)"},
      {15, "a greeting pause, or DNS queries that timed out (3 times 5 s)"},
      {20, "a greeting pause, or DNS queries that timed out (4 times 5 s)"},
      {30, "DNS queries or an ident query that timed out (30 s)"},
  }};
  for (const Cause& cause : kCauses) {
    const TimeNs exact = cause.seconds * kSecond;
    const TimeNs tolerance = std::min(exact / 20, kSecond / 2);
    if (delay >= exact - tolerance && delay <= exact + tolerance) return cause.words;
  }
  return nullptr;
}

/// Four asterisks in a row or more, which make up most of the text.
bool is_masked(std::string_view text) {
  if (text.find("****") == std::string_view::npos) return false;
  const auto stars = std::count(text.begin(), text.end(), '*');
  const auto blanks = std::count(text.begin(), text.end(), ' ');
  return 2 * stars > static_cast<std::ptrdiff_t>(text.size()) - blanks;
}

std::string first_words(std::string_view text) {
  constexpr std::size_t kWords = 40;
  text = text.substr(0, text.find('\n'));
  std::size_t end = std::min(kWords, text.size());
  if (end < text.size()) {
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
  }
  return std::string{text.substr(0, end)} + (end < text.size() ? "\xE2\x80\xA6" : "");
}

const char* what_speaks(std::string_view text) {
  const auto begins = [&](std::string_view with) { return text.substr(0, with.size()) == with; };
  if (begins("SSH-")) return ": SSH";
  if (begins("HTTP/") || begins("<!DOCTYPE") || begins("<html")) return ": HTTP";
  if (begins("+OK")) return ": POP3";
  if (begins("* OK")) return ": IMAP";
  if (begins("\x15\x03") || begins("\x16\x03")) return ": TLS";
  return "";
}

}  // namespace

// -- Greeting ------------------------------------------------------------------------------------

TimeNs JudgeGreeting::awaited_since() const {
  const Session& session = scene_.session;
  if (session.tls != nullptr && session.tls->mode == TlsMode::kImplicit) {
    return session.tls->finished.time;
  }
  return session.proxy != nullptr ? session.proxy->at.time : session.tcp.ack.time;
}

bool JudgeGreeting::awaits_greeting() const {
  const Session& session = scene_.session;
  if (session.greeting != 0 || session.tcp.mid_stream || session.tcp.gaps != 0 ||
      !session.tcp.ack.known() || !session.replies.empty()) {
    return false;
  }
  if (session.tls == nullptr) return !session.implicit_tls_port;  // else TLS-02
  // TLS on a port without it is TLS-01, and a handshake that failed is TLS-05.
  return session.tls->mode == TlsMode::kImplicit && session.tls->complete &&
         !session.tls->undecrypted && session.implicit_tls_port;
}

void JudgeGreeting::on_reply(Index index) {
  const Session& session = scene_.session;
  const Reply& reply = session.reply(index);
  if (index == session.greeting) {
    on_greeting(index);
    return;
  }
  if (reply.command == 0) return;
  const Command& command = session.command(reply.command);
  const Text verb = command.verb;
  if (!is_hello(verb)) return;
  if (verb == "EHLO" && is_permanent(reply.code)) refused_ehlo_ = reply.command;
  if (reply.code == kSyntaxErrorInParameters && !argument_raised_) {
    argument_raised_ = true;
    scene_.raise(
        FindingId::kEhl02, reply.frame,
        "The server refuses the name \"" + std::string{command.argument.view()} + "\" with 501",
        reply.command, index);
  }
}

void JudgeGreeting::on_greeting(Index index) {
  const Reply& reply = scene_.session.reply(index);
  greeting_seen_ = true;
  judge_delay(index);
  if (reply.opaque) return;
  const std::uint16_t code = reply.code;
  if (is_transient(code) || is_permanent(code)) {
    scene_.raise(FindingId::kGrt03, reply.frame,
                 "Greeting " + std::to_string(code) + ": " + joined_lines(reply), 0, index);
  } else if (!is_positive(code)) {
    const std::string_view text = reply.lines.view();
    std::string said = "The server begins with \"" + (code == 0 ? "" : std::to_string(code) + " ") +
                       first_words(text) + "\"";
    scene_.raise(FindingId::kGrt05, reply.frame, said + (code == 0 ? what_speaks(text) : ""), 0,
                 index);
  }
  if (is_masked(reply_text(reply))) {
    scene_.raise(FindingId::kGrt06, reply.frame,
                 "The greeting is \"" + first_words(reply.lines.view()) + "\"", 0, index);
  }
}

Moment JudgeGreeting::judge_ident(FrameNumber frame) {
  const Session& session = scene_.session;
  if (!session.tcp.first_syn.known()) return {};
  const Moment probe =
      probes_.find(session.server.address, session.client.address, session.tcp.first_syn.time);
  if (probe.known()) {
    scene_.raise(FindingId::kTcp11, frame,
                 "The server opened TCP port 113 of the client in frame " +
                     std::to_string(probe.frame) + ", and had not greeted before");
  }
  return probe;
}

void JudgeGreeting::judge_delay(Index index) {
  const Session& session = scene_.session;
  const Reply& reply = session.reply(index);
  const Moment ident = judge_ident(reply.frame);
  TimeNs delay = greeting_delay(session);
  if (delay == kNoTime || !reply.exact || session.tcp.mid_stream) return;
  const TimeNs limit = from_ms(scene_.thresholds.greeting_limit);
  if (delay > limit && !missing_raised_) {
    missing_raised_ = true;
    scene_.raise(FindingId::kGrt02, reply.frame,
                 "The greeting came only after " + duration_text(delay), 0, index);
    return;
  }
  const TimeNs round_trip = rtt_server(session);
  // The lines of a greeting can be held back, too: clients have to wait for the last one.
  const TimeNs whole = delay + elapsed(reply.first_time, reply.time);
  const TimeNs own = round_trip == kNoTime ? whole : whole - round_trip;
  if (own <= from_ms(scene_.thresholds.greeting_note)) return;
  std::string text = "Greeting after " + duration_text(whole);
  const bool held = whole - delay > delay;
  if (held) text += " (its first line after " + duration_text(delay) + ")";
  if (round_trip != kNoTime) text += ", of it round trip " + duration_text(round_trip);
  if (ident.known()) {
    text += "; likely the ident query of frame " + std::to_string(ident.frame);
  } else if (const char* const cause = usual_cause(own)) {
    text += std::string{"; likely "} + cause;
  } else if (held) {
    text += "; likely a greeting pause, as of Postfix's postscreen";
  }
  const bool grave = own > from_ms(scene_.thresholds.greeting_warn);
  scene_.raise(FindingId::kGrt01, grave ? Severity::kWarn : Severity::kNote, reply.frame, text, 0,
               index);
}

void JudgeGreeting::judge_early_talker(const Segment& segment) {
  const Session& session = scene_.session;
  if (early_raised_ || session.tcp.mid_stream || segment.length == 0 || !server_seen_) return;
  if (!greeting_seen_) {
    // The greeting may not be captured: the client acknowledges more than was seen.
    const bool heard_more = static_cast<std::int32_t>(segment.ack - server_end_) > 0;
    if (heard_more || session.tls != nullptr || session.tcp.gaps != 0) return;
    if (session.implicit_tls_port || !session.replies.empty()) return;
  } else {
    // On the way the greeting and the client's words can cross: what the client had received tells.
    if (first_data_seen_ || session.tls != nullptr) return;
    if (static_cast<std::int32_t>(greeting_end_ - segment.ack) <= 0) return;
  }
  early_raised_ = true;
  std::string text = "The client speaks";
  if (session.tcp.ack.known()) {
    text +=
        " " + duration_text(elapsed(session.tcp.ack.time, segment.time)) + " after the handshake";
  }
  scene_.raise(FindingId::kGrt04, segment.frame, text + ", before it has the whole greeting");
}

bool JudgeGreeting::is_next_of_client(const Segment& segment) {
  if (first_data_seen_) return true;
  if (static_cast<std::int32_t>(segment.seq - client_next_) > 0) return false;
  client_next_ = segment.seq + segment.length;
  return true;
}

void JudgeGreeting::on_segment(const Segment& segment, Side side, std::uint32_t roles) {
  if (side == Side::kServer) {
    const std::uint32_t end =
        segment.seq + segment.length + (segment.has(TcpFlags::kSyn) ? 1U : 0U);
    if (segment.has(TcpFlags::kSyn)) client_next_ = segment.ack;
    if (!server_seen_ || static_cast<std::int32_t>(end - server_end_) > 0) server_end_ = end;
    server_seen_ = true;
    if (greeting_seen_ && !greeting_end_known_) {
      greeting_end_known_ = true;
      greeting_end_ = server_end_;
    }
  } else if (segment.length > 0 && (roles & (kRoleKeepAlive | kRoleProxy)) == 0 &&
             is_next_of_client(segment)) {
    judge_early_talker(segment);
    first_data_seen_ = true;
  }
  if (missing_raised_ || scene_.session.greeting != 0 || !awaits_greeting()) return;
  const TimeNs waited = elapsed(awaited_since(), segment.time);
  if (waited <= from_ms(scene_.thresholds.greeting_limit)) return;
  missing_raised_ = true;
  scene_.raise(FindingId::kGrt02, segment.frame, "No greeting after " + duration_text(waited));
}

void JudgeGreeting::on_close(Side side, FrameNumber frame) {
  const Session& session = scene_.session;
  if (missing_raised_ || side != Side::kClient || !awaits_greeting() ||
      session.tcp.closed_by != Side::kClient) {
    return;
  }
  missing_raised_ = true;
  judge_ident(frame);
  scene_.raise(FindingId::kGrt02, frame,
               "The client left after " +
                   duration_text(elapsed(awaited_since(), session.last.time)) +
                   " without a greeting");
}

void JudgeGreeting::on_finish(Moment last) {
  if (scene_.session.greeting == 0 && !missing_raised_ && awaits_greeting())
    judge_ident(last.frame);
}

// -- Hello ---------------------------------------------------------------------------------------

void JudgeGreeting::on_command(Index index) {
  const Command& command = scene_.session.command(index);
  const Text verb = command.verb;
  if (is_hello(verb)) {
    on_hello(index);
  } else if (verb == "MAIL" || verb == "AUTH") {
    judge_missing_hello(index);
    if (verb == "MAIL") judge_parameters(index);
  } else if (verb == "RCPT") {
    judge_parameters(index);
  }
}

void JudgeGreeting::on_hello(Index index) {
  const Session& session = scene_.session;
  const Command& command = session.command(index);
  hello_seen_[command.encrypted ? 1 : 0] = true;
  judge_hello_argument(index);
  if (command.verb != "HELO" || helo_raised_) return;
  std::string text;
  if (refused_ehlo_ != 0) {
    const Index reply = session.command(refused_ehlo_).reply;
    text = "EHLO was refused" +
           (reply == 0 ? "" : " with " + std::to_string(session.reply(reply).code)) +
           ", so the client uses HELO";
  } else if (session.greeting != 0 &&
             to_upper(session.reply(session.greeting).lines.view()).find("ESMTP") !=
                 std::string::npos) {
    const bool tried = std::any_of(session.commands.begin(),
                                   session.commands.begin() + static_cast<std::ptrdiff_t>(index),
                                   [](const Command& one) { return one.verb == "EHLO"; });
    if (tried) return;
    text = "HELO, though the greeting says ESMTP";
  } else {
    return;
  }
  helo_raised_ = true;
  scene_.raise(FindingId::kEhl01, command.frame, text, index);
}

void JudgeGreeting::judge_hello_argument(Index index) {
  const Command& command = scene_.session.command(index);
  if (argument_raised_ || !command.exact) return;
  const HelloName name = hello_name(command.argument.view());
  // LMTP serves the local host or network (RFC 2033 sections 3 and 5): any name will do.
  const bool local = command.verb == "LHLO";
  const char* wrong = nullptr;
  switch (name) {
    case HelloName::kHost:
    case HelloName::kLiteral:
      return;
    case HelloName::kEmpty:
      wrong = "is missing";
      break;
    case HelloName::kLocalhost:
      wrong = local ? nullptr : "says nothing about the client";
      break;
    case HelloName::kNoDot:
      wrong = local ? nullptr : "has no domain";
      break;
    case HelloName::kBareAddress:
      wrong = "is an address without brackets";
      break;
    case HelloName::kBadLiteral:
      wrong = "is no valid address literal";
      break;
  }
  if (wrong == nullptr) return;
  argument_raised_ = true;
  std::string text = "The name in " + std::string{command.verb.view()} + " ";
  if (name != HelloName::kEmpty) text += "\"" + first_words(command.argument.view()) + "\" ";
  scene_.raise(FindingId::kEhl02, command.frame, text + wrong, index);
}

void JudgeGreeting::judge_missing_hello(Index index) {
  const Session& session = scene_.session;
  const Command& command = session.command(index);
  const std::size_t layer = command.encrypted ? 1 : 0;
  if (hello_seen_[layer] || missing_hello_raised_[layer]) return;
  const bool unread = session.tls != nullptr && session.tls->undecrypted;
  if (session.tcp.mid_stream || session.tcp.gaps != 0 || unread) return;
  missing_hello_raised_[layer] = true;
  const std::string verb{command.verb.view()};
  const bool after_starttls =
      command.encrypted && session.tls != nullptr && session.tls->mode == TlsMode::kStarttls;
  scene_.raise(FindingId::kEhl03, command.frame,
               after_starttls ? verb + " without EHLO after STARTTLS" : verb + " before EHLO",
               index);
}

void JudgeGreeting::judge_parameters(Index index) {
  const Session& session = scene_.session;
  const Command& command = session.command(index);
  const std::string_view argument = command.argument.view();
  // Most have none and end with the path; the list is made only where there can be one.
  if (argument.empty() || argument.back() == '>') return;
  const std::vector<Parameter> parameters = path_parameters(argument);
  if (parameters.empty()) return;
  const OfferedExtensions offered(session, scene_.hello);
  if (!offered.known()) return;
  std::string missing;
  for (const Parameter& parameter : parameters) {
    const std::string keyword = to_upper(parameter.keyword);
    const std::string_view extension =
        extension_of_parameter(command.verb.view(), keyword, to_upper(parameter.value));
    if (extension.empty() || offered.has(extension)) continue;
    if (!missing.empty()) missing += ", ";
    missing += keyword;
    if (extension != keyword) missing += " (" + std::string{extension} + ")";
  }
  if (missing.empty()) return;
  scene_.raise(
      FindingId::kEhl04, command.frame,
      std::string{command.verb.view()} + " with " + missing + ", which the server does not offer",
      index);
}

}  // namespace smtp_session
