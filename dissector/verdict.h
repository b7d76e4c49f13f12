// SPDX-License-Identifier: GPL-2.0-or-later
//
// What a session came to, in one sentence.
#pragma once

#include <string>

#include "dissector/session.h"

namespace smtp_session {

/// What decided the session, where (frame and step), on which side, and the time that it cost; of a
/// session that delivered, the slowest step where it was slow. From what is known so far.
std::string verdict(const Session& session);

/// The reply that decided a session which failed, where one did; 0 otherwise.
Index deciding_reply(const Session& session);

}  // namespace smtp_session
