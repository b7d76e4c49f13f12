// SPDX-License-Identifier: GPL-2.0-or-later
//
// Findings about authentication: AUT-01 to AUT-06. (AUT-07 looks at all sessions: see
// judge_capture.h.)
#pragma once

#include <cstdint>

#include "dissector/scene.h"
#include "dissector/segment.h"
#include "dissector/verbs.h"

namespace smtp_session {

class JudgeAuth {
 public:
  explicit JudgeAuth(const Scene& scene) : scene_(scene) {}

  void on_command(Index command);
  void on_reply(Index reply);
  void on_segment(const Segment& segment, Side side, std::uint32_t roles);
  void on_close(Side side, FrameNumber frame);

 private:
  void judge_result(Index index);
  void judge_challenge(Index index);

  const Scene& scene_;
  std::size_t cancelled_seen_ = 0;  ///< exchanges whose "*" was judged
  bool left_raised_ = false;
  bool server_closed_ = false;
};

}  // namespace smtp_session
