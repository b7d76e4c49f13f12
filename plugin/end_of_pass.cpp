// SPDX-License-Identifier: GPL-2.0-or-later
#include "plugin/end_of_pass.h"

#include <epan/packet.h>
#include <wsutil/report_message.h>

#include "plugin/taps.h"

namespace smtp_session::ws {

void call_before_drawing(tap_draw_cb action) {
  // Wireshark tells nobody that a pass is over but the listeners that it makes draw, the newest
  // first: this one is registered behind the tables and so draws before them.
  static char data = 0;
  GString* error = register_tap_listener(kTapName, &data, nullptr, TL_IS_DISSECTOR_HELPER, nullptr,
                                         nullptr, action, nullptr);
  if (error == nullptr) return;
  report_failure("SMTP Session Analysis: %s", error->str);
  g_string_free(error, TRUE);
}

}  // namespace smtp_session::ws
