// SPDX-License-Identifier: GPL-2.0-or-later
//
// All sessions as one HTML page that needs nothing else: its style, script and data are inside, and
// its Content-Security-Policy forbids to load or run anything more. The data is the JSON of each
// session; the page's files are in page/.
#pragma once

#include <string>
#include <string_view>

#include "dissector/session.h"

namespace smtp_session {

/// What comes before the sessions.
std::string_view page_head();

/// One session; `first` where none came before it. `community_id` as in write_json().
std::string page_session(const Session& session, const std::string& community_id, bool first);

/// What comes behind them.
std::string_view page_tail();

}  // namespace smtp_session
