// SPDX-License-Identifier: GPL-2.0-or-later
#include "plugin/tree.h"

#include <cinttypes>

#include "dissector/metrics.h"
#include "dissector/names.h"
#include "plugin/fields.h"
#include "plugin/pool_text.h"
#include "plugin/protocol.h"
#include "plugin/tree_branch.h"
#include "plugin/tree_events.h"
#include "plugin/tree_links.h"
#include "plugin/tree_summary.h"
#include "plugin/tree_tls.h"

namespace smtp_session::ws {
namespace {

constexpr TimeNs kNanosecondsPerSecond = 1000000000;
constexpr TimeNs kNanosecondsPerMillisecond = 1000000;
constexpr TimeNs kNanosecondsPerMicrosecond = 1000;

const char* role_text(wmem_allocator_t* pool, const Session& session, const FrameRecord& record) {
  return pool_text(pool, role_names(session, record));
}

TimeNs time_of(const packet_info* pinfo) {
  return static_cast<TimeNs>(pinfo->abs_ts.secs) * kNanosecondsPerSecond + pinfo->abs_ts.nsecs;
}

/// "SMTP Session 3: reply to EHLO, 250, 0.511 ms"
proto_item* add_title(const Session& session, const FrameRecord& record, TimeNs now,
                      const char* role, tvbuff_t* tvb, proto_tree* tree) {
  proto_item* item = proto_tree_add_protocol_format(tree, protocol_id(), tvb, 0, 0,
                                                    "SMTP Session %u: %s", session.id, role);
  const EventRange replies = replies_of(session, record.frame);
  const Index going_on = reply_going_on(session, record, now);
  if (replies.count() != 1 && going_on == 0) return item;
  Reply reply = session.reply(going_on != 0 ? going_on : replies.first);
  if (going_on != 0) reply.time = now;
  if (reply.code != 0) proto_item_append_text(item, ", %03u", reply.code);
  const TimeNs time = latency(session, reply);
  if (time < 0 || reply.kind == ReplyKind::kIntermediate) return item;
  proto_item_append_text(item, ", %" PRId64 ".%03" PRId64 " ms", time / kNanosecondsPerMillisecond,
                         time % kNanosecondsPerMillisecond / kNanosecondsPerMicrosecond);
  return item;
}

/// The set-up times that a frame completes without completing a command or reply.
void show_handshake_times(const Branch& branch, const Session& session, FrameNumber frame) {
  if (session.tcp.syn_ack.frame == frame) {
    branch.add_time(fields.time_rtt_server, rtt_server(session));
  }
  if (session.tcp.ack.frame == frame) {
    branch.add_time(fields.time_rtt_client, rtt_client(session));
    branch.add_time(fields.time_handshake, handshake(session));
  }
  if (session.tls && session.tls->finished.frame == frame) {
    branch.add_time(fields.time_tls_handshake, tls_handshake(session));
  }
}

}  // namespace

proto_tree* show_tree(const Session& session, const FrameRecord& record, packet_info* pinfo,
                      tvbuff_t* tvb, proto_tree* tree) {
  // Nobody asks for any field of ours: nothing that were added now would be kept.
  if (proto_field_is_referenced(tree, protocol_id()) == 0) return tree;

  const char* role = role_text(pinfo->pool, session, record);
  const TimeNs now = time_of(pinfo);
  proto_item* title = add_title(session, record, now, role, tvb, tree);
  const Branch branch{proto_item_add_subtree(title, subtrees.session), tvb, pinfo->pool};
  show_summary(branch, session);  // what became of the session comes first
  branch.add_uint(fields.id, session.id);
  branch.add_uint(fields.stream, session.stream);
  branch.add_text(fields.phase, name_of(record.phase_at()));
  branch.add_text(fields.role, role);
  branch.add_text(fields.sender, name_of(record.sender()));
  branch.add_bool(fields.encrypted, record.encrypted != 0);
  show_events(branch, session, record, now);
  show_handshake_times(branch, session, record.frame);
  if (session.first.known()) {
    branch.add_time(fields.time_session, elapsed(session.first.time, now));
  }
  show_tls(branch, session, record.frame);
  show_links(branch.titled("Steps of the session", subtrees.links), session);
  return branch.tree;
}

}  // namespace smtp_session::ws
