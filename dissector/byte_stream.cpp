// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/byte_stream.h"

#include <algorithm>
#include <iterator>

namespace smtp_session {

namespace {

/// Positions begin here, so that bytes from before the start have positions too.
constexpr std::uint64_t kOrigin = std::uint64_t{1} << 32U;

}  // namespace

void ByteStream::start(std::uint32_t seq) {
  started_ = true;
  next_ = kOrigin + seq;
  highest_ = next_;
}

std::uint64_t ByteStream::position_of(std::uint32_t seq) const {
  // RFC 9293 section 3.4: sequence numbers are compared modulo 2^32.
  const auto distance = static_cast<std::int32_t>(seq - static_cast<std::uint32_t>(next_));
  return next_ + static_cast<std::uint64_t>(static_cast<std::int64_t>(distance));
}

ByteStream::Arrival ByteStream::add(std::uint32_t seq, const std::uint8_t* data,
                                    std::uint32_t captured, std::uint32_t length, Moment now,
                                    std::uint64_t peer_acked, ByteSink& sink) {
  if (!started_) start(seq);
  std::uint64_t begin = position_of(seq);
  const std::uint64_t end = begin + length;
  std::uint64_t bytes = std::min(captured, length);
  if (end <= next_) return Arrival::kRetransmission;

  if (begin < next_) {  // the front was seen before
    const std::uint64_t seen = next_ - begin;
    data += std::min(seen, bytes);
    bytes -= std::min(seen, bytes);
    begin = next_;
  }

  const bool below_highest = begin < highest_;
  if (begin == next_ && held_.empty()) {
    next_ = begin + bytes;
    highest_ = std::max(highest_, end);
    if (bytes > 0) sink.on_bytes(side_, Chunk{data, bytes, now, now, begin, peer_acked});
    if (next_ < end) skip_to(end, now, sink);
    return Arrival::kInOrder;
  }

  const std::size_t before = held_bytes_;
  const std::size_t ranges_before = held_.size();
  hold(begin, data, bytes, end - begin - bytes, now, peer_acked);
  highest_ = std::max(highest_, end);
  if (held_bytes_ == before && held_.size() == ranges_before) return Arrival::kRetransmission;

  const bool fills = held_.begin()->first == next_;
  deliver_held(now, sink);
  if (held_bytes_ > kMaxHeldBytes) skip_to(held_.begin()->first, now, sink);
  if (!fills) return below_highest ? Arrival::kOutOfOrder : Arrival::kAhead;
  return below_highest ? Arrival::kOutOfOrder : Arrival::kInOrder;
}

void ByteStream::hold(std::uint64_t begin, const std::uint8_t* data, std::uint64_t size,
                      std::uint64_t missing, Moment now, std::uint64_t peer_acked) {
  // Only what no held range covers is new: the first sight of a byte counts.
  std::uint64_t at = begin;
  const std::uint64_t data_end = begin + size;
  const std::uint64_t end = data_end + missing;
  auto place = held_.upper_bound(begin);
  if (place != held_.begin()) --place;
  while (at < end) {
    while (place != held_.end() && place->first + place->second.size() <= at) ++place;
    if (place != held_.end() && place->first <= at) {
      at = place->first + place->second.size();
      continue;
    }
    const std::uint64_t stop = place == held_.end() ? end : std::min(end, place->first);
    Held range;
    range.sent = now;
    range.peer_acked = peer_acked;
    if (at < data_end) {
      const std::uint64_t data_stop = std::min(stop, data_end);
      range.bytes.assign(reinterpret_cast<const char*>(data + (at - begin)), data_stop - at);
      range.missing = stop - data_stop;
    } else {
      range.missing = stop - at;
    }
    held_bytes_ += range.bytes.size();
    place = std::next(held_.emplace_hint(place, at, std::move(range)));
    at = stop;
  }
}

void ByteStream::deliver_held(Moment now, ByteSink& sink) {
  while (!held_.empty() && held_.begin()->first == next_) {
    const std::uint64_t begin = next_;
    const Held range = std::move(held_.begin()->second);
    held_.erase(held_.begin());
    held_bytes_ -= range.bytes.size();
    next_ = begin + range.bytes.size();
    if (!range.bytes.empty()) {
      sink.on_bytes(side_, Chunk{reinterpret_cast<const std::uint8_t*>(range.bytes.data()),
                                 range.bytes.size(), range.sent, now, begin, range.peer_acked});
    }
    if (range.missing > 0) {
      const std::uint64_t missing = range.missing;
      next_ += missing;
      sink.on_gap(side_, missing, now);
    }
  }
}

void ByteStream::skip_to(std::uint64_t position, Moment now, ByteSink& sink) {
  if (position <= next_) return;
  const std::uint64_t missing = position - next_;
  next_ = position;
  highest_ = std::max(highest_, next_);
  sink.on_gap(side_, missing, now);
  deliver_held(now, sink);
}

void ByteStream::acknowledged(std::uint64_t position, Moment now, ByteSink& sink) {
  if (!started_) return;
  while (next_ < position) {
    const std::uint64_t stop = held_.empty() ? position : std::min(position, held_.begin()->first);
    skip_to(stop, now, sink);
  }
}

void ByteStream::flush(Moment now, ByteSink& sink) {
  while (!held_.empty()) skip_to(held_.begin()->first, now, sink);
}

}  // namespace smtp_session
