// SPDX-License-Identifier: GPL-2.0-or-later
//
// TLS records out of one direction's bytes (RFC 8446 section 5.1), however they are cut into
// segments. What is in clear is kept; of encrypted records the size is enough.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "dissector/byte_stream.h"
#include "dissector/types.h"

namespace smtp_session {

enum class TlsContent : std::uint8_t {
  kChangeCipherSpec = 20,
  kAlert = 21,
  kHandshake = 22,
  kApplicationData = 23,
};

struct TlsRecord {
  Side side = Side::kClient;
  TlsContent type = TlsContent::kHandshake;
  std::uint16_t version = 0;
  std::uint32_t length = 0;  ///< of the fragment
  std::string fragment;      ///< empty for application data
  bool exact = true;         ///< false: bytes of it are not in the capture
  Moment first;              ///< first byte, as sent
  Moment sent;               ///< last byte, as sent
  Moment received;           ///< the segment that completed it
  std::uint64_t end = 0;     ///< position behind it in the TCP stream
  std::uint64_t peer_acked = 0;
};

class TlsRecordSink {
 public:
  virtual ~TlsRecordSink() = default;
  virtual void on_record(const TlsRecord& record) = 0;
};

class TlsRecordReader {
 public:
  explicit TlsRecordReader(Side side) { record_.side = side; }

  void read(Chunk chunk, TlsRecordSink& sink);

  /// `size` bytes are missing.
  void gap(std::uint64_t size, TlsRecordSink& sink);

 private:
  void begin_body();
  void complete(TlsRecordSink& sink);

  TlsRecord record_;
  std::string header_;
  std::uint64_t left_ = 0;  ///< bytes of the fragment that are still to come
  bool in_body_ = false;
  bool lost_ = false;  ///< the start of the next record is not known
};

}  // namespace smtp_session
