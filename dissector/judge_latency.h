// SPDX-License-Identifier: GPL-2.0-or-later
//
// Findings about waiting: LAT-01 to LAT-04. (The wait for the reply to end of data: see
// judge_message.h.)
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "dissector/scene.h"
#include "dissector/segment.h"

namespace smtp_session {

/// What the server itself needed for `reply`, a final one: without the waits for replies before it,
/// and without the network between the capture and the server. kNoTime where that is not known.
/// `last_client_data` is when the client last sent something: in AUTH the wait begins there.
TimeNs server_part(const Session& session, Index reply, TimeNs last_client_data);

class JudgeLatency {
 public:
  explicit JudgeLatency(const Scene& scene) : scene_(scene) {}

  void on_command(Index command);
  void on_reply(Index reply);
  void on_segment(const Segment& segment, Side side, std::uint32_t roles);
  void on_close(FrameNumber frame);
  void on_finish(Moment last);

 private:
  static constexpr std::size_t kShapes = 5;

  void judge_limit(Index reply);
  void judge_tarpit(Index reply, TimeNs part);
  void judge_unanswered(TimeNs now, FrameNumber frame);

  const Scene& scene_;
  TimeNs last_client_data_ = kNoTime;
  TimeNs acknowledged_ = kNoTime;  ///< first bare ACK of the server behind that
  TimeNs last_time_ = kNoTime;
  std::array<std::uint8_t, kShapes> shapes_{};
  bool unanswered_judged_ = false;
};

}  // namespace smtp_session
