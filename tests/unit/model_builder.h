// SPDX-License-Identifier: GPL-2.0-or-later
//
// Builds a session by hand, in words of the dialogue, for the tests of what only reads the model.
// Every event comes in a frame of its own, one millisecond after the one before unless after() says
// otherwise.
#pragma once

#include <memory>
#include <optional>
#include <string_view>
#include <utility>

#include "dissector/finding.h"
#include "dissector/reply_advice.h"
#include "dissector/reply_words.h"
#include "dissector/session.h"
#include "dissector/text.h"
#include "dissector/transaction.h"

namespace smtp_session::test {

inline constexpr TimeNs kMs = 1'000'000;
/// 2026-11-24T17:34:22.853724Z.
inline constexpr TimeNs kStart = 1'795'541'662'853'724'000;

inline Address ipv4(std::uint8_t a, std::uint8_t b, std::uint8_t c, std::uint8_t d) {
  Address address;
  address.family = 4;
  address.bytes = {a, b, c, d};
  return address;
}

class ModelBuilder {
 public:
  ModelBuilder() {
    session_.client = {ipv4(192, 0, 2, 1), 46672};
    session_.server = {ipv4(192, 0, 2, 25), 25};
    session_.tcp.first_seq = 1000;
    session_.client_silent = false;
    session_.server_silent = false;
  }

  Session& session() { return session_; }
  const Session& session() const { return session_; }
  Text text(std::string_view words) { return texts_.intern(words); }

  /// The next event comes so long after the last one.
  ModelBuilder& after(TimeNs wait) {
    wait_ = wait;
    return *this;
  }

  Moment tick() {
    now_ += std::exchange(wait_, kMs);
    const Moment moment{now_, ++frame_};
    if (!session_.first.known()) session_.first = moment;
    session_.last = moment;
    return moment;
  }
  TimeNs now() const { return now_; }

  // -- TCP -------------------------------------------------------------------------------------

  void syn() {
    const Moment at = tick();
    if (!session_.tcp.first_syn.known()) session_.tcp.first_syn = at;
    session_.tcp.answered_syn = at;
    ++session_.tcp.syn_count;
  }
  void syn_ack() { session_.tcp.syn_ack = tick(); }
  void ack() { session_.tcp.ack = tick(); }
  void handshake() {
    syn();
    syn_ack();
    ack();
  }
  void mid_stream() { session_.tcp.mid_stream = true; }
  void fin(Side side) {
    session_.tcp.first_fin = tick();
    session_.tcp.close = CloseKind::kFin;
    session_.tcp.closed_by = side;
    tick();
    session_.tcp.both_closed = true;
  }
  void rst(Side side) {
    session_.tcp.first_rst = tick();
    session_.tcp.close = CloseKind::kRst;
    session_.tcp.closed_by = side;
  }

  // -- Dialogue --------------------------------------------------------------------------------

  Index greet(std::uint16_t code = 220, std::string_view lines = "mx.example.test ESMTP") {
    session_.greeting = add_reply(0, code, lines, ReplyKind::kGreeting);
    return session_.greeting;
  }

  Index send(std::string_view verb, std::string_view argument = {}) {
    const Moment at = tick();
    Command command;
    command.verb = text(verb);
    command.argument = text(argument);
    command.first_time = command.time = at.time;
    command.frame = at.frame;
    command.reply_before = static_cast<Index>(session_.replies.size());
    command.pipelined = !session_.commands.empty() && session_.commands.back().reply == 0;
    command.encrypted = encrypted_;
    session_.commands.push_back(command);
    const auto index = static_cast<Index>(session_.commands.size());
    if (verb == "MAIL") {
      session_.messages.emplace_back();
      session_.messages.back().mail = index;
      open_ = true;
    }
    const bool of_message = verb == "MAIL" || verb == "RCPT" || verb == "DATA" || verb == "BDAT";
    if (of_message && !session_.messages.empty()) {
      session_.command(index).message = static_cast<Index>(session_.messages.size());
    }
    if ((verb == "DATA" || verb == "BDAT") && !session_.messages.empty()) {
      if (session_.messages.back().data == 0) session_.messages.back().data = index;
    }
    if (verb == "RSET" || verb == "QUIT") {
      if (open_) session_.messages.back().reset = true;
      open_ = false;
    }
    return index;
  }

  Index answer(Index command, std::uint16_t code, std::string_view lines = "Ok",
               ReplyKind kind = ReplyKind::kFinal) {
    const Index reply = add_reply(command, code, lines, kind);
    if (kind != ReplyKind::kIntermediate) session_.command(command).reply = reply;
    return reply;
  }

  /// A command and its reply; returns the command.
  Index ask(std::string_view verb, std::string_view argument, std::uint16_t code,
            std::string_view lines = "Ok") {
    const Index command = send(verb, argument);
    answer(command, code, lines);
    return command;
  }

  Index unsolicited(std::uint16_t code, std::string_view lines) {
    return add_reply(0, code, lines, ReplyKind::kUnsolicited);
  }

  /// The message's first byte and, one event later, its end; returns the command ".".
  Index send_message(std::uint64_t size = 1234) {
    if (session_.messages.empty()) session_.messages.emplace_back();
    const Moment first = begin_content();
    const Index end = send(".");
    Command& command = session_.command(end);
    command.first_time = first.time;
    command.message = static_cast<Index>(session_.messages.size());
    Message& message = session_.messages.back();
    message.end = end;
    message.size = size;
    open_ = false;
    return end;
  }
  Moment begin_content() {
    const Moment first = tick();
    session_.messages.back().first_time = first.time;
    session_.messages.back().first_frame = first.frame;
    session_.messages.back().has_content = true;
    return first;
  }

  // -- Whole parts -----------------------------------------------------------------------------

  void open() {
    handshake();
    greet();
    ask("EHLO", "client.example", 250, "mx.example.test\nPIPELINING\nSIZE 33554432");
  }
  void envelope() {
    ask("MAIL", "FROM:<alice@example.test>", 250, "2.1.0 Ok");
    ask("RCPT", "TO:<bob@example.test>", 250, "2.1.5 Ok");
  }
  void deliver(std::uint16_t code = 250,
               std::string_view lines = "2.0.0 Ok: queued as 7C589AAA09E") {
    envelope();
    ask("DATA", "", 354, "End data with <CR><LF>.<CR><LF>");
    answer(send_message(), code, lines);
  }
  void quit() {
    ask("QUIT", "", 221, "2.0.0 Bye");
    fin(Side::kServer);
  }

  TlsFacts& client_hello(TlsMode mode) {
    session_.tls = std::make_unique<TlsFacts>();
    session_.tls->mode = mode;
    session_.tls->client_hello = tick();
    return *session_.tls;
  }
  void finish_tls() {
    TlsFacts& tls = *session_.tls;
    tls.server_hello = tick();
    tls.version = 0x0304;
    tls.cipher = 0x1302;
    tls.finished = tick();
    tls.complete = true;
    encrypted_ = true;
  }

  /// A finding about a reply, as a judge would raise it; without words it has the catalogue's.
  Finding& find(FindingId id, Index reply, Severity severity = Severity::kWarn,
                std::string_view words = {}) {
    Finding finding;
    finding.id = id;
    finding.severity = severity;
    finding.text = text(words);
    finding.reply = reply;
    finding.command = session_.reply(reply).command;
    finding.frame = session_.reply(reply).frame;
    const Reply& refusal = session_.reply(reply);
    finding.severity = is_permanent(refusal.code) ? Severity::kError : Severity::kWarn;
    finding.text = text(refusal_text(session_, refusal));
    const char* const advice = reply_advice(refusal.code, enhanced_code(refusal.lines.view()));
    if (advice != nullptr) finding.advice = text(advice);
    session_.findings.push_back(finding);
    return session_.findings.back();
  }

 private:
  Index add_reply(Index command, std::uint16_t code, std::string_view lines, ReplyKind kind) {
    const Moment at = tick();
    Reply reply;
    reply.lines = text(lines);
    reply.first_time = reply.time = at.time;
    reply.frame = at.frame;
    reply.command = command;
    reply.code = code & kMaxReplyCode;
    reply.kind = kind;
    reply.encrypted = encrypted_;
    session_.replies.push_back(reply);
    return static_cast<Index>(session_.replies.size());
  }

  TextPool texts_;
  Session session_;
  TimeNs now_ = kStart - kMs;
  TimeNs wait_ = kMs;
  FrameNumber frame_ = 0;
  bool encrypted_ = false;
  bool open_ = false;
};

}  // namespace smtp_session::test
