// SPDX-License-Identifier: GPL-2.0-or-later
//
// The servers of the capture, one line each: how many sessions, what became of them, how much came
// at once, how fast they greeted, how long they bore an idle client.
#pragma once

#include <string>
#include <vector>

#include "dissector/session.h"

namespace smtp_session {

/// A line with the names of the columns, then one for each server address and port, the one with
/// most sessions first:
/// - sessions; "at once": the most of them that lasted, first to last frame, at one instant;
/// - "msg/s": the most messages whose end of data came within one second, wherever it begins;
/// - 4xx and 5xx: replies. A "+" marks what is more where TLS could not be read;
/// - median and 95th percentile (nearest rank) of the greeting delay;
/// - "idle limit": the shortest silence after which it ended a session, see idle_end.h; "<=" where
///   it told so to the next command only;
/// - how many sessions had each outcome.
std::string servers_table(const std::vector<const Session*>& sessions);

}  // namespace smtp_session
