// SPDX-License-Identifier: GPL-2.0-or-later
//
// What an ICMP error says about the TCP segment that it quotes.
#pragma once

#include <epan/packet.h>

#include "dissector/segment.h"

namespace smtp_session::ws {

/// Reads the ICMP header in front of the quoted IP header, which stands in front of `tcp`. Sets
/// kind, code and MTU; false where it is no error that the engine wants to know.
bool read_icmp_error(tvbuff_t* tcp, bool ipv6, IcmpError& error);

}  // namespace smtp_session::ws
