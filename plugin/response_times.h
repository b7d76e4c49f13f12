// SPDX-License-Identifier: GPL-2.0-or-later
//
// Latency by command: Statistics > Service Response Time > SMTP Session, whose columns are
// Wireshark's, and `-z smtp_session,srt`, which also has percentiles.
#pragma once

namespace smtp_session::ws {

/// With the protocols.
void register_response_time_table();

/// With the `-z` options.
void register_response_time_option();

}  // namespace smtp_session::ws
