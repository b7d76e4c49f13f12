// SPDX-License-Identifier: GPL-2.0-or-later
//
// The entry points that Wireshark looks up in a plugin.
#include <epan/proto.h>
#include <epan/tap.h>
#include <gmodule.h>

#include <cstdint>

#include "plugin/protocol.h"
#include "plugin/taps.h"
#include "plugin/ws_compat.h"

// "extern const": a const object without it has internal linkage in C++ and would not be exported.
extern "C" {
G_MODULE_EXPORT extern const char plugin_version[];
G_MODULE_EXPORT extern const int plugin_want_major;
G_MODULE_EXPORT extern const int plugin_want_minor;
G_MODULE_EXPORT void plugin_register(void);
G_MODULE_EXPORT std::uint32_t plugin_describe(void);

const char plugin_version[] = SMTP_SESSION_VERSION;
const int plugin_want_major = smtp_session::ws::kWiresharkMajor;
const int plugin_want_minor = smtp_session::ws::kWiresharkMinor;

void plugin_register(void) {
  static proto_plugin protocol;  // Wireshark keeps the pointer
  protocol.register_protoinfo = smtp_session::ws::register_protocol;
  protocol.register_handoff = smtp_session::ws::hand_off_protocol;
  proto_register_plugin(&protocol);

  static tap_plugin taps;
  taps.register_tap_listener = smtp_session::ws::register_tap_options;
  tap_register_plugin(&taps);
}

std::uint32_t plugin_describe(void) {
  return smtp_session::ws::kPluginDescription;
}
}
