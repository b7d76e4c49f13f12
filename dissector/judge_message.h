// SPDX-License-Identifier: GPL-2.0-or-later
//
// Findings about messages and how they are sent: DAT-02 to DAT-06, BDT-01, BDT-02, LMT-01; of the
// text CMD-02, CMD-07, SEC-05, SEC-06.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "dissector/message_inspector.h"
#include "dissector/message_part.h"
#include "dissector/message_text.h"
#include "dissector/scene.h"

namespace smtp_session {

/// The MAIL of `message` has this parameter (and value, where that is not empty); upper case.
bool mail_declares(const Session& session, Index message, std::string_view keyword,
                   std::string_view value = {});

class JudgeMessage {
 public:
  explicit JudgeMessage(const Scene& scene) : scene_(scene) {}

  void on_message_bytes(const MessagePart& part);
  void on_gap(Side side, std::uint64_t size);
  void on_command(Index command);
  void on_reply(Index reply);
  void on_close(TimeNs now, FrameNumber frame);
  void on_finish(Moment last);

 private:
  /// The message that is being sent.
  struct Passing {
    Index message = 0;
    bool chunk = false;
    TimeNs last_sent = kNoTime;
    FrameNumber last_frame = 0;
    std::string tail;  ///< the last bytes of the segment before
    bool mark_split = false;
    bool pause_raised = false;
    bool limit_raised = false;
    bool bare_raised = false;
    bool eight_bit_raised = false;
    bool line_raised = false;
    bool dot_raised = false;
    bool smuggling_raised = false;
    MessageInspector inspector;
    MessageText text;
  };

  void begin(const MessagePart& part);
  void judge_pause(const MessagePart& part);
  void note_end_mark(const MessagePart& part);
  void judge_text(FrameNumber frame, bool complete);
  void judge_smuggling(FrameNumber frame);
  void finish_text(FrameNumber frame);
  void judge_end(Index reply);
  /// `text` goes on with the time. False where the wait was none to speak of.
  bool raise_late(TimeNs wait, FrameNumber frame, const char* text, Index command, Index reply);
  void judge_chunk(Index command);
  void judge_unfinished(FrameNumber frame, bool closed);
  void judge_unanswered(TimeNs now, FrameNumber frame);
  void judge_recipient_replies(Index command);

  const Scene& scene_;
  std::unique_ptr<Passing> passing_;
  Index split_end_ = 0;   ///< the message whose end mark was split
  Index open_chunk_ = 0;  ///< the last BDAT without LAST
  Index failed_chunk_ = 0;
  Index counted_ = 0;  ///< the end of data whose LMTP replies were judged
  bool chunk_lost_raised_ = false;
  bool unfinished_raised_ = false;
  bool unanswered_raised_ = false;
  FrameNumber last_frame_ = 0;
};

}  // namespace smtp_session
