// SPDX-License-Identifier: GPL-2.0-or-later
//
// Raises findings while the session goes on: after each frame it looks at what the frame added, so
// that a finding belongs to the frame that showed it, in one pass as in any other.
#pragma once

#include <cstddef>

#include "dissector/session.h"

namespace smtp_session {

class Judge {
 public:
  explicit Judge(Session& session) : session_(session) {}

  /// Looks at the commands and replies that came since the last call.
  void look();

 private:
  void judge_reply(Index index);

  Session& session_;
  std::size_t replies_seen_ = 0;
};

}  // namespace smtp_session
