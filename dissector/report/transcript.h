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

#include "dissector/session.h"

namespace smtp_session {

struct TranscriptStyle {
  /// Bright blue for the client, bright red for the server.
  bool colours = false;
  /// Seconds that local time is ahead of UTC at an instant; none: the times are in UTC.
  long (*utc_offset)(TimeNs time) = nullptr;
};

std::string transcript(const Session& session, const TranscriptStyle& style);

}  // namespace smtp_session
