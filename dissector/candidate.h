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
    for (const Kept& kept : kept_) take(kept.view());
  }

 private:
  struct Kept {
    Segment segment;
    std::string payload;

    Segment view() const;
  };

  void keep(const Segment& segment);
  Verdict judge(const Segment& newest);
  Verdict judge_first_words(const Endpoint& speaker);
  Verdict judge_answer(const Endpoint& speaker) const;
  /// Where the words of `speaker` begin, as far as is known now.
  std::uint32_t start_of(const Endpoint& speaker) const;
  /// What `speaker` said from `from` on, up to the first hole.
  std::string words_of(const Endpoint& speaker, std::uint32_t from) const;

  std::vector<Kept> kept_;
  std::size_t bytes_ = 0;
  bool spoken_ = false;
  bool greeted_ = false;
  Endpoint first_speaker_;
  /// Behind the PROXY header of the client, where there is one.
  std::uint32_t behind_proxy_ = 0;
  bool proxied_ = false;
};

}  // namespace smtp_session
