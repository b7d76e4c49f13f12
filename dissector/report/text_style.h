// SPDX-License-Identifier: GPL-2.0-or-later
//
// How text for a person is to look, and what depends on it.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "dissector/session.h"

namespace smtp_session {

/// SGR of ECMA-48, bright colours as in aixterm.
enum class Paint : std::uint8_t {
  kNone,
  kClient,   ///< bright blue
  kServer,   ///< bright red
  kTitle,    ///< bold
  kCaution,  ///< bright yellow
  kTrouble,  ///< bold bright red
};

struct TextStyle {
  bool colours = false;
  /// Seconds that local time is ahead of UTC at an instant; none: the times are in UTC.
  long (*utc_offset)(TimeNs time) = nullptr;
};

/// `text` in a colour, where the style has colours. The text is to be printable().
std::string painted(std::string_view text, Paint paint, const TextStyle& style);

/// The colour of who sent something; none for what is no packet.
Paint paint_of(std::optional<Side> sender);

/// "→" from the client, "←" from the server; `other` for what is no packet.
std::string arrow_of(std::optional<Side> sender, const char* other);

/// "2026-11-24T17:34:22.853724Z", or with "+01:00" in local time (RFC 3339).
std::string time_text(TimeNs time, const TextStyle& style);

}  // namespace smtp_session
