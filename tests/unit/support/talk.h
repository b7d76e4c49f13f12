// SPDX-License-Identifier: GPL-2.0-or-later
//
// A TCP connection in a test, written like a conversation: who says what, and when. Time is an
// argument; every call is one frame (or, for retransmissions and the like, says so).
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "dissector/engine.h"

namespace smtp_session::test {

using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""us;
using std::chrono_literals::operator""s;
using std::chrono_literals::operator""ns;

class Talk {
 public:
  explicit Talk(std::uint16_t server_port = 25, std::uint32_t stream = 0, const Config& config = {})
      : engine_(config), stream_(stream) {
    client_.address = ipv4(192, 0, 2, 1);
    client_.port = 40000;
    server_.address = ipv4(192, 0, 2, 25);
    server_.port = server_port;
  }

  static Address ipv4(int a, int b, int c, int d) {
    Address address;
    address.family = 4;
    address.bytes = {static_cast<std::uint8_t>(a), static_cast<std::uint8_t>(b),
                     static_cast<std::uint8_t>(c), static_cast<std::uint8_t>(d)};
    return address;
  }

  /// Lets time pass before the next frame.
  Talk& wait(std::chrono::nanoseconds time) {
    now_ += time.count();
    return *this;
  }

  /// SYN, SYN-ACK and ACK, 1 ms apart.
  Talk& handshake() {
    syn();
    wait(1ms).syn_ack();
    return wait(1ms).ack(Side::kClient);
  }
  Talk& syn() {
    send(Side::kClient, TcpFlags::kSyn, {}, client_isn_, 0);
    client_next_ = client_isn_ + 1;
    return *this;
  }
  Talk& syn_ack() {
    send(Side::kServer, TcpFlags::kSyn | TcpFlags::kAck, {}, server_isn_, client_next_);
    server_next_ = server_isn_ + 1;
    return *this;
  }
  Talk& ack(Side side) { return send(side, TcpFlags::kAck, {}, next(side), next(other(side))); }

  Talk& client(std::string_view bytes) { return say(Side::kClient, bytes); }
  Talk& server(std::string_view bytes) { return say(Side::kServer, bytes); }

  Talk& say(Side side, std::string_view bytes) {
    send(side, TcpFlags::kAck, bytes, next(side), next(other(side)));
    next(side) += static_cast<std::uint32_t>(bytes.size());
    return *this;
  }

  /// The bytes were sent, but the capture does not hold them.
  Talk& lost(Side side, std::string_view bytes) {
    next(side) += static_cast<std::uint32_t>(bytes.size());
    return *this;
  }

  /// A segment at `offset` behind (or before) the next byte of `side`, which does not move.
  Talk& at(Side side, std::int32_t offset, std::string_view bytes) {
    return send(side, TcpFlags::kAck, bytes, next(side) + static_cast<std::uint32_t>(offset),
                next(other(side)));
  }
  /// Moves the next byte of `side`, after segments sent by at().
  Talk& skip(Side side, std::size_t size) {
    next(side) += static_cast<std::uint32_t>(size);
    return *this;
  }

  Talk& fin(Side side) {
    send(side, TcpFlags::kFin | TcpFlags::kAck, {}, next(side), next(other(side)));
    next(side) += 1;
    return *this;
  }
  Talk& rst(Side side) {
    return send(side, TcpFlags::kRst | TcpFlags::kAck, {}, next(side), next(other(side)));
  }

  /// The usual end: QUIT, 221, FIN from the server, FIN from the client, ACK.
  Talk& quit() {
    client("QUIT\r\n");
    wait(1ms).server("221 2.0.0 Bye\r\n");
    return wait(1ms).close(Side::kServer);
  }
  Talk& close(Side first) {
    fin(first);
    wait(1ms).fin(other(first));
    return wait(1ms).ack(first);
  }

  /// Handshake, greeting, EHLO and its answer (6 frames).
  Talk& hello() {
    handshake();
    wait(5ms).server("220 mx.example.test ESMTP\r\n");
    wait(1ms).client("EHLO client.example\r\n");
    return wait(1ms).server("250-mx.example.test\r\n250-PIPELINING\r\n250 CHUNKING\r\n");
  }

  /// A segment from scratch.
  Talk& send(Side side, unsigned flags, std::string_view bytes, std::uint32_t seq,
             std::uint32_t ack, std::uint32_t cut = 0) {
    Segment segment;
    segment.frame = ++frame_;
    segment.time = now_;
    segment.stream = stream_;
    segment.source = side == Side::kClient ? client_ : server_;
    segment.destination = side == Side::kClient ? server_ : client_;
    segment.seq = seq;
    segment.ack = ack;
    segment.window = window_;
    segment.flags = static_cast<std::uint8_t>(flags);
    segment.ip_id = same_packet_ ? ip_id_ : ++ip_id_;
    segment.payload = reinterpret_cast<const std::uint8_t*>(bytes.data());
    segment.length = static_cast<std::uint32_t>(bytes.size());
    segment.captured = segment.length - cut;
    std::vector<DecryptedRecord> records;
    for (const std::string& text : decrypted_) {
      records.push_back({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
    }
    engine_.feed(segment, {records.data(), records.size()});
    decrypted_.clear();
    return *this;
  }

  /// The records of the next frame whose plain text is known.
  Talk& decrypted(std::vector<std::string> texts) {
    decrypted_ = std::move(texts);
    return *this;
  }

  /// The next frames are copies: they keep the IP identification of the frame before.
  Talk& same_packet(bool same) {
    same_packet_ = same;
    return *this;
  }
  Talk& window(std::uint16_t window) {
    window_ = window;
    return *this;
  }
  Talk& sequence_numbers(std::uint32_t client_isn, std::uint32_t server_isn) {
    client_isn_ = client_isn;
    server_isn_ = server_isn;
    client_next_ = client_isn;
    server_next_ = server_isn;
    return *this;
  }

  /// What follows is another connection of the same client, to `server_port` of the same server.
  Talk& reconnect(std::uint16_t server_port = 25) {
    ++stream_;
    ++client_.port;
    server_.port = server_port;
    client_next_ = client_isn_;
    server_next_ = server_isn_;
    return *this;
  }
  /// Other addresses than those of the documentation. To be called before the first frame.
  Talk& between(const Address& client, const Address& server) {
    client_.address = client;
    server_.address = server;
    return *this;
  }

  Engine& engine() { return engine_; }
  const Session& session(std::size_t at = 0) {
    engine_.finish();
    return engine_.sessions().at(at);
  }
  FrameNumber frame() const { return frame_; }
  TimeNs now() const { return now_; }
  std::uint32_t& next(Side side) { return side == Side::kClient ? client_next_ : server_next_; }

 private:
  Engine engine_;
  Endpoint client_;
  Endpoint server_;
  std::uint32_t stream_;
  std::uint32_t client_isn_ = 1000;
  std::uint32_t server_isn_ = 5000;
  std::uint32_t client_next_ = 1000;
  std::uint32_t server_next_ = 5000;
  TimeNs now_ = 1'000'000'000;
  FrameNumber frame_ = 0;
  std::uint16_t ip_id_ = 0;
  std::uint16_t window_ = 65535;
  bool same_packet_ = false;
  std::vector<std::string> decrypted_;
};

/// "EHLO:250 MAIL:250": the commands of a session with the codes of their final replies; "-" where
/// there is none.
inline std::string summary(const Session& session) {
  std::string result;
  for (const Command& command : session.commands) {
    if (!result.empty()) result += ' ';
    result += command.verb.view();
    result += ':';
    result += command.reply == 0 ? "-" : std::to_string(session.reply(command.reply).code);
  }
  return result;
}

}  // namespace smtp_session::test
