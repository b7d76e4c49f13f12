// SPDX-License-Identifier: GPL-2.0-or-later
//
// The user's own rows of the table of replies (see packaging/reply_advice.tsv): a file that the
// preference names, else smtp_session_replies.tsv in Wireshark's personal configuration folder.
#pragma once

#include "dissector/reply_advice.h"

namespace smtp_session::ws {

/// Reads the file anew and tells what is wrong with it, once. `preferred` may be nullptr or empty.
/// The result is valid until the next call; nullptr where the user has no rows of his own.
const ReplyAdvice* load_reply_advice(const char* preferred);

}  // namespace smtp_session::ws
