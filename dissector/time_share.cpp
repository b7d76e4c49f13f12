// SPDX-License-Identifier: GPL-2.0-or-later
//
// Where the time went. Spans of the session with one owner each are laid over the time from first
// to last frame; a sweep over their ends gives every instant to the strongest span that holds it.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "dissector/metrics.h"

namespace smtp_session {

namespace {

/// What a span says of its time, the strongest first.
enum class Span : std::uint8_t {
  kHandshake,    ///< TCP handshake
  kTls,          ///< TLS handshake
  kTransfer,     ///< message text
  kReply,        ///< first to last byte of a reply
  kOutstanding,  ///< greeting or reply awaited, up to its last byte
};
constexpr std::size_t kSpans = 5;

constexpr std::size_t at(Span span) {
  return static_cast<std::size_t>(span);
}

/// What happens to a span at an instant, in the order in which it counts there: ends come first, so
/// that spans which touch do not overlap.
enum class Change : std::uint8_t { kEnd, kReplyBegins, kBegin };

struct Edge {
  TimeNs time = 0;
  Change change = Change::kEnd;
  Span span = Span::kHandshake;
};

bool operator<(const Edge& a, const Edge& b) {
  if (a.time != b.time) return a.time < b.time;
  if (a.change != b.change) return a.change < b.change;
  return a.span < b.span;
}

class Timeline {
 public:
  explicit Timeline(const Session& session)
      : session_(session), begin_(session.first.time), end_(session.last.time) {
    add_handshake();
    add_tls();
    add_transfers();
    add_replies();
    std::sort(edges_.begin(), edges_.end());
  }

  const std::vector<Edge>& edges() const { return edges_; }

 private:
  void add(Span span, TimeNs from, TimeNs to) {
    if (from == kNoTime || to == kNoTime) return;
    from = std::max(from, begin_);
    to = std::min(to, end_);
    if (from > to) return;
    if (span == Span::kReply) edges_.push_back({from, Change::kReplyBegins, span});
    if (from == to) return;
    edges_.push_back({from, Change::kBegin, span});
    edges_.push_back({to, Change::kEnd, span});
  }

  /// When the connection began to close at or after `from`, or the last frame.
  TimeNs closed_after(TimeNs from) const {
    TimeNs closed = end_;
    for (const Moment& moment : {session_.tcp.first_fin, session_.tcp.first_rst}) {
      if (moment.known() && moment.time >= from) closed = std::min(closed, moment.time);
    }
    return closed;
  }

  void add_handshake() {
    const TcpFacts& tcp = session_.tcp;
    if (!tcp.first_syn.known()) return;
    // A handshake that did not end: the network is waited for to the last frame.
    TimeNs done = tcp.ack.known() ? tcp.ack.time : tcp.syn_ack.known() ? tcp.syn_ack.time : end_;
    if (!tcp.ack.known() && !tcp.syn_ack.known() && !session_.commands.empty()) {
      done = session_.commands.front().first_time;  // the server's side was not captured
    }
    add(Span::kHandshake, tcp.first_syn.time, done);
  }

  void add_tls() {
    if (session_.tls == nullptr || !session_.tls->client_hello.known()) return;
    const TlsFacts& tls = *session_.tls;
    const TimeNs begin = tls.client_hello.time;
    TimeNs done = closed_after(begin);
    if (tls.alert.has_value() && tls.alert->at.known()) done = std::min(done, tls.alert->at.time);
    if (tls.complete) done = tls.finished.time;
    add(Span::kTls, begin, done);
  }

  void add_transfers() {
    for (const Message& message : session_.messages) {
      if (message.first_time == kNoTime) continue;
      add(Span::kTransfer, message.first_time, end_of_transfer(message));
    }
  }

  TimeNs end_of_transfer(const Message& message) const {
    if (message.end != 0) return session_.command(message.end).time;
    if (message.data == 0) return message.first_time;
    // Its first chunk is under way: the command BDAT joins the list with the chunk's last byte.
    if (message.data > session_.commands.size()) return closed_after(message.first_time);
    // Broken off: the last chunk of BDAT, else up to what came next.
    const std::uint32_t index = session_.command(message.data).message;
    TimeNs last_chunk = kNoTime;
    for (Index i = message.data; i <= session_.commands.size(); ++i) {
      const Command& command = session_.command(i);
      const bool chunk = command.verb == "BDAT" && command.message == index;
      if (chunk) last_chunk = command.time;
      if (i != message.data && !chunk) {
        return last_chunk != kNoTime ? last_chunk : command.first_time;
      }
    }
    return last_chunk != kNoTime ? last_chunk : closed_after(message.first_time);
  }

  void add_replies() {
    add_greeting();
    std::vector<TimeNs> answered(session_.commands.size(), kNoTime);
    for (const Reply& reply : session_.replies) {
      add(Span::kReply, reply.first_time, reply.time);
      if (reply.command != 0) answered[reply.command - 1] = reply.time;
    }
    const std::vector<const AuthExchange*> exchanges = exchanges_by_command();
    // Backwards, for a command that was never answered waits no longer than those behind it.
    TimeNs next_begin = kNoTime;
    TimeNs next_reply = kNoTime;
    for (std::size_t i = session_.commands.size(); i-- > 0;) {
      const Command& command = session_.commands[i];
      TimeNs done = answered[i];
      if (command.reply == 0) {
        done = closed_after(command.time);
        if (next_begin != kNoTime) done = std::min(done, next_begin);
        if (next_reply != kNoTime) done = std::min(done, next_reply);
      } else {
        next_reply = done;
      }
      const AuthExchange* exchange = exchanges.empty() ? nullptr : exchanges[i];
      if (exchange == nullptr) {
        add(Span::kOutstanding, command.time, done);
      } else {
        add_auth(*exchange, command.time, done);
      }
      // A command that was not pipelined shows that the reply before it had come.
      if (!command.pipelined || session_.server_silent) next_begin = command.first_time;
    }
  }

  /// By the position of their command; empty where there are none.
  std::vector<const AuthExchange*> exchanges_by_command() const {
    std::vector<const AuthExchange*> exchanges;
    if (session_.auth.empty()) return exchanges;
    exchanges.resize(session_.commands.size());
    for (const AuthExchange& exchange : session_.auth) {
      if (exchange.command != 0) exchanges[exchange.command - 1] = &exchange;
    }
    return exchanges;
  }

  /// RFC 4954 section 4: from a challenge to the client's answer nothing is awaited from the
  /// server.
  void add_auth(const AuthExchange& exchange, TimeNs sent, TimeNs done) {
    auto response = exchange.responses.begin();
    for (std::size_t i = session_.command(exchange.command).reply_before;
         i < session_.replies.size() && session_.replies[i].command <= exchange.command; ++i) {
      const Reply& reply = session_.replies[i];
      if (reply.command != exchange.command || reply.kind != ReplyKind::kIntermediate) continue;
      add(Span::kOutstanding, sent, reply.time);
      if (response == exchange.responses.end()) return;
      sent = response->time;
      ++response;
    }
    add(Span::kOutstanding, sent, done);
  }

  void add_greeting() {
    TimeNs ready = session_.tcp.ack.time;
    if (session_.proxy != nullptr) ready = session_.proxy->at.time;
    if (session_.tls != nullptr && session_.tls->mode == TlsMode::kImplicit) {
      if (!session_.tls->complete) return;
      ready = session_.tls->finished.time;
    }
    if (ready == kNoTime) return;
    if (session_.greeting != 0) {
      add(Span::kOutstanding, ready, session_.reply(session_.greeting).time);
    } else if (session_.commands.empty() && session_.replies.empty()) {
      add(Span::kOutstanding, ready, closed_after(ready));
    }
  }

  const Session& session_;
  TimeNs begin_;
  TimeNs end_;
  std::vector<Edge> edges_;
};

/// Hands the time between edges to its owners. Every wait gives the network up to one round trip
/// first: a wait for the server the way there and back, a wait for the client likewise.
class Sharer {
 public:
  Sharer(TimeNs server_trip, TimeNs client_trip)
      : server_trip_(std::max<TimeNs>(server_trip, 0)),
        client_trip_(std::max<TimeNs>(client_trip, 0)) {}

  void apply(const Edge& edge) {
    switch (edge.change) {
      case Change::kEnd:
        --open_[at(edge.span)];
        // The last bytes of a message or a handshake travel before they are answered.
        if (edge.span <= Span::kTransfer) trip_left_ = server_trip_;
        break;
      case Change::kReplyBegins:
        // RFC 2920: in a group the round trip passes once, so behind the first reply the server is
        // the one that is waited for.
        trip_left_ = 0;
        break;
      case Change::kBegin:
        ++open_[at(edge.span)];
        if (edge.span == Span::kOutstanding && open_[at(edge.span)] == 1) {
          trip_left_ = server_trip_;
        }
        break;
    }
  }

  void pass(TimeNs length) {
    if (length == 0) return;
    const bool client_waited = client_turn_;
    client_turn_ = false;
    if (is_open(Span::kHandshake)) {
      share_.network += length;
    } else if (is_open(Span::kTls)) {
      share_.tls += length;
    } else if (is_open(Span::kTransfer)) {
      share_.transfer += length;
    } else if (is_open(Span::kReply)) {
      share_.server += length;
    } else if (is_open(Span::kOutstanding)) {
      take_trip(trip_left_, length, share_.server);
    } else {
      if (!client_waited) client_trip_left_ = client_trip_;
      client_turn_ = true;
      take_trip(client_trip_left_, length, share_.client);
    }
  }

  const TimeShare& share() const { return share_; }

 private:
  bool is_open(Span span) const { return open_[at(span)] > 0; }

  void take_trip(TimeNs& left, TimeNs length, TimeNs& owner) {
    const TimeNs trip = std::min(left, length);
    left -= trip;
    share_.network += trip;
    owner += length - trip;
  }

  TimeNs server_trip_;
  TimeNs client_trip_;
  TimeNs trip_left_ = 0;
  TimeNs client_trip_left_ = 0;
  bool client_turn_ = false;
  std::array<std::size_t, kSpans> open_{};
  TimeShare share_;
};

TimeNs known_or(TimeNs first, TimeNs second) {
  return first != kNoTime ? first : second;
}

}  // namespace

TimeShare time_share(const Session& session) {
  TimeShare share;
  const TimeNs total = duration(session);
  if (total == kNoTime) return share;
  if (total <= 0) {  // a capture whose clock was set back
    share.client = total;
    return share;
  }

  Sharer sharer(known_or(rtt_server(session), session.tcp.min_ack_server),
                known_or(rtt_client(session), session.tcp.min_ack_client));
  TimeNs now = session.first.time;
  const Timeline timeline(session);
  for (const Edge& edge : timeline.edges()) {
    sharer.pass(edge.time - now);
    now = edge.time;
    sharer.apply(edge);
  }
  sharer.pass(session.last.time - now);
  return sharer.share();
}

}  // namespace smtp_session
