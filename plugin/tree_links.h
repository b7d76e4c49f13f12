// SPDX-License-Identifier: GPL-2.0-or-later
//
// The links from each frame of a session to its steps.
#pragma once

#include "dissector/session.h"
#include "plugin/tree_branch.h"

namespace smtp_session::ws {

/// As far as known: in the first pass, up to this frame.
void show_links(const Branch& branch, const Session& session);

}  // namespace smtp_session::ws
