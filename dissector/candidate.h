// SPDX-License-Identifier: GPL-2.0-or-later
//
// A connection on a port that is not watched, while it may still turn out to be SMTP: the server
// greets as RFC 5321 section 3.1 says and the client answers with EHLO, HELO or LHLO. Until then
// its segments are kept, so that the session has its handshake.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "dissector/segment.h"

namespace smtp_session {

class Candidate {
 public:
  enum class Verdict : std::uint8_t { kUndecided, kSmtp, kNotSmtp };

  /// Segments kept at the most: the handshake with its retries, a greeting in parts, a hello.
  static constexpr std::size_t kMaxSegments = 32;
  /// Bytes kept at the most: a greeting of several lines of 512 octets.
  static constexpr std::size_t kMaxBytes = 4096;

  /// Takes a segment, and keeps it while the verdict is open.
  Verdict add(const Segment& segment);

  /// Calls `take(segment)` for each kept segment in order.
  template <typename Take>
  void replay(Take take) const {
    for (const Kept& kept : kept_) {
      Segment segment = kept.segment;
      segment.payload = reinterpret_cast<const std::uint8_t*>(kept.payload.data());
      take(segment);
    }
  }

 private:
  struct Kept {
    Segment segment;
    std::string payload;
  };

  /// What one end said so far, in the order of arrival without repetitions.
  struct Words {
    std::string bytes;
    std::uint32_t next = 0;  ///< sequence number behind them
  };

  void keep(const Segment& segment);
  static bool append(Words& words, const Segment& segment);
  Verdict judge_first_words(const Segment& segment);
  Verdict judge_answer();

  std::vector<Kept> kept_;
  std::size_t bytes_ = 0;
  bool spoken_ = false;
  bool greeted_ = false;
  Endpoint first_speaker_;
  Words first_;
  Words answer_;
};

}  // namespace smtp_session
