// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/report/waterfall.h"

#include <algorithm>
#include <iterator>
#include <string_view>
#include <utility>

#include "dissector/metrics.h"

namespace smtp_session {

namespace {

class Waterfall {
 public:
  explicit Waterfall(const Session& session) : session_(session) {
    if (session_.first.time == kNoTime) return;
    add_connect();
    add_tls();
    add_greeting();
    for (Index i = 1; i <= session_.commands.size(); ++i) add_command(i);
    add_close();
    std::stable_sort(bars_.begin(), bars_.end(),
                     [](const Bar& a, const Bar& b) { return a.start < b.start; });
  }

  std::vector<Bar> take() { return std::move(bars_); }

 private:
  void add(BarKind kind, TimeNs start, TimeNs end, Index command = 0) {
    if (start == kNoTime || end == kNoTime) return;
    const TimeNs origin = session_.first.time;
    // Segments out of order may complete a reply before what it answers.
    bars_.push_back({kind, std::min(start, end) - origin, end - origin, command});
  }

  /// The bar that ends at `end` and lasts `length`; a TLS handshake in it has a bar of its own.
  void add_before(BarKind kind, TimeNs end, TimeNs length, Index command) {
    if (length <= 0) return;  // or not known
    TimeNs start = end - length;
    const TimeNs tls = tls_handshake(session_);
    if (tls != kNoTime && session_.tls->client_hello.time >= start) {
      const TimeNs tls_end = session_.tls->client_hello.time + tls;
      if (tls_end <= end) start = tls_end;
    }
    if (start != end) add(kind, start, end, command);
  }

  void add_connect() {
    const TcpFacts& tcp = session_.tcp;
    const TimeNs end = tcp.ack.known()       ? tcp.ack.time
                       : tcp.syn_ack.known() ? tcp.syn_ack.time
                                             : session_.last.time;
    if (tcp.first_syn.known()) add(BarKind::kConnect, tcp.first_syn.time, end);
  }

  void add_tls() {
    if (session_.tls == nullptr || !session_.tls->client_hello.known()) return;
    const TlsFacts& tls = *session_.tls;
    const TimeNs start = tls.client_hello.time;
    const TimeNs length = tls_handshake(session_);
    TimeNs end = session_.last.time;
    if (length != kNoTime) {
      end = start + length;
    } else if (tls.alert.has_value() && tls.alert->at.known()) {
      end = tls.alert->at.time;
    }
    add(BarKind::kTls, start, end);
  }

  void add_greeting() {
    if (session_.greeting == 0) {
      const bool awaited =
          session_.tcp.ack.known() && session_.tls == nullptr && session_.commands.empty();
      if (awaited) add(BarKind::kGreeting, session_.tcp.ack.time, session_.last.time);
      return;
    }
    const Reply& greeting = session_.reply(session_.greeting);
    const TimeNs delay = greeting_delay(session_);
    const TimeNs wait = delay == kNoTime ? 0 : delay;
    add(BarKind::kGreeting, greeting.first_time - wait, greeting.time);
  }

  void add_command(Index index) {
    const Command& command = session_.command(index);
    const TimeNs idle = idle_before(session_, command);
    if (idle >= kIdleFrom) {
      add_before(BarKind::kIdle, command.first_time, idle, index);
    } else {
      add_before(BarKind::kThink, command.first_time, think_time(session_, command), index);
    }
    const std::string_view verb = command.verb.view();
    const bool is_content = verb == "." || verb == "BDAT";
    if (command.first_time != command.time) {
      add(is_content ? BarKind::kTransfer : BarKind::kSend, command.first_time, command.time,
          index);
    }
    if (command.reply != 0) {
      add(BarKind::kWait, command.time, session_.reply(command.reply).time, index);
    } else {
      const bool last = index == session_.commands.size();
      add(BarKind::kWait, command.time, last ? session_.last.time : command.time, index);
    }
  }

  void add_close() {
    const TcpFacts& tcp = session_.tcp;
    if (tcp.close == CloseKind::kNone) return;
    const Moment& at = tcp.close == CloseKind::kRst ? tcp.first_rst : tcp.first_fin;
    if (at.known()) add(BarKind::kClose, at.time, at.time);
  }

  const Session& session_;
  std::vector<Bar> bars_;
};

}  // namespace

const char* name_of(BarKind kind) {
  constexpr const char* kNames[] = {"connect", "tls",      "greeting", "think", "idle",
                                    "send",    "transfer", "wait",     "close"};
  static_assert(std::size(kNames) == static_cast<std::size_t>(BarKind::kClose) + 1);
  return kNames[static_cast<std::size_t>(kind)];
}

std::vector<Bar> waterfall_of(const Session& session) {
  return Waterfall(session).take();
}

}  // namespace smtp_session
