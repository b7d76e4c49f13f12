// SPDX-License-Identifier: GPL-2.0-or-later
//
// The summary of the session, as far as known.
#pragma once

#include "dissector/session.h"
#include "plugin/tree_branch.h"

namespace smtp_session::ws {

void show_summary(const Branch& branch, const Session& session);

}  // namespace smtp_session::ws
