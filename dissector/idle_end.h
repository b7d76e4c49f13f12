// SPDX-License-Identifier: GPL-2.0-or-later
//
// A session that its server ended because nothing was said: how long it bore the silence.
#pragma once

#include "dissector/session.h"

namespace smtp_session {

struct IdleEnd {
  /// The silence, with nothing outstanding; kNoTime where the session did not end like this.
  TimeNs idle = kNoTime;
  /// The server told it to the next command only: its limit is `idle` at the most.
  bool at_most = false;
  /// What it said, 0 where it closed without a word.
  Index reply = 0;

  bool known() const { return idle != kNoTime; }
};

/// From an unasked 4xx (RFC 5321 section 3.8), a 421 or 451 that speaks of a time limit, or the
/// server's FIN or RST, at the end of a silence; shorter silences than a second do not count.
IdleEnd idle_end(const Session& session);

}  // namespace smtp_session
