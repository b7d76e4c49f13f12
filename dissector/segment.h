// SPDX-License-Identifier: GPL-2.0-or-later
//
// The engine's input: TCP segments and decrypted TLS records, as the capture shows them.
#pragma once

#include <cstddef>
#include <cstdint>

#include "dissector/types.h"

namespace smtp_session {

/// The TCP control bits that the engine reads (RFC 9293 section 3.1).
struct TcpFlags {
  static constexpr std::uint8_t kFin = 0x01;
  static constexpr std::uint8_t kSyn = 0x02;
  static constexpr std::uint8_t kRst = 0x04;
  static constexpr std::uint8_t kAck = 0x10;
};

/// One TCP segment of the capture. `payload` is borrowed for the duration of the call.
struct Segment {
  FrameNumber frame = 0;
  TimeNs time = 0;
  /// Number of the TCP connection in the capture (Wireshark's tcp.stream), dense from 0.
  std::uint32_t stream = 0;
  Endpoint source;
  Endpoint destination;
  std::uint32_t seq = 0;
  std::uint32_t ack = 0;
  std::uint16_t window = 0;
  std::uint8_t flags = 0;
  /// IPv4 identification, 0 where there is none: tells the same packet seen twice from a
  /// retransmission.
  std::uint16_t ip_id = 0;
  std::uint16_t checksum = 0;
  /// Bytes of payload that the capture holds, and how many there were on the wire.
  const std::uint8_t* payload = nullptr;
  std::uint32_t captured = 0;
  std::uint32_t length = 0;

  bool has(std::uint8_t flag) const { return (flags & flag) != 0; }
};

/// An ICMP error about a segment of a connection: who on the way did not pass it on, and why.
struct IcmpError {
  enum class Kind : std::uint8_t {
    kUnreachable,  ///< ICMP type 3 but code 4 (RFC 792), ICMPv6 type 1 (RFC 4443 section 3.1)
    kTooBig,       ///< ICMP type 3 code 4 (RFC 1191), ICMPv6 type 2 (RFC 4443 section 3.2)
  };
  FrameNumber frame = 0;
  TimeNs time = 0;
  std::uint32_t stream = 0;
  /// Sender of the quoted segment.
  Endpoint source;
  Kind kind = Kind::kUnreachable;
  std::uint8_t code = 0;
  std::uint32_t mtu = 0;  ///< of the next link, with kTooBig; 0 where it is not told
};

/// The plain text of one TLS record whose cipher text ended in a given segment.
struct DecryptedRecord {
  const std::uint8_t* data = nullptr;
  std::size_t size = 0;
};

/// The decrypted records of one frame, in the order of their records on the wire. It is handed
/// over together with the segment that completed them.
struct DecryptedRecords {
  const DecryptedRecord* records = nullptr;
  std::size_t count = 0;
};

}  // namespace smtp_session
