// SPDX-License-Identifier: GPL-2.0-or-later
//
// tshark's `-z smtp_session,html,FILE[,<display filter>]`: all sessions as one HTML page.
#pragma once

namespace smtp_session::ws {

void register_html_option();

}  // namespace smtp_session::ws
