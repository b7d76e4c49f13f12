// SPDX-License-Identifier: GPL-2.0-or-later
//
// Text of the capture made fit for a terminal, and set in columns. Widths are those of a
// terminal (character_width.h).
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace smtp_session {

/// `text` without what would act on a terminal: control characters and those that change the
/// direction of writing become "?". A server's words must not be able to forge a report.
std::string printable(std::string_view text);

/// `text` with what printable() replaces written as in JSON instead ("\u001b"), and a backslash
/// written twice: nothing is lost.
std::string escaped(std::string_view text);

std::size_t width_of(std::string_view text);

/// `text` in at most `width` columns; what is cut off is shown as "…".
std::string cut(std::string_view text, std::size_t width);

/// `text` with blanks behind it up to `width`.
std::string pad_right(std::string_view text, std::size_t width);
/// `text` with blanks before it up to `width`.
std::string pad_left(std::string_view text, std::size_t width);

/// `text` in lines of at most `width`, broken at blanks where there are any. The first line begins
/// with `first`, each other one with `other`. Every line ends with a line feed.
std::string wrap(std::string_view text, std::size_t width, std::string_view first,
                 std::string_view other);

}  // namespace smtp_session
