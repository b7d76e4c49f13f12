// SPDX-License-Identifier: GPL-2.0-or-later
//
// The conversation as text, a line for each line of it, from the greeting to QUIT, across STARTTLS:
//
//   2026-11-24T17:34:22.853724Z 192.0.2.1:46672 → 192.0.2.25:25 EHLO client.example
//
// A line of a reply bears the time at which the reply was complete. What is no line of the
// conversation stands in brackets: handshakes, the size of a message (its first lines follow, set
// in, if they are kept, see message_text.h), turns that could not be decrypted, the close; so a
// line that begins with "[" or "\" is shown with a "\" before it. "***" stands for what is said in
// AUTH.
#pragma once

#include <string>

#include "dissector/report/text_style.h"
#include "dissector/session.h"

namespace smtp_session {

std::string transcript(const Session& session, const TextStyle& style);

}  // namespace smtp_session
