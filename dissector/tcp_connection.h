// SPDX-License-Identifier: GPL-2.0-or-later
//
// The TCP side of a session: handshake, acknowledgements, loss, close (RFC 9293). It writes the
// session's TcpFacts and hands the bytes of both directions on in order.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "dissector/byte_stream.h"
#include "dissector/segment.h"
#include "dissector/session.h"

namespace smtp_session {

/// The roles of a segment by its flags alone.
std::uint32_t roles_of_flags(const Segment& segment);

class TcpSink : public ByteSink {
 public:
  /// All bytes of `side` up to its FIN have been delivered.
  virtual void on_end(Side side, Moment now) = 0;
  /// The connection was reset by `side`.
  virtual void on_reset(Side side, Moment now) = 0;
};

class TcpConnection {
 public:
  TcpConnection(TcpFacts& facts, TcpSink& sink) : facts_(facts), sink_(sink) {}

  /// Takes one segment sent by `side`; returns its roles (see frame_index.h).
  std::uint32_t add(const Segment& segment, Side side);

  /// Takes a segment that comes when the connection is over: only its packet counts.
  std::uint32_t add_late(const Segment& segment, Side side);

  /// No more segments will come.
  void flush(Moment now);

  /// Both directions are at their end, so that no more bytes can follow.
  bool over() const { return reset_ || (ended_[0] && ended_[1]); }

 private:
  /// What makes a captured packet the same packet as another.
  struct Signature {
    std::uint32_t seq = 0;
    std::uint32_t ack = 0;
    std::uint32_t length = 0;
    std::uint16_t window = 0;
    std::uint16_t ip_id = 0;
    std::uint16_t checksum = 0;
    std::uint8_t flags = 0;
    TimeNs time = kNoTime;
  };
  /// How many of the last packets of a side are compared.
  static constexpr std::size_t kSignatures = 4;

  struct Timed {
    std::uint64_t position = 0;
    TimeNs time = kNoTime;
  };

  ByteStream& stream(Side side) { return side == Side::kClient ? client_ : server_; }
  bool is_duplicate(const Segment& segment, Side side);
  std::uint32_t add_handshake(const Segment& segment, Side side, Moment now);
  std::uint32_t add_payload(const Segment& segment, Side side, Moment now);
  void add_acknowledgement(const Segment& segment, Side side, Moment now);
  void add_close(const Segment& segment, Side side, Moment now);
  void end_where_complete(Side side, Moment now);
  /// True where `segment` of `side` acknowledges the other side's FIN.
  bool acknowledges_fin(const Segment& segment, Side side);

  TcpFacts& facts_;
  TcpSink& sink_;
  ByteStream client_{Side::kClient};
  ByteStream server_{Side::kServer};
  std::array<std::array<Signature, kSignatures>, 2> recent_{};
  std::array<std::size_t, 2> recent_at_{};
  std::array<Timed, 2> timed_{};
  std::array<bool, 2> fin_seen_{};
  std::array<std::uint64_t, 2> fin_position_{};
  std::array<bool, 2> ended_{};
  bool seen_any_ = false;
  bool reset_ = false;
};

}  // namespace smtp_session
