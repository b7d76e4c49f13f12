// SPDX-License-Identifier: GPL-2.0-or-later
#include "plugin/taps.h"

#include <epan/tap.h>

#include <new>

#include "plugin/conversation_list.h"
#include "plugin/conversation_menu.h"
#include "plugin/flow_graph.h"
#include "plugin/message_export.h"
#include "plugin/report_option.h"
#include "plugin/response_times.h"
#include "plugin/session_list.h"
#include "plugin/statistics_tree.h"

namespace smtp_session::ws {
namespace {

int tap_id = -1;

}  // namespace

void register_tap_source() {
  tap_id = register_tap(kTapName);
  register_response_time_table();
  register_conversation_menu();
  register_conversation_list();
  register_flow_graph();
  register_message_export();
  register_session_list();
}

void register_tap_options() {
  register_report_options();
  register_response_time_option();
  register_statistics_tree();
  register_statistics_tree_option();
}

void queue_tap(const Session& session, const FrameRecord& record, packet_info* pinfo) {
  if (!have_tap_listener(tap_id)) return;
  void* memory = wmem_alloc(pinfo->pool, sizeof(TapFrame));
  tap_queue_packet(tap_id, pinfo,
                   new (memory) TapFrame{session.id, record, pinfo->fd->visited == 0});
}

}  // namespace smtp_session::ws
