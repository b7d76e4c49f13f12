// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/judge_latency.h"

#include <algorithm>
#include <string>
#include <string_view>

#include "dissector/command_line.h"
#include "dissector/frame_index.h"
#include "dissector/judge_auth.h"
#include "dissector/metrics.h"
#include "dissector/reply_words.h"
#include "dissector/report/duration_text.h"

namespace smtp_session {

namespace {

constexpr TimeNs kSecond = 1'000'000'000;

/// Delays that mail servers make on purpose: Exchange's TarpitInterval (5 s) and
/// MaxAcknowledgementDelay (30 s), the steps of its back pressure (10 to 55 s).
constexpr std::array<TimeNs, 5> kDelays{5 * kSecond, 10 * kSecond, 20 * kSecond, 30 * kSecond,
                                        55 * kSecond};
/// How near a delay has to be: 3 of 100.
constexpr TimeNs kShare = 100;
constexpr TimeNs kNear = 3;
/// A server that only acknowledges at first has the command, and holds the reply back. Delayed
/// acknowledgements come within 500 ms (RFC 9293 section 3.8.6.3).
constexpr TimeNs kFastAck = kSecond;
constexpr std::uint8_t kTimes = 2;

bool ends_message(const Command& command) {
  return command.verb == "." ||
         (command.verb == "BDAT" && parse_chunk_size(command.argument.view()).last);
}

TimeNs limit_of(const Command& command, const Thresholds& limits) {
  const Text verb = command.verb;
  if (verb == "MAIL") return from_ms(limits.mail_limit);
  if (verb == "RCPT") return from_ms(limits.rcpt_limit);
  if (verb == "DATA") return from_ms(limits.data_limit);
  return ends_message(command) ? from_ms(limits.end_limit) : kNoTime;
}

std::string name_of(const Command& command) {
  return command.opaque ? std::string("an encrypted command")
                        : shown(name_of_command(command.verb.view()));
}

/// Between these a client may hold the connection open on purpose.
bool is_reuse(const Session& session, const Command& command) {
  const Text verb = command.verb;
  if (verb != "MAIL" && verb != "RSET" && verb != "NOOP" && verb != "QUIT") return false;
  const Index before = session.reply(command.reply_before).command;
  if (before == 0) return false;
  const Command& last = session.command(before);
  return ends_message(last) || last.verb == "RSET" || last.verb == "NOOP";
}

}  // namespace

TimeNs server_part(const Session& session, Index index, TimeNs last_client_data) {
  const Reply& reply = session.reply(index);
  if (reply.command == 0 || !reply.exact || !session.command(reply.command).exact) return kNoTime;
  TimeNs part = service_time(session, index);
  if (is_auth(session.command(reply.command).verb)) {
    const TimeNs since_client = elapsed(last_client_data, reply.time);
    if (since_client != kNoTime) part = std::min(part, since_client);
  }
  if (part == kNoTime) return kNoTime;
  const TimeNs network = rtt_server(session);
  return network == kNoTime ? part : std::max<TimeNs>(part - network, 0);
}

void JudgeLatency::on_command(Index index) {
  const Session& session = scene_.session;
  const Command& command = session.command(index);
  if (command.opaque || !command.exact || command.pipelined || command.reply_before == 0) return;
  const Reply& before = session.reply(command.reply_before);
  if (!before.exact) return;
  TimeNs since = before.time;
  if (session.tls != nullptr && session.tls->finished.known()) {
    since = std::max(since, session.tls->finished.time);
  }
  const TimeNs wait = elapsed(since, command.first_time);
  if (wait <= from_ms(scene_.thresholds.think_time) || is_reuse(session, command)) return;
  scene_.raise(FindingId::kLat04, command.frame,
               "The client took " + duration_text(wait) + " before " +
                   (command.verb == "." ? std::string("the message") : name_of(command)),
               index);
}

void JudgeLatency::on_reply(Index index) {
  const Session& session = scene_.session;
  const Reply& reply = session.reply(index);
  if (reply.command == 0 || reply.kind != ReplyKind::kFinal) return;
  const Command& command = session.command(reply.command);
  judge_limit(index);
  const TimeNs part = server_part(session, index, last_client_data_);
  if (part == kNoTime) return;
  judge_tarpit(index, part);
  if (ends_message(command)) return;
  const Thresholds& limits = scene_.thresholds;
  if (part <= from_ms(limits.latency_note)) return;
  scene_.raise(FindingId::kLat01,
               part > from_ms(limits.latency_warn) ? Severity::kWarn : Severity::kNote, reply.frame,
               "The server took " + duration_text(part) + " for " + name_of(command), reply.command,
               index);
}

void JudgeLatency::judge_limit(Index index) {
  const Session& session = scene_.session;
  const Reply& reply = session.reply(index);
  const Command& command = session.command(reply.command);
  const TimeNs limit = limit_of(command, scene_.thresholds);
  const TimeNs wait = latency(session, reply);
  if (limit == kNoTime || wait == kNoTime || wait <= limit) return;
  scene_.raise(FindingId::kLat02, reply.frame,
               "The reply to " + name_of(command) + " came after " + duration_text(wait) +
                   ", the limit is " + duration_text(limit),
               reply.command, index);
}

void JudgeLatency::judge_tarpit(Index index, TimeNs part) {
  const Reply& reply = scene_.session.reply(index);
  const bool held_back = acknowledged_ != kNoTime && acknowledged_ < reply.first_time &&
                         elapsed(last_client_data_, acknowledged_) <= kFastAck;
  if (!held_back) return;
  for (std::size_t i = 0; i < kShapes; ++i) {
    const TimeNs off = part > kDelays[i] ? part - kDelays[i] : kDelays[i] - part;
    if (off > kDelays[i] / kShare * kNear) continue;
    if (shapes_[i] >= kTimes) return;
    if (++shapes_[i] < kTimes) return;
    scene_.raise(FindingId::kLat03, reply.frame,
                 "Acknowledged at once, but answered after " + duration_text(part) +
                     ", for the second time near " + std::to_string(kDelays[i] / kSecond) + " s",
                 reply.command, index);
    return;
  }
}

void JudgeLatency::on_segment(const Segment& segment, Side side, std::uint32_t roles) {
  last_time_ = segment.time;
  constexpr std::uint32_t kNothingNew = kRoleRetransmission | kRoleKeepAlive;
  if (side == Side::kClient) {
    if (segment.length == 0 || (roles & kNothingNew) != 0) return;
    last_client_data_ = segment.time;
    acknowledged_ = kNoTime;
  } else if (segment.length == 0 && segment.has(TcpFlags::kAck) && acknowledged_ == kNoTime &&
             last_client_data_ != kNoTime) {
    acknowledged_ = segment.time;
  }
}

void JudgeLatency::judge_unanswered(TimeNs now, FrameNumber frame) {
  if (unanswered_judged_) return;
  const Session& session = scene_.session;
  if (session.server_silent || session.tcp.gaps > 0 || session.commands.empty()) return;
  // The first one that is not answered is the one that the client waited for.
  std::size_t at = session.commands.size();
  while (at > 0 && session.commands[at - 1].reply == 0) --at;
  if (at == session.commands.size()) return;
  const Command& command = session.commands[at];
  const TimeNs limit = limit_of(command, scene_.thresholds);
  const TimeNs wait = elapsed(command.time, now);
  if (limit == kNoTime || wait == kNoTime || wait <= limit) return;
  unanswered_judged_ = true;
  scene_.raise(FindingId::kLat02, frame,
               "No reply to " + name_of(command) + " for " + duration_text(wait) +
                   ", the limit is " + duration_text(limit),
               static_cast<Index>(at + 1));
}

void JudgeLatency::on_close(FrameNumber frame) {
  judge_unanswered(last_time_, frame);
}

void JudgeLatency::on_finish(Moment last) {
  if (scene_.session.tcp.close == CloseKind::kNone) judge_unanswered(last.time, last.frame);
}

}  // namespace smtp_session
