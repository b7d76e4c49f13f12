// SPDX-License-Identifier: GPL-2.0-or-later
#include "plugin/tree_summary.h"

#include "dissector/metrics.h"
#include "dissector/names.h"
#include "dissector/outcome.h"
#include "dissector/transaction.h"
#include "dissector/verdict.h"
#include "plugin/fields.h"
#include "plugin/pool_text.h"

namespace smtp_session::ws {
namespace {

struct RecipientCounts {
  std::uint32_t all = 0;
  std::uint32_t rejected = 0;
};

/// Counted apart from the tree: its list may not be alive where Wireshark can throw.
RecipientCounts count_recipients(const Session& session) {
  RecipientCounts counts;
  for (Index message = 1; message <= session.messages.size(); ++message) {
    for (const Recipient& recipient : recipients_of(session, message)) {
      ++counts.all;
      const std::uint16_t result =
          recipient.final_code != 0 ? recipient.final_code : recipient.code;
      if (result != 0 && !is_positive(result)) ++counts.rejected;
    }
  }
  return counts;
}

bool wanted(const Branch& branch, int field) {
  return proto_field_is_referenced(branch.tree, field) != 0;
}

/// Made apart from the tree: its string may not be alive where Wireshark can throw.
const char* verdict_text(wmem_allocator_t* pool, const Session& session) {
  return pool_text(pool, verdict(session));
}

void show_recipients(const Branch& branch, const Session& session) {
  if (!wanted(branch, fields.recipients) && !wanted(branch, fields.recipients_rejected)) return;
  const RecipientCounts counts = count_recipients(session);
  branch.add_uint(fields.recipients, counts.all);
  branch.add_uint(fields.recipients_rejected, counts.rejected);
}

void show_slowest(const Branch& branch, const Session& session) {
  if (!wanted(branch, fields.slowest_command) && !wanted(branch, fields.slowest_latency)) return;
  const Index index = slowest_command(session);
  if (index == 0) return;
  const Command& command = session.command(index);
  if (!command.verb.empty()) branch.add_text(fields.slowest_command, command.verb.c_str());
  if (command.reply != 0) {
    branch.add_time(fields.slowest_latency, latency(session, session.reply(command.reply)));
  }
}

void show_shares(const Branch& branch, const Session& session) {
  if (!wanted(branch, fields.share_network) && !wanted(branch, fields.share_server) &&
      !wanted(branch, fields.share_client) && !wanted(branch, fields.share_tls) &&
      !wanted(branch, fields.share_transfer)) {
    return;
  }
  const TimeShare share = time_share(session);
  const Branch below = branch.titled("Where the time went", subtrees.share);
  below.add_time(fields.share_network, share.network);
  below.add_time(fields.share_server, share.server);
  below.add_time(fields.share_client, share.client);
  below.add_time(fields.share_tls, share.tls);
  below.add_time(fields.share_transfer, share.transfer);
}

void show_verdict(const Branch& branch, const Session& session) {
  branch.add_text(fields.verdict, verdict_text(branch.pool, session));
}

}  // namespace

void show_summary(const Branch& branch, const Session& session) {
  const Branch below = branch.below(
      proto_tree_add_none_format(branch.tree, fields.summary, branch.tvb, 0, 0, "Summary"),
      subtrees.summary);
  if (wanted(below, fields.outcome)) {
    below.add_text(fields.outcome, name_of(outcome_of(session)));
  }
  if (wanted(below, fields.verdict)) show_verdict(below, session);
  below.add_uint(fields.messages, static_cast<std::uint32_t>(session.messages.size()));
  show_recipients(below, session);
  below.add_uint(fields.commands, static_cast<std::uint32_t>(session.commands.size()));
  show_slowest(below, session);
  show_shares(below, session);
}

}  // namespace smtp_session::ws
