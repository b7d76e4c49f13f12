// SPDX-License-Identifier: GPL-2.0-or-later
//
// Finds the end of a message sent by DATA: <CRLF>.<CRLF>, however it is cut into segments
// (RFC 5321 section 4.1.1.4), and undoes dot stuffing in the count (section 4.5.2).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace smtp_session {

class DotScanner {
 public:
  /// Reads up to the end of the message; returns how many bytes were read, the end mark included.
  std::size_t scan(std::string_view bytes);

  /// The end mark was seen.
  bool done() const { return state_ == State::kDone; }

  /// Bytes of the message without the final dot line and without stuffed dots.
  std::uint64_t size() const { return size_; }

  /// Bytes read, end mark and stuffed dots included.
  std::uint64_t wire_size() const { return wire_size_; }

  /// The bytes read so far end with a dot alone on a line, though not with <CRLF>.<CRLF>: what a
  /// lenient server takes for the end of data.
  bool at_lenient_end() const { return lenient_excess() != 0; }

  /// `size` bytes of the message are missing.
  void skip(std::uint64_t size);

  /// Takes a lenient end, or one that is missing in part, for the end of data: its dot line is no
  /// part of the message.
  void accept_end();

 private:
  enum class State : std::uint8_t {
    kLineStart,  // at the beginning, or after <CRLF>
    kDot,        // a dot at the start of a line
    kDotCr,
    kText,
    kTextCr,
    kDone,
  };
  /// Bytes that a lenient end would have added to size_; 0 where the bytes do not end with one.
  std::uint64_t lenient_excess() const;
  void remember_tail(std::string_view bytes);

  /// "\r\n.\n" and "\n.\r\n" are told apart by four bytes.
  static constexpr std::size_t kTail = 4;

  State state_ = State::kLineStart;
  std::uint64_t size_ = 0;
  std::uint64_t wire_size_ = 0;
  std::string tail_;  ///< the last bytes read behind what is missing, kTail at the most
  bool skipped_ = false;
};

}  // namespace smtp_session
