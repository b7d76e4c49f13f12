// SPDX-License-Identifier: GPL-2.0-or-later
//
// Findings about the greeting and the hello: GRT-01 to GRT-06, EHL-01 to EHL-04, and TCP-11, which
// explains a late greeting.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "dissector/ident_probes.h"
#include "dissector/scene.h"
#include "dissector/segment.h"

namespace smtp_session {

class JudgeGreeting {
 public:
  JudgeGreeting(const Scene& scene, const IdentProbes& probes) : scene_(scene), probes_(probes) {}

  void on_command(Index command);
  void on_reply(Index reply);
  void on_segment(const Segment& segment, Side side, std::uint32_t roles);
  void on_close(Side side, FrameNumber frame);
  void on_finish(Moment last);

 private:
  void on_greeting(Index index);
  void judge_delay(Index index);
  Moment judge_ident(FrameNumber frame);
  void judge_early_talker(const Segment& segment);
  /// False ahead of a hole: what fills it may be the start of a PROXY header.
  bool is_next_of_client(const Segment& segment);
  bool awaits_greeting() const;
  TimeNs awaited_since() const;

  void on_hello(Index index);
  void judge_hello_argument(Index index);
  void judge_missing_hello(Index index);
  void judge_parameters(Index index);

  const Scene& scene_;
  const IdentProbes& probes_;

  bool first_data_seen_ = false;
  std::uint32_t client_next_ = 0;  ///< as the server's SYN-ACK says
  std::uint32_t server_end_ = 0;   ///< behind the last byte that the server sent
  bool server_seen_ = false;
  std::uint32_t greeting_end_ = 0;
  bool greeting_seen_ = false;
  bool greeting_end_known_ = false;
  bool early_raised_ = false;
  bool missing_raised_ = false;

  Index refused_ehlo_ = 0;               ///< the last EHLO that was answered 5xx
  bool hello_seen_[2] = {false, false};  ///< in clear, under TLS
  bool missing_hello_raised_[2] = {false, false};
  bool argument_raised_ = false;
  bool helo_raised_ = false;
};

}  // namespace smtp_session
