// SPDX-License-Identifier: GPL-2.0-or-later
//
// Replies whose command, and commands whose reply, the capture does not hold or TLS hides.
#include <algorithm>

#include "dissector/dialogue.h"
#include "dissector/reply_codes.h"
#include "dissector/transaction.h"
#include "dissector/verbs.h"

namespace smtp_session {

bool Dialogue::reads_client_under_tls() const {
  return !session_.commands.empty() && session_.commands.back().encrypted &&
         !session_.commands.back().opaque;
}

void Dialogue::on_unread_gap() {
  server_gap_ = true;
  unread_barrier_ = barrier_;
}

void Dialogue::on_unread_record(const RawReply& record) {
  session_.server_silent = false;
  server_gap_ = true;
  // A greeting is over where the client has asked something.
  while (!pending_.empty() && (pending_.front().lost || pending_.front().command == 0)) {
    pending_.pop_front();
  }
  const bool asked = !pending_.empty() && pending_.front().command <= session_.commands.size() &&
                     record.peer_acked >= pending_.front().end;
  if (!asked) {
    if (session_.replies.empty() || !session_.replies.back().opaque) return;
    Reply& before = session_.replies.back();
    before.time = record.last.time;
    before.frame = record.last.frame;
    before.bytes += record.bytes;
    ++before.records;
    before.exact = before.exact && record.exact;
    return;
  }
  const Index command = pending_.front().command;
  const Index before = session_.command(command).reply;
  if (before != 0) session_.reply(before).kind = ReplyKind::kIntermediate;
  const Index index = add_reply(record, ReplyKind::kFinal, command, true);
  session_.reply(index).opaque = true;
  session_.reply(index).records = 1;
  session_.command(command).reply = index;
  // Of AUTH it may be a challenge: the client's next bytes tell.
  if (!is_auth(session_.command(command).verb)) pending_.pop_front();
  if (barrier_ == command) {
    undecided_ = command;
    barrier_ = 0;
    release(record.last);
  }
}

/// The client's last command is under TLS and could not be read: a gap in the client's bytes stops
/// the decryption of its side alone.
bool Dialogue::answer_unread_command(const RawReply& raw, bool encrypted) {
  if (session_.commands.empty()) return false;
  Command& last = session_.commands.back();
  if (!last.opaque || last.reply != 0) return false;
  last.reply =
      add_reply(raw, ReplyKind::kFinal, static_cast<Index>(session_.commands.size()), encrypted);
  if (raw.code == kStartMailInput) follow_prompt(raw.code);
  return true;
}

/// What could not be read before this reply was a record before it, such as a session ticket.
bool Dialogue::complete_unread_reply(const RawReply& raw) {
  if (session_.replies.empty()) return false;
  Reply& last = session_.replies.back();
  if (!last.opaque || last.command == 0 || last.command != session_.commands.size()) return false;
  last.lines = texts_.intern(raw.lines);
  last.first_time = raw.first.time;
  last.time = raw.last.time;
  last.frame = raw.last.frame;
  last.bytes = raw.bytes;
  last.records = 0;
  last.code = raw.code & kMaxReplyCode;
  last.opaque = false;
  last.exact = raw.exact;
  return true;
}

/// RFC 2033 section 4.2: each recipient has a reply of its own, also one whose RCPT, or the reply
/// to it, is not in the capture.
bool Dialogue::answer_lost_recipient(const RawReply& raw, bool encrypted) {
  if (session_.commands.empty() || raw.code == kServiceNotAvailable) return false;
  Command& last = session_.commands.back();
  if (last.verb != "." || last.reply == 0) return false;
  const bool hello_seen =
      std::any_of(session_.commands.begin(), session_.commands.end(),
                  [](const Command& command) { return is_hello(command.verb); });
  // Of a server that speaks SMTP no second reply comes.
  const bool is_lmtp = session_.lmtp
                           ? session_.tcp.gaps != 0 || session_.tcp.mid_stream
                           : session_.tcp.mid_stream && !hello_seen && !is_transient(raw.code);
  if (!is_lmtp) return false;
  session_.lmtp = true;
  last.reply = add_reply(raw, ReplyKind::kRecipient, static_cast<Index>(session_.commands.size()),
                         encrypted);
  return true;
}

void Dialogue::on_unmatched(const RawReply& raw, bool encrypted) {
  if (answer_unread_command(raw, encrypted) || complete_unread_reply(raw) ||
      answer_lost_recipient(raw, encrypted)) {
    return;
  }
  const bool uncaptured = !pending_.empty() || session_.client_silent || session_.desynchronised ||
                          (session_.tcp.mid_stream && session_.commands.empty());
  add_reply(raw, uncaptured ? ReplyKind::kUncaptured : ReplyKind::kUnsolicited, 0, encrypted);
  if (!uncaptured) return;
  if (session_.client_silent) {  // and perhaps not in the capture at all
    unseen_prompt_ = raw.code;
    return;
  }
  follow_prompt(raw.code);
}

void Dialogue::follow_prompt(std::uint16_t code) {
  // The command is not in the capture, but its reply tells what the client sends next.
  if (code == kStartMailInput) {
    begin_data();
    data_exact_ = true;
  } else if (code == kAuthChallenge) {
    mode_ = Mode::kAuthResponse;
  }
}

}  // namespace smtp_session
