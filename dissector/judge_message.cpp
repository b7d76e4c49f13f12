// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/judge_message.h"

#include <algorithm>

#include "dissector/command_line.h"
#include "dissector/hello_reply.h"
#include "dissector/metrics.h"
#include "dissector/reply_words.h"
#include "dissector/report/duration_text.h"
#include "dissector/transaction.h"

namespace smtp_session {

namespace {

/// A chunk of more than a signed number of 32 bits can hold is taken wrongly by many programs, and
/// no mail server takes a message of 2 GiB.
constexpr std::uint64_t kHugeChunk = (std::uint64_t{1} << 31U) - 1;

/// "<CR><LF>.<CR>": the longest part of an end mark that a segment can end with.
constexpr std::size_t kTail = 4;

bool ends_with(std::string_view text, std::string_view end) {
  return text.size() >= end.size() && text.substr(text.size() - end.size()) == end;
}

bool begins_with(std::string_view text, std::string_view begin) {
  return text.substr(0, begin.size()) == begin;
}

bool is_last(const Command& command) {
  return parse_chunk_size(command.argument.view()).last;
}

std::string at_offset(std::string_view what, MessageInspector::Offset offset) {
  return std::string(what) + " at byte " + std::to_string(offset + 1) + " of the message";
}

}  // namespace

bool mail_declares(const Session& session, Index message, std::string_view keyword,
                   std::string_view value) {
  if (message == 0 || session.message(message).mail == 0) return false;
  const Command& mail = session.command(session.message(message).mail);
  if (!has_parameters(mail.argument.view())) return false;
  for (const Parameter& parameter : path_parameters(mail.argument.view())) {
    if (to_upper(parameter.keyword) != keyword) continue;
    if (value.empty() || to_upper(parameter.value) == value) return true;
  }
  return false;
}

// The text.

void JudgeMessage::begin(const MessagePart& part) {
  if (passing_ != nullptr) finish_text(part.received.frame);
  passing_ = std::make_unique<Passing>();
  passing_->message = part.message;
  passing_->chunk = part.chunk;
  passing_->inspector = MessageInspector(part.chunk);
}

void JudgeMessage::on_message_bytes(const MessagePart& part) {
  if (part.message == 0) return;
  if (passing_ == nullptr || passing_->message != part.message) begin(part);
  judge_pause(part);
  if (!part.chunk) note_end_mark(part);
  passing_->inspector.add(part.bytes);
  if (scene_.config.message_text != 0) passing_->text.add(part.bytes, scene_.config.message_text);
  judge_text(part.received.frame, false);
  last_frame_ = part.received.frame;
}

void JudgeMessage::on_gap(Side side, std::uint64_t size) {
  if (side != Side::kClient || passing_ == nullptr) return;
  passing_->inspector.gap(size);
  passing_->text.stop();
  passing_->tail.clear();
  passing_->last_sent = kNoTime;
}

void JudgeMessage::judge_pause(const MessagePart& part) {
  Passing& now = *passing_;
  const TimeNs pause = elapsed(now.last_sent, part.sent.time);
  now.last_sent = std::max(now.last_sent, part.sent.time);
  if (pause == kNoTime) return;
  const std::string text = "No byte of the message for " + duration_text(pause);
  const TimeNs limit = from_ms(scene_.thresholds.block_limit);
  if (pause > from_ms(scene_.thresholds.data_pause) && !now.pause_raised) {
    now.pause_raised = true;
    scene_.raise(FindingId::kDat03, part.received.frame, text);
  }
  if (pause > limit && !now.limit_raised) {
    now.limit_raised = true;
    scene_.raise(FindingId::kLat02, part.received.frame,
                 text + ", the limit is " + duration_text(limit));
  }
}

void JudgeMessage::note_end_mark(const MessagePart& part) {
  Passing& now = *passing_;
  if (now.last_frame != 0 && part.sent.frame != now.last_frame) {
    // What begins so behind such an end is the end of data and nothing else.
    now.mark_split = (ends_with(now.tail, "\r\n.") && begins_with(part.bytes, "\r\n")) ||
                     (ends_with(now.tail, "\r\n.\r") && begins_with(part.bytes, "\n"));
    if (now.mark_split) split_end_ = now.message;
  }
  now.last_frame = part.sent.frame;
  now.tail.append(part.bytes.substr(part.bytes.size() - std::min(part.bytes.size(), kTail)));
  if (now.tail.size() > kTail) now.tail.erase(0, now.tail.size() - kTail);
}

void JudgeMessage::judge_text(FrameNumber frame, bool complete) {
  Passing& now = *passing_;
  const MessageInspector& text = now.inspector;
  constexpr auto kNowhere = MessageInspector::kNowhere;
  const Session& session = scene_.session;
  if (!now.bare_raised && (text.bare_cr() != kNowhere || text.bare_lf() != kNowhere) &&
      !mail_declares(session, now.message, "BODY", "BINARYMIME")) {
    now.bare_raised = true;
    scene_.raise(FindingId::kSec06, frame,
                 text.bare_lf() < text.bare_cr() ? at_offset("A bare LF", text.bare_lf())
                                                 : at_offset("A bare CR", text.bare_cr()));
  }
  if (!now.eight_bit_raised && text.eight_bit() != kNowhere) {
    now.eight_bit_raised = true;
    const bool declared = mail_declares(session, now.message, "BODY", "8BITMIME") ||
                          mail_declares(session, now.message, "BODY", "BINARYMIME") ||
                          mail_declares(session, now.message, "SMTPUTF8");
    const bool known = session.message(now.message).mail != 0;
    if (!declared && known) {
      scene_.raise(FindingId::kCmd07, frame,
                   at_offset("An 8-bit byte", text.eight_bit()) +
                       ", and MAIL has neither BODY=8BITMIME nor SMTPUTF8");
    }
  }
  if (!now.line_raised && text.longest_line() > scene_.thresholds.text_line &&
      !mail_declares(session, now.message, "BODY", "BINARYMIME")) {
    now.line_raised = true;
    scene_.raise(FindingId::kCmd02, frame,
                 "A line of the message is longer than " +
                     std::to_string(scene_.thresholds.text_line) + " bytes");
  }
  if (!now.dot_raised && !now.chunk && text.single_dot() != kNowhere) {
    now.dot_raised = true;
    scene_.raise(FindingId::kDat06, frame,
                 at_offset("A dot begins a line and is not doubled,", text.single_dot()));
  }
  // Whoever doubles dots doubles all: one that is single says that the others are meant.
  if (!now.dot_raised && now.chunk && complete && text.double_dot() != kNowhere &&
      text.single_dot() == kNowhere) {
    now.dot_raised = true;
    scene_.raise(FindingId::kDat06, frame,
                 at_offset("Every dot that begins a line of the chunks is doubled, the first",
                           text.double_dot()));
  }
  if (!now.smuggling_raised && text.false_end().at != kNowhere &&
      (complete || text.false_end().commands_follow)) {
    judge_smuggling(frame);
  }
}

void JudgeMessage::judge_smuggling(FrameNumber frame) {
  passing_->smuggling_raised = true;
  const MessageInspector::FalseEnd& end = passing_->inspector.false_end();
  scene_.raise(
      FindingId::kSec05, end.commands_follow ? Severity::kError : Severity::kWarn, frame,
      at_offset(end.form, end.at) + (end.commands_follow ? ", with SMTP commands behind it" : ""));
}

void JudgeMessage::finish_text(FrameNumber frame) {
  passing_->inspector.end(scene_.session.message(passing_->message).end != 0);
  judge_text(frame, true);
  const std::string& id = passing_->inspector.message_id();
  Message& message = scene_.session.message(passing_->message);
  if (!id.empty()) message.header_id = scene_.texts.intern(id);
  if (scene_.config.message_text != 0) {
    const bool room = scene_.texts.bytes() < kMaxTextWithMessages;
    message.text_cut = !room || !passing_->text.whole();
    if (room) message.text = scene_.texts.intern(passing_->text.take(!passing_->chunk));
  }
  passing_.reset();
}

// Commands and replies.

void JudgeMessage::on_command(Index index) {
  const Session& session = scene_.session;
  const Command& command = session.command(index);
  const Text verb = command.verb;
  // Bytes of the message after this one may have been read already: frames can hold several.
  if (passing_ != nullptr) {
    const bool ends = command.message == passing_->message &&
                      (verb == "." || (verb == "BDAT" && is_last(command)));
    if (ends || session.message(passing_->message).reset) finish_text(last_frame_);
  }
  judge_recipient_replies(index);
  if (verb == "BDAT") judge_chunk(index);

  const bool certain = !session.desynchronised && !session.tcp.mid_stream && command.exact;
  if (open_chunk_ != 0 && certain && (verb == "MAIL" || verb == "RSET" || verb == "QUIT")) {
    const Command& chunk = session.command(open_chunk_);
    if (chunk.reply != 0 && is_positive(session.reply(chunk.reply).code)) {
      scene_.raise(FindingId::kBdt02, command.frame, std::string(verb) + " though no BDAT had LAST",
                   index);
    }
    open_chunk_ = 0;
  }
  if (verb == "RSET" || is_hello(verb) || verb == "STARTTLS") open_chunk_ = 0;
  if (verb == "DATA" && certain) {
    if (open_chunk_ != 0 && session.command(open_chunk_).message == command.message) {
      scene_.raise(FindingId::kBdt02, command.frame, "DATA within a message that BDAT began",
                   index);
    }
    if (mail_declares(session, command.message, "BODY", "BINARYMIME")) {
      scene_.raise(FindingId::kBdt02, command.frame, "DATA for a message of BODY=BINARYMIME",
                   index);
    }
  }
}

void JudgeMessage::judge_chunk(Index index) {
  const Session& session = scene_.session;
  const Command& command = session.command(index);
  const ChunkSize size = parse_chunk_size(command.argument.view());
  if (!size.valid) {
    open_chunk_ = 0;
    scene_.raise(FindingId::kBdt01, command.frame,
                 "BDAT with a size that is none: \"" + shown(command.argument.view()) + "\"",
                 index);
    return;
  }
  if (size.size > kHugeChunk) {
    scene_.raise(FindingId::kBdt01, command.frame,
                 "BDAT with a chunk of " + std::to_string(size.size) + " bytes", index);
  } else if (command.exact && command.reply == 0 && session.tcp.close != CloseKind::kNone) {
    // "BDAT", a blank, the argument and CR LF; blanks that are doubled only make it longer.
    const std::uint64_t line = 5 + command.argument.view().size() + 2;
    if (command.bytes < line - 1 + size.size) {
      scene_.raise(FindingId::kBdt01, command.frame,
                   "A chunk of " + std::to_string(size.size) + " bytes was announced, " +
                       std::to_string(command.bytes > line ? command.bytes - line : 0) +
                       " came before the end",
                   index);
    }
  }
  if (command.message != 0 && open_chunk_ == 0 && session.message(command.message).data != 0) {
    const Index data = session.message(command.message).data;
    if (data != index && session.command(data).verb == "DATA") {
      scene_.raise(FindingId::kBdt02, command.frame, "BDAT within a message that DATA began",
                   index);
    }
  }
  open_chunk_ = size.last ? 0 : index;
}

void JudgeMessage::judge_recipient_replies(Index index) {
  const Session& session = scene_.session;
  if (!session.lmtp || index < 2 || !session.command(index).pipelined) return;
  const Command& end = session.command(index - 1);
  if (end.message == 0 || session.message(end.message).end != index - 1 || end.reply != 0) return;
  if (session.tcp.gaps > 0 || session.desynchronised || counted_ == index - 1) return;
  // A client that goes on has all the replies that it gets.
  std::size_t replies = 0;
  for (std::size_t i = end.reply_before; i < session.command(index).reply_before; ++i) {
    if (session.replies[i].command == index - 1) ++replies;
  }
  if (replies == 0) return;
  counted_ = index - 1;
  std::size_t accepted = 0;
  for (const Recipient& recipient : recipients_of(session, end.message)) {
    accepted += is_positive(recipient.code) ? 1 : 0;
  }
  scene_.raise(FindingId::kLmt01, session.command(index).frame,
               std::to_string(replies) + (replies == 1 ? " reply" : " replies") + " for " +
                   std::to_string(accepted) + " accepted recipients",
               index - 1);
}

void JudgeMessage::on_reply(Index index) {
  const Session& session = scene_.session;
  const Reply& reply = session.reply(index);
  if (reply.kind == ReplyKind::kUnsolicited && session.tcp.gaps == 0) {
    if (session.lmtp && !session.messages.empty() && session.messages.back().end != 0 &&
        session.messages.back().end == session.commands.size() &&
        counted_ != session.messages.back().end) {
      counted_ = session.messages.back().end;
      scene_.raise(FindingId::kLmt01, reply.frame,
                   "One reply more than recipients were accepted: " + refusal_text(session, reply),
                   counted_, index);
    }
    if (failed_chunk_ != 0 && is_permanent(reply.code) && !chunk_lost_raised_) {
      chunk_lost_raised_ = true;
      scene_.raise(FindingId::kBdt01, reply.frame,
                   "The server takes the bytes of a refused chunk for commands: " +
                       refusal_text(session, reply),
                   failed_chunk_, index);
    }
  }
  if (reply.command == 0) return;
  const Command& command = session.command(reply.command);
  if (command.verb == "BDAT") {
    const bool refused = is_permanent(reply.code) || is_transient(reply.code);
    failed_chunk_ = refused ? reply.command : 0;
    // A refused chunk ends the message (RFC 3030 section 2): RSET is right then.
    if (refused) open_chunk_ = 0;
  } else if (reply.kind == ReplyKind::kFinal && is_known_verb(command.verb.view())) {
    failed_chunk_ = 0;
  }
  if (command.reply == index && command.message != 0 &&
      session.message(command.message).end == reply.command) {
    judge_end(index);
  }
}

bool JudgeMessage::raise_late(TimeNs wait, FrameNumber frame, const char* text, Index command,
                              Index reply) {
  const Thresholds& limits = scene_.thresholds;
  if (wait == kNoTime || wait <= from_ms(limits.end_of_data_note)) return false;
  const Severity severity = wait > from_ms(limits.end_limit)          ? Severity::kError
                            : wait > from_ms(limits.end_of_data_warn) ? Severity::kWarn
                                                                      : Severity::kNote;
  scene_.raise(FindingId::kDat02, severity, frame, text + duration_text(wait), command, reply);
  return true;
}

void JudgeMessage::judge_end(Index index) {
  const Session& session = scene_.session;
  const Reply& reply = session.reply(index);
  const Command& command = session.command(reply.command);
  if (!command.exact || !reply.exact) return;
  const TimeNs wait = end_of_data(session, command.message);
  const bool late =
      raise_late(wait, reply.frame, "The reply to end of data came after ", reply.command, index);
  if (late && split_end_ == command.message) {
    scene_.raise(FindingId::kDat05, reply.frame,
                 "The end of data came in two segments, and the reply after " + duration_text(wait),
                 reply.command, index);
  }
}

void JudgeMessage::judge_unanswered(TimeNs now, FrameNumber frame) {
  const Session& session = scene_.session;
  if (unanswered_raised_ || session.messages.empty() || session.server_silent ||
      session.tcp.gaps > 0) {
    return;
  }
  const Message& message = session.messages.back();
  if (message.end == 0) return;
  const Command& command = session.command(message.end);
  if (command.reply != 0 || !command.exact) return;
  unanswered_raised_ = true;
  const TimeNs wait = elapsed(command.time, now);
  raise_late(wait, frame, "No reply to end of data for ", message.end, 0);
  if (split_end_ == session.messages.size()) {
    scene_.raise(FindingId::kDat05, frame,
                 "The end of data came in two segments, and no reply for " + duration_text(wait),
                 message.end);
  }
}

void JudgeMessage::judge_unfinished(FrameNumber frame, bool closed) {
  const Session& session = scene_.session;
  if (unfinished_raised_ || session.messages.empty() || session.client_silent) return;
  const Message& message = session.messages.back();
  if (!message.has_content || message.end != 0 || message.reset || !message.size_exact) return;
  if (message.data == 0 || session.command(message.data).verb != "DATA") return;
  unfinished_raised_ = true;
  scene_.raise(FindingId::kDat04, closed ? Severity::kError : Severity::kNote, frame,
               std::string(closed ? "The connection ended" : "The capture ends") + " after " +
                   std::to_string(message.size) + " bytes of the message, before its end",
               message.data);
}

void JudgeMessage::on_close(TimeNs now, FrameNumber frame) {
  if (passing_ != nullptr && passing_->inspector.false_end().at != MessageInspector::kNowhere) {
    passing_->inspector.end(false);
    judge_text(frame, true);
  }
  judge_unfinished(frame, true);
  judge_unanswered(now, frame);
}

void JudgeMessage::on_finish(Moment last) {
  if (passing_ != nullptr) finish_text(last_frame_);
  if (scene_.session.tcp.close != CloseKind::kNone) return;
  judge_unfinished(last.frame, false);
  judge_unanswered(last.time, last.frame);
}

}  // namespace smtp_session
