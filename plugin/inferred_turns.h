// SPDX-License-Identifier: GPL-2.0-or-later
//
// What the turns of a session were taken for, kept while its frames are shown one after another:
// all turns of a session are inferred together.
#pragma once

#include "dissector/session.h"
#include "dissector/turn_inference.h"

namespace smtp_session::ws {

/// The inference for `command`; its `command` is 0 where there is none.
InferredTurn inferred_turn(const Session& session, Index command);

}  // namespace smtp_session::ws
