// SPDX-License-Identifier: GPL-2.0-or-later
//
// Findings about Amazon SES: SES-01 to SES-17. Which reply means what is in the table of
// reply_advice.h.
#pragma once

#include <cstddef>

#include "dissector/reply_advice.h"
#include "dissector/scene.h"
#include "dissector/segment.h"

namespace smtp_session {

/// The session is one with Amazon SES, by the names that the server gives.
bool is_amazon_ses(const Session& session, Index hello);

class JudgeSes {
 public:
  explicit JudgeSes(const Scene& scene) : scene_(scene) {}

  void on_reply(Index reply);
  void on_segment(const Segment& segment, Side side);
  void on_close(TimeNs now, FrameNumber frame);

 private:
  void judge_accepted(Index reply);
  void judge_refusal(Index reply);
  std::string figures(FindingId id, Index reply) const;

  const Scene& scene_;
  TimeNs last_client_data_ = kNoTime;
  bool close_judged_ = false;
};

}  // namespace smtp_session
