// SPDX-License-Identifier: GPL-2.0-or-later
//
// Wireshark's interface of flow graphs. Its functions are exported, but Debian's wireshark-dev
// lacks their header: what is needed of it is declared here, with the layout that libwireshark has
// in 4.0.17, 4.4.19 and 4.6.9.
#pragma once

#if __has_include(<epan/sequence_analysis.h>)
#include <epan/sequence_analysis.h>
#else

#include <epan/address.h>
#include <epan/packet_info.h>
#include <epan/tap.h>

#include "plugin/ws_compat.h"

extern "C" {

/// One arrow of the graph. Wireshark makes them: what follows the last member is its own.
struct seq_analysis_item_t {
  guint32 frame_number;
  address src_addr;
  guint16 port_src;
  address dst_addr;
  guint16 port_dst;
  char* frame_label;
  char* time_str;
  char* comment;
  guint16 conv_num;
  unsigned fg_color;
  unsigned bg_color;
  smtp_session::ws::WsBool has_color_filter;
  smtp_session::ws::WsBool display;
  unsigned src_node;
  unsigned dst_node;
  guint16 line_style;
};

/// The graph, likewise.
struct seq_analysis_info_t {
  const char* name;
  smtp_session::ws::WsBool any_addr;
  int nconv;
  GQueue* items;
};

WS_DLL_PUBLIC void register_seq_analysis(const char* name, const char* ui_name, int proto_id,
                                         const char* tap_listener, unsigned tap_flags,
                                         tap_packet_cb tap_func);
WS_DLL_PUBLIC seq_analysis_item_t* sequence_analysis_create_sai_with_addresses(
    packet_info* pinfo, seq_analysis_info_t* sainfo);
WS_DLL_PUBLIC void sequence_analysis_use_color_filter(packet_info* pinfo, seq_analysis_item_t* sai);
}

#endif
