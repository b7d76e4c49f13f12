// SPDX-License-Identifier: GPL-2.0-or-later
//
// The parts of the dialogue that concern both sides; dialogue_client.cpp and dialogue_server.cpp
// have the rest.
#include "dissector/dialogue.h"

#include <utility>

#include "dissector/frame_index.h"

namespace smtp_session {

Dialogue::Dialogue(Session& session, TextPool& texts, bool mid_stream)
    : session_(session), texts_(texts) {
  if (mid_stream) {
    mode_ = Mode::kMidStream;
  } else {
    pending_.push_back({});  // RFC 5321 section 3.1: the server speaks first
  }
}

void Dialogue::on_bytes(Side side, const Chunk& chunk, bool encrypted) {
  if (side == Side::kServer) {
    session_.server_silent = false;
    Chunk rest = chunk;
    while (rest.size > 0 || replies_.holds_line()) {
      bool complete = false;
      const std::size_t used = replies_.read(rest, greeting_can_break_off(), complete);
      rest.data += used;
      rest.size -= used;
      rest.position += used;
      if (!complete) continue;
      on_reply(replies_.reply(), encrypted);
      replies_.next();
    }
    if (!replies_.at_start()) roles_ |= kRoleReplyPart;
    return;
  }
  session_.client_silent = false;
  if (unseen_prompt_ != 0) follow_prompt(std::exchange(unseen_prompt_, std::uint16_t{0}));
  // A client that waited for the reply has it.
  if (const Index barrier = std::exchange(unread_barrier_, 0);
      barrier != 0 && barrier == barrier_) {
    lose_barrier_reply();
    release(chunk.received);
  }
  if (barrier_ != 0) {
    hold(chunk, encrypted);
  } else {
    read_client(chunk, encrypted);
  }
}

bool Dialogue::greeting_can_break_off() const {
  const bool awaited = !pending_.empty() && pending_.front().command == 0 && !pending_.front().lost;
  return awaited && pending_.size() > 1;  // the client did not wait for it
}

void Dialogue::on_gap(Side side, std::uint64_t size, Moment now) {
  if (side == Side::kServer) {
    replies_.gap();
    server_gap_ = true;
    if (barrier_ != 0) {
      lose_barrier_reply();
      release(now);
    }
    return;
  }
  if (barrier_ != 0) {
    held_.push_back({{}, size, {}, false});
  } else {
    lose_client_bytes(size);
  }
}

void Dialogue::on_tls_start() {
  drop_line();
  if (mode_ != Mode::kAfterGap) mode_ = Mode::kCommand;
}

void Dialogue::on_end(Side side, Moment now) {
  if (side == Side::kServer) {
    if (message_sink_ != nullptr && !replies_.at_start()) {
      message_sink_->on_unfinished_reply({replies_.code_so_far(), now.frame});
    }
    while (barrier_ != 0) {
      lose_barrier_reply();
      release(now);
    }
    return;
  }
  if (mode_ == Mode::kData && dots_.at_lenient_end()) end_data(now, 0, session_.tls != nullptr);
  if (chunk_command_) end_chunk(now);
}

bool Dialogue::at_line_start(Side side) const {
  if (side == Side::kServer) return replies_.at_start();
  // Where nothing is known of the bytes before, a record may begin anywhere.
  if (mode_ == Mode::kMidStream || mode_ == Mode::kAfterGap) return true;
  return line_bytes_ == 0 && mode_ == Mode::kCommand;
}

Queue<Dialogue::Held> Dialogue::take_behind_starttls() {
  return std::exchange(behind_starttls_, {});
}

std::uint32_t Dialogue::take_roles() {
  return std::exchange(roles_, 0U);
}

}  // namespace smtp_session
