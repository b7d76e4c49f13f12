// SPDX-License-Identifier: GPL-2.0-or-later
//
// The findings as Wireshark's expert items, one filter name for each.
#pragma once

#include <epan/packet.h>

#include "dissector/frame_index.h"
#include "dissector/session.h"

namespace smtp_session::ws {

void register_expert_items(int protocol);

/// Adds the findings that bear this frame's number. `tree` may be nullptr.
void show_findings(const Session& session, const FrameRecord& record, packet_info* pinfo,
                   tvbuff_t* tvb, proto_tree* tree);

}  // namespace smtp_session::ws
