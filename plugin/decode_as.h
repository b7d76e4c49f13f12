// SPDX-License-Identifier: GPL-2.0-or-later
//
// "Decode As ... smtp_session" on any TCP port: the bytes go to Wireshark's own SMTP dissector, and
// the session is taken for SMTP by this plugin.
#pragma once

namespace smtp_session::ws {

void register_decode_as(int protocol);
void hand_off_decode_as();

}  // namespace smtp_session::ws
