// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/report/servers_table.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <tuple>

#include "dissector/idle_end.h"
#include "dissector/metrics.h"
#include "dissector/names.h"
#include "dissector/outcome.h"
#include "dissector/peak.h"
#include "dissector/report/duration_text.h"
#include "dissector/report/endpoint_text.h"
#include "dissector/report/layout.h"
#include "dissector/report/percentile.h"
#include "dissector/transaction.h"

namespace smtp_session {

namespace {

constexpr TimeNs kSecond = 1'000'000'000;

constexpr std::array<const char*, 10> kColumns{
    "server", "sessions",     "at once",      "msg/s",      "4xx",
    "5xx",    "greeting p50", "greeting p95", "idle limit", "outcomes"};

using Cells = std::array<std::string, kColumns.size()>;

struct EndpointLess {
  bool operator()(const Endpoint& a, const Endpoint& b) const {
    return std::tie(a.address.family, a.address.bytes, a.port) <
           std::tie(b.address.family, b.address.bytes, b.port);
  }
};

/// What the sessions of one server add up to.
class Server {
 public:
  void add(const Session& session) {
    ++outcomes_[outcome_of(session)];
    if (session.first.time != kNoTime) lasted_.push_back({session.first.time, session.last.time});
    for (const Message& message : session.messages) {
      if (message.end != 0) ends_.push_back(session.command(message.end).time);
    }
    for (const Reply& reply : session.replies) {
      if (reply.opaque) unread_ = true;
      if (is_transient(reply.code)) ++transient_;
      if (is_permanent(reply.code)) ++permanent_;
    }
    const TimeNs greeting = greeting_delay(session);
    if (greeting != kNoTime) greetings_.push_back(greeting);
    add_idle_end(idle_end(session));
    ++sessions_;
  }

  std::size_t sessions() const { return sessions_; }

  Cells cells(const Endpoint& endpoint) const {
    return {endpoint_text(endpoint),
            std::to_string(sessions_),
            std::to_string(most_at_once(lasted_)),
            count(most_within(ends_, kSecond)),
            count(transient_),
            count(permanent_),
            duration_text(percentile(greetings_, 50)),
            duration_text(percentile(greetings_, 95)),
            idle_limit(),
            outcomes()};
  }

 private:
  void add_idle_end(const IdleEnd& end) {
    if (!end.known()) return;
    TimeNs& least = end.at_most ? idle_at_most_ : idle_;
    if (least == kNoTime || end.idle < least) least = end.idle;
  }

  std::string count(std::size_t seen) const { return std::to_string(seen) + (unread_ ? "+" : ""); }

  std::string idle_limit() const {
    if (idle_ == kNoTime && idle_at_most_ != kNoTime) return "<= " + duration_text(idle_at_most_);
    return duration_text(idle_);
  }

  std::string outcomes() const {
    std::string text;
    for (const auto& [outcome, sessions] : outcomes_) {
      if (!text.empty()) text += ", ";
      text += std::to_string(sessions) + " " + name_of(outcome);
    }
    return text;
  }

  std::size_t sessions_ = 0;
  std::map<Outcome, std::size_t> outcomes_;
  std::vector<Interval> lasted_;
  std::vector<TimeNs> ends_;
  std::vector<TimeNs> greetings_;
  std::size_t transient_ = 0;
  std::size_t permanent_ = 0;
  bool unread_ = false;  ///< some replies could not be read
  TimeNs idle_ = kNoTime;
  TimeNs idle_at_most_ = kNoTime;
};

bool is_number(std::size_t column) {
  return column != 0 && column + 1 != kColumns.size();
}

/// Lines of equal columns; the last one is not padded.
std::string aligned(const std::vector<Cells>& rows) {
  std::array<std::size_t, kColumns.size()> widths{};
  for (const Cells& cells : rows) {
    for (std::size_t i = 0; i < cells.size(); ++i) {
      widths[i] = std::max(widths[i], width_of(cells[i]));
    }
  }
  std::string lines;
  for (const Cells& cells : rows) {
    for (std::size_t i = 0; i + 1 < cells.size(); ++i) {
      lines += is_number(i) ? pad_left(cells[i], widths[i]) : pad_right(cells[i], widths[i]);
      lines += "  ";
    }
    lines += cells.back() + "\n";
  }
  return lines;
}

}  // namespace

std::string servers_table(const std::vector<const Session*>& sessions) {
  std::map<Endpoint, Server, EndpointLess> servers;
  for (const Session* const session : sessions) servers[session->server].add(*session);

  using Entry = std::pair<const Endpoint, Server>;
  std::vector<const Entry*> order;
  order.reserve(servers.size());
  for (const Entry& server : servers) order.push_back(&server);
  std::stable_sort(order.begin(), order.end(), [](const Entry* a, const Entry* b) {
    return a->second.sessions() > b->second.sessions();
  });

  std::vector<Cells> rows(1);
  for (std::size_t i = 0; i < kColumns.size(); ++i) rows[0][i] = kColumns[i];
  for (const Entry* const server : order) rows.push_back(server->second.cells(server->first));
  return aligned(rows);
}

}  // namespace smtp_session
