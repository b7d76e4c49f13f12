// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/judge_replies.h"

#include <algorithm>
#include <string>
#include <string_view>

#include "dissector/command_line.h"
#include "dissector/hello_reply.h"
#include "dissector/judge_auth.h"
#include "dissector/reply_advice.h"
#include "dissector/reply_codes.h"
#include "dissector/reply_words.h"
#include "dissector/report/duration_text.h"
#include "dissector/transaction.h"

namespace smtp_session {

namespace {

/// Findings of one kind in one session: what is wrong with the replies of a server is wrong with
/// all.
constexpr std::size_t kMaxOfAKind = 10;

std::size_t messages_accepted(const Session& session) {
  std::size_t count = 0;
  for (Index i = 1; i <= session.messages.size(); ++i)
    count += message_accepted(session, i) ? 1 : 0;
  return count;
}

}  // namespace

bool is_greylisting(const Session& session, const Reply& reply) {
  if (reply.code != 450 && reply.code != 451) return false;
  if (reply.command == 0) return false;
  const Text verb = session.command(reply.command).verb;
  if (verb != "MAIL" && verb != "RCPT" && verb != "DATA" && verb != ".") return false;
  const std::string words = plain_words(reply);
  const auto says = [&](const char* some) { return contains_words(words, some); };
  if (says("greylist") || says("graylist") || says("grey list") || says("try again later")) {
    return true;
  }
  const std::string_view enhanced = enhanced_code(reply.lines.view());
  if (enhanced != "4.7.1" && enhanced != "4.7.0") return false;
  // Postfix has these codes for its limits and for names that it cannot look up, too.
  return !says("too many") && !says("too much") && !says("limit") && !says("cannot find") &&
         !says("not found") && !says("denied");
}

void JudgeReplies::on_reply(Index index) {
  const Reply& reply = scene_.session.reply(index);
  if (reply.opaque) return;
  // A challenge of AUTH may be empty (RFC 4954 section 4).
  if (reply.code != 0 && reply.exact && reply.lines.empty() &&
      reply.kind != ReplyKind::kIntermediate && malformed_ < kMaxOfAKind) {
    ++malformed_;
    scene_.raise(FindingId::kRep01, reply.frame,
                 "A reply without text: " + std::to_string(reply.code), reply.command, index);
  }
  judge_match(index);
  judge_enhanced(index);
  if (!answers_no_smtp(index)) {
    judge_refusal(index);
    if (reply.code == kServiceNotAvailable) judge_closing(index);
  }
  if (is_greylisting(scene_.session, reply)) {
    scene_.raise(FindingId::kRep06, reply.frame, refusal_text(scene_.session, reply), reply.command,
                 index);
  }
}

/// What the server says to a connection that the client has closed, or to a ClientHello that it
/// takes for command lines, tells no more of the session: TCP-08 and TLS-01 do.
bool JudgeReplies::answers_no_smtp(Index index) const {
  const Session& session = scene_.session;
  const Reply& reply = session.reply(index);
  if (reply.command != 0 || reply.kind == ReplyKind::kGreeting) return false;
  const TcpFacts& tcp = session.tcp;
  const bool left = tcp.first_fin.known() && tcp.closed_by == Side::kClient &&
                    tcp.first_fin.time <= reply.first_time;
  const TlsFacts* const tls = session.tls.get();
  const bool hello =
      tls != nullptr && tls->mode == TlsMode::kImplicit && !tls->server_hello.known();
  return (left && reply.code == kServiceNotAvailable) || (hello && !reply.encrypted);
}

void JudgeReplies::judge_match(Index index) {
  const Session& session = scene_.session;
  const Reply& reply = session.reply(index);
  if (session.tcp.gaps > 0 || session.tcp.mid_stream || session.desynchronised ||
      session.client_silent || unsolicited_ >= kMaxOfAKind) {
    return;
  }
  std::string text;
  if (reply.kind == ReplyKind::kUnsolicited) {
    // A server that gives up says so unasked, before it closes (RFC 5321 section 3.8).
    if (is_transient(reply.code)) return;
    text = reply.code == 0 ? "A line that is no reply: " + shown(joined_lines(reply))
                           : refusal_text(session, reply);
  } else if (reply.kind == ReplyKind::kFinal && reply.command != 0) {
    const Text verb = session.command(reply.command).verb;
    const bool misfit = (reply.code == kStartMailInput && verb != "DATA" && verb != "XEXCH50" &&
                         is_known_verb(verb)) ||
                        (reply.code == kAuthChallenge && !is_auth(verb) && is_known_verb(verb));
    if (!misfit) return;
    text = refusal_text(session, reply) + ", which cannot answer it";
  } else {
    return;
  }
  ++unsolicited_;
  scene_.raise(FindingId::kRep02, reply.frame, text, reply.command, index);
}

void JudgeReplies::judge_enhanced(Index index) {
  const Session& session = scene_.session;
  const Reply& reply = session.reply(index);
  // RFC 2034 section 4: not in the greeting, nor in the replies to HELO and EHLO.
  if (reply.kind == ReplyKind::kGreeting || reply.code < 200) return;
  if (reply.command != 0 && is_hello(session.command(reply.command).verb)) return;
  const std::string_view enhanced = enhanced_code(reply.lines.view());
  if (enhanced.empty()) return;
  const char digit = static_cast<char>('0' + reply.code / 100);
  if (enhanced[0] == digit || digit == '3') return;
  scene_.raise(FindingId::kRep03, reply.frame,
               std::to_string(reply.code) + " with the enhanced code " + std::string(enhanced),
               reply.command, index);
}

void JudgeReplies::judge_refusal(Index index) {
  const Session& session = scene_.session;
  const Reply& reply = session.reply(index);
  const bool permanent = is_permanent(reply.code);
  if (!permanent && !is_transient(reply.code)) return;
  const ReplyAdvice& table =
      scene_.config.reply_advice != nullptr ? *scene_.config.reply_advice : ReplyAdvice::built_in();
  const std::string words = plain_words(reply);
  const std::string server = server_names(session, scene_.hello);
  const AdviceRow* const row =
      table.find({reply.code, enhanced_code(reply.lines.view()), words, server});
  Severity severity = permanent ? Severity::kError : Severity::kWarn;
  std::string text = refusal_text(session, reply);
  if (reply.command != 0 && follows_from_refusals(session, reply.command)) {
    severity = Severity::kNote;
    text += "; it follows from what was refused before";
  }
  scene_.raise(FindingId::kRep04, severity, reply.frame, text,
               row == nullptr ? std::string{} : row->advice, reply.command, index);
}

void JudgeReplies::judge_closing(Index index) {
  const Session& session = scene_.session;
  const Reply& reply = session.reply(index);
  const TimeNs age = elapsed(session.first.time, reply.time);
  std::string text = "421 after " + duration_text(age);
  // Of the server's own replies the one before counts too.
  TimeNs active = last_client_data_;
  if (index > 1) active = std::max(active, session.reply(index - 1).time);
  const TimeNs idle = elapsed(active, reply.first_time);
  if (idle != kNoTime) text += ", " + duration_text(idle) + " of them idle";
  const std::size_t messages = messages_accepted(session);
  text += ", " + std::to_string(messages) + (messages == 1 ? " message" : " messages") +
          " before: " + joined_lines(reply);
  scene_.raise(FindingId::kRep05, reply.frame, text, reply.command, index);
}

void JudgeReplies::on_flawed_reply(const ReplyFlaws& flaws, std::uint16_t code, FrameNumber frame) {
  if (malformed_ >= kMaxOfAKind) return;
  std::string text;
  if (flaws.other_code) {
    text = "The lines of a reply have different codes, the last " + std::to_string(code);
  } else if (flaws.no_code) {
    text = "A reply of several lines has one without a code, its own is " + std::to_string(code);
  } else if (flaws.bare_line_end) {
    text = "A reply line ends without CR LF (" + std::to_string(code) + ")";
  } else {
    return;
  }
  ++malformed_;
  scene_.raise(FindingId::kRep01, frame, text);
}

void JudgeReplies::on_unfinished_reply(const UnfinishedReply& reply) {
  unfinished_ = true;
  pending_ = reply;
}

void JudgeReplies::on_segment(const Segment& segment, Side side) {
  if (side == Side::kClient && segment.length > 0) last_client_data_ = segment.time;
}

void JudgeReplies::on_close(FrameNumber frame) {
  const Session& session = scene_.session;
  if (!unfinished_ || unfinished_raised_ || session.tcp.gaps > 0) return;
  // A client that leaves while the server holds back the end of its greeting: GRT-02.
  if (session.greeting == 0 && session.tcp.closed_by == Side::kClient) return;
  unfinished_raised_ = true;
  scene_.raise(
      FindingId::kRep01, frame,
      pending_.code == 0
          ? std::string("The last reply line has no line end")
          : "A reply of several lines does not end: " + std::to_string(pending_.code) + "-");
}

}  // namespace smtp_session
