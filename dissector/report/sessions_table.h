// SPDX-License-Identifier: GPL-2.0-or-later
//
// The list of sessions, one line each.
#pragma once

#include <string>

#include "dissector/session.h"

namespace smtp_session {

/// The names of the columns.
std::string sessions_header();

/// Number, stream, client, server, TLS, outcome, time of handshake and greeting, slowest command,
/// total.
std::string session_row(const Session& session);

}  // namespace smtp_session
