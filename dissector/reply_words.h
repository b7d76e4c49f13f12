// SPDX-License-Identifier: GPL-2.0-or-later
//
// The words of a reply, for findings: to show them, and to look for known ones.
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "dissector/session.h"

namespace smtp_session {

/// The lines of a reply in one, without an enhanced code that only repeats that of the first; cut
/// at the length of one reply line.
std::string joined_lines(const Reply& reply);

/// All lines in one, without codes, for comparison.
std::string plain_words(const Reply& reply);

/// "550 to RCPT: 5.1.1 no such user": code, what it answers, and its words in one line.
std::string refusal_text(const Session& session, const Reply& reply);

/// "end of data" for ".", else the verb; "an empty line" for the empty verb.
std::string_view name_of_command(std::string_view verb);

/// How the server names itself: greeting, first line of the reply to `hello`, name that the client
/// asked for in TLS. Empty where there is none.
using ServerNames = std::array<std::string_view, 3>;
ServerNames names_of_server(const Session& session, Index hello);

/// The same in one text, a line each.
std::string server_names(const Session& session, Index hello);

/// `lower_words` are in `text`, in any case.
bool contains_words(std::string_view text, std::string_view lower_words);

/// `text` for one line of a finding: control characters replaced, cut where it is long.
std::string shown(std::string_view text);

}  // namespace smtp_session
