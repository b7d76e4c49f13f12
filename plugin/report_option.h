// SPDX-License-Identifier: GPL-2.0-or-later
//
// tshark's `-z smtp_session,<report>[,<display filter>]`: reports of the sessions, printed at the
// end of the capture. A filter selects the sessions that have a frame to match it.
#pragma once

namespace smtp_session::ws {

void register_report_options();

}  // namespace smtp_session::ws
