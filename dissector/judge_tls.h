// SPDX-License-Identifier: GPL-2.0-or-later
//
// Findings about STARTTLS and TLS: TLS-01 to TLS-12.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "dissector/scene.h"
#include "dissector/segment.h"
#include "dissector/tls_hello.h"

namespace smtp_session {

class JudgeTls {
 public:
  explicit JudgeTls(const Scene& scene) : scene_(scene) {}

  void on_client_hello(const ClientHello& hello, FrameNumber frame);
  void on_certificate(std::string_view der, Moment received);
  void on_command(Index command);
  void on_reply(Index reply);
  void on_segment(const Segment& segment, Side side, std::uint32_t roles);
  void on_close(Side side, FrameNumber frame);
  void on_finish(Moment last);

 private:
  void judge_wait(TimeNs now, FrameNumber frame);
  void judge_records(const Segment& segment, Side side, std::uint32_t roles);
  void judge_client_hello();
  void judge_server_hello(FrameNumber frame);
  void judge_alert(const Segment& segment, Side side, std::uint32_t roles);
  void judge_finished();
  void judge_unreadable(FrameNumber frame, Side side);
  void raise_unreadable_rest(FrameNumber frame, Side side);
  void judge_clear_command(Index command);
  void judge_clear_mail(Index command);
  void judge_require_tls(Index command);
  std::string wanted_host() const;
  std::string offers() const;

  const Scene& scene_;
  std::string client_versions_;  ///< "TLS 1.3, TLS 1.2", until the handshake ends
  Index accepted_ = 0;           ///< STARTTLS that was answered 220
  TimeNs accepted_time_ = kNoTime;
  Index clear_command_ = 0;             ///< the first one in clear behind it
  std::array<bool, 2> said_goodbye_{};  ///< an alert after the handshake
  bool wait_raised_ = false;
  bool server_hello_judged_ = false;
  bool alert_raised_ = false;
  bool finished_judged_ = false;
  bool unreadable_raised_ = false;
  bool clear_mail_raised_ = false;
  bool close_judged_ = false;
};

}  // namespace smtp_session
