// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/tls_record_reader.h"

#include <algorithm>

#include "dissector/tls_hello.h"

namespace smtp_session {

void TlsRecordReader::read(Chunk chunk, TlsRecordSink& sink) {
  if (lost_) {
    // Senders mostly begin a segment with a record: wait for one that does.
    if (!looks_like_tls_record(chunk.data, chunk.size)) return;
    lost_ = false;
  }
  while (chunk.size > 0) {
    if (header_.empty() && !in_body_) record_.first = chunk.sent;
    const std::size_t wanted =
        in_body_ ? static_cast<std::size_t>(left_) : kTlsRecordHeader - header_.size();
    const std::size_t used = std::min(chunk.size, wanted);
    const auto* bytes = reinterpret_cast<const char*>(chunk.data);
    record_.sent = chunk.sent;
    record_.received = chunk.received;
    record_.peer_acked = chunk.peer_acked;
    record_.end = chunk.position + used;
    chunk.data += used;
    chunk.size -= used;
    chunk.position += used;
    if (!in_body_) {
      header_.append(bytes, used);
      if (header_.size() < kTlsRecordHeader) return;
      if (!looks_like_tls_record(reinterpret_cast<const std::uint8_t*>(header_.data()),
                                 header_.size())) {
        header_.clear();
        lost_ = true;
        return;
      }
      begin_body();
    } else {
      if (record_.type != TlsContent::kApplicationData) record_.fragment.append(bytes, used);
      left_ -= used;
    }
    if (in_body_ && left_ == 0) complete(sink);
  }
}

void TlsRecordReader::begin_body() {
  const auto byte = [this](std::size_t at) {
    return static_cast<std::uint32_t>(static_cast<unsigned char>(header_[at]));
  };
  record_.type = static_cast<TlsContent>(byte(0));
  record_.version = static_cast<std::uint16_t>(byte(1) << 8U | byte(2));
  record_.length = byte(3) << 8U | byte(4);
  record_.fragment.clear();
  record_.exact = true;
  left_ = record_.length;
  in_body_ = true;
}

void TlsRecordReader::complete(TlsRecordSink& sink) {
  in_body_ = false;
  header_.clear();
  sink.on_record(record_);
  record_.fragment.clear();
}

void TlsRecordReader::gap(std::uint64_t size, TlsRecordSink& sink) {
  if (in_body_ && size <= left_) {
    left_ -= size;
    record_.exact = false;
    if (left_ == 0) complete(sink);
    return;
  }
  in_body_ = false;
  header_.clear();
  lost_ = true;
}

}  // namespace smtp_session
