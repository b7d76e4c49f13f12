// SPDX-License-Identifier: GPL-2.0-or-later
//
// The few scalar types that every part of the engine shares.
#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <limits>

namespace smtp_session {

/// Number of a frame in the capture, from 1; 0 means "none".
using FrameNumber = std::uint32_t;

/// Capture time in nanoseconds since the Unix epoch, or a duration in nanoseconds.
using TimeNs = std::int64_t;

/// "Not known": no capture holds this instant.
inline constexpr TimeNs kNoTime = std::numeric_limits<TimeNs>::min();

/// Who sent a byte. The client is the one that opened the TCP connection.
enum class Side : std::uint8_t { kClient = 0, kServer = 1 };

constexpr Side other(Side side) {
  return side == Side::kClient ? Side::kServer : Side::kClient;
}

constexpr std::size_t index_of(Side side) {
  return static_cast<std::size_t>(side);
}

/// An instant on the wire and the frame that showed it.
struct Moment {
  TimeNs time = kNoTime;
  FrameNumber frame = 0;

  constexpr bool known() const { return frame != 0; }
};

/// An IPv4 or IPv6 address in network byte order; `family` is 4 or 6, 0 when there is none.
struct Address {
  std::uint8_t family = 0;
  std::array<std::uint8_t, 16> bytes{};

  constexpr std::size_t size() const { return family == 4 ? 4U : family == 6 ? 16U : 0U; }
};

inline bool operator==(const Address& a, const Address& b) {
  // In words: most packets are compared with the ends of their connection.
  std::array<std::uint64_t, 2> left{};
  std::array<std::uint64_t, 2> right{};
  std::memcpy(left.data(), a.bytes.data(), sizeof left);
  std::memcpy(right.data(), b.bytes.data(), sizeof right);
  return a.family == b.family && left[0] == right[0] && left[1] == right[1];
}
inline bool operator!=(const Address& a, const Address& b) {
  return !(a == b);
}

/// One end of a TCP connection.
struct Endpoint {
  Address address;
  std::uint16_t port = 0;
};

inline bool operator==(const Endpoint& a, const Endpoint& b) {
  return a.port == b.port && a.address == b.address;
}
inline bool operator!=(const Endpoint& a, const Endpoint& b) {
  return !(a == b);
}

/// The time from `from` to `to`, or kNoTime when either end is not known.
constexpr TimeNs elapsed(TimeNs from, TimeNs to) {
  return from == kNoTime || to == kNoTime ? kNoTime : to - from;
}

}  // namespace smtp_session
