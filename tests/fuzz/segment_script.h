// SPDX-License-Identifier: GPL-2.0-or-later
//
// TCP segments of four connections from the bytes of a fuzzer. Each segment is
//
//   flags    bits 0-1 stream, bit 2 from the server, bit 3 SYN, bit 4 FIN, bit 5 RST, bit 6 no ACK,
//            bit 7: a byte "odd" follows
//   odd      bits 0-2 sequence number (Sequence), with an argument byte where not in order; bit 3
//            cut by snaplen, with an argument byte; bit 4 the clock goes back; bit 5 the payload is
//            plain text of TLS records; bit 6 window 0; bit 7 the frame before again
//   time     exponent (high four bits) and factor (low four bits) of the step, base 8, in ns
//   length   of the payload, then the payload
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "dissector/segment.h"
#include "dissector/types.h"

namespace smtp_session::fuzz {

enum Sequence : std::uint8_t {
  kInOrder = 0,
  kAhead = 1,      ///< by the argument
  kBehind = 2,     ///< by the argument
  kFarAhead = 3,   ///< by the argument times 2^24
  kAckAhead = 4,   ///< in order, but acknowledges more than was seen
  kAckBehind = 5,  ///< in order, but acknowledges less
  kSkip = 6,       ///< ahead, and all that follows too: bytes were lost
  kSame = 7,       ///< the sequence number of the segment before
};

/// The input, read to its end; behind it come zeros.
class Script {
 public:
  Script(const std::uint8_t* data, std::size_t size) : data_(data), size_(size) {}

  bool empty() const { return size_ == 0; }
  std::uint8_t byte() {
    if (size_ == 0) return 0;
    --size_;
    return *data_++;
  }
  /// Copied to a block of its own, so that AddressSanitizer sees a read past its end.
  std::vector<std::uint8_t> bytes(std::size_t count) {
    count = std::min(count, size_);
    std::vector<std::uint8_t> out(data_, data_ + count);
    data_ += count;
    size_ -= count;
    return out;
  }

 private:
  const std::uint8_t* data_;
  std::size_t size_;
};

struct Direction {
  std::uint32_t next = 0;
  std::uint32_t last = 0;
};

struct Connection {
  Endpoint client;
  Endpoint server;
  std::array<Direction, 2> directions;
};

inline Address ipv4(std::uint8_t host) {
  Address address;
  address.family = 4;
  address.bytes = {192, 0, 2, host};
  return address;
}

inline Address ipv6(std::uint8_t host) {
  Address address;
  address.family = 6;
  address.bytes = {0x20, 0x01, 0x0D, 0xB8};
  address.bytes[15] = host;
  return address;
}

inline std::array<Connection, 4> connections() {
  return {{
      {{ipv4(1), 40001}, {ipv4(25), 25}, {{{1000, 1000}, {5000, 5000}}}},
      // Both sequence numbers wrap around soon.
      {{ipv6(1), 40002}, {ipv6(25), 465}, {{{0xFFFFFFF0U, 0}, {0xFFFFFF80U, 0}}}},
      {{ipv4(2), 40003}, {ipv4(25), 10025}, {{{1, 1}, {1, 1}}}},
      {{ipv4(3), 587}, {ipv4(25), 587}, {{{0x7FFFFFF0U, 0}, {0, 0}}}},
  }};
}

/// The cipher text of `plain` as one record of application data: only its length is read.
inline void append_record(std::vector<std::uint8_t>& out, std::size_t plain) {
  constexpr std::size_t kTagAndType = 17;
  const std::size_t length = plain + kTagAndType;
  for (const std::size_t octet :
       {std::size_t{23}, std::size_t{3}, std::size_t{3}, length >> 8U, length & 0xFFU}) {
    out.push_back(static_cast<std::uint8_t>(octet));
  }
  out.insert(out.end(), length, 0xEE);
}

/// The segments of a script, one at a time.
class SegmentScript {
 public:
  explicit SegmentScript(Script script) : script_(script) {}

  /// Makes the next segment; false at the end of the script.
  bool next() {
    if (script_.empty()) return false;
    read();
    return true;
  }

  /// Valid up to the next call of next().
  const Segment& segment() const { return segment_; }
  bool from_server() const { return from_server_; }
  const DecryptedRecords& decrypted() const { return decrypted_; }
  /// Nothing odd has been in the script so far: all bytes came in order.
  bool regular() const { return regular_; }
  bool clock_went_back() const { return clock_went_back_; }

 private:
  void read() {
    const std::uint8_t flags = script_.byte();
    const std::uint8_t odd = (flags & 0x80U) != 0 ? script_.byte() : 0;
    const auto order = static_cast<Sequence>(odd & 7U);
    const std::uint32_t argument = order != kInOrder ? script_.byte() : 0;
    const bool cut = (odd & 0x08U) != 0;
    const std::uint32_t keep = cut ? script_.byte() : 0;
    const std::uint8_t clock = script_.byte();
    text_ = script_.bytes(script_.byte());
    if (odd != 0) regular_ = false;

    TimeNs step = clock & 0x0FU;
    for (unsigned i = clock >> 4U; i > 0; --i) step *= 8;
    if ((odd & 0x10U) != 0) {
      step = -step;
      clock_went_back_ = true;
    }
    segment_.time += step;
    if (segment_.frame == 0 || (odd & 0x80U) == 0) ++segment_.frame;

    make_wire((odd & 0x20U) != 0);
    const auto length = static_cast<std::uint32_t>(wire_.size());
    if (cut) wire_.resize(keep % (length + 1));
    wire_.shrink_to_fit();

    segment_.stream = flags & 3U;
    Connection& connection = connections_[segment_.stream];
    from_server_ = (flags & 4U) != 0;
    segment_.source = from_server_ ? connection.server : connection.client;
    segment_.destination = from_server_ ? connection.client : connection.server;
    Direction& mine = connection.directions[from_server_ ? 1 : 0];
    segment_.seq = mine.next;
    segment_.ack = connection.directions[from_server_ ? 0 : 1].next;
    place(order, argument, mine);
    segment_.flags = 0;
    if ((flags & 0x08U) != 0) segment_.flags |= TcpFlags::kSyn;
    if ((flags & 0x10U) != 0) segment_.flags |= TcpFlags::kFin;
    if ((flags & 0x20U) != 0) segment_.flags |= TcpFlags::kRst;
    if ((flags & 0x40U) == 0) segment_.flags |= TcpFlags::kAck;
    segment_.window = (odd & 0x40U) != 0 ? 0 : 512;
    segment_.ip_id = static_cast<std::uint16_t>(argument);
    segment_.payload = wire_.data();
    segment_.captured = static_cast<std::uint32_t>(wire_.size());
    segment_.length = length;
    mine.last = segment_.seq;
    if (order == kInOrder || order >= kAckAhead) {
      mine.next = segment_.seq + length + (segment_.has(TcpFlags::kSyn) ? 1U : 0U) +
                  (segment_.has(TcpFlags::kFin) ? 1U : 0U);
    }
  }

  /// Of plain text two records, so that one frame completes several.
  void make_wire(bool plain_text) {
    decrypted_ = {};
    if (!plain_text) {
      wire_ = text_;
      return;
    }
    const std::size_t first = text_.size() / 2;
    records_[0] = {text_.data(), first};
    records_[1] = {text_.data() + first, text_.size() - first};
    decrypted_ = {records_.data(), records_.size()};
    wire_.clear();
    append_record(wire_, first);
    append_record(wire_, text_.size() - first);
  }

  void place(Sequence order, std::uint32_t argument, const Direction& mine) {
    switch (order) {
      case kInOrder:
        break;
      case kAhead:
      case kSkip:
        segment_.seq += argument;
        break;
      case kBehind:
        segment_.seq -= argument;
        break;
      case kFarAhead:
        segment_.seq += argument << 24U;
        break;
      case kAckAhead:
        segment_.ack += argument;
        break;
      case kAckBehind:
        segment_.ack -= argument;
        break;
      case kSame:
        segment_.seq = mine.last;
        break;
    }
  }

  static constexpr TimeNs kStart = 1'700'000'000'000'000'000;

  static Segment first_segment() {
    Segment segment;
    segment.time = kStart;
    return segment;
  }

  Script script_;
  std::array<Connection, 4> connections_ = connections();
  std::vector<std::uint8_t> text_;
  std::vector<std::uint8_t> wire_;
  std::array<DecryptedRecord, 2> records_;
  DecryptedRecords decrypted_;
  Segment segment_ = first_segment();
  bool from_server_ = false;
  bool regular_ = true;
  bool clock_went_back_ = false;
};

}  // namespace smtp_session::fuzz
