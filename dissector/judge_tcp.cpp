// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/judge_tcp.h"

#include <algorithm>

#include "dissector/frame_index.h"
#include "dissector/metrics.h"
#include "dissector/names.h"
#include "dissector/outcome.h"
#include "dissector/reply_codes.h"
#include "dissector/report/duration_text.h"
#include "dissector/transaction.h"

namespace smtp_session {

namespace {

constexpr std::uint16_t kSmtpPort = 25;

/// Any IPv4 path carries segments of this size (RFC 9293 section 3.7.1): a shorter one does not
/// fail for its size.
constexpr std::uint32_t kDefaultMss = 536;

/// `a` lies behind `b` in the sequence space (RFC 9293 section 3.4).
bool behind(std::uint32_t a, std::uint32_t b) {
  return static_cast<std::int32_t>(a - b) > 0;
}

std::string plural(std::uint64_t count, const char* noun) {
  return std::to_string(count) + " " + noun + (count == 1 ? "" : "s");
}

std::string server_or_client(Side side) {
  return side == Side::kServer ? "the server" : "the client";
}

/// RFC 792, RFC 1122 section 3.2.2.1, RFC 1812 section 5.2.7.1; for IPv6 RFC 4443 section 3.1.
std::string unreachable_text(bool ipv6, std::uint8_t code) {
  constexpr std::array<const char*, 14> kCodes{
      "network unreachable",
      "host unreachable",
      "protocol unreachable",
      "port unreachable",
      "fragmentation needed",
      "source route failed",
      "network unknown",
      "host unknown",
      "source host isolated",
      "network administratively prohibited",
      "host administratively prohibited",
      "network unreachable for this type of service",
      "host unreachable for this type of service",
      "communication administratively prohibited",
  };
  constexpr std::array<const char*, 7> kCodes6{
      "no route",
      "communication administratively prohibited",
      "beyond scope of source address",
      "address unreachable",
      "port unreachable",
      "source address failed policy",
      "route rejected",
  };
  if (!ipv6 && code < kCodes.size()) return kCodes[code];
  if (ipv6 && code < kCodes6.size()) return kCodes6[code];
  return "unreachable, code " + std::to_string(code);
}

}  // namespace

// -- Handshake -----------------------------------------------------------------------------------

void JudgeTcp::judge_handshake(FrameNumber frame) {
  const TcpFacts& tcp = scene_.session.tcp;
  if (tcp.refused && !refusal_judged_) {
    refusal_judged_ = true;
    scene_.raise(FindingId::kTcp02, frame,
                 "Port " + std::to_string(scene_.session.server.port) +
                     ": the SYN is answered by RST after " +
                     duration_text(elapsed(tcp.first_syn.time, tcp.first_rst.time)));
  }
  if (handshake_judged_ || !tcp.ack.known()) return;
  handshake_judged_ = true;
  if (!tcp.answered_syn.known()) return;
  const TimeNs round_trip = elapsed(tcp.answered_syn.time, tcp.ack.time);
  const bool repeated = tcp.answered_syn.frame != tcp.first_syn.frame;
  const bool slow = round_trip > from_ms(scene_.thresholds.initial_round_trip);
  if (!repeated && !slow) return;
  std::string text;
  if (repeated) {
    text = "SYN sent " + plural(tcp.syn_count, "time") + ", the first one " +
           duration_text(elapsed(tcp.first_syn.time, tcp.answered_syn.time)) +
           " before the one that was answered";
  }
  if (slow) {
    if (repeated) text += "; ";
    text += "round trip of the handshake " + duration_text(round_trip) + ", of it " +
            duration_text(elapsed(tcp.answered_syn.time, tcp.syn_ack.time)) + " to the server";
  }
  scene_.raise(FindingId::kTcp03, frame, text);
}

void JudgeTcp::on_icmp_error(const IcmpError& error, Side side) {
  if (error.kind == IcmpError::Kind::kTooBig) {
    too_big_ = error;
    return;
  }
  // Later ones may pass: TCP goes on (RFC 1122 section 4.2.3.9).
  const bool about_syn = side == Side::kClient && !established() && !client_went_on_;
  if (about_syn && unreachable_.frame == 0) unreachable_ = error;
}

/// The error has a frame of its own, which is none of the session's: it is told at the next one.
void JudgeTcp::judge_unreachable(FrameNumber frame) {
  if (unreachable_.frame == 0 || unreachable_judged_) return;
  unreachable_judged_ = true;
  const bool ipv6 = unreachable_.source.address.family == 6;
  scene_.raise(FindingId::kTcp02, frame,
               "ICMP in frame " + std::to_string(unreachable_.frame) +
                   " answers the SYN: " + unreachable_text(ipv6, unreachable_.code) + ", " +
                   duration_text(elapsed(scene_.session.tcp.first_syn.time, unreachable_.time)) +
                   " after the first one");
}

bool JudgeTcp::established() const {
  const TcpFacts& tcp = scene_.session.tcp;
  return tcp.syn_ack.known() || tcp.mid_stream;
}

// -- PROXY header --------------------------------------------------------------------------------

void JudgeTcp::on_proxy(ProxyParse parse, const ProxyHeader& header, FrameNumber frame) {
  if (parse == ProxyParse::kMalformed) {
    scene_.raise(FindingId::kTcp12, Severity::kWarn, frame,
                 "Malformed PROXY header of version " + std::to_string(header.version));
    return;
  }
  std::string text = "PROXY version " + std::to_string(header.version);
  if (header.local) {
    text += " without addresses";
  } else {
    text += ": " + to_string(header.source.address) + " port " +
            std::to_string(header.source.port) + " to " + to_string(header.destination.address) +
            " port " + std::to_string(header.destination.port);
  }
  if (scene_.session.greeting != 0) {
    // Section 2: the header comes before any other byte, so also before the server speaks.
    scene_.raise(FindingId::kTcp12, Severity::kWarn, frame, text + ", after the greeting");
    return;
  }
  const bool addressed = !header.local && header.source.address.family != 0;
  const bool port_fits = header.destination.port == scene_.session.server.port ||
                         scene_.config.watches(header.destination.port);
  if (addressed && (header.source.port == 0 || !port_fits)) {
    scene_.raise(FindingId::kTcp12, Severity::kWarn, frame,
                 text + (header.source.port == 0 ? "; the source port is 0"
                                                 : "; the destination is no mail port"));
    return;
  }
  scene_.raise(FindingId::kTcp12, frame, text);
}

// -- Loss, windows, silence ----------------------------------------------------------------------

void JudgeTcp::on_gap(Side side, std::uint64_t size, Moment now) {
  if (gap_raised_) return;
  gap_raised_ = true;
  scene_.raise(FindingId::kTcp09, now.frame,
               plural(size, "byte") + " of " + server_or_client(side) +
                   " before this frame are missing: times and sizes here are not exact");
}

void JudgeTcp::note_sent(const Segment& segment, Side side) {
  Flight& mine = flight(side);
  const bool takes_number = segment.has(TcpFlags::kSyn) || segment.has(TcpFlags::kFin);
  const std::uint32_t end = segment.seq + segment.length + (takes_number ? 1U : 0U);
  if (!mine.seen) {
    mine.seen = true;
    mine.end = end;
    mine.acked = segment.seq;
    mine.longest_end = end;
    if (segment.length > 0) mine.waits_since = segment.time;
    mine.longest = segment.length;
    return;
  }
  if (!behind(end, mine.end)) return;
  if (mine.end == mine.acked) mine.waits_since = segment.time;
  mine.end = end;
  if (segment.length > mine.longest) {
    mine.longest = segment.length;
    mine.longest_end = end;
  }
}

void JudgeTcp::note_acknowledged(const Segment& segment, Side side) {
  // Whatever comes from a side shows that it lives.
  Flight& theirs = flight(other(side));
  if (theirs.waits_since != kNoTime) theirs.waits_since = segment.time;
  if (!segment.has(TcpFlags::kAck) || !theirs.seen || !behind(segment.ack, theirs.acked)) return;
  theirs.acked = segment.ack;
  if (theirs.longest > 0 && !behind(theirs.longest_end, segment.ack)) {
    theirs.longest_acked = std::max(theirs.longest_acked, theirs.longest);
  }
  if (behind(theirs.acked, theirs.end)) theirs.end = theirs.acked;  // sent, but not captured
  if (theirs.acked == theirs.end) theirs.waits_since = kNoTime;
  if (behind(theirs.acked, theirs.repeated)) theirs.sends = 0;
}

void JudgeTcp::judge_repeat(const Segment& segment, Side side) {
  Flight& mine = flight(side);
  if (behind(mine.acked, segment.seq) || segment.has(TcpFlags::kSyn)) return;
  if (mine.sends == 0 || mine.repeated != segment.seq) {
    mine.repeated = segment.seq;
    mine.sends = 1;  // the first one was no retransmission
    mine.shortest = segment.length;
  }
  ++mine.sends;
  mine.shortest = std::min(mine.shortest, segment.length);
  if (stall_raised_ || mine.sends < scene_.thresholds.full_segment_sends ||
      mine.longest_acked == 0 || mine.shortest < kDefaultMss ||
      mine.shortest <= mine.longest_acked) {
    return;
  }
  stall_raised_ = true;
  std::string icmp = "; no ICMP error was captured";
  if (too_big_.frame != 0) {
    icmp = "; ICMP in frame " + std::to_string(too_big_.frame) + " says that it is too big";
    if (too_big_.mtu != 0) icmp += ", MTU " + std::to_string(too_big_.mtu);
  }
  scene_.raise(FindingId::kTcp04, segment.frame,
               "Segment of " + plural(mine.shortest, "byte") + " of " + server_or_client(side) +
                   " sent " + plural(mine.sends, "time") +
                   " and never acknowledged, while shorter ones are (the longest has " +
                   plural(mine.longest_acked, "byte") + ")" + icmp);
}

void JudgeTcp::judge_window(const Segment& segment) {
  if (segment.has(TcpFlags::kSyn) || segment.has(TcpFlags::kRst)) return;
  if (segment.window == 0) {
    const TlsFacts* const tls = scene_.session.tls.get();
    const bool unread = tls != nullptr && tls->undecrypted;
    if (zero_window_since_ == kNoTime && (message_in_progress() != 0 || unread)) {
      zero_window_since_ = segment.time;
    }
    return;
  }
  end_zero_window(segment.time, segment.frame, false);
}

void JudgeTcp::end_zero_window(TimeNs now, FrameNumber frame, bool closed) {
  if (zero_window_since_ == kNoTime) return;
  const TimeNs length = elapsed(zero_window_since_, now);
  zero_window_since_ = kNoTime;
  if (length <= from_ms(scene_.thresholds.zero_window)) return;
  scene_.raise(FindingId::kTcp05, frame,
               "The server's window was zero for " + duration_text(length) +
                   (closed ? " and did not open again" : ""));
}

void JudgeTcp::judge_silence(const Segment& segment, Side side, std::uint32_t roles) {
  if (silence_raised_) return;
  // RFC 9293 section 3.8.6.1: a probe of a closed window looks like a keep-alive.
  if ((roles & kRoleKeepAlive) != 0 && !flight(other(side)).window_closed) {
    silence_raised_ = true;
    scene_.raise(FindingId::kTcp10, segment.frame,
                 "Keep-alive of " + server_or_client(side) + " after " +
                     duration_text(elapsed(last_time_, segment.time)) + " of silence");
    return;
  }
  // Seen where the waiting side sends again, or where the silent one speaks at last.
  for (const Side waiting : {side, other(side)}) {
    const Flight& sent = flight(waiting);
    if (sent.waits_since == kNoTime || !flight(other(waiting)).seen) continue;
    const TimeNs silent = elapsed(sent.waits_since, segment.time);
    if (silent <= from_ms(scene_.thresholds.silent_peer)) continue;
    silence_raised_ = true;
    scene_.raise(FindingId::kTcp10, segment.frame,
                 "Nothing from " + server_or_client(other(waiting)) + " for " +
                     duration_text(silent) + ", while " + plural(sent.end - sent.acked, "byte") +
                     " sent to it are not acknowledged");
    return;
  }
}

void JudgeTcp::on_segment(const Segment& segment, Side side, std::uint32_t roles) {
  if (!handshake_judged_) judge_handshake(segment.frame);
  if (unreachable_.frame != 0) judge_unreachable(segment.frame);
  if (side == Side::kClient && !segment.has(TcpFlags::kSyn)) client_went_on_ = true;
  const bool reset = segment.has(TcpFlags::kRst);
  if (!reset) {
    if (side == Side::kServer) judge_window(segment);
    judge_silence(segment, side, roles);
    note_acknowledged(segment, side);
    if ((roles & kRoleRetransmission) != 0) judge_repeat(segment, side);
    note_sent(segment, side);
    flight(side).window_closed = segment.window == 0;
  }
  last_time_ = segment.time;
}

// -- Commands and the end ------------------------------------------------------------------------

void JudgeTcp::on_command(Index index) {
  const Command& command = scene_.session.command(index);
  const Text verb = command.verb;
  if (verb == "QUIT") last_quit_ = index;
  if (verb == "PROXY") {
    scene_.raise(FindingId::kTcp12, Severity::kWarn, command.frame,
                 "A PROXY header in the session, after the greeting", index);
  }
}

void JudgeTcp::on_reply(Index /*reply*/) {
  gaps_at_reply_ = scene_.session.tcp.gaps;
}

/// The message whose bytes have begun and whose final reply has not come, 0 if there is none.
Index JudgeTcp::message_in_progress() const {
  const Session& session = scene_.session;
  for (auto index = static_cast<Index>(session.messages.size()); index > 0; --index) {
    const Message& message = session.message(index);
    if (message.reset || !message.has_content) continue;
    if (message.end != 0 && session.command(message.end).reply != 0) return 0;
    if (!can_be_accepted(session, index)) continue;
    if (message.end == 0) {
      // Refused in the middle: BDAT whose chunk failed, a server that spoke up and went on.
      const auto last_reply = static_cast<Index>(session.replies.size());
      const bool refused = last_reply != 0 && session.reply(last_reply).command != 0 &&
                           session.command(session.reply(last_reply).command).message == index &&
                           session.reply(last_reply).code >= 400;
      return refused ? 0 : index;
    }
    // A reply to what came later shows that its own reply is lost in the capture.
    const bool answered_later =
        !session.replies.empty() && session.replies.back().command > message.end;
    return answered_later ? 0 : index;
  }
  return 0;
}

void JudgeTcp::raise_unanswered(Index index, const std::string& by, FrameNumber frame) {
  if (unanswered_raised_) return;
  unanswered_raised_ = true;
  const Session& session = scene_.session;
  const Message& message = session.message(index);
  std::string text = by + " ended the connection ";
  if (message.end == 0) {
    text += "within message " + std::to_string(index) + ", after " + plural(message.size, "byte");
  } else {
    // Where the client has closed, the server's end comes later and is not what left this open.
    const TimeNs closed = client_closed_ ? session.tcp.first_fin.time : last_time_;
    const TimeNs waited = elapsed(session.command(message.end).time, closed);
    text += waited > 0 ? duration_text(waited) + " after" : std::string{"with"};
    text += " the end of message " + std::to_string(index) +
            " and before its reply: delivery unknown, it may be sent twice";
  }
  scene_.raise(FindingId::kTcp06, frame, text, message.end);
}

bool JudgeTcp::judge_unanswered_message(Side side, bool reset, FrameNumber frame) {
  const Session& session = scene_.session;
  const Index message = message_in_progress();
  if (message == 0) return false;
  if (session.server_silent || session.tcp.gaps != gaps_at_reply_) return true;  // not certain
  // Where the client alone has closed, the reply can still come.
  if (reset || side == Side::kServer) {
    const Side by = client_closed_ ? Side::kClient : ended_by(scene_.session);
    raise_unanswered(message, by == Side::kClient ? "The client" : "The server", frame);
  }
  return true;
}

void JudgeTcp::on_close(Side side, bool reset, FrameNumber frame) {
  end_zero_window(last_time_, frame, true);
  const bool in_message = judge_unanswered_message(side, reset, frame);
  if (side == Side::kClient) client_closed_ = true;
  const bool first = scene_.session.tcp.closed_by == side && !close_judged_;
  close_judged_ = true;
  if (in_message || !first) return;
  if (ended_by(scene_.session) == Side::kServer) {
    judge_server_close(reset, frame);
  } else {
    judge_client_close(reset, frame);
  }
}

void JudgeTcp::judge_server_close(bool reset, FrameNumber frame) {
  const Session& session = scene_.session;
  if (!established() || session.tcp.gaps != gaps_at_reply_) return;
  const TlsFacts* const tls = session.tls.get();
  // What was said under TLS is not known; an alert has a finding of its own.
  if (tls != nullptr && (tls->undecrypted || tls->alert.has_value())) return;
  if (session.server_silent && tls == nullptr && !session.tcp.syn_ack.known()) return;
  // A server that waits for TLS and gets clear text has nothing to say: TLS-02.
  if (session.implicit_tls_port && tls == nullptr && !session.commands.empty() &&
      session.replies.empty()) {
    return;
  }
  if (!session.replies.empty()) {
    const Reply& last = session.replies.back();
    if (last.opaque || last.code == kServiceClosing || last.code == kServiceNotAvailable) return;
    // RFC 7504 section 3: a host that takes no mail may close instead of answering once more.
    if (last.code == kHostTakesNoMail) return;
  }
  std::string text = reset ? "The server reset the connection" : "The server closed the connection";
  if (tls != nullptr && !tls->complete) {
    text += " during the TLS handshake, without an alert";
  } else if (session.replies.empty()) {
    text += " before its greeting";
  } else {
    const Reply& last = session.replies.back();
    text += " " + duration_text(elapsed(last.time, last_time_)) + " after its reply " +
            std::to_string(last.code);
  }
  const bool outstanding = !session.commands.empty() && session.commands.back().reply == 0;
  if (outstanding && !session.commands.back().verb.empty()) {
    text += ", without an answer to " + std::string{session.commands.back().verb.view()};
  }
  scene_.raise(FindingId::kTcp07, frame, text);
}

void JudgeTcp::judge_client_close(bool reset, FrameNumber frame) {
  const Session& session = scene_.session;
  if (!established() || session.client_silent || session.tcp.gaps != 0 || last_quit_ != 0) return;
  const TlsFacts* const tls = session.tls.get();
  if (tls != nullptr && (tls->undecrypted || tls->alert.has_value())) return;
  // Without a greeting it is GRT-02, or TLS-01 or TLS-02.
  if (session.replies.empty()) return;
  const Reply& last = session.replies.back();
  if (last.opaque || last.code == kServiceClosing || last.code == kServiceNotAvailable) return;
  std::string text =
      reset ? "The client reset the connection " : "The client closed the connection ";
  text += duration_text(elapsed(last.time, last_time_)) + " after the reply " +
          std::to_string(last.code);
  scene_.raise(FindingId::kTcp08, frame, text);
}

void JudgeTcp::on_finish(Moment last) {
  const Session& session = scene_.session;
  const TcpFacts& tcp = session.tcp;
  end_zero_window(last.time, last.frame, true);
  judge_unreachable(last.frame);
  if (unreachable_.frame == 0 && tcp.first_syn.known() && !tcp.syn_ack.known() && !tcp.refused &&
      !client_went_on_ && session.server_silent && tcp.close == CloseKind::kNone &&
      tcp.syn_count >= scene_.thresholds.syn_repeats) {
    std::string text = "SYN sent " + plural(tcp.syn_count, "time") + " in " +
                       duration_text(elapsed(tcp.first_syn.time, last.time)) +
                       ", without an answer";
    if (session.server.port == kSmtpPort) {
      text += ": Amazon EC2 and many networks limit port 25; use 587, 465, 2587 or 2465";
    }
    scene_.raise(FindingId::kTcp01, last.frame, text);
  }
  // The client has closed, and the capture ends without the reply.
  const Index message = message_in_progress();
  if (message != 0 && client_closed_ && !session.server_silent && tcp.gaps == gaps_at_reply_) {
    raise_unanswered(message, "The client", last.frame);
  }
}

}  // namespace smtp_session
