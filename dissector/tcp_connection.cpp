// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/tcp_connection.h"

#include <algorithm>
#include <limits>

#include "dissector/frame_index.h"

namespace smtp_session {

namespace {

/// The same packet on a second interface follows within this time. Shorter than the smallest
/// retransmission timeout in use (200 ms in Linux; RFC 6298 section 2.4 says 1 s).
constexpr TimeNs kDuplicateWindow = 100'000'000;
/// Where there is no IP identification to compare (IPv6, or 0 with DF), only copies this close
/// count: a tail loss probe waits two round trips (RFC 8985 section 7.2).
constexpr TimeNs kDuplicateWindowWithoutId = 1'000'000;

void count(std::uint16_t& counter) {
  if (counter < std::numeric_limits<std::uint16_t>::max()) ++counter;
}

}  // namespace

std::uint32_t roles_of_flags(const Segment& segment) {
  if (segment.has(TcpFlags::kRst)) return kRoleRst;
  if (segment.has(TcpFlags::kSyn)) return segment.has(TcpFlags::kAck) ? kRoleSynAck : kRoleSyn;
  if (segment.has(TcpFlags::kFin)) return kRoleFin;
  return segment.length == 0 ? kRoleAck : kRoleRetransmission;
}

std::uint32_t TcpConnection::add(const Segment& segment, Side side) {
  const Moment now{segment.time, segment.frame};
  if (!seen_any_) {
    seen_any_ = true;
    facts_.first_seq = segment.seq;
    facts_.mid_stream = !segment.has(TcpFlags::kSyn);
  }
  std::uint32_t roles = 0;
  if (is_duplicate(segment, side)) {
    count(facts_.duplicates);
    return kRoleDuplicate;
  }
  if (segment.has(TcpFlags::kRst)) {
    add_close(segment, side, now);
    return kRoleRst;
  }
  if (segment.window == 0 && !segment.has(TcpFlags::kSyn)) {
    count(facts_.zero_windows);
    roles |= kRoleZeroWindow;
  }
  roles |= add_handshake(segment, side, now);
  add_acknowledgement(segment, side, now);
  roles |= add_payload(segment, side, now);
  if (segment.has(TcpFlags::kFin)) {
    roles |= kRoleFin;
    add_close(segment, side, now);
  }
  end_where_complete(Side::kClient, now);
  end_where_complete(Side::kServer, now);
  if (facts_.over_frame == now.frame) facts_.fins_crossed = !acknowledges_fin(segment, side);
  if (roles == 0 && segment.length == 0) roles = kRoleAck;
  return roles;
}

std::uint32_t TcpConnection::add_late(const Segment& segment, Side side) {
  if (is_duplicate(segment, side)) {
    count(facts_.duplicates);
    return kRoleDuplicate;
  }
  return roles_of_flags(segment);
}

bool TcpConnection::is_duplicate(const Segment& segment, Side side) {
  auto& recent = recent_[index_of(side)];
  const bool carries = segment.length > 0 || segment.has(TcpFlags::kSyn) ||
                       segment.has(TcpFlags::kFin) || segment.has(TcpFlags::kRst);
  for (const Signature& one : recent) {
    // First what differs most.
    if (one.checksum != segment.checksum || one.seq != segment.seq || one.ack != segment.ack ||
        one.time == kNoTime || one.length != segment.length || one.window != segment.window ||
        one.flags != segment.flags || one.ip_id != segment.ip_id) {
      continue;
    }
    // Frames of two interfaces may stand in the file in another order than that of their times.
    const TimeNs age = segment.time >= one.time ? segment.time - one.time : one.time - segment.time;
    if (segment.ip_id != 0 ? age <= kDuplicateWindow
                           : carries && age <= kDuplicateWindowWithoutId) {
      return true;
    }
  }
  Signature& place = recent[recent_at_[index_of(side)]];
  place = {segment.seq,   segment.ack,      segment.length, segment.window,
           segment.ip_id, segment.checksum, segment.flags,  segment.time};
  recent_at_[index_of(side)] = (recent_at_[index_of(side)] + 1) % kSignatures;
  return false;
}

std::uint32_t TcpConnection::add_handshake(const Segment& segment, Side side, Moment now) {
  if (segment.has(TcpFlags::kSyn)) {
    if (!stream(side).started()) stream(side).start(segment.seq + 1);
    if (segment.has(TcpFlags::kAck)) {
      if (!facts_.syn_ack.known()) {
        facts_.syn_ack = now;
      } else if (!facts_.ack.known()) {
        facts_.resent_syn_ack = now.time;
      }
      return kRoleSynAck;
    }
    count(facts_.syn_count);
    if (!facts_.first_syn.known()) facts_.first_syn = now;
    if (!facts_.syn_ack.known()) facts_.answered_syn = now;
    return kRoleSyn;
  }
  if (side == Side::kClient && segment.has(TcpFlags::kAck) && facts_.syn_ack.known() &&
      !facts_.ack.known()) {
    facts_.ack = now;
    return segment.length == 0 ? static_cast<std::uint32_t>(kRoleAck) : 0U;
  }
  return 0;
}

void TcpConnection::add_acknowledgement(const Segment& segment, Side side, Moment now) {
  if (!segment.has(TcpFlags::kAck)) return;
  ByteStream& acked = stream(other(side));
  if (!acked.started()) acked.start(segment.ack);
  const std::uint64_t position = acked.position_of(segment.ack);

  Timed& timed = timed_[index_of(other(side))];
  if (timed.time != kNoTime && position >= timed.position) {
    const TimeNs sample = now.time - timed.time;
    TimeNs& least = side == Side::kClient ? facts_.min_ack_client : facts_.min_ack_server;
    if (sample >= 0 && (least == kNoTime || sample < least)) least = sample;
    timed.time = kNoTime;
  }

  // A FIN takes one sequence number that is not a byte of the stream.
  std::uint64_t bytes_acked = position;
  if (fin_seen_[index_of(other(side))]) {
    bytes_acked = std::min(bytes_acked, fin_position_[index_of(other(side))]);
  }
  if (bytes_acked <= acked.next()) return;
  // Data that answers bytes which the capture has not shown proves a gap. A bare ACK proves one
  // only where later bytes were seen already, for the missing ones may yet follow.
  const bool proves = segment.length > 0 || segment.has(TcpFlags::kFin);
  acked.acknowledged(proves ? bytes_acked : std::min(bytes_acked, acked.highest()), now, sink_);
}

std::uint32_t TcpConnection::add_payload(const Segment& segment, Side side, Moment now) {
  ByteStream& mine = stream(side);
  const std::uint32_t seq = segment.has(TcpFlags::kSyn) ? segment.seq + 1 : segment.seq;
  if (!mine.started()) mine.start(seq);

  // RFC 9293 section 3.8.4: a keep-alive repeats the last sequence number, with one byte or none.
  const std::uint64_t position = mine.position_of(seq);
  if (segment.length <= 1 && position + 1 == mine.next() && mine.next() == mine.highest() &&
      !segment.has(TcpFlags::kSyn) && !segment.has(TcpFlags::kFin)) {
    if (segment.length == 1 || !fin_seen_[index_of(side)]) return kRoleKeepAlive;
  }
  if (segment.length == 0) return 0;

  const std::uint64_t peer_acked =
      segment.has(TcpFlags::kAck) ? stream(other(side)).position_of(segment.ack) : 0;
  Timed& timed = timed_[index_of(side)];
  const bool begins_behind = position < mine.next();
  switch (
      mine.add(seq, segment.payload, segment.captured, segment.length, now, peer_acked, sink_)) {
    case ByteStream::Arrival::kRetransmission:
      count(facts_.retransmissions);
      timed.time = kNoTime;  // Karn's algorithm, RFC 6298 section 3
      return kRoleRetransmission;
    case ByteStream::Arrival::kOutOfOrder:
      count(facts_.out_of_order);
      facts_.rearranged[index_of(side)] = true;
      timed.time = kNoTime;
      return kRoleOutOfOrder;
    case ByteStream::Arrival::kAhead:
      return kRoleAfterGap;
    case ByteStream::Arrival::kInOrder:
      if (begins_behind) facts_.rearranged[index_of(side)] = true;
      if (timed.time == kNoTime) timed = {position + segment.length, now.time};
      return 0;
  }
  return 0;
}

void TcpConnection::add_close(const Segment& segment, Side side, Moment now) {
  const bool reset = segment.has(TcpFlags::kRst);
  if (facts_.close == CloseKind::kNone) {
    facts_.close = reset ? CloseKind::kRst : CloseKind::kFin;
    facts_.closed_by = side;
  }
  if (reset) {
    if (!facts_.first_rst.known()) facts_.first_rst = now;
    // RFC 9293 section 3.5.2: a reset answers a SYN to a port where nobody listens.
    if (side == Side::kServer && facts_.first_syn.known() && !facts_.syn_ack.known()) {
      facts_.refused = true;
    }
    if (!reset_) {
      reset_ = true;
      facts_.both_closed = true;
      facts_.over_frame = now.frame;
      flush(now);
      sink_.on_reset(side, now);
    }
    return;
  }
  if (!facts_.first_fin.known()) facts_.first_fin = now;
  if (!fin_seen_[index_of(side)]) {
    fin_seen_[index_of(side)] = true;
    fin_position_[index_of(side)] = stream(side).position_of(segment.seq) + segment.length;
    if (fin_seen_[0] && fin_seen_[1]) facts_.both_closed = true;
  }
}

bool TcpConnection::acknowledges_fin(const Segment& segment, Side side) {
  const Side peer = other(side);
  return segment.has(TcpFlags::kAck) &&
         stream(peer).position_of(segment.ack) > fin_position_[index_of(peer)];
}

void TcpConnection::end_where_complete(Side side, Moment now) {
  const std::size_t at = index_of(side);
  if (!fin_seen_[at] || ended_[at] || stream(side).next() < fin_position_[at]) return;
  ended_[at] = true;
  if (over() && facts_.over_frame == 0) facts_.over_frame = now.frame;
  sink_.on_end(side, now);
}

void TcpConnection::flush(Moment now) {
  client_.flush(now, sink_);
  server_.flush(now, sink_);
}

}  // namespace smtp_session
