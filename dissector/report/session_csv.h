// SPDX-License-Identifier: GPL-2.0-or-later
//
// Commands as comma-separated values, a line each: RFC 4180, with CRLF. The columns bear the names
// of the JSON's members; what is not known is an empty cell.
//
// A spreadsheet runs a cell that begins with = + - or @ as a formula, quoted or not, and the texts
// here are a stranger's. So a cell of text gets an apostrophe put before it where it begins with
// one of these, with a control character or with an apostrophe. Control characters are written as
// in JSON ("\u001b"), and so is a semicolon behind which a spreadsheet that separates cells by
// semicolons would see a formula; a backslash is written twice. To have the original back: take off
// one apostrophe at the beginning, then undo the escapes as in a JSON string.
#pragma once

#include <string>
#include <string_view>

#include "dissector/session.h"

namespace smtp_session {

/// The names of the columns.
std::string csv_header();

/// A line for each command of the session.
std::string csv_rows(const Session& session);

/// `text` of the capture as a cell.
std::string csv_cell(std::string_view text);

}  // namespace smtp_session
