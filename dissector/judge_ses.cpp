// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/judge_ses.h"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

#include "dissector/hello_reply.h"
#include "dissector/judge_auth.h"
#include "dissector/reply_codes.h"
#include "dissector/reply_words.h"
#include "dissector/report/duration_text.h"
#include "dissector/transaction.h"

namespace smtp_session {

namespace {

constexpr std::uint16_t kOk = 250;

bool is_hexadecimal(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
  });
}

/// The form of a message id of SES: "0000012345678e09-123a4cdc-b56c-78dd-b90e-d123be456789-000000".
constexpr std::array<std::size_t, 7> kGroups{16, 8, 4, 4, 4, 12, 6};

constexpr std::size_t kIdSize = [] {
  std::size_t size = kGroups.size() - 1;  // the hyphens
  for (const std::size_t group : kGroups) size += group;
  return size;
}();

bool is_ses_message_id(std::string_view id) {
  for (std::size_t i = 0; i < kGroups.size(); ++i) {
    if (id.size() < kGroups[i] || !is_hexadecimal(id.substr(0, kGroups[i]))) return false;
    id.remove_prefix(kGroups[i]);
    const bool last = i + 1 == kGroups.size();
    if (last) return id.empty();
    if (id.empty() || id.front() != '-') return false;
    id.remove_prefix(1);
  }
  return false;
}

bool equals_words(std::string_view words, std::string_view lower_words) {
  if (!words.empty() && words.back() == '.') words.remove_suffix(1);
  return words.size() == lower_words.size() && contains_words(words, lower_words);
}

std::size_t messages_accepted(const Session& session) {
  std::size_t count = 0;
  for (Index i = 1; i <= session.messages.size(); ++i)
    count += message_accepted(session, i) ? 1 : 0;
  return count;
}

std::string count_text(std::size_t count, const char* one) {
  return std::to_string(count) + " " + one + (count == 1 ? "" : "s");
}

}  // namespace

bool is_amazon_ses(const Session& session, Index hello) {
  // Its names hold either word, which few others do; most hold no part of them.
  const auto is_of_ses = [](std::string_view name) {
    return contains_words(name, "email") &&
           (contains_words(name, "simpleemailservice") ||
            (contains_words(name, "email-smtp") && contains_words(name, ".amazonaws.com")));
  };
  const ServerNames names = names_of_server(session, hello);
  return std::any_of(names.begin(), names.end(), is_of_ses);
}

void JudgeSes::on_reply(Index index) {
  const Session& session = scene_.session;
  const Reply& reply = session.reply(index);
  if (reply.opaque) return;
  if (is_transient(reply.code) || is_permanent(reply.code)) {
    judge_refusal(index);
  } else if (reply.command != 0 && reply.kind == ReplyKind::kFinal) {
    judge_accepted(index);
  }
}

void JudgeSes::judge_accepted(Index index) {
  const Session& session = scene_.session;
  const Reply& reply = session.reply(index);
  const Command& command = session.command(reply.command);
  if (is_auth(command.verb) && reply.code == kAuthenticated) {
    // With an enhanced code the same words come from many other servers.
    if (!enhanced_code(reply.lines.view()).empty() ||
        !equals_words(plain_words(reply), "authentication successful")) {
      return;
    }
    scene_.raise(FindingId::kSes02, reply.frame, "235 " + joined_lines(reply), reply.command,
                 index);
    return;
  }
  const bool ends_message =
      command.message != 0 && session.message(command.message).end == reply.command;
  if (!ends_message || reply.code != kOk) return;
  const std::string_view lines = reply.lines.view();
  const std::string_view id =
      lines.size() < kIdSize ? std::string_view{} : server_message_id(lines);
  if (is_ses_message_id(id)) {
    scene_.raise(FindingId::kSes01, reply.frame, "Message id " + std::string(id), reply.command,
                 index);
  } else if (is_amazon_ses(session, scene_.hello)) {
    scene_.raise(FindingId::kSes01, Severity::kWarn, reply.frame,
                 "250 without a message id: SES has not accepted the message",
                 "Send the message again: only a reply with a message id means that SES took it.",
                 reply.command, index);
  }
}

void JudgeSes::judge_refusal(Index index) {
  const Session& session = scene_.session;
  const Reply& reply = session.reply(index);
  const ReplyAdvice& table =
      scene_.config.reply_advice != nullptr ? *scene_.config.reply_advice : ReplyAdvice::built_in();
  const std::string words = plain_words(reply);
  const std::string server = server_names(session, scene_.hello);
  const AdviceRow* const row =
      table.find_finding({reply.code, enhanced_code(reply.lines.view()), words, server});
  if (row == nullptr) return;
  scene_.raise(row->finding, info_of(row->finding).severity, reply.frame,
               figures(row->finding, index), row->advice, reply.command, index);
}

std::string JudgeSes::figures(FindingId id, Index index) const {
  const Session& session = scene_.session;
  const Reply& reply = session.reply(index);
  std::string text = refusal_text(session, reply);
  if (id == FindingId::kSes05) {
    TimeNs active = last_client_data_;
    if (index > 1) active = std::max(active, session.reply(index - 1).time);
    const TimeNs idle = elapsed(active, reply.first_time);
    const Command* const command = reply.command == 0 ? nullptr : &session.command(reply.command);
    // Where the command came after the pause, the pause is before it.
    const TimeNs before =
        command == nullptr || command->reply_before == 0
            ? kNoTime
            : elapsed(session.reply(command->reply_before).time, command->first_time);
    text += "; idle before: " + duration_text(std::max(idle, before));
  } else if (id == FindingId::kSes06) {
    const std::size_t messages = session.messages.size();
    const TimeNs age = elapsed(session.first.time, reply.time);
    text +=
        "; " + count_text(messages, "message") + " in " + duration_text(age) + " of this session";
  } else if (id == FindingId::kSes13) {
    const OfferedExtensions offer(session, scene_.hello);
    if (offer.known() && !offer.parameters("SIZE").empty()) {
      text += "; SIZE offered: " + shown(offer.parameters("SIZE"));
    }
    if (reply.command != 0 && session.command(reply.command).message != 0) {
      const std::uint64_t size = session.message(session.command(reply.command).message).size;
      if (size > 0) text += ", sent: " + std::to_string(size);
    }
  }
  return text;
}

void JudgeSes::on_segment(const Segment& segment, Side side) {
  if (side == Side::kClient && segment.length > 0) last_client_data_ = segment.time;
}

void JudgeSes::on_close(TimeNs now, FrameNumber frame) {
  if (close_judged_) return;
  close_judged_ = true;
  const Session& session = scene_.session;
  const Thresholds& limits = scene_.thresholds;
  const TimeNs age = elapsed(session.first.time, now);
  const std::size_t messages = messages_accepted(session);
  const bool old = age > from_ms(limits.ses_session_age);
  if (!old && messages <= limits.ses_session_messages) return;
  if (!is_amazon_ses(session, scene_.hello)) return;
  const bool proper = !session.commands.empty() && session.commands.back().verb == "QUIT" &&
                      session.commands.back().reply != 0;
  if (proper) return;
  const bool said = !session.replies.empty() && session.replies.back().code == kServiceNotAvailable;
  scene_.raise(FindingId::kSes16, frame,
               "Ended after " + duration_text(age) + " and " + count_text(messages, "message") +
                   (said ? ", with 421" : ", without QUIT"));
}

}  // namespace smtp_session
