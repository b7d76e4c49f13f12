// SPDX-License-Identifier: GPL-2.0-or-later
//
// Analyze > Conversation Filter > SMTP Session, and what colours a session: View > Colorize
// Conversation, and the entry of the same name in the menu of a packet.
#pragma once

namespace smtp_session::ws {

void register_conversation_menu();

}  // namespace smtp_session::ws
