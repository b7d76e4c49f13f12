// SPDX-License-Identifier: GPL-2.0-or-later
//
// Findings about what the client asks: order, lengths, unknown verbs, probing, declarations. CMD-01
// to CMD-06, CMD-08, and DAT-01, a message that is taken for commands. (CMD-07 looks at messages
// too: see judge_message.h.)
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "dissector/scene.h"

namespace smtp_session {

class JudgeCommands {
 public:
  explicit JudgeCommands(const Scene& scene) : scene_(scene) {}

  void on_command(Index command);
  void on_reply(Index reply);

 private:
  /// Where the mail transaction is (RFC 5321 section 4.1.4).
  struct Transaction {
    bool known = true;           ///< false behind a gap: nothing is said then
    Index mail = 0;              ///< the MAIL that opened it
    std::size_t recipients = 0;  ///< RCPT commands
    std::size_t refused_recipients = 0;
  };

  void judge_order(Index index);
  void judge_length(Index index);
  void judge_path(Index index);
  void judge_verb(Index index);
  void judge_declared_size(Index index);
  void judge_reply_length(Index index);
  void judge_probing(Index index);
  bool mail_refused_before(Index command) const;
  void raise_order(Index command, FrameNumber frame, const std::string& text, Index reply = 0);
  /// A refusal that the client did not know when it sent `command` explains its own.
  bool follows_refusal(Index command) const;
  bool certain() const;

  const Scene& scene_;
  Transaction transaction_;
  Index order_raised_ = 0;  ///< the last command with CMD-01
  std::size_t unknown_recipients_ = 0;
  std::size_t unknown_verbs_ = 0;
  bool many_recipients_raised_ = false;
  Index refused_data_ = 0;  ///< DATA that was refused, until the next command that is one
  bool refused_data_raised_ = false;
};

}  // namespace smtp_session
