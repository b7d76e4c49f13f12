// SPDX-License-Identifier: GPL-2.0-or-later
//
// Why the content under TLS is, or is not, readable, as a frame knows it.
#pragma once

#include <optional>

#include "dissector/session.h"

namespace smtp_session::ws {

/// The state that was known at `frame`, or nothing: it becomes known with the first event under TLS
/// (read or not), with the alert that ended the handshake, or where there is no TLS (see below).
std::optional<DecryptState> decrypt_state_at(const Session& session, FrameNumber frame);

/// The mode that was known at `frame`, or nothing. TLS is known from the ClientHello on; that there
/// is none, once the client has gone on in clear text to MAIL, AUTH or QUIT, or the session ends.
std::optional<TlsMode> tls_mode_at(const Session& session, FrameNumber frame);

}  // namespace smtp_session::ws
