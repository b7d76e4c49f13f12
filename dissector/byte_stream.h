// SPDX-License-Identifier: GPL-2.0-or-later
//
// One direction of a TCP connection as an ordered run of bytes (RFC 9293 section 3.4). Segments may
// be sent again, overlap, arrive in any order or be missing from the capture; every byte is
// delivered once, in order, and a range that the capture does not hold is delivered as a gap.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>

#include "dissector/types.h"

namespace smtp_session {

/// A run of bytes in order. `sent` is the first sight of its bytes; `received` is the segment that
/// completed them in order (the same one unless a hole before them was filled later).
struct Chunk {
  const std::uint8_t* data = nullptr;
  std::size_t size = 0;
  Moment sent;
  Moment received;
  /// Position in the stream of the first byte.
  std::uint64_t position = 0;
  /// Up to where the sender had acknowledged the other direction, in that stream's positions.
  std::uint64_t peer_acked = 0;
};

class ByteSink {
 public:
  virtual ~ByteSink() = default;
  virtual void on_bytes(Side side, const Chunk& chunk) = 0;
  /// `size` bytes are not in the capture; `now` is the segment that made it certain.
  virtual void on_gap(Side side, std::uint64_t size, Moment now) = 0;
};

class ByteStream {
 public:
  /// What a segment's payload turned out to be.
  enum class Arrival : std::uint8_t {
    kInOrder,
    kOutOfOrder,      ///< new bytes before bytes already seen
    kAhead,           ///< new bytes behind a hole
    kRetransmission,  ///< no new byte
  };

  /// Bytes held behind a hole at the most. A receive window is rarely larger (RFC 7323 allows
  /// 1 GiB, which no mail server offers); beyond it the hole counts as a gap.
  static constexpr std::size_t kMaxHeldBytes = std::size_t{4} << 20U;

  explicit ByteStream(Side side) : side_(side) {}

  bool started() const { return started_; }
  /// The first byte has sequence number `seq`.
  void start(std::uint32_t seq);

  /// Position of `seq`, nearest to what was delivered so far. Positions begin above 2^32, so that
  /// what lies before the start has one too.
  std::uint64_t position_of(std::uint32_t seq) const;

  /// Takes `captured` of `length` bytes that begin at `seq`; the rest was cut by the snapshot
  /// length.
  Arrival add(std::uint32_t seq, const std::uint8_t* data, std::uint32_t captured,
              std::uint32_t length, Moment now, std::uint64_t peer_acked, ByteSink& sink);

  /// The receiver has everything before `position`: what is missing there was not captured.
  void acknowledged(std::uint64_t position, Moment now, ByteSink& sink);

  /// No more bytes will come: holes become gaps.
  void flush(Moment now, ByteSink& sink);

  /// Position of the next byte to deliver.
  std::uint64_t next() const { return next_; }
  /// Position behind the last byte seen.
  std::uint64_t highest() const { return highest_; }

 private:
  struct Held {
    std::string bytes;
    std::uint64_t missing = 0;  ///< bytes behind `bytes` that the snapshot length cut off
    Moment sent;
    std::uint64_t peer_acked = 0;

    std::uint64_t size() const { return bytes.size() + missing; }
  };

  void hold(std::uint64_t begin, const std::uint8_t* data, std::uint64_t size,
            std::uint64_t missing, Moment now, std::uint64_t peer_acked);
  void deliver_held(Moment now, ByteSink& sink);
  void skip_to(std::uint64_t position, Moment now, ByteSink& sink);

  Side side_;
  bool started_ = false;
  std::uint64_t next_ = 0;
  std::uint64_t highest_ = 0;
  std::size_t held_bytes_ = 0;
  std::map<std::uint64_t, Held> held_;  ///< by position; disjoint, all behind next_
};

}  // namespace smtp_session
