// SPDX-License-Identifier: GPL-2.0-or-later
//
// The commands and replies that a frame completes.
#pragma once

#include "dissector/frame_index.h"
#include "dissector/session.h"
#include "plugin/tree_branch.h"

namespace smtp_session::ws {

/// Indices from `first` up to `last`, without it; empty where they are equal.
struct EventRange {
  Index first = 1;
  Index last = 1;

  bool empty() const { return first == last; }
  Index count() const { return last - first; }
};

EventRange commands_of(const Session& session, FrameNumber frame);
EventRange replies_of(const Session& session, FrameNumber frame);

/// The encrypted turn that a frame carries on and a later one ends, 0 if none. In the first pass it
/// ended here as far as was known: every pass shows the same.
Index command_going_on(const Session& session, const FrameRecord& record, TimeNs time);

/// The reply likewise.
Index reply_going_on(const Session& session, const FrameRecord& record, TimeNs time);

/// A subtree for each command and each reply of the frame, in order, and the set-up times that they
/// complete in the session's own subtree. `time` is that of the frame.
void show_events(const Branch& branch, const Session& session, const FrameRecord& record,
                 TimeNs time);

/// The verb that `reply` answers, "greeting" for the greeting, or "".
const char* answered_verb(const Session& session, const Reply& reply);

}  // namespace smtp_session::ws
