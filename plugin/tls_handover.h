// SPDX-License-Identifier: GPL-2.0-or-later
//
// Has a connection dissected as TLS from its ClientHello on where Wireshark would not do so.
//
// Its SMTP dissector does that itself when it saw STARTTLS and the reply 220. Where one of them is
// not in the capture, or comes behind the ClientHello, it goes on to read TLS as SMTP text, and
// nothing is decrypted though the keys are there. On ports that no dissector claims, Wireshark's
// heuristic for TLS needs no help.
#pragma once

#include <epan/packet_info.h>

#include "dissector/types.h"

namespace smtp_session::ws {

void hand_off_tls_handover();

/// To be called before TCP dissects the segment that begins with a ClientHello, in the first pass.
/// It does nothing where Wireshark has settled the connection's dissector by itself.
void hand_over_to_tls(packet_info* pinfo, const Endpoint& client, const Endpoint& server);

}  // namespace smtp_session::ws
