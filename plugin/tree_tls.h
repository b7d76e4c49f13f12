// SPDX-License-Identifier: GPL-2.0-or-later
//
// What a frame knows of the session's TLS.
#pragma once

#include "dissector/session.h"
#include "plugin/tree_branch.h"

namespace smtp_session::ws {

/// Each fact from the frame on that showed it.
void show_tls(const Branch& branch, const Session& session, FrameNumber frame);

}  // namespace smtp_session::ws
