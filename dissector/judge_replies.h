// SPDX-License-Identifier: GPL-2.0-or-later
//
// Findings about replies: REP-01 to REP-06.
#pragma once

#include <cstddef>
#include <cstdint>

#include "dissector/message_part.h"
#include "dissector/scene.h"
#include "dissector/segment.h"

namespace smtp_session {

/// A first refusal that asks for another try (RFC 6647).
bool is_greylisting(const Session& session, const Reply& reply);

class JudgeReplies {
 public:
  explicit JudgeReplies(const Scene& scene) : scene_(scene) {}

  void on_reply(Index reply);
  void on_flawed_reply(const ReplyFlaws& flaws, std::uint16_t code, FrameNumber frame);
  void on_unfinished_reply(const UnfinishedReply& reply);
  void on_segment(const Segment& segment, Side side);
  void on_close(FrameNumber frame);

 private:
  bool answers_no_smtp(Index index) const;
  void judge_match(Index index);
  void judge_enhanced(Index index);
  void judge_refusal(Index index);
  void judge_closing(Index index);

  const Scene& scene_;
  TimeNs last_client_data_ = kNoTime;
  std::size_t unsolicited_ = 0;
  std::size_t malformed_ = 0;
  bool unfinished_raised_ = false;
  bool unfinished_ = false;
  UnfinishedReply pending_;
};

}  // namespace smtp_session
