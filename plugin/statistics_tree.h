// SPDX-License-Identifier: GPL-2.0-or-later
//
// Statistics > SMTP Session, and `-z smtp_session,tree`: outcomes, reply codes, commands, findings.
#pragma once

namespace smtp_session::ws {

/// Its name among Wireshark's statistics trees, which makes the option "smtp_session_tree,tree".
inline constexpr char kStatisticsTree[] = "smtp_session_tree";

void register_statistics_tree();
void register_statistics_tree_option();

}  // namespace smtp_session::ws
