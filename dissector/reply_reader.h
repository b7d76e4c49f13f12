// SPDX-License-Identifier: GPL-2.0-or-later
//
// Replies of the server out of its bytes: one or more lines "250-text", the last "250 text"
// (RFC 5321 section 4.2.1), however they are cut into segments.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "dissector/byte_stream.h"
#include "dissector/message_part.h"
#include "dissector/types.h"

namespace smtp_session {

/// A reply as read, before it is known what it answers.
struct RawReply {
  std::string lines;  ///< texts of the lines without codes, joined by line feeds
  Moment first;       ///< first byte, as received
  Moment last;        ///< last byte, as received
  std::uint64_t peer_acked = 0;
  std::uint32_t bytes = 0;
  std::uint16_t code = 0;  ///< of the last line; 0: the line is no SMTP reply
  bool exact = true;
  ReplyFlaws flaws;
};

class ReplyReader {
 public:
  /// Text of one reply that is kept. EHLO answers of a dozen lines have 512 octets each at the most
  /// (RFC 5321 section 4.5.3.1.5).
  static constexpr std::size_t kMaxText = 16384;

  /// Reads until a reply is complete or the bytes are used up; returns how many were read. With
  /// `may_break_off`, a reply of several lines ends where a line has the code of another one: see
  /// breaks_off().
  std::size_t read(const Chunk& chunk, bool may_break_off, bool& complete);

  /// A line was read that begins the reply behind the one that it broke off.
  bool holds_line() const { return held_ != nullptr; }

  /// The reply that read() completed.
  const RawReply& reply() const { return reply_; }

  /// Forgets that reply; what follows is the next one.
  void next();

  /// Bytes are missing: a reply in progress cannot be completed as it is.
  void gap();

  /// The code of the lines read so far of the next reply, 0 where there is none.
  std::uint16_t code_so_far() const { return reply_.code; }

  /// No byte of a next reply has been read.
  bool at_start() const { return line_.empty() && reply_.bytes == 0 && !held_; }

 private:
  struct Line {
    std::string text;
    Moment first;
    Moment last;
    std::uint64_t peer_acked = 0;
    std::uint32_t bytes = 0;
  };

  bool breaks_off(std::string_view line) const;
  bool end_line(std::string_view line);
  bool take_held_line();

  RawReply reply_;
  std::string line_;
  Moment line_first_;
  std::uint32_t line_bytes_ = 0;
  std::unique_ptr<Line> held_;  ///< rare
  bool after_gap_ = false;
};

/// The code of a reply line, 0 when it has none ("250", "250 text", "250-text").
std::uint16_t reply_code(std::string_view line);

}  // namespace smtp_session
