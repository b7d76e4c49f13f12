// SPDX-License-Identifier: GPL-2.0-or-later
//
// The only file that tests a Wireshark version. What differs between 4.0, 4.4 and 4.6 gets one name
// here, so that the rest of the plugin is written once.
#pragma once

#include <epan/conversation_filter.h>
#include <epan/packet.h>
#include <epan/stat_tap_ui.h>
#include <ws_version.h>

#include <cstdlib>

#define SMTP_SESSION_WIRESHARK_AT_LEAST(major, minor) \
  (WIRESHARK_VERSION_MAJOR > (major) ||               \
   (WIRESHARK_VERSION_MAJOR == (major) && WIRESHARK_VERSION_MINOR >= (minor)))

#if SMTP_SESSION_WIRESHARK_AT_LEAST(4, 4)
#include <wsutil/plugins.h>
#else
#include <wsutil/inet_ipv6.h>  // packet-ip.h needs it and does not include it
#endif

#include <epan/dissectors/packet-ip.h>

namespace smtp_session::ws {

/// The version of Wireshark that this build is for: it loads no other plugin.
inline constexpr int kWiresharkMajor = WIRESHARK_VERSION_MAJOR;
inline constexpr int kWiresharkMinor = WIRESHARK_VERSION_MINOR;

/// What plugin_describe() answers: 4.0 neither calls it nor installs the header of its flags.
#if SMTP_SESSION_WIRESHARK_AT_LEAST(4, 4)
inline constexpr std::uint32_t kPluginDescription =
    WS_PLUGIN_DESC_DISSECTOR | WS_PLUGIN_DESC_TAP_LISTENER;
#else
inline constexpr std::uint32_t kPluginDescription = 0;
#endif

/// "Decrypted TLS (61 bytes)". To be freed with wmem_free(nullptr, ...).
inline char* data_source_description(const struct data_source* source) {
#if SMTP_SESSION_WIRESHARK_AT_LEAST(4, 6)
  return get_data_source_description(source);
#else
  return get_data_source_name(source);
#endif
}

/// A wrong `-z` argument: 4.6 lets the init callback say so; before it, every tap of Wireshark's
/// own ends the program itself.
#if SMTP_SESSION_WIRESHARK_AT_LEAST(4, 6)
using StatInitResult = bool;
inline bool stat_init_result(bool started) {
  return started;
}
#else
using StatInitResult = void;
inline void stat_init_result(bool started) {
  if (!started) std::exit(EXIT_FAILURE);
}
#endif

/// Wireshark's own type for true and false.
#if SMTP_SESSION_WIRESHARK_AT_LEAST(4, 4)
using WsBool = bool;
#else
using WsBool = gboolean;
#endif

/// An entry of Analyze > Conversation Filter: whether a packet has one, and its filter.
template <bool (*HasOne)(const packet_info*), char* (*FilterOf)(const packet_info*)>
void add_conversation_filter(const char* protocol, const char* name) {
#if SMTP_SESSION_WIRESHARK_AT_LEAST(4, 4)
  register_conversation_filter(
      protocol, name, [](packet_info* pinfo, void* /*data*/) { return HasOne(pinfo); },
      [](packet_info* pinfo, void* /*data*/) { return FilterOf(pinfo); }, nullptr);
#else
  register_conversation_filter(
      protocol, name, [](packet_info* pinfo) -> gboolean { return HasOne(pinfo) ? TRUE : FALSE; },
      [](packet_info* pinfo) { return FilterOf(pinfo); });
#endif
}

}  // namespace smtp_session::ws
