// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/judge_capture.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <iterator>
#include <map>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "dissector/command_line.h"
#include "dissector/finding.h"
#include "dissector/hello_reply.h"
#include "dissector/idle_end.h"
#include "dissector/judge_auth.h"
#include "dissector/judge_latency.h"
#include "dissector/judge_ses.h"
#include "dissector/metrics.h"
#include "dissector/names.h"
#include "dissector/peak.h"
#include "dissector/reply_codes.h"
#include "dissector/reply_words.h"
#include "dissector/report/duration_text.h"
#include "dissector/scene.h"
#include "dissector/transaction.h"

namespace smtp_session {

namespace {

constexpr TimeNs kSecond = 1'000'000'000;

struct AddressLess {
  bool operator()(const Address& a, const Address& b) const {
    return std::tie(a.family, a.bytes) < std::tie(b.family, b.bytes);
  }
};
struct EndpointLess {
  bool operator()(const Endpoint& a, const Endpoint& b) const {
    return a.port != b.port ? a.port < b.port : AddressLess{}(a.address, b.address);
  }
};

std::string session_text(const Session& session) {
  return "session " + std::to_string(session.id);
}

// EHL-05 and SEC-02.

using Keywords = std::vector<std::string>;  // sorted

/// The first EHLO of a session that was accepted, in clear or under TLS.
struct Offer {
  Session* session = nullptr;
  Index reply = 0;
  std::uint32_t set = 0;  ///< of keywords, see ServerOffers
};

/// What one server offered in all sessions. Servers say the same again and again: each set of
/// keywords is kept once.
struct ServerOffers {
  std::vector<Offer> offers;
  std::vector<Keywords> sets;
  std::vector<std::size_t> counts;  ///< of each set
  std::map<const char*, std::uint32_t> set_of_text;
};

using ServerKey = std::pair<Endpoint, bool>;  // under TLS or not

struct ServerKeyLess {
  bool operator()(const ServerKey& a, const ServerKey& b) const {
    return a.second != b.second ? a.second < b.second : EndpointLess{}(a.first, b.first);
  }
};

using Offers = std::map<ServerKey, ServerOffers, ServerKeyLess>;

Keywords keywords_of(const Reply& reply) {
  Keywords keywords;
  std::string_view rest = reply.lines.view();
  bool host = true;
  while (!rest.empty()) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(rest.size(), line.size() + 1));
    const std::string keyword = to_upper(line.substr(0, line.find_first_of(" \t=")));
    // "250 Ok" of Amazon SES is a last line and no extension.
    if (!host && !keyword.empty() && keyword != "OK") keywords.push_back(keyword);
    host = false;
  }
  std::sort(keywords.begin(), keywords.end());
  keywords.erase(std::unique(keywords.begin(), keywords.end()), keywords.end());
  return keywords;
}

std::uint32_t set_of(ServerOffers& server, const Reply& reply) {
  // Equal texts are the same pointer.
  const auto known = server.set_of_text.find(reply.lines.c_str());
  if (known != server.set_of_text.end()) return known->second;
  Keywords keywords = keywords_of(reply);
  const auto found = std::find(server.sets.begin(), server.sets.end(), keywords);
  const auto set = static_cast<std::uint32_t>(found - server.sets.begin());
  if (found == server.sets.end()) {
    server.sets.push_back(std::move(keywords));
    server.counts.push_back(0);
  }
  server.set_of_text.emplace(reply.lines.c_str(), set);
  return set;
}

std::string missing_from(const Keywords& all, const Keywords& some) {
  Keywords missing;
  std::set_difference(all.begin(), all.end(), some.begin(), some.end(),
                      std::back_inserter(missing));
  std::string text;
  for (const std::string& word : missing) text += (text.empty() ? "" : " ") + shown(word);
  return text;
}

Offers collect_offers(const CaptureScene& scene) {
  Offers offers;
  for (Session& session : scene.sessions()) {
    std::array<bool, 2> seen{};
    for (const Command& command : session.commands) {
      const Text verb = command.verb;
      if ((verb != "EHLO" && verb != "LHLO") || command.reply == 0 || seen[command.encrypted]) {
        continue;
      }
      const Reply& reply = session.reply(command.reply);
      if (!is_positive(reply.code) || !reply.exact || reply.opaque) continue;
      seen[command.encrypted] = true;
      ServerOffers& server = offers[{session.server, command.encrypted}];
      const std::uint32_t set = set_of(server, reply);
      ++server.counts[set];
      server.offers.push_back({&session, command.reply, set});
    }
  }
  return offers;
}

void judge_offers(const CaptureScene& scene, const Offers& all) {
  for (const auto& [key, server] : all) {
    if (server.sets.size() < 2) continue;
    // The usual set; of those as usual the first that was seen.
    const auto usual = static_cast<std::uint32_t>(
        std::max_element(server.counts.begin(), server.counts.end()) - server.counts.begin());
    const auto example = std::find_if(server.offers.begin(), server.offers.end(),
                                      [&](const Offer& offer) { return offer.set == usual; });
    for (const Offer& offer : server.offers) {
      if (offer.set == usual) continue;
      const std::string less = missing_from(server.sets[usual], server.sets[offer.set]);
      const std::string more = missing_from(server.sets[offer.set], server.sets[usual]);
      std::string text = "Other than in " + session_text(*example->session) + ":";
      if (!less.empty()) text += " without " + less;
      if (!more.empty()) text += (less.empty() ? " with " : ", with ") + more;
      const Reply& reply = offer.session->reply(offer.reply);
      scene.raise(*offer.session, FindingId::kEhl05, Severity::kWarn, reply.frame, text,
                  reply.command, offer.reply);
    }
  }
}

bool offers_starttls(const ServerOffers& server, const Offer& offer) {
  const Keywords& keywords = server.sets[offer.set];
  return std::binary_search(keywords.begin(), keywords.end(), "STARTTLS");
}

void judge_stripping(const CaptureScene& scene, const Offers& offers) {
  for (Session& session : scene.sessions()) {
    const auto found = offers.find({session.server, false});
    if (found == offers.end()) continue;
    for (const Command& command : session.commands) {
      if (command.verb != "STARTTLS" || command.reply == 0) continue;
      const Reply& reply = session.reply(command.reply);
      if (reply.code != 500 && reply.code != 502) continue;
      const Offer* other = nullptr;
      bool here = false;
      for (const Offer& offer : found->second.offers) {
        if (!offers_starttls(found->second, offer)) continue;
        here = here || offer.session == &session;
        if (offer.session != &session && other == nullptr) other = &offer;
      }
      if (here || other == nullptr) continue;  // SEC-02 of the session itself
      scene.raise(session, FindingId::kSec02, Severity::kWarn, reply.frame,
                  refusal_text(session, reply) + "; the server offered it in " +
                      session_text(*other->session),
                  reply.command, command.reply);
    }
  }
}

// AUT-07 and CMD-06: one client again and again.

struct Attempt {
  Session* session = nullptr;
  Index reply = 0;
};

void judge_auth_failures(const CaptureScene& scene) {
  constexpr std::uint16_t kInvalid = 535;  // RFC 4954 section 6
  std::map<Address, std::vector<Attempt>, AddressLess> failures;
  for (Session& session : scene.sessions()) {
    for (const AuthExchange& exchange : session.auth) {
      const Index reply = session.command(exchange.command).reply;
      if (reply != 0 && session.reply(reply).code == kInvalid) {
        failures[session.client.address].push_back({&session, reply});
      }
    }
  }
  const std::size_t limit = std::max<std::size_t>(scene.config().thresholds.auth_failures, 1);
  for (auto& [client, attempts] : failures) {
    if (attempts.size() < limit) continue;
    std::sort(attempts.begin(), attempts.end(), [](const Attempt& a, const Attempt& b) {
      return a.session->reply(a.reply).frame < b.session->reply(b.reply).frame;
    });
    std::vector<std::uint32_t> sessions;
    for (const Attempt& attempt : attempts) sessions.push_back(attempt.session->id);
    std::sort(sessions.begin(), sessions.end());
    sessions.erase(std::unique(sessions.begin(), sessions.end()), sessions.end());
    const Attempt& reached = attempts[limit - 1];
    const Reply& reply = reached.session->reply(reached.reply);
    scene.raise(*reached.session, FindingId::kAut07, Severity::kNote, reply.frame,
                std::to_string(attempts.size()) + " failed AUTH of " + to_string(client) + " in " +
                    std::to_string(sessions.size()) +
                    (sessions.size() == 1 ? " session" : " sessions"),
                reply.command, reached.reply);
  }
}

void judge_harvest(const CaptureScene& scene) {
  struct Count {
    std::size_t recipients = 0;
    std::size_t most_in_one = 0;
    std::vector<Attempt> unknown;
  };
  std::map<std::pair<std::array<std::uint8_t, 16>, std::array<std::uint8_t, 16>>, Count> counts;
  for (Session& session : scene.sessions()) {
    std::size_t here = 0;
    Count* count = nullptr;
    for (const Command& command : session.commands) {
      if (command.verb != "RCPT" || command.reply == 0) continue;
      if (count == nullptr) {
        count = &counts[{session.client.address.bytes, session.server.address.bytes}];
      }
      ++count->recipients;
      const Reply& reply = session.reply(command.reply);
      const std::string_view enhanced = enhanced_code(reply.lines.view());
      const bool policy = enhanced.size() > 3 && enhanced[2] == '7';
      if (reply.code != kMailboxUnavailable || policy) continue;
      count->unknown.push_back({&session, command.reply});
      ++here;
    }
    if (count != nullptr) count->most_in_one = std::max(count->most_in_one, here);
  }
  const std::size_t limit = std::max<std::size_t>(scene.config().thresholds.unknown_recipients, 1);
  for (auto& [key, count] : counts) {
    // A session of its own that reaches the limit has its finding; a relay with much mail has a few
    // unknown recipients among many.
    if (count.most_in_one >= limit || count.unknown.size() < limit) continue;
    if (count.unknown.size() * 2 < count.recipients) continue;
    const Attempt& reached = count.unknown[limit - 1];
    const Reply& reply = reached.session->reply(reached.reply);
    scene.raise(*reached.session, FindingId::kCmd06, Severity::kNote, reply.frame,
                std::to_string(count.unknown.size()) + " of " + std::to_string(count.recipients) +
                    " recipients of this client were answered 550, in several sessions",
                reply.command, reached.reply);
  }
}

// TCP-01: another port answers.

void judge_blocked_port(const CaptureScene& scene) {
  constexpr std::uint16_t kSmtp = 25;
  const auto is_submission = [](std::uint16_t port) {
    return port == 587 || port == 465 || port == 2587 || port == 2465;
  };
  for (Session& session : scene.sessions()) {
    if (session.server.port != kSmtp || session.tcp.syn_ack.known()) continue;
    const bool blocked =
        std::any_of(session.findings.begin(), session.findings.end(),
                    [](const Finding& one) { return one.id == FindingId::kTcp01; });
    if (!blocked) continue;
    const Session* answered = nullptr;
    for (const Session& other : scene.sessions()) {
      if (other.client.address != session.client.address || !is_submission(other.server.port) ||
          !other.tcp.syn_ack.known()) {
        continue;
      }
      const bool same = other.server.address == session.server.address;
      if (answered == nullptr || same) answered = &other;
      if (same) break;
    }
    if (answered == nullptr) continue;
    scene.raise(session, FindingId::kTcp01, Severity::kWarn, session.last.frame,
                "Port 25 does not answer, but port " + std::to_string(answered->server.port) +
                    " of " + to_string(answered->server.address) + " does, in " +
                    session_text(*answered));
  }
}

// REP-05: how long a server lets a connection be idle.

void judge_idle_limit(const CaptureScene& scene) {
  struct Seen {
    Session* session = nullptr;
    Index reply = 0;
    TimeNs idle = kNoTime;
  };
  std::map<Endpoint, std::vector<Seen>, EndpointLess> servers;
  for (Session& session : scene.sessions()) {
    const IdleEnd end = idle_end(session);
    if (end.reply != 0 && !end.at_most) {
      servers[session.server].push_back({&session, end.reply, end.idle});
    }
  }
  /// Time limits of one server are alike within so many parts of 100.
  constexpr TimeNs kAlike = 10;
  for (auto& [server, seen] : servers) {
    if (seen.size() < 2) continue;
    const auto [least, most] = std::minmax_element(
        seen.begin(), seen.end(), [](const Seen& a, const Seen& b) { return a.idle < b.idle; });
    if (most->idle - least->idle > most->idle / 100 * kAlike) continue;
    const Seen& last = seen.back();
    scene.raise(*last.session, FindingId::kRep05, Severity::kWarn,
                last.session->reply(last.reply).frame,
                "This server gives up after " + duration_text(least->idle) +
                    " of silence, seen in " + std::to_string(seen.size()) + " sessions",
                0, last.reply);
  }
}

// SES-06: how fast the messages came.

void judge_peak_rate(const CaptureScene& scene) {
  std::vector<TimeNs> ends;
  Session* throttled = nullptr;
  const Finding* finding = nullptr;
  for (Session& session : scene.sessions()) {
    const auto found = std::find_if(session.findings.begin(), session.findings.end(),
                                    [](const Finding& one) { return one.id == FindingId::kSes06; });
    const bool has = found != session.findings.end();
    Index hello = 0;
    for (std::size_t i = 0; i < session.commands.size() && hello == 0; ++i) {
      const Command& command = session.commands[i];
      if (is_hello(command.verb) && command.reply != 0) hello = static_cast<Index>(i + 1);
    }
    if (!has && !is_amazon_ses(session, hello)) continue;
    for (const Message& message : session.messages) {
      if (message.end != 0) ends.push_back(session.command(message.end).time);
    }
    if (has && (finding == nullptr || found->frame < finding->frame)) {
      throttled = &session;
      finding = &*found;
    }
  }
  if (throttled == nullptr || ends.empty()) return;
  const std::size_t peak = most_within(std::move(ends), kSecond);
  const Finding about = *finding;
  scene.raise(*throttled, FindingId::kSes06, Severity::kWarn, about.frame,
              "At the most " + std::to_string(peak) + (peak == 1 ? " message" : " messages") +
                  " came within one second",
              about.command, about.reply);
}

// LAT-01: by the measure of this capture.

/// How often a time occurred, in steps of one sixteenth: small, however long the capture is.
class Histogram {
 public:
  void add(TimeNs time) {
    ++counts_[step_of(time)];
    ++total_;
  }
  std::uint64_t total() const { return total_; }

  /// A time that `percent` of the times do not exceed.
  TimeNs at_percent(std::uint64_t percent) const {
    const std::uint64_t wanted = (total_ * percent + 99) / 100;
    std::uint64_t seen = 0;
    for (std::size_t step = 0; step < counts_.size(); ++step) {
      seen += counts_[step];
      if (seen >= wanted) return end_of(step);
    }
    return end_of(counts_.size() - 1);
  }

 private:
  static constexpr std::size_t kBits = 4;  // of the mantissa
  static constexpr std::size_t kSteps = 61U << kBits;

  static std::size_t step_of(TimeNs time) {
    auto value = static_cast<std::uint64_t>(std::max<TimeNs>(time, 0));
    std::size_t exponent = 0;
    while (value >= (std::uint64_t{2} << kBits)) {
      value >>= 1U;
      ++exponent;
    }
    // Below 32 each value has a step of its own; from there on the leading bit is understood.
    return exponent == 0 ? value : (exponent << kBits) + value;
  }
  static TimeNs end_of(std::size_t step) {
    constexpr std::size_t kPlain = std::size_t{2} << kBits;
    if (step < kPlain) return static_cast<TimeNs>(step);
    const std::size_t exponent = (step >> kBits) - 1;
    const std::uint64_t mantissa = step - (exponent << kBits);
    return static_cast<TimeNs>(((mantissa + 1) << exponent) - 1);
  }

  std::array<std::uint64_t, kSteps> counts_{};
  std::uint64_t total_ = 0;
};

template <typename Use>
void for_each_server_part(const CaptureScene& scene, const Use& use) {
  for (Session& session : scene.sessions()) {
    for (Index i = 1; i <= session.replies.size(); ++i) {
      const Reply& reply = session.reply(i);
      if (reply.command == 0 || reply.kind != ReplyKind::kFinal || reply.opaque) continue;
      const Text verb = session.command(reply.command).verb;
      if (verb == "." || verb == "BDAT" || is_auth(verb)) continue;
      const TimeNs part = server_part(session, i, kNoTime);
      if (part != kNoTime) use(session, i, part);
    }
  }
}

void judge_outliers(const CaptureScene& scene) {
  /// Fewer replies have no last hundredth.
  constexpr std::uint64_t kLeastSamples = 200;
  /// The last hundredth is always there; worth a word is what is far from the rest, and felt.
  constexpr TimeNs kFar = 10;
  constexpr TimeNs kFelt = kSecond / 5;
  Histogram times;
  for_each_server_part(scene, [&](Session&, Index, TimeNs part) { times.add(part); });
  if (times.total() < kLeastSamples) return;
  const TimeNs median = times.at_percent(50);
  const TimeNs p99 = times.at_percent(99);
  const TimeNs note = from_ms(scene.config().thresholds.latency_note);
  for_each_server_part(scene, [&](Session& session, Index index, TimeNs part) {
    // Above the fixed limit the session has its finding.
    if (part <= p99 || part > note || part < kFelt || part / kFar < median) return;
    const Reply& reply = session.reply(index);
    scene.raise(session, FindingId::kLat01, Severity::kChat, reply.frame,
                "The server took " + duration_text(part) +
                    ", 99 of 100 replies of this capture took " + duration_text(p99) +
                    " at the most",
                reply.command, index);
  });
}

}  // namespace

void CaptureScene::raise(Session& session, FindingId id, Severity severity, FrameNumber frame,
                         const std::string& text, Index command, Index reply) const {
  Scene{session, texts_, config_, config_.thresholds, 0}.raise(id, severity, frame, text, command,
                                                               reply);
  // It stands behind the others of its frame.
  const FindingRange range = findings_of(session, frame);
  session.findings[static_cast<std::size_t>(range.last - session.findings.data() - 1)]
      .whole_capture = true;
}

void judge_capture(std::deque<Session>& sessions, TextPool& texts, const Config& config) {
  for (Session& session : sessions) {
    session.findings.erase_from(
        std::remove_if(session.findings.begin(), session.findings.end(),
                       [](const Finding& finding) { return finding.whole_capture; }));
  }
  const CaptureScene scene(sessions, texts, config);
  const Offers offers = collect_offers(scene);
  judge_offers(scene, offers);
  judge_stripping(scene, offers);
  judge_auth_failures(scene);
  judge_harvest(scene);
  judge_blocked_port(scene);
  judge_idle_limit(scene);
  judge_peak_rate(scene);
  judge_outliers(scene);
  judge_retries(scene);
}

}  // namespace smtp_session
