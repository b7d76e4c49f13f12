// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/idle_end.h"

#include <algorithm>
#include <string_view>

#include "dissector/metrics.h"
#include "dissector/reply_codes.h"
#include "dissector/reply_words.h"
#include "dissector/transaction.h"

namespace smtp_session {

namespace {

constexpr TimeNs kSecond = 1'000'000'000;
/// The shortest silence that counts where the server says something.
constexpr TimeNs kShortest = kSecond;
/// And where it closes without a word, which it may do for many reasons. The shortest limits of
/// servers known are ten seconds.
constexpr TimeNs kShortestWithoutWord = 5 * kSecond;

/// In the middle of a message the silence is another one: what the model holds of the client's
/// bytes are their ends.
bool in_message(const Session& session, TimeNs time) {
  if (session.messages.empty()) return false;
  const Message& message = session.messages.back();
  if (message.reset || message.data == 0) return false;
  const Command& data = session.command(message.data);
  const bool accepted = data.reply != 0 && !is_transient(session.reply(data.reply).code) &&
                        !is_permanent(session.reply(data.reply).code);
  if (!accepted && !message.has_content) return false;
  return message.end == 0 || session.command(message.end).time > time;
}

bool speaks_of_a_time_limit(const Reply& reply) {
  constexpr std::uint16_t kLocalError = 451;
  if (reply.code != kServiceNotAvailable && reply.code != kLocalError) return false;
  const std::string_view lines = reply.lines.view();
  // RFC 3463 section 3.5: X.4.2 is a bad connection, "either because of time-out, or ...".
  return enhanced_code(lines) == "4.4.2" || contains_words(lines, "timeout") ||
         contains_words(lines, "timed out") || contains_words(lines, "idle");
}

IdleEnd end_with_reply(const Session& session) {
  for (auto i = static_cast<Index>(session.replies.size()); i > 1; --i) {
    const Reply& reply = session.reply(i);
    if (reply.opaque) continue;
    if (reply.kind == ReplyKind::kUnsolicited && is_transient(reply.code)) {
      TimeNs active = session.reply(i - 1).time;
      for (const Command& command : session.commands) {
        if (command.time <= reply.first_time) active = std::max(active, command.time);
      }
      const TimeNs idle = elapsed(active, reply.first_time);
      if (idle < kShortest || in_message(session, reply.first_time)) return {};
      return {idle, false, i};
    }
    if (reply.command != 0 && speaks_of_a_time_limit(reply)) {
      const TimeNs idle = think_time(session, session.command(reply.command));
      if (idle >= kShortest) return {idle, true, i};
    }
  }
  return {};
}

IdleEnd end_without_word(const Session& session) {
  const TcpFacts& tcp = session.tcp;
  if (tcp.close == CloseKind::kNone || tcp.closed_by != Side::kServer || session.replies.empty() ||
      session.commands.empty()) {
    return {};
  }
  const Moment& close = tcp.close == CloseKind::kFin ? tcp.first_fin : tcp.first_rst;
  const bool outstanding = std::any_of(session.commands.begin(), session.commands.end(),
                                       [](const Command& command) { return command.reply == 0; });
  if (outstanding || in_message(session, close.time)) return {};
  const Command& last = session.commands.back();
  if (last.verb.view() == "QUIT") return {};
  const TimeNs idle = elapsed(std::max(last.time, session.replies.back().time), close.time);
  return idle >= kShortestWithoutWord ? IdleEnd{idle, false, 0} : IdleEnd{};
}

}  // namespace

IdleEnd idle_end(const Session& session) {
  const IdleEnd end = end_with_reply(session);
  return end.known() ? end : end_without_word(session);
}

}  // namespace smtp_session
