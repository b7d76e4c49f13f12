// SPDX-License-Identifier: GPL-2.0-or-later
//
// All sessions as one HTML page that needs nothing else: its style, script and data are inside, and
// its Content-Security-Policy forbids to load or run anything more. The data is the JSON of each
// session; the page's files are in page/.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "dissector/outcome.h"
#include "dissector/session.h"

namespace smtp_session {

/// A browser takes about a second to open a page of so many short sessions, or of so many bytes.
inline constexpr std::size_t kMaxPageSessions = 10'000;
inline constexpr std::size_t kMaxPageBytes = std::size_t{100} << 20U;

/// The order in which sessions are put on a page that may not hold them all: those that failed,
/// those whose outcome is in doubt, those that have an error or a warning, the others; each by
/// number.
std::vector<const Session*> page_order(std::vector<const Session*> sessions);

/// What comes before the sessions.
std::string_view page_head();

/// One session; `first` where none came before it. `community_id` as in write_json().
std::string page_session(const Session& session, const std::string& community_id, bool first);

/// Sessions that are on no page, by outcome: comes behind the last session.
std::string page_left_out(const std::map<Outcome, std::size_t>& sessions);

/// What comes behind them.
std::string_view page_tail();

}  // namespace smtp_session
