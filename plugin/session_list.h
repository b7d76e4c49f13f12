// SPDX-License-Identifier: GPL-2.0-or-later
//
// Statistics > SMTP Session List, and tshark's `-z smtp_session,table`: a row for each session,
// with columns to sort by. The values are those of `-z smtp_session,sessions`.
#pragma once

namespace smtp_session::ws {

void register_session_list();

}  // namespace smtp_session::ws
