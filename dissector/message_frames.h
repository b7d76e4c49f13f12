// SPDX-License-Identifier: GPL-2.0-or-later
//
// Where in the capture a message is: from the frame of its MAIL to that of the reply that ended it.
#pragma once

#include "dissector/session.h"

namespace smtp_session {

struct FrameRange {
  FrameNumber first = 0;  ///< 0 where the capture holds none of it
  FrameNumber last = 0;
};

FrameRange frames_of(const Session& session, Index message);

/// The message that `frame` belongs to, of several the last one; 0 if none.
Index message_at(const Session& session, FrameNumber frame);

}  // namespace smtp_session
