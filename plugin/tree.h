// SPDX-License-Identifier: GPL-2.0-or-later
//
// The session's subtree in a frame.
#pragma once

#include <epan/packet.h>

#include "dissector/frame_index.h"
#include "dissector/session.h"

namespace smtp_session::ws {

/// Adds the subtree of this frame to `tree`, and returns it. What is not known is absent. But for
/// links and summary, no value depends on a later frame, so that every pass shows the same.
proto_tree* show_tree(const Session& session, const FrameRecord& record, packet_info* pinfo,
                      tvbuff_t* tvb, proto_tree* tree);

}  // namespace smtp_session::ws
