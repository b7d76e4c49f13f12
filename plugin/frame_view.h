// SPDX-License-Identifier: GPL-2.0-or-later
//
// Shows one frame of a session in every place that Wireshark offers: tree, expert items, tap.
#pragma once

#include <epan/packet.h>

#include "dissector/frame_index.h"
#include "dissector/session.h"

namespace smtp_session::ws {

/// In every pass, with or without a tree.
void show_frame(const Session& session, const FrameRecord& record, packet_info* pinfo,
                tvbuff_t* tvb, proto_tree* tree);

}  // namespace smtp_session::ws
