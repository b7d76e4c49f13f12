// SPDX-License-Identifier: GPL-2.0-or-later
//
// The protocol as Wireshark knows it.
#pragma once

namespace smtp_session::ws {

/// Registers protocol, fields, expert items, preferences, tap and the file's life cycle.
void register_protocol();

/// Connects the plugin to the dissectors of TCP and SMTP. After all protocols are registered.
void hand_off_protocol();

/// Wireshark's id of the protocol `smtp_session`.
int protocol_id();

/// False where the user disabled the protocol.
bool protocol_enabled();

}  // namespace smtp_session::ws
