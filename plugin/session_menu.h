// SPDX-License-Identifier: GPL-2.0-or-later
//
// Tools > SMTP Session in Wireshark: reports of the session of the selected packet and of the
// capture, the slowest reply, and filters. tshark has no menus and ignores it.
#pragma once

namespace smtp_session::ws {

void register_session_menu();

}  // namespace smtp_session::ws
