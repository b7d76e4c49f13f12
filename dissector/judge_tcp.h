// SPDX-License-Identifier: GPL-2.0-or-later
//
// Findings about the TCP connection, joined to what the mail session was doing: TCP-01 to TCP-12.
// (TCP-11, ident, is raised with the greeting: see judge_greeting.h.)
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "dissector/proxy_parser.h"
#include "dissector/scene.h"
#include "dissector/segment.h"

namespace smtp_session {

class JudgeTcp {
 public:
  explicit JudgeTcp(const Scene& scene) : scene_(scene) {}

  void on_proxy(ProxyParse parse, const ProxyHeader& header, FrameNumber frame);
  void on_gap(Side side, std::uint64_t size, Moment now);
  void on_icmp_error(const IcmpError& error, Side side);
  void on_command(Index command);
  void on_reply(Index reply);
  void on_segment(const Segment& segment, Side side, std::uint32_t roles);
  void on_close(Side side, bool reset, FrameNumber frame);
  void on_finish(Moment last);

 private:
  /// What one side sent, as far as the other has acknowledged it.
  struct Flight {
    bool seen = false;
    std::uint32_t end = 0;         ///< behind the last byte sent
    std::uint32_t acked = 0;       ///< up to where it is acknowledged
    TimeNs waits_since = kNoTime;  ///< unacknowledged, and nothing heard of the other side, since
    /// The longest segment under way that is longer than any that arrived.
    std::uint32_t longest_end = 0;
    std::uint32_t longest = 0;
    std::uint32_t longest_acked = 0;
    bool window_closed = false;  ///< the window that this side offers is zero
    /// The segment that is being sent again.
    std::uint32_t repeated = 0;
    std::uint32_t sends = 0;
    std::uint32_t shortest = 0;  ///< of its sends
  };

  Flight& flight(Side side) { return flights_[index_of(side)]; }
  void judge_handshake(FrameNumber frame);
  void judge_unreachable(FrameNumber frame);
  void note_sent(const Segment& segment, Side side);
  void note_acknowledged(const Segment& segment, Side side);
  void judge_repeat(const Segment& segment, Side side);
  void judge_window(const Segment& segment);
  void judge_silence(const Segment& segment, Side side, std::uint32_t roles);
  void end_zero_window(TimeNs now, FrameNumber frame, bool closed);
  void judge_server_close(bool reset, FrameNumber frame);
  void judge_client_close(bool reset, FrameNumber frame);
  bool judge_unanswered_message(Side side, bool reset, FrameNumber frame);
  void raise_unanswered(Index message, const std::string& by, FrameNumber frame);
  Index message_in_progress() const;
  bool established() const;

  const Scene& scene_;
  std::array<Flight, 2> flights_{};
  /// The first error about the client's SYN, until it is judged.
  IcmpError unreachable_;
  IcmpError too_big_;  ///< the last one
  TimeNs zero_window_since_ = kNoTime;
  TimeNs last_time_ = kNoTime;
  Index last_quit_ = 0;
  std::uint16_t gaps_at_reply_ = 0;
  bool client_closed_ = false;
  bool close_judged_ = false;
  bool handshake_judged_ = false;
  bool refusal_judged_ = false;
  bool unreachable_judged_ = false;
  bool gap_raised_ = false;
  bool stall_raised_ = false;
  bool silence_raised_ = false;
  bool client_went_on_ = false;  ///< it sent more than SYNs
  bool unanswered_raised_ = false;
};

}  // namespace smtp_session
