// SPDX-License-Identifier: GPL-2.0-or-later
//
// Statistics > Flow Graph, flow type SMTP Session, and `-z flow,smtp_session,network`: an arrow for
// each step of a session, with its latency.
#pragma once

namespace smtp_session::ws {

void register_flow_graph();

}  // namespace smtp_session::ws
