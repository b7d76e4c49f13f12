// SPDX-License-Identifier: GPL-2.0-or-later
#include "plugin/preferences.h"

#include <epan/epan.h>
#include <epan/prefs.h>
#include <epan/range.h>

#include <cstddef>
#include <cstdint>
#include <string>

#include "dissector/thresholds.h"
#include "plugin/certificate_gnutls.h"
#include "plugin/pool_text.h"
#include "plugin/reply_advice_file.h"
#include "plugin/rsa_keys.h"

namespace smtp_session::ws {
namespace {

constexpr std::uint32_t kMaxPort = 65535;

range_t* clear_ports = nullptr;
range_t* tls_ports = nullptr;
unsigned message_text = 0;
Thresholds thresholds;
const char* reply_advice_file = nullptr;
const GnutlsCertificateReader certificate_reader;

PortSet ports_of(const range_t* range) {
  PortSet ports;
  if (range == nullptr) return ports;
  for (unsigned i = 0; i < range->nranges; ++i) {
    for (std::uint32_t port = range->ranges[i].low; port <= range->ranges[i].high; ++port) {
      if (port > kMaxPort) break;
      ports.set(static_cast<std::size_t>(port));
    }
  }
  return ports;
}

const char* unit_text(ThresholdUnit unit) {
  switch (unit) {
    case ThresholdUnit::kMilliseconds:
      return " (ms)";
    case ThresholdUnit::kBytes:
      return " (bytes)";
    case ThresholdUnit::kPercent:
      return " (%)";
    case ThresholdUnit::kCount:
      break;
  }
  return "";
}

/// Wireshark keeps the texts' pointers.
void register_thresholds(module_t* module) {
  constexpr unsigned kDecimal = 10;
  for (const ThresholdInfo& info : kThresholds) {
    const std::string title = std::string{info.title} + unit_text(info.unit);
    prefs_register_uint_preference(module, info.name, pool_text(wmem_epan_scope(), title),
                                   info.description, kDecimal, &(thresholds.*info.member));
  }
}

}  // namespace

void register_preferences(int protocol) {
  range_convert_str(wmem_epan_scope(), &clear_ports, "24,25,587,2525,2587", kMaxPort);
  range_convert_str(wmem_epan_scope(), &tls_ports, "465,2465", kMaxPort);

  module_t* module = prefs_register_protocol(protocol, nullptr);
  prefs_register_range_preference(
      module, "clear_ports", "Ports without TLS, or with STARTTLS",
      "TCP ports on which the server greets first: SMTP, submission, LMTP. Sessions on other ports "
      "are recognised by what they say.",
      &clear_ports, kMaxPort);
  prefs_register_range_preference(
      module, "tls_ports", "Ports with implicit TLS",
      "TCP ports on which the client starts TLS at once: submissions (RFC 8314).", &tls_ports,
      kMaxPort);
  prefs_register_filename_preference(module, "reply_advice_file",
                                     "File with rows for the table of replies",
                                     "What to do about replies that you know better: rows that "
                                     "come before the built-in ones. Without "
                                     "a name, smtp_session_replies.tsv in the personal "
                                     "configuration folder is read where it exists.",
                                     &reply_advice_file, FALSE);
  constexpr unsigned kDecimal = 10;
  prefs_register_uint_preference(module, "message_text", "Text of each message to keep (bytes)",
                                 "How much of each message the transcript shows, up to 65536. The "
                                 "text of messages is private: "
                                 "0 keeps none of it.",
                                 kDecimal, &message_text);
  register_thresholds(module);
}

Config config_from_preferences() {
  Config config;
  config.clear_ports = ports_of(clear_ports);
  config.tls_ports = ports_of(tls_ports);
  config.rsa_key_loaded = rsa_key_loaded();
  config.message_text = message_text;
  config.thresholds = thresholds;
  config.certificates = &certificate_reader;
  config.reply_advice = load_reply_advice(reply_advice_file);
  return config;
}

}  // namespace smtp_session::ws
