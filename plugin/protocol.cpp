// SPDX-License-Identifier: GPL-2.0-or-later
#include "plugin/protocol.h"

#include <epan/packet.h>

#include "plugin/capture.h"
#include "plugin/decode_as.h"
#include "plugin/expert_items.h"
#include "plugin/fields.h"
#include "plugin/packet_source.h"
#include "plugin/preferences.h"
#include "plugin/session_menu.h"
#include "plugin/taps.h"

namespace smtp_session::ws {
namespace {

int proto_smtp_session = -1;
protocol_t* protocol = nullptr;

}  // namespace

void register_protocol() {
  proto_smtp_session =
      proto_register_protocol("SMTP Session Analysis", "SMTP Session", "smtp_session");
  protocol = find_protocol_by_id(proto_smtp_session);
  register_fields(proto_smtp_session);
  register_expert_items(proto_smtp_session);
  register_preferences(proto_smtp_session);
  register_decode_as(proto_smtp_session);
  register_packet_source();
  register_tap_source();
  register_session_menu();
  register_capture();
}

void hand_off_protocol() {
  hand_off_packet_source();
  hand_off_decode_as();
}

int protocol_id() {
  return proto_smtp_session;
}

bool protocol_enabled() {
  return proto_is_protocol_enabled(protocol) != 0;
}

}  // namespace smtp_session::ws
