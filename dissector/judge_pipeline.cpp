// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/judge_pipeline.h"

#include <string>
#include <string_view>

#include "dissector/hello_reply.h"
#include "dissector/judge_auth.h"
#include "dissector/metrics.h"
#include "dissector/reply_words.h"
#include "dissector/report/duration_text.h"

namespace smtp_session {

namespace {

/// PIP-01 in one session: a client that does so does it all the time.
constexpr std::size_t kMaxEarly = 10;

/// A client that sends the next command after so long has given up waiting, and does not pipeline.
constexpr TimeNs kGaveUp = 5'000'000'000;

/// Below this a round trip is not told from what the server needs anyway.
constexpr TimeNs kLeastRoundTrip = 5'000'000;

/// So many replies in a row, each a round trip behind the one before, are no chance.
constexpr std::size_t kRoundTrips = 2;

/// True where the client has to wait for the reply: RFC 2920 section 3.1; RFC 3207 section 4 for
/// STARTTLS, RFC 4954 section 4 for AUTH. Not for the message itself, whether a dot or the last
/// chunk ends it: the same section lets the next commands follow in one group.
bool must_wait_for(const Command& command) {
  const Text verb = command.verb;
  return is_hello(verb) || is_auth(verb) || verb == "STARTTLS" || verb == "DATA" ||
         verb == "VRFY" || verb == "EXPN" || verb == "TURN" || verb == "QUIT" || verb == "NOOP";
}

}  // namespace

void JudgePipeline::on_command(Index index) {
  const Session& session = scene_.session;
  const Command& command = session.command(index);
  if (index < 2 || !command.pipelined || command.opaque || !command.exact) return;
  if (session.server_silent || session.desynchronised || session.tcp.gaps > 0) return;
  const Command& before = session.command(index - 1);
  const bool unanswered =
      before.reply == 0 || session.reply(before.reply).time > command.first_time;
  if (!unanswered || early_ >= kMaxEarly || before.opaque) return;
  if (elapsed(before.time, command.first_time) > kGaveUp) return;
  const std::string what = command.verb == "." ? std::string("The message")
                                               : shown(name_of_command(command.verb.view()));
  std::string text;
  if (must_wait_for(before)) {
    // A hello before the greeting belongs to what Exim calls pipelining of the connection.
    if (is_hello(before.verb) && before.reply_before == 0) return;
    text = what + " was sent before the reply to " + std::string(before.verb.view());
  } else {
    const OfferedExtensions offer(session, scene_.hello);
    if (!offer.known() || offer.has("PIPELINING")) return;
    text = what + " was sent before the reply to " + shown(name_of_command(before.verb.view())) +
           ", and PIPELINING is not offered";
  }
  ++early_;
  scene_.raise(FindingId::kPip01, command.frame, text, index);
}

void JudgePipeline::on_reply(Index index) {
  const Session& session = scene_.session;
  const Reply& reply = session.reply(index);
  if (one_by_one_raised_ || reply.command < 2 || index < 2) return;
  const Command& command = session.command(reply.command);
  const Reply& before = session.reply(index - 1);
  const bool in_group = command.pipelined && before.command + 1 == reply.command &&
                        session.command(before.command).frame == command.frame && !command.opaque;
  const TimeNs to_server = rtt_server(session);
  const TimeNs to_client = rtt_client(session);
  if (!in_group || to_server == kNoTime || to_client == kNoTime) {
    round_trips_ = 0;
    return;
  }
  const TimeNs round_trip = to_server + to_client;
  const TimeNs gap = elapsed(before.time, reply.first_time);
  if (round_trip < kLeastRoundTrip || gap == kNoTime || gap < round_trip / 4 * 3 ||
      gap > round_trip / 2 * 3) {
    round_trips_ = 0;
    return;
  }
  if (++round_trips_ < kRoundTrips) return;
  one_by_one_raised_ = true;
  scene_.raise(FindingId::kPip02, reply.frame,
               "Replies to commands of one segment come a round trip (" +
                   duration_text(round_trip) + ") apart",
               reply.command, index);
}

}  // namespace smtp_session
