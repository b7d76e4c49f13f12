// SPDX-License-Identifier: GPL-2.0-or-later
//
// The text of messages while they are sent. The engine itself keeps none: this is for an engine
// that reads a capture again to export them.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "dissector/dot_unstuffer.h"
#include "dissector/message_part.h"

namespace smtp_session {

class MessageContents final : public ContentSink {
 public:
  void on_content(const Session& session, const MessagePart& part) override;

  /// The text of a message whose end was sent, dots unstuffed; it is kept no longer. Bytes that the
  /// capture does not hold are missing in it.
  std::string take(const Session& session, Index message);

 private:
  /// A session sends one message at a time.
  struct Open {
    Index message = 0;
    DotUnstuffer unstuffer;
    std::string text;
  };

  std::map<std::uint32_t, Open> open_;  ///< by the session's number
};

}  // namespace smtp_session
