// SPDX-License-Identifier: GPL-2.0-or-later
//
// The name of the file that a message is exported to.
#pragma once

#include <string>
#include <string_view>

#include "dissector/session.h"

namespace smtp_session {

/// "session-3_message-1_Lunch_at_noon.eml": letters, digits, ".", "-" and "_" alone, for the
/// subject is the sender's. What the capture does not hold whole has "_incomplete" in its name.
std::string message_file_name(const Session& session, Index message, std::string_view text);

}  // namespace smtp_session
