// SPDX-License-Identifier: GPL-2.0-or-later
//
// What the server answers, and to which command.
#include <algorithm>
#include <utility>

#include "dissector/command_line.h"
#include "dissector/dialogue.h"
#include "dissector/frame_index.h"
#include "dissector/reply_codes.h"
#include "dissector/transaction.h"
#include "dissector/verbs.h"

namespace smtp_session {

namespace {

/// Room for the replies of one message, the greeting to that of QUIT. What is left is given back
/// at the end.
constexpr std::size_t kUsualReplies = 8;

bool is_failure(std::uint16_t code) {
  return is_transient(code) || is_permanent(code);
}

Phase phase_of(Text verb) {
  if (is_hello(verb)) return Phase::kHello;
  if (verb == "STARTTLS") return Phase::kStarttls;
  if (is_auth(verb)) return Phase::kAuth;
  if (verb == "MAIL" || verb == "RCPT") return Phase::kEnvelope;
  if (verb == "DATA" || verb == "BDAT" || verb == ".") return Phase::kData;
  if (verb == "QUIT") return Phase::kQuit;
  return Phase::kIdle;
}

}  // namespace

void Dialogue::on_reply(const RawReply& raw, bool encrypted) {
  if (raw.code == 0) {
    if (raw.lines.empty()) return;  // a stray line end
    // Not SMTP: the first line says what it is, the rest would only fill the memory.
    if (session_.greeting != 0 && session_.reply(session_.greeting).code == 0) return;
    if (pending_.empty() || pending_.front().command != 0 || pending_.front().lost) {
      add_reply(raw, ReplyKind::kUnsolicited, 0, encrypted);
      return;
    }
  }
  unseen_prompt_ = 0;
  if (message_sink_ != nullptr && raw.exact && raw.flaws.any()) {
    message_sink_->on_flawed_reply(raw.flaws, raw.code, raw.last.frame);
  }
  if (mode_ == Mode::kData && end_data_by_reply(raw, encrypted)) return;
  if (mode_ == Mode::kMidStream) {
    // Whatever came before, the client's next bytes begin a line.
    mode_ = Mode::kCommand;
    data_started_ = false;
    drop_line();
    if (raw.code == kServiceReady && session_.client_silent && session_.replies.empty()) {
      session_.greeting = add_reply(raw, ReplyKind::kGreeting, 0, encrypted);
      phase_ = Phase::kGreeting;
      return;
    }
  }
  // What the server had when it spoke was whole: a chunk of BDAT need not end with a line.
  if (mode_ == Mode::kAfterGap && raw.peer_acked >= line_end_) drop_line();
  skip_lost(raw);
  if (pending_.empty() || pending_.front().lost) {
    on_unmatched(raw, encrypted);
    return;
  }
  const Pending front = pending_.front();
  if (front.command == 0) {
    pending_.pop_front();
    session_.greeting = add_reply(raw, ReplyKind::kGreeting, 0, encrypted);
    phase_ = Phase::kGreeting;
    return;
  }
  // The server had not yet received this command when it spoke: a time limit, a shutdown.
  if (is_failure(raw.code) && raw.peer_acked != 0 && front.end != 0 && raw.peer_acked < front.end &&
      !(chunk_command_ && front.command > session_.commands.size())) {
    add_reply(raw, ReplyKind::kUnsolicited, 0, encrypted);
    return;
  }
  answer(front.command, raw, encrypted);
  if (pending_.empty()) server_gap_ = false;
}

Index Dialogue::add_reply(const RawReply& raw, ReplyKind kind, Index command, bool encrypted) {
  Reply reply;
  reply.lines = texts_.intern(raw.lines);
  reply.first_time = raw.first.time;
  reply.time = raw.last.time;
  reply.frame = raw.last.frame;
  reply.command = command;
  reply.bytes = raw.bytes;
  reply.code = raw.code & kMaxReplyCode;
  reply.kind = kind;
  reply.encrypted = encrypted;
  reply.exact = raw.exact;
  if (session_.replies.empty()) session_.replies.reserve(kUsualReplies);
  session_.replies.push_back(reply);
  last_reply_ = static_cast<Index>(session_.replies.size());
  return last_reply_;
}

bool Dialogue::fits(const Pending& pending, std::uint16_t code) const {
  if (pending.command == 0) return code == kServiceReady || is_failure(code);
  if (pending.command > session_.commands.size()) return code != kStartMailInput;  // BDAT
  const Text verb = session_.command(pending.command).verb;
  if (verb.empty()) return is_failure(code);  // some servers pass over an empty line
  if (is_failure(code)) return true;
  switch (code) {
    case kStartMailInput:
      return verb == "DATA" || verb == "XEXCH50" || !is_known_verb(verb);
    case kAuthChallenge:
    case kAuthenticated:
      return is_auth(verb);
    case kServiceClosing:
      return verb == "QUIT";
    case kRecipientsFollow:
      return verb == ".";
    default:
      return verb != "DATA";
  }
}

void Dialogue::skip_lost(const RawReply& raw) {
  // Behind a gap in the client's bytes: what the server had received when it replied tells whether
  // it can be the reply to the first command after the gap.
  while (!pending_.empty() && pending_.front().lost) {
    const auto next = std::find_if(pending_.begin(), pending_.end(),
                                   [](const Pending& one) { return !one.lost; });
    if (next == pending_.end() || raw.peer_acked < next->end || !fits(*next, raw.code)) return;
    while (pending_.front().lost) pending_.pop_front();
  }
  // Replies are lost: the code may tell which command this one can belong to. An empty line may
  // have had no reply at all.
  while (pending_.size() > 1 && !fits(pending_.front(), raw.code)) {
    const bool empty_line = !pending_.front().lost && pending_.front().command != 0 &&
                            pending_.front().command <= session_.commands.size() &&
                            session_.command(pending_.front().command).verb.empty();
    if (!server_gap_ && !empty_line) return;
    const bool later_fits =
        std::any_of(std::next(pending_.begin()), pending_.end(), [&](const Pending& one) {
          return !one.lost && fits(one, raw.code) && one.end <= raw.peer_acked;
        });
    if (!later_fits) return;
    pending_.pop_front();
  }
}

void Dialogue::lose_pending_replies() {
  for (const Pending& pending : pending_) {
    if (!pending.lost && pending.command != 0 && pending.command <= session_.commands.size()) {
      session_.command(pending.command).exact = false;
    }
  }
  pending_.clear();
  server_gap_ = false;
}

bool Dialogue::end_data_by_reply(const RawReply& raw, bool encrypted) {
  if (dots_.at_lenient_end() || !data_exact_) {
    // A lenient server takes a dot between bare line feeds; or the end mark lies in a gap.
    end_data(raw.last, raw.peer_acked, encrypted);
    return false;
  }
  if (!pending_.empty()) return false;
  // The server speaks up in the middle of the message.
  add_reply(raw, ReplyKind::kUnsolicited, 0, encrypted);
  return true;
}

void Dialogue::answer(Index command, const RawReply& raw, bool encrypted) {
  if (command > session_.commands.size()) {
    // BDAT refused before its chunk was complete: the chunk comes all the same (RFC 3030 section
    // 2).
    if (chunk_command_) {
      chunk_command_->frame = raw.last.frame;
      add_chunk_command();
    }
    if (command > session_.commands.size()) return;
  }
  const Text verb = session_.command(command).verb;
  if (is_auth(verb)) {
    answer_auth(command, raw, encrypted);
    return;
  }
  if (answer_recipient(command, raw, encrypted)) return;
  pending_.pop_front();
  const Index reply = add_reply(raw, ReplyKind::kFinal, command, encrypted);
  session_.command(command).reply = reply;
  phase_ = phase_of(verb);
  after_answer(session_.command(command), raw);
  if (barrier_ == command) {
    barrier_ = 0;
    if (verb == "STARTTLS" && raw.code == kServiceReady) {
      behind_starttls_ = std::exchange(held_, {});
      held_bytes_ = 0;
    } else {
      release(raw.last);
    }
  }
}

void Dialogue::after_answer(const Command& command, const RawReply& raw) {
  const Text verb = command.verb;
  const auto index = static_cast<Index>(&command - session_.commands.data() + 1);
  if (verb == "DATA") {
    if (raw.code == kStartMailInput) {
      if (mode_ == Mode::kCommand) {
        if (command.message != 0) message_ = command.message;
        begin_data();
      }
    } else {
      message_open_ = false;
    }
  } else if (verb == "MAIL") {
    if (is_failure(raw.code)) {
      if (command.message == message_ && command.message != 0 &&
          session_.message(message_).mail == index) {
        message_open_ = false;
      }
    } else if (command.message != 0 && session_.message(command.message).mail != index &&
               command.message == message_) {
      // A second MAIL in a row that the server took: a transaction of its own.
      begin_message(index);
      session_.command(index).message = message_;
    }
  } else if (verb == "STARTTLS" && raw.code == kServiceReady) {
    accepted_starttls_ = index;
  }
}

void Dialogue::answer_auth(Index command, const RawReply& raw, bool encrypted) {
  phase_ = Phase::kAuth;
  if (raw.code == kAuthChallenge) {
    add_reply(raw, ReplyKind::kIntermediate, command, encrypted);
    if (!session_.auth.empty()) ++session_.auth.back().rounds;
    if (barrier_ == command) barrier_ = 0;
    mode_ = Mode::kAuthResponse;
    release(raw.last);
    return;
  }
  pending_.pop_front();
  session_.command(command).reply = add_reply(raw, ReplyKind::kFinal, command, encrypted);
  auth_identity_.reset();
  if (mode_ == Mode::kAuthResponse) mode_ = Mode::kCommand;
  if (barrier_ == command) {
    barrier_ = 0;
    release(raw.last);
  }
}

std::size_t Dialogue::recipients_accepted(Index message) const {
  const Index mail = session_.message(message).mail;
  const auto first = session_.commands.begin() + static_cast<std::ptrdiff_t>(mail);
  return static_cast<std::size_t>(
      std::count_if(first, session_.commands.end(), [&](const Command& command) {
        return command.message == message && command.verb == "RCPT" && command.reply != 0 &&
               is_positive(session_.reply(command.reply).code);
      }));
}

bool Dialogue::answer_recipient(Index command, const RawReply& raw, bool encrypted) {
  const Command& end = session_.command(command);
  if (end.message == 0 || session_.message(end.message).end != command) return false;
  if (raw.code == kRecipientsFollow) {
    prdr_ = true;
    recipient_replies_ = 0;
    add_reply(raw, ReplyKind::kIntermediate, command, encrypted);
    return true;
  }
  if (!session_.lmtp && !prdr_) return false;
  // RFC 2033 section 4.2: one reply for each RCPT that was accepted, in order. PRDR adds one for
  // the whole message.
  const std::size_t expected = recipients_accepted(end.message);
  if (prdr_ && recipient_replies_ >= expected) {
    prdr_ = false;
    return false;
  }
  if (expected == 0) return false;
  const Index reply = add_reply(raw, ReplyKind::kRecipient, command, encrypted);
  ++recipient_replies_;
  phase_ = Phase::kData;
  if (!prdr_ && recipient_replies_ >= expected) {
    session_.command(command).reply = reply;
    pending_.pop_front();
    recipient_replies_ = 0;
  }
  return true;
}

}  // namespace smtp_session
