// SPDX-License-Identifier: GPL-2.0-or-later
//
// The tab "SMTP Session" of Statistics > Conversations and Endpoints, and tshark's
// `-z conv,smtp_session` and `-z endpoints,smtp_session`.
#pragma once

namespace smtp_session::ws {

void register_conversation_list();

}  // namespace smtp_session::ws
