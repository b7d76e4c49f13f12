// SPDX-License-Identifier: GPL-2.0-or-later
//
// What the dialogue tells while it reads, and the model does not keep: the bytes of messages as
// sent (dots stuffed, the end mark of DATA included), and flaws in the form of lines.
#pragma once

#include <cstdint>
#include <string_view>

#include "dissector/session.h"

namespace smtp_session {

struct MessagePart {
  std::string_view bytes;
  Moment sent;
  Moment received;
  Index message = 0;
  bool chunk = false;  ///< of BDAT (RFC 3030): no dot means anything
};

/// What is wrong with the form of a command line.
struct LineFlaws {
  Index command = 0;
  bool bare_lf = false;    ///< it ends without CR
  bool bare_cr = false;    ///< a CR within it
  bool control = false;    ///< NUL or another control character
  bool eight_bit = false;  ///< a byte above 127

  bool any() const { return bare_lf || bare_cr || control || eight_bit; }
};

/// What is wrong with the form of a reply (RFC 5321 section 4.2.1).
struct ReplyFlaws {
  bool other_code = false;  ///< its lines have different codes
  bool no_code = false;     ///< a line within it has none
  bool bare_line_end = false;

  bool any() const { return other_code || no_code || bare_line_end; }
};

/// A reply that had begun when the server's bytes ended.
struct UnfinishedReply {
  std::uint16_t code = 0;  ///< of the lines that are whole, 0 where there is none
  FrameNumber frame = 0;
};

/// Who is told of what the model does not keep.
class MessageSink {
 public:
  virtual ~MessageSink() = default;
  virtual void on_message_bytes(const MessagePart& part) = 0;
  /// Comes before the command is in the model.
  virtual void on_flawed_line(const LineFlaws& flaws) = 0;
  virtual void on_flawed_reply(const ReplyFlaws& flaws, std::uint16_t code, FrameNumber frame) = 0;
  virtual void on_unfinished_reply(const UnfinishedReply& reply) = 0;
};

/// Who is given the bytes of the messages of all sessions.
class ContentSink {
 public:
  virtual ~ContentSink() = default;
  virtual void on_content(const Session& session, const MessagePart& part) = 0;
};

}  // namespace smtp_session
