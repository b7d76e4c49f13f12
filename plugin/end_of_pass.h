// SPDX-License-Identifier: GPL-2.0-or-later
//
// The moment between the last packet of a pass and the first table that Wireshark draws.
#pragma once

#include <epan/tap.h>

namespace smtp_session::ws {

/// Calls `action` each time before the tables are drawn that listen to our tap now. To be called
/// once for each action, while packets are read: from a listener.
void call_before_drawing(tap_draw_cb action);

}  // namespace smtp_session::ws
