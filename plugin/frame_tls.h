// SPDX-License-Identifier: GPL-2.0-or-later
//
// Why the content under TLS is, or is not, readable, as a frame knows it.
#pragma once

#include <optional>

#include "dissector/session.h"

namespace smtp_session::ws {

/// The state that was known at `frame`, or nothing: it becomes known with the first event in clear
/// text, with the first one under TLS (read or not), or with the alert that ended the handshake.
std::optional<DecryptState> decrypt_state_at(const Session& session, FrameNumber frame);

/// The first command or reply in clear text was complete at `frame`, or before.
bool clear_text_seen(const Session& session, FrameNumber frame);

}  // namespace smtp_session::ws
