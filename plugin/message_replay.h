// SPDX-License-Identifier: GPL-2.0-or-later
//
// Reads the sessions of a pass once more, for the text of their messages. The engine of the file
// keeps no text, and it has long read the file when someone asks for its messages: so they are
// exported by an engine of their own, which lives for that pass alone.
#pragma once

#include <string>
#include <vector>

#include "dissector/engine.h"
#include "dissector/message_contents.h"
#include "dissector/segment.h"

namespace smtp_session::ws {

class MessageReplay {
 public:
  explicit MessageReplay(const Config& config);

  bool wants_decrypted(std::uint32_t stream) const { return engine_.wants_decrypted(stream); }

  /// True where `frame` is of another pass: frames come in order.
  bool is_past(FrameNumber frame) const { return frame < last_; }

  struct Finished {
    Index message = 0;
    std::string text;
  };

  /// Takes a segment, and returns the messages whose end it completed. `watch`: the stream is known
  /// to be SMTP.
  std::vector<Finished> feed(const Segment& segment, const DecryptedRecords& records, bool watch);

 private:
  std::vector<Finished> finished_at(const Segment& segment);

  MessageContents contents_;
  Engine engine_;
  FrameNumber last_ = 0;
};

}  // namespace smtp_session::ws
