// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/report/story_steps.h"

#include <algorithm>
#include <initializer_list>
#include <string_view>

#include "dissector/finding.h"
#include "dissector/hello_reply.h"
#include "dissector/metrics.h"
#include "dissector/names.h"
#include "dissector/report/duration_text.h"
#include "dissector/report/endpoint_text.h"
#include "dissector/transaction.h"
#include "dissector/turn_inference.h"

namespace smtp_session {

namespace {

std::string note_of(const char* name, TimeNs duration) {
  return duration == kNoTime ? std::string{} : std::string{name} + " " + duration_text(duration);
}

std::string joined(const std::string& a, const std::string& b) {
  return a.empty() || b.empty() ? a + b : a + ", " + b;
}

/// What an encrypted turn is taken for; never shown as if it had been read.
std::string probably(const InferredTurn& turn) {
  const std::string_view name = turn.kind == TurnKind::kMessage ? "message" : name_of(turn.kind);
  return " (probably " + std::string{name} + ", " + std::to_string(turn.confidence / 10) + " %)";
}

// The findings about waiting. Each has its threshold, which the user can set: what a step is marked
// by is what the finding was raised by.
constexpr std::initializer_list<FindingId> kSlowReply{FindingId::kLat01, FindingId::kLat02,
                                                      FindingId::kLat03, FindingId::kDat02,
                                                      FindingId::kGrt01, FindingId::kGrt02};
constexpr std::initializer_list<FindingId> kSlowCommand{FindingId::kLat04};
constexpr std::initializer_list<FindingId> kSlowMessage{FindingId::kDat03};
constexpr std::initializer_list<FindingId> kSlowConnect{FindingId::kTcp03};
constexpr std::initializer_list<FindingId> kSlowTlsStart{FindingId::kTls02, FindingId::kTls04};
constexpr std::initializer_list<FindingId> kSlowTls{FindingId::kTls08};

bool is_one_of(FindingId id, std::initializer_list<FindingId> ids) {
  return std::find(ids.begin(), ids.end(), id) != ids.end();
}

class Steps {
 public:
  /// Of all frames where `frame` is 0.
  explicit Steps(const Session& session, FrameNumber frame = 0) : session_(session), only_(frame) {
    add_handshake();
    add_proxy();
    add_commands();
    add_message_starts();
    add_replies();
    add_tls();
    add_close();
    // At one instant the frames, in one frame the order above.
    std::stable_sort(steps_.begin(), steps_.end(), [](const Step& a, const Step& b) {
      return a.at.time != b.at.time ? a.at.time < b.at.time : a.at.frame < b.at.frame;
    });
  }

  std::vector<Step> take() { return std::move(steps_); }

 private:
  void add(Moment at, std::optional<Side> sender, std::string what, std::string note = {},
           bool slow = false) {
    Step step;
    step.at = at;
    step.sender = sender;
    step.what = std::move(what);
    step.note = std::move(note);
    step.slow = slow;
    add(std::move(step));
  }
  void add(Step step) {
    if (step.at.known() && step.at.time != kNoTime && wanted(step.at.frame)) {
      steps_.push_back(std::move(step));
    }
  }

  bool wanted(FrameNumber frame) const { return only_ == 0 || frame == only_; }

  /// True where one of `ids` was raised at the frame, about this reply or command if one is named.
  bool is_slow(FrameNumber frame, std::initializer_list<FindingId> ids, Index command = 0,
               Index reply = 0) const {
    const FindingRange found = findings_of(session_, frame);
    return std::any_of(found.begin(), found.end(), [&](const Finding& finding) {
      return is_one_of(finding.id, ids) && (reply == 0 || finding.reply == reply) &&
             (command == 0 || finding.command == command);
    });
  }

  /// True where the frame ended the wait for a reply that never came.
  bool waited_in_vain(FrameNumber frame) const {
    const FindingRange found = findings_of(session_, frame);
    return std::any_of(found.begin(), found.end(), [](const Finding& finding) {
      return is_one_of(finding.id, kSlowReply) && finding.reply == 0;
    });
  }

  /// True where the message paused too long: its end came late.
  bool paused(const Message& message, FrameNumber end) const {
    const auto* finding =
        std::lower_bound(session_.findings.begin(), session_.findings.end(), message.first_frame,
                         [](const Finding& one, FrameNumber frame) { return one.frame < frame; });
    for (; finding != session_.findings.end() && finding->frame <= end; ++finding) {
      if (is_one_of(finding->id, kSlowMessage)) return true;
    }
    return false;
  }

  void add_handshake() {
    const TcpFacts& tcp = session_.tcp;
    add(tcp.first_syn, Side::kClient, "SYN");
    if (tcp.answered_syn.frame != tcp.first_syn.frame) {
      add(tcp.answered_syn, Side::kClient, "SYN again", std::to_string(tcp.syn_count) + " sent");
    } else if (!tcp.syn_ack.known() && tcp.syn_count > 1) {
      add({session_.last.time, session_.last.frame}, std::nullopt,
          "SYN sent " + std::to_string(tcp.syn_count) + " times");
    }
    add(tcp.syn_ack, Side::kServer, "SYN-ACK", note_of("round trip", rtt_server(session_)));
    add(tcp.ack, Side::kClient, "ACK", note_of("handshake", handshake(session_)),
        is_slow(tcp.ack.frame, kSlowConnect));
  }

  void add_proxy() {
    if (session_.proxy == nullptr) return;
    const ProxyHeader& proxy = *session_.proxy;
    std::string what = "PROXY version " + std::to_string(proxy.version);
    if (!proxy.local && proxy.source.address.family != 0) {
      what += ", " + endpoint_text(proxy.source) + " to " + endpoint_text(proxy.destination);
    }
    add(proxy.at, Side::kClient, std::move(what));
  }

  void add_commands() {
    std::optional<std::vector<InferredTurn>> inferred;
    for (std::size_t i = 0; i < session_.commands.size(); ++i) {
      const Command& command = session_.commands[i];
      if (!wanted(command.frame)) continue;
      Step step;
      step.at = {command.time, command.frame};
      step.sender = Side::kClient;
      step.command = static_cast<Index>(i + 1);
      step.slow = is_slow(command.frame, kSlowCommand, step.command);
      step.note = command.pipelined ? "pipelined" : "";
      if (!command.exact) step.note = joined(step.note, "not exact");
      if (command.opaque) {
        step.what = "encrypted, " + std::to_string(command.bytes) + " bytes";
        if (!inferred) inferred = infer_turns(session_);
        const auto turn = std::lower_bound(
            inferred->begin(), inferred->end(), step.command,
            [](const InferredTurn& one, Index index) { return one.command < index; });
        if (turn != inferred->end() && turn->command == step.command) step.what += probably(*turn);
      } else if (command.verb.view() == ".") {
        set_end_of_data(step, command);
      } else {
        step.what = command.verb.view();
        if (!command.argument.empty()) step.what += " " + std::string{command.argument.view()};
        if (step.what.empty()) step.what = "(empty line)";
      }
      add(std::move(step));
    }
  }

  void set_end_of_data(Step& step, const Command& command) const {
    step.what = "end of data";
    if (command.message == 0) return;
    const Message& message = session_.message(command.message);
    if (message.has_content) step.what += ", " + std::to_string(message.size) + " bytes";
    step.note = joined(note_of("transfer", data_transfer(session_, command.message)), step.note);
    if (message.has_content && paused(message, command.frame)) step.slow = true;
  }

  /// The message's first byte is a step of its own where its end comes in a later frame.
  void add_message_starts() {
    for (Index i = 1; i <= session_.messages.size(); ++i) {
      const Message& message = session_.message(i);
      const bool in_one =
          message.end != 0 && session_.command(message.end).frame == message.first_frame;
      if (in_one) continue;
      Step step;
      step.at = {message.first_time, message.first_frame};
      step.sender = Side::kClient;
      step.what = "message data";
      step.message = i;
      add(std::move(step));
    }
  }

  void add_replies() {
    for (Index i = 1; i <= session_.replies.size(); ++i) {
      const Reply& reply = session_.reply(i);
      if (!wanted(reply.frame)) continue;
      Step step;
      step.at = {reply.time, reply.frame};
      step.sender = Side::kServer;
      step.what = reply_words(reply);
      step.note = reply_note(i, reply);
      step.slow = is_slow(reply.frame, kSlowReply, 0, i);
      step.reply = i;
      add(std::move(step));
    }
  }

  std::string reply_words(const Reply& reply) const {
    const std::string_view lines = reply.lines.view();
    if (reply.opaque) {
      return "encrypted, " + std::to_string(reply.bytes) + " bytes";
    }
    std::string words = reply.code == 0 ? std::string{} : std::to_string(reply.code);
    // A challenge may hold what the client's answer is computed from: no part of a report.
    if (reply.kind == ReplyKind::kIntermediate) return words + " (challenge)";
    const std::string_view line =
        is_hello_reply(reply) ? lines.substr(0, lines.find('\n')) : reply_text(reply);
    if (!words.empty() && !line.empty()) words += " ";
    words += line;
    const auto count = std::count(lines.begin(), lines.end(), '\n') + 1;
    if (count > 1) words += " (" + std::to_string(count) + " lines)";
    return words;
  }

  bool is_hello_reply(const Reply& reply) const {
    if (reply.command == 0) return false;
    const std::string_view verb = session_.command(reply.command).verb.view();
    return verb == "EHLO" || verb == "HELO" || verb == "LHLO";
  }

  std::string reply_note(Index index, const Reply& reply) const {
    std::string note;
    if (index == session_.greeting) {
      note = note_of("greeting", greeting_delay(session_));
    } else if (reply.kind == ReplyKind::kUnsolicited) {
      note = "unsolicited";
    } else if (reply.kind == ReplyKind::kUncaptured) {
      note = "to a command not captured";
    } else if (reply.command != 0 && session_.command(reply.command).pipelined) {
      note = note_of("service", service_time(session_, index));
    } else {
      note = note_of("latency", latency(session_, reply));
    }
    if (reply.command != 0 && reply.kind == ReplyKind::kFinal) {
      note = joined(note, offer_change_text(offer_change(session_, reply.command)));
    }
    return reply.exact ? note : joined(note, "not exact");
  }

  void add_tls() {
    if (session_.tls == nullptr) return;
    const TlsFacts& tls = *session_.tls;
    std::string hello = "ClientHello";
    if (!tls.sni.empty()) hello += " for " + std::string{tls.sni.view()};
    add(tls.client_hello, Side::kClient, std::move(hello), {},
        is_slow(tls.client_hello.frame, kSlowTlsStart));
    std::string chosen = "ServerHello";
    if (tls.version != 0) chosen += ", " + tls_version_name(tls.version);
    if (tls.cipher != 0) chosen += ", " + tls_cipher_name(tls.cipher);
    if (tls.resumed) chosen += ", resumed";
    add(tls.server_hello, Side::kServer, std::move(chosen));
    if (tls.complete) {
      add(tls.finished, std::nullopt, "TLS established",
          note_of("handshake", tls_handshake(session_)), is_slow(tls.finished.frame, kSlowTls));
    }
    if (tls.alert.has_value()) {
      add(tls.alert->at, tls.alert->sender, "TLS alert " + tls_alert_name(tls.alert->description));
    }
  }

  void add_close() {
    const TcpFacts& tcp = session_.tcp;
    const bool slow_fin = waited_in_vain(tcp.first_fin.frame);
    const bool slow_rst = waited_in_vain(tcp.first_rst.frame);
    if (tcp.close == CloseKind::kFin) {
      add(tcp.first_fin, tcp.closed_by, "FIN", {}, slow_fin);
      add(tcp.first_rst, std::nullopt, "RST", {}, slow_rst);
    } else if (tcp.close == CloseKind::kRst) {
      add(tcp.first_rst, tcp.closed_by, tcp.refused ? "RST: connection refused" : "RST", {},
          slow_rst);
    }
  }

  const Session& session_;
  FrameNumber only_;
  std::vector<Step> steps_;
};

}  // namespace

std::vector<Step> steps_of(const Session& session) {
  return Steps(session).take();
}

std::vector<Step> steps_at(const Session& session, FrameNumber frame) {
  return Steps(session, frame).take();
}

}  // namespace smtp_session
