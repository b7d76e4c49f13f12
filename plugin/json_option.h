// SPDX-License-Identifier: GPL-2.0-or-later
//
// tshark's `-z smtp_session,json[,<word>...][,<display filter>]`: a JSON object a line and session.
#pragma once

namespace smtp_session::ws {

void register_json_option();

}  // namespace smtp_session::ws
