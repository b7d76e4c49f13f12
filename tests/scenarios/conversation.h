// SPDX-License-Identifier: GPL-2.0-or-later
//
// One TCP connection of a capture, told as a conversation: who says what, and how long after the
// step before. Every packet gets its time from these arguments alone.
//
//   Conversation c(capture, client, server);
//   c.handshake();
//   c.server("220 mx.example.test ESMTP\r\n", 1ms);
//   c.client("EHLO client.example\r\n", 100us);
//   c.close_by_client(80us);
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <random>
#include <string_view>
#include <vector>

#include "capture.h"
#include "wire.h"

namespace smtp_session::scenarios {

using namespace std::chrono_literals;

enum class Side : std::uint8_t { kClient, kServer };

constexpr Side other(Side side) {
  return side == Side::kClient ? Side::kServer : Side::kClient;
}

/// The round trips of the default connection, as seen where it was captured: close to the client.
inline constexpr Nanoseconds kRttServer = 400us;
inline constexpr Nanoseconds kRttClient = 20us;

/// What lies between the hosts and the capture.
struct Path {
  std::vector<std::uint16_t> vlans;
  Tunnel tunnel = Tunnel::kNone;
  std::size_t fragment_size = 0;                ///< payload of an IP fragment, 0 for whole packets
  std::vector<std::uint32_t> interfaces = {2};  ///< a packet is captured once on each
  bool timestamps = false;                      ///< TCP timestamps (RFC 7323)
};

/// Bytes that one side sent, so that they can be sent again.
struct Sent {
  Side side = Side::kClient;
  std::uint32_t seq = 0;
  Bytes bytes;

  /// `size` of the bytes from `at` on, as if they had been a segment of their own.
  Sent part(std::size_t at, std::size_t size) const {
    return {side, seq + static_cast<std::uint32_t>(at), bytes.substr(at, size)};
  }
};

class Conversation {
 public:
  Conversation(Capture& capture, Host client, Host server, Path path = {});

  // Time. A new conversation begins at kEpoch.
  Nanoseconds now() const { return now_; }
  void start_at(Nanoseconds after_epoch) { now_ = kEpoch + after_epoch; }
  void wait(Nanoseconds after) { advance(after); }

  // What the capture holds of the packets from now on.
  void hide(Side side, bool hidden = true) { hidden_[index(side)] = hidden; }
  void hide_all(bool hidden = true) { hidden_ = {hidden, hidden}; }

  // Connection.
  void use_first_seq(std::uint32_t client, std::uint32_t server);
  void handshake(Nanoseconds rtt_server = kRttServer, Nanoseconds rtt_client = kRttClient);
  void syn(Nanoseconds after);
  void syn_ack(Nanoseconds after);
  void ack(Side side, Nanoseconds after);
  void fin(Side side, Nanoseconds after);
  void rst(Side side, Nanoseconds after);
  /// RST in answer to a SYN (RFC 9293 section 3.10.7.1).
  void refuse(Nanoseconds after);
  /// The SYN is quoted by an ICMP "destination unreachable", with `quoted` bytes of TCP.
  void unreachable(std::uint8_t code, std::size_t quoted, Nanoseconds after);
  void close_by_client(Nanoseconds after) { close(Side::kClient, after); }
  void close_by_server(Nanoseconds after) { close(Side::kServer, after); }
  /// Both sides send FIN, the server `apart` later, before either has the other's.
  void crossing_fins(Nanoseconds after, Nanoseconds apart);
  /// RFC 9293 section 3.8.4: the sequence number before the next one, with no or one old byte, and
  /// its answer.
  void keep_alive(Side side, std::size_t bytes, Nanoseconds after);
  /// The window that `side` offers from now on, in its packets.
  void set_window(Side side, std::uint16_t window) { window_[index(side)] = window; }

  // Data. `after` is the time since the step before.
  Sent client(std::string_view bytes, Nanoseconds after) {
    return send(Side::kClient, bytes, after);
  }
  Sent server(std::string_view bytes, Nanoseconds after) {
    return send(Side::kServer, bytes, after);
  }
  Sent send(Side side, std::string_view bytes, Nanoseconds after);

  /// One segment that ends at each of `cuts`, and one with the rest, `gap` apart.
  void send_cut(Side side, std::string_view bytes, const std::vector<std::size_t>& cuts,
                Nanoseconds after, Nanoseconds gap);
  /// The bytes are captured, but lost on the way from there to the receiver.
  Sent send_unheard(Side side, std::string_view bytes, Nanoseconds after);
  /// The bytes pass, and are acknowledged, but the capture does not hold them.
  Sent lose(Side side, std::string_view bytes, Nanoseconds after);
  /// Takes the next bytes of `side` without a packet: they are put on the wire by put().
  Sent reserve(Side side, std::string_view bytes);
  /// Puts bytes on the wire, for the first time or again.
  void put(const Sent& sent, Nanoseconds after);
  /// The last packet once more, bit for bit, as a switch's mirror port shows it.
  void repeat_packet(Nanoseconds after);

 private:
  static std::size_t index(Side side) { return static_cast<std::size_t>(side); }
  const Host& host(Side side) const { return side == Side::kClient ? client_ : server_; }

  void advance(Nanoseconds after);
  void close(Side side, Nanoseconds after);
  void emit(Side side, std::uint32_t seq, std::uint8_t flags, std::string_view payload);
  void add_to_capture(Side side, const Bytes& packet);
  void expect_ack(Side from);
  Bytes tcp_options(Side side, bool syn) const;
  void put_recut(const Sent& sent);

  Capture& capture_;
  Host client_;
  Host server_;
  Path path_;
  Nanoseconds now_ = kEpoch;
  std::array<std::uint32_t, 2> next_{};
  std::array<std::uint32_t, 2> acked_{};  ///< what a side has acknowledged of the other's bytes
  std::array<std::uint16_t, 2> window_{};
  std::array<std::uint16_t, 2> ip_id_{};
  std::array<bool, 2> hidden_{};
  /// When a side sends its delayed acknowledgement, if it sends nothing before.
  std::array<Nanoseconds, 2> ack_due_{};
  Bytes last_packet_;
  Side last_side_ = Side::kClient;
  std::mt19937 random_;
};

}  // namespace smtp_session::scenarios
