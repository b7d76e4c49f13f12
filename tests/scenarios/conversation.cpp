// SPDX-License-Identifier: GPL-2.0-or-later
#include "conversation.h"

#include <algorithm>
#include <utility>

namespace smtp_session::scenarios {
namespace {

constexpr std::uint16_t kMss = 1460;
/// Linux acknowledges at the latest after 40 ms, RFC 1122 section 4.2.3.2 allows 500 ms.
constexpr Nanoseconds kDelayedAck = 40ms;
/// Between the segments of one send().
constexpr Nanoseconds kBackToBack = 4us;
constexpr Nanoseconds kNever = Nanoseconds::max();
constexpr std::uint16_t kWindow = 502;  // scaled by 2^7

const char* const kTunnelSource = "203.0.113.1";
const char* const kTunnelDestination = "203.0.113.2";
constexpr std::uint16_t kTunnelId = 0x5000;

}  // namespace

Conversation::Conversation(Capture& capture, Host client, Host server, Path path)
    : capture_(capture),
      client_(std::move(client)),
      server_(std::move(server)),
      path_(std::move(path)),
      window_{kWindow, kWindow},
      ip_id_{0x1a00, 0x7300},
      ack_due_{kNever, kNever},
      random_(capture.recut() ? capture.recut()->seed : 0) {
  use_first_seq(1000000000U + client_.port, 3000000000U + client_.port);
}

void Conversation::use_first_seq(std::uint32_t client, std::uint32_t server) {
  next_ = {client, server};
}

void Conversation::handshake(Nanoseconds rtt_server, Nanoseconds rtt_client) {
  syn(0us);
  syn_ack(rtt_server);
  ack(Side::kClient, rtt_client);
}

void Conversation::syn(Nanoseconds after) {
  advance(after);
  emit(Side::kClient, next_[0], kSyn, {});
}

void Conversation::syn_ack(Nanoseconds after) {
  advance(after);
  acked_[1] = next_[0] + 1;
  emit(Side::kServer, next_[1], kSyn | kAck, {});
  next_[0] += 1;
  next_[1] += 1;
}

void Conversation::ack(Side side, Nanoseconds after) {
  advance(after);
  acked_[index(side)] = next_[index(other(side))];
  emit(side, next_[index(side)], kAck, {});
}

void Conversation::fin(Side side, Nanoseconds after) {
  advance(after);
  acked_[index(side)] = next_[index(other(side))];
  emit(side, next_[index(side)], kFin | kAck, {});
  next_[index(side)] += 1;
}

void Conversation::rst(Side side, Nanoseconds after) {
  advance(after);
  acked_[index(side)] = next_[index(other(side))];
  emit(side, next_[index(side)], kRst | kAck, {});
}

void Conversation::refuse(Nanoseconds after) {
  advance(after);
  acked_[1] = next_[0] + 1;
  emit(Side::kServer, 0, kRst | kAck, {});
}

void Conversation::unreachable(std::uint8_t code, std::size_t quoted, Nanoseconds after) {
  advance(after);
  const Bytes packet =
      icmp_unreachable(server_.address, client_.address, ip_id_[1]++, code, last_packet_, quoted);
  add_to_capture(Side::kServer, packet);
}

void Conversation::close(Side side, Nanoseconds after) {
  fin(side, after);
  const bool by_client = side == Side::kClient;
  fin(other(side), by_client ? kRttServer : kRttClient);
  ack(side, by_client ? kRttClient : kRttServer);
}

void Conversation::crossing_fins(Nanoseconds after, Nanoseconds apart) {
  for (const Side side : {Side::kClient, Side::kServer}) {
    advance(side == Side::kClient ? after : apart);
    emit(side, next_[index(side)], kFin | kAck, {});
  }
  next_[0] += 1;
  next_[1] += 1;
  ack(Side::kClient, kRttClient);
  ack(Side::kServer, kRttServer);
}

void Conversation::keep_alive(Side side, std::size_t bytes, Nanoseconds after) {
  advance(after);
  emit(side, next_[index(side)] - 1, kAck, Bytes(bytes, '\0'));
  ack(other(side), side == Side::kClient ? kRttServer : kRttClient);
}

Sent Conversation::send(Side side, std::string_view bytes, Nanoseconds after) {
  advance(after);
  Sent sent = reserve(side, bytes);
  if (capture_.recut()) {
    put_recut(sent);
  } else {
    for (std::size_t at = 0; at < bytes.size(); at += kMss) {
      put(sent.part(at, kMss), at == 0 ? 0us : kBackToBack);
    }
  }
  return sent;
}

void Conversation::send_cut(Side side, std::string_view bytes, const std::vector<std::size_t>& cuts,
                            Nanoseconds after, Nanoseconds gap) {
  std::size_t from = 0;
  for (std::size_t i = 0; i <= cuts.size(); ++i) {
    const std::size_t to = i < cuts.size() ? cuts[i] : bytes.size();
    send(side, bytes.substr(from, to - from), i == 0 ? after : gap);
    from = to;
  }
}

Sent Conversation::send_unheard(Side side, std::string_view bytes, Nanoseconds after) {
  Sent sent = send(side, bytes, after);
  ack_due_[index(other(side))] = kNever;
  return sent;
}

Sent Conversation::lose(Side side, std::string_view bytes, Nanoseconds after) {
  const bool hidden = std::exchange(hidden_[index(side)], true);
  Sent sent = send(side, bytes, after);
  hidden_[index(side)] = hidden;
  return sent;
}

Sent Conversation::reserve(Side side, std::string_view bytes) {
  Sent sent{side, next_[index(side)], Bytes(bytes)};
  next_[index(side)] += static_cast<std::uint32_t>(bytes.size());
  return sent;
}

void Conversation::put(const Sent& sent, Nanoseconds after) {
  advance(after);
  acked_[index(sent.side)] = next_[index(other(sent.side))];
  emit(sent.side, sent.seq, kPsh | kAck, sent.bytes);
  expect_ack(sent.side);
}

void Conversation::put_recut(const Sent& sent) {
  // All pieces have the time of the whole, so that every time of the session stays as it was.
  std::vector<Sent> pieces;
  for (std::size_t at = 0; at < sent.bytes.size();) {
    const std::size_t size = std::min<std::size_t>(1 + random_() % 24, sent.bytes.size() - at);
    pieces.push_back(sent.part(at, size));
    at += size;
  }
  if (capture_.recut()->shuffled) {
    for (std::size_t i = pieces.size(); i > 1; --i) {
      std::swap(pieces[i - 1], pieces[random_() % i]);
    }
  }
  for (const Sent& piece : pieces) put(piece, 0us);
}

void Conversation::repeat_packet(Nanoseconds after) {
  advance(after);
  add_to_capture(last_side_, last_packet_);
}

void Conversation::advance(Nanoseconds after) {
  const Nanoseconds target = now_ + after;
  for (const Side side : {Side::kClient, Side::kServer}) {
    if (ack_due_[index(side)] >= target) continue;
    now_ = ack_due_[index(side)];
    acked_[index(side)] = next_[index(other(side))];
    emit(side, next_[index(side)], kAck, {});
  }
  now_ = target;
}

void Conversation::expect_ack(Side from) {
  Nanoseconds& due = ack_due_[index(other(from))];
  if (due == kNever) due = now_ + kDelayedAck;
}

void Conversation::emit(Side side, std::uint32_t seq, std::uint8_t flags,
                        std::string_view payload) {
  TcpSegment segment;
  segment.source = host(side);
  segment.destination = host(other(side));
  segment.seq = seq;
  segment.ack = (flags & kAck) != 0 ? acked_[index(side)] : 0;
  segment.flags = flags;
  segment.window = (flags & kRst) != 0 ? std::uint16_t{0} : window_[index(side)];
  segment.options = tcp_options(side, (flags & kSyn) != 0);
  segment.payload = payload;
  ack_due_[index(side)] = kNever;

  last_packet_ = ip_packet(segment.source.address, segment.destination.address, kTcp,
                           ip_id_[index(side)]++, tcp_bytes(segment));
  last_side_ = side;
  add_to_capture(side, last_packet_);
}

void Conversation::add_to_capture(Side side, const Bytes& packet) {
  if (hidden_[index(side)]) return;
  const bool from_client = side == Side::kClient;
  const char* source = from_client ? kTunnelSource : kTunnelDestination;
  const char* destination = from_client ? kTunnelDestination : kTunnelSource;
  // Only a packet that does not fit is cut, and no header of IPv6 is (RFC 8200 section 4.5).
  const bool cut =
      path_.fragment_size != 0 && !client_.is_ipv6() && packet.size() > path_.fragment_size + 20;
  std::vector<Bytes> packets{packet};
  if (cut) packets = fragments(packet, path_.fragment_size);

  Nanoseconds time = now_;
  for (const std::uint32_t interface_index : path_.interfaces) {
    for (const Bytes& each : packets) {
      capture_.add(time, in_tunnel(path_.tunnel, source, destination, kTunnelId, each),
                   {from_client, path_.vlans, interface_index});
    }
    time += 3us;  // to the next interface
  }
}

Bytes Conversation::tcp_options(Side side, bool syn) const {
  Bytes out;
  if (syn) {
    put8(out, 2);  // maximum segment size, RFC 9293 section 3.7.1
    put8(out, 4);
    put16(out, kMss);
    put32(out, 0x01010402);  // two NOP, SACK permitted (RFC 2018)
    put32(out, 0x01030307);  // NOP, window scale 7 (RFC 7323)
  }
  if (path_.timestamps) {
    const auto milliseconds = static_cast<std::uint32_t>((now_ - kEpoch) / 1ms);
    put32(out, 0x0101080a);  // two NOP, timestamps
    put32(out, 100000 + milliseconds);
    put32(out, side == Side::kClient && syn ? 0 : 100000 + milliseconds);
  }
  return out;
}

}  // namespace smtp_session::scenarios
