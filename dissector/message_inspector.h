// SPDX-License-Identifier: GPL-2.0-or-later
//
// Looks at the text of a message as it passes: line ends, line lengths, dots, 8-bit bytes, ends of
// data in another form, the Message-ID. What it finds does not depend on how the bytes are cut into
// segments.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace smtp_session {

class MessageInspector {
 public:
  /// Place in the message, from 0: bytes as sent.
  using Offset = std::uint64_t;
  static constexpr Offset kNowhere = ~Offset{0};

  /// A dot alone on a line whose ends are not both CR LF: some servers take it for the end of data.
  struct FalseEnd {
    Offset at = kNowhere;          ///< the dot of the first one
    std::string form;              ///< "<LF>.<CR><LF>"
    bool commands_follow = false;  ///< behind one of them a line of SMTP begins
  };

  /// `chunked`: sent by BDAT, which knows no dot stuffing (RFC 3030 section 2).
  explicit MessageInspector(bool chunked = false) : chunked_(chunked) {}

  void add(std::string_view bytes);

  /// Bytes are missing: what follows is looked at from the next line end on.
  void gap(std::uint64_t size);

  /// No more bytes will come. `whole`: the message came to its end, so that a CR at the end is a
  /// bare one.
  void end(bool whole = true);

  Offset bare_cr() const { return bare_cr_; }
  Offset bare_lf() const { return bare_lf_; }
  /// The first byte above 127.
  Offset eight_bit() const { return eight_bit_; }
  /// The longest line so far, its end included; of a line in progress what was seen of it.
  std::uint64_t longest_line() const { return longest_; }
  /// A dot at the beginning of a line that was not doubled, nor the end of data.
  Offset single_dot() const { return single_dot_; }
  /// Two dots at the beginning of a line.
  Offset double_dot() const { return double_dot_; }
  const FalseEnd& false_end() const { return false_end_; }
  /// The value of the header field Message-ID, once its line is complete; empty when there is none.
  const std::string& message_id() const { return message_id_; }

 private:
  enum class Ending : std::uint8_t { kStart, kCrLf, kCr, kLf, kUnknown };

  void text(std::string_view part);
  void look_for_eight_bit(std::string_view part);
  void end_line(Ending ending);
  void end_dot_line(Ending ending);
  void end_header_line();
  void look_for_command();

  bool chunked_ = false;
  Offset offset_ = 0;  ///< of the next byte
  Offset line_at_ = 0;
  std::uint64_t length_ = 0;  ///< of the line so far, without its end
  /// The first bytes of the line: a dot and what follows it, or a verb of SMTP.
  static constexpr std::size_t kHead = 5;
  char head_[kHead] = {};
  std::size_t head_size_ = 0;
  bool cr_pending_ = false;
  Ending before_ = Ending::kStart;  ///< how the line before ended
  bool behind_false_end_ = false;

  Offset bare_cr_ = kNowhere;
  Offset bare_lf_ = kNowhere;
  Offset eight_bit_ = kNowhere;
  Offset single_dot_ = kNowhere;
  Offset double_dot_ = kNowhere;
  std::uint64_t longest_ = 0;
  FalseEnd false_end_;

  bool in_header_ = true;
  bool in_message_id_ = false;
  std::string header_line_;
  std::string message_id_;
};

}  // namespace smtp_session
