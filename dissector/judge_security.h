// SPDX-License-Identifier: GPL-2.0-or-later
//
// Findings about attacks and about what can be read on the way: SEC-01 to SEC-04, SEC-06 to SEC-08;
// of commands also CMD-07. (SEC-05 and the text of messages: see judge_message.h.)
#pragma once

#include <cstddef>
#include <vector>

#include "dissector/message_part.h"
#include "dissector/scene.h"
#include "dissector/segment.h"

namespace smtp_session {

class JudgeSecurity {
 public:
  explicit JudgeSecurity(const Scene& scene) : scene_(scene) {}

  void on_flawed_line(const LineFlaws& flaws);
  void on_command(Index command);
  void on_reply(Index reply);
  void on_segment(const Segment& segment);

 private:
  void judge_clear_mail(Index command);
  void judge_flaws(Index command, const LineFlaws& flaws);
  void judge_address(Index command);
  void judge_hello_reply(Index reply);
  void judge_starttls_reply(Index reply);
  void judge_response_injection(Index reply);
  void judge_relay(Index reply);

  const Scene& scene_;
  std::vector<LineFlaws> flaws_;  ///< of commands that are not judged yet
  Index starttls_reply_ = 0;      ///< the 220 that TLS follows
  std::size_t control_ = 0;
  bool bare_raised_ = false;
  bool clear_raised_ = false;
  bool stripped_raised_ = false;
  bool command_injection_raised_ = false;
  bool response_injection_raised_ = false;
  bool authenticated_ = false;
};

}  // namespace smtp_session
