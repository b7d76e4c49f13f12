// SPDX-License-Identifier: GPL-2.0-or-later
//
// Statistics > SMTP Session, and `-z smtp_session,tree`: outcomes, reply codes, commands, findings.
#pragma once

namespace smtp_session::ws {

void register_statistics_tree();

}  // namespace smtp_session::ws
