// SPDX-License-Identifier: GPL-2.0-or-later
//
// File > Export Objects > SMTP Session, and tshark's --export-objects smtp_session,FOLDER: each
// message as its sender had it, in clear or decrypted, in a file of its own.
#pragma once

#include <epan/packet.h>

#include <vector>

#include "dissector/session.h"
#include "plugin/message_replay.h"

namespace smtp_session::ws {

void register_message_export();

/// True while somebody listens for messages.
bool exports_messages();

/// Hands on messages of `session` that this frame completes.
void export_messages(const Session& session, const std::vector<MessageReplay::Finished>& finished,
                     packet_info* pinfo);

}  // namespace smtp_session::ws
