// SPDX-License-Identifier: GPL-2.0-or-later
//
// tshark's `-z smtp_session,compare,A,B[,<display filter>]`: session A beside session B, or beside
// the one on the first line of a file that `-z smtp_session,json` wrote.
#pragma once

namespace smtp_session::ws {

void register_compare_option();

}  // namespace smtp_session::ws
