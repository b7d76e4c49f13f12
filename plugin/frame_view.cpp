// SPDX-License-Identifier: GPL-2.0-or-later
#include "plugin/frame_view.h"

#include "plugin/expert_items.h"
#include "plugin/taps.h"
#include "plugin/tree.h"

namespace smtp_session::ws {

void show_frame(const Session& session, const FrameRecord& record, packet_info* pinfo,
                tvbuff_t* tvb, proto_tree* tree) {
  // The statistics of the GUI, and the second pass of `tshark -2`, ask for findings and tap packets
  // without a tree: only the tree itself may depend on one.
  proto_tree* subtree = nullptr;
  if (tree != nullptr) subtree = show_tree(session, record, pinfo, tvb, tree);
  show_findings(session, record, pinfo, tvb, subtree);
  queue_tap(session, record, pinfo);
}

}  // namespace smtp_session::ws
