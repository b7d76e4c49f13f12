// SPDX-License-Identifier: GPL-2.0-or-later
//
// The same mail in more than one transaction: sent twice, or tried again until it was taken.
#include <algorithm>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "dissector/finding.h"
#include "dissector/judge_capture.h"
#include "dissector/judge_replies.h"
#include "dissector/reply_words.h"
#include "dissector/report/duration_text.h"
#include "dissector/transaction.h"

namespace smtp_session {

namespace {

std::string at_frame(const Session& session, FrameNumber frame) {
  return "session " + std::to_string(session.id) + " (frame " + std::to_string(frame) + ")";
}

std::string_view sender_of(const Session& session, Index message) {
  const Index mail = session.message(message).mail;
  return mail == 0 ? std::string_view{} : path_address(session.command(mail).argument.view());
}

// DUP-01.

struct Sent {
  Session* session = nullptr;
  Index message = 0;
  FrameNumber frame = 0;  ///< of its end of data
  TimeNs time = kNoTime;
  bool unknown_end = false;
};

bool share_recipient(const Sent& a, const Sent& b) {
  const std::vector<Recipient> first = recipients_of(*a.session, a.message);
  const std::vector<Recipient> second = recipients_of(*b.session, b.message);
  return std::any_of(first.begin(), first.end(), [&](const Recipient& one) {
    return std::any_of(second.begin(), second.end(),
                       [&](const Recipient& other) { return one.address == other.address; });
  });
}

/// Calls `use` for each message that was sent to its end and has a Message-ID.
template <typename Use>
void for_each_sent(const CaptureScene& scene, const Use& use) {
  for (Session& session : scene.sessions()) {
    for (Index i = 1; i <= session.messages.size(); ++i) {
      const Message& message = session.message(i);
      if (message.header_id.empty() || message.mail == 0 || message.end == 0) continue;
      const Command& end = session.command(message.end);
      use(Sent{&session, i, end.frame, end.time, final_reply_of(session, i) == nullptr},
          message.header_id.view());
    }
  }
}

void judge_duplicates(const CaptureScene& scene) {
  std::unordered_map<std::string_view, std::vector<Sent>> by_id;
  for_each_sent(scene, [&](const Sent& sent, std::string_view id) {
    if (sent.unknown_end) by_id[id];
  });
  if (by_id.empty()) return;
  for_each_sent(scene, [&](const Sent& sent, std::string_view id) {
    const auto found = by_id.find(id);
    if (found != by_id.end()) found->second.push_back(sent);
  });
  for (auto& [id, copies] : by_id) {
    if (copies.size() < 2) continue;
    std::sort(copies.begin(), copies.end(),
              [](const Sent& a, const Sent& b) { return a.frame < b.frame; });
    for (std::size_t i = 1; i < copies.size(); ++i) {
      const Sent& again = copies[i];
      for (std::size_t j = i; j-- > 0;) {
        const Sent& before = copies[j];
        if (!before.unknown_end ||
            sender_of(*before.session, before.message) !=
                sender_of(*again.session, again.message) ||
            !share_recipient(before, again)) {
          continue;
        }
        scene.raise(*again.session, FindingId::kDup01, Severity::kWarn, again.frame,
                    "Message-ID " + shown(id) + " of " + at_frame(*before.session, before.frame) +
                        ", whose end is not known, is sent again after " +
                        duration_text(elapsed(before.time, again.time)),
                    again.session->message(again.message).end);
        break;
      }
    }
  }
}

// REP-04 and REP-06: tried again.

/// One recipient of one transaction, and what became of it.
struct Try {
  Session* session = nullptr;
  const Reply* reply = nullptr;
  Index reply_index = 0;
};

Index index_of(const Session& session, const Reply* reply) {
  return static_cast<Index>(reply - session.replies.data() + 1);
}

/// The reply that decided for `recipient`: to its RCPT, or the final one.
const Reply* deciding_reply(const Session& session, Index message, const Recipient& recipient) {
  const Index rcpt = session.command(recipient.command).reply;
  if (rcpt == 0) return nullptr;
  if (!is_positive(session.reply(rcpt).code)) return &session.reply(rcpt);
  if (recipient.final_code != 0) return nullptr;  // LMTP: its own result has no place of its own
  return final_reply_of(session, message);
}

void judge_tries(const CaptureScene& scene, const std::vector<Try>& tries) {
  const Try* failed = nullptr;
  for (const Try& one : tries) {
    if (failed != nullptr && one.reply->first_time > failed->reply->time) {
      const bool grey = is_greylisting(*failed->session, *failed->reply);
      const bool taken = is_positive(one.reply->code);
      // A second refusal of greylisting has its finding; what matters is when it ends.
      if (taken || !grey) {
        const TimeNs delay = elapsed(failed->reply->time, one.reply->time);
        scene.raise(*one.session, grey ? FindingId::kRep06 : FindingId::kRep04, Severity::kNote,
                    one.reply->frame,
                    std::string(taken ? "Accepted " : "Tried again ") + duration_text(delay) +
                        " after " + std::to_string(failed->reply->code) + " in " +
                        at_frame(*failed->session, failed->reply->frame) +
                        (taken ? "" : ": " + std::to_string(one.reply->code)),
                    one.reply->command, one.reply_index);
      }
      failed = nullptr;
    }
    if (is_transient(one.reply->code)) failed = &one;
  }
}

/// Calls `use` for each recipient of whom a reply decided, with what makes it the same mail: sender
/// and recipient.
template <typename Use>
void for_each_try(const CaptureScene& scene, const Use& use) {
  for (Session& session : scene.sessions()) {
    for (Index i = 1; i <= session.messages.size(); ++i) {
      if (session.message(i).mail == 0) continue;
      for (const Recipient& recipient : recipients_of(session, i)) {
        const Reply* const reply = deciding_reply(session, i, recipient);
        if (reply == nullptr || reply->code == 0) continue;
        std::string mail(sender_of(session, i));
        mail += '\n';
        mail += recipient.address;
        use(Try{&session, reply, index_of(session, reply)}, mail);
      }
    }
  }
}

void judge_second_tries(const CaptureScene& scene) {
  // Most mail is taken at once: only what was put off needs to be remembered.
  std::map<std::string, std::vector<Try>> by_mail;
  for_each_try(scene, [&](const Try& one, const std::string& mail) {
    if (is_transient(one.reply->code)) by_mail[mail];
  });
  if (by_mail.empty()) return;
  for_each_try(scene, [&](const Try& one, const std::string& mail) {
    const auto found = by_mail.find(mail);
    if (found != by_mail.end()) found->second.push_back(one);
  });
  for (auto& [key, tries] : by_mail) {
    if (tries.size() < 2) continue;
    std::sort(tries.begin(), tries.end(),
              [](const Try& a, const Try& b) { return a.reply->frame < b.reply->frame; });
    judge_tries(scene, tries);
  }
}

}  // namespace

void judge_retries(const CaptureScene& scene) {
  judge_duplicates(scene);
  judge_second_tries(scene);
}

}  // namespace smtp_session
