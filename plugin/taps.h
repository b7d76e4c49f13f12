// SPDX-License-Identifier: GPL-2.0-or-later
//
// The tap "smtp_session", queued once for each frame of a session in every pass, and the `-z`
// options that listen to it.
#pragma once

#include <epan/packet.h>

#include "dissector/frame_index.h"
#include "dissector/session.h"

namespace smtp_session::ws {

inline constexpr char kTapName[] = "smtp_session";

/// What a listener of the tap is handed; it lives as long as the packet.
struct TapFrame {
  std::uint32_t session = 0;
  FrameRecord record;
  bool first_pass = false;  ///< frames behind this one are not known yet
};

void register_tap_source();
void register_tap_options();

void queue_tap(const Session& session, const FrameRecord& record, packet_info* pinfo);

}  // namespace smtp_session::ws
