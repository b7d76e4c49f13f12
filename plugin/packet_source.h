// SPDX-License-Identifier: GPL-2.0-or-later
//
// Where the packets come from: a thin dissector in front of TCP at ip.proto 6, that notes the
// header, calls TCP unchanged, and then feeds the engine (first pass) and shows what it knows
// (every pass). It needs no tree and no fields, so that other traffic costs next to nothing.
#pragma once

namespace smtp_session::ws {

void register_packet_source();
void hand_off_packet_source();

/// Takes the connection whose segment TCP is dissecting now for SMTP, whatever its port.
void take_current_for_smtp();

}  // namespace smtp_session::ws
