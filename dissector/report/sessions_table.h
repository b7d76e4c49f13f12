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

/// "-", "starttls TLS 1.3", "implicit TLS 1.2".
std::string tls_column(const Session& session);

/// The verb of the slowest command, "encrypted" where it is not known, "-" where there is none.
std::string slowest_verb(const Session& session);

/// Its latency.
TimeNs slowest_latency(const Session& session);

}  // namespace smtp_session
