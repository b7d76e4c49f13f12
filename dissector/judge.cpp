// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/judge.h"

#include "dissector/finding.h"
#include "dissector/transaction.h"

namespace smtp_session {

void Judge::look() {
  while (replies_seen_ < session_.replies.size()) {
    judge_reply(static_cast<Index>(++replies_seen_));
  }
}

void Judge::judge_reply(Index index) {
  const Reply& reply = session_.reply(index);
  if (is_transient(reply.code) || is_permanent(reply.code)) {
    session_.findings.push_back({FindingId::kRep04, reply.frame, index, reply.command});
  }
}

}  // namespace smtp_session
