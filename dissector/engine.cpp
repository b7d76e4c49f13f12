// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/engine.h"

#include <utility>

#include "dissector/conversation.h"
#include "dissector/judge_capture.h"
#include "dissector/reply_reader.h"

namespace smtp_session {

namespace {

bool payload_is_reply(const Segment& segment) {
  return reply_code({reinterpret_cast<const char*>(segment.payload), segment.captured}) != 0;
}

/// Which end of the first segment seen is the server. The SYN tells (RFC 9293 section 3.5); without
/// it the ports, and then what is said.
bool source_is_server(const Segment& segment, const Config& config) {
  if (segment.has(TcpFlags::kSyn)) return segment.has(TcpFlags::kAck);
  const bool source = config.watches(segment.source.port);
  const bool destination = config.watches(segment.destination.port);
  if (source != destination) return source;
  if (segment.captured > 0) return payload_is_reply(segment);
  return segment.source.port < segment.destination.port;
}

/// Conversations that are over and still kept, so that a packet captured twice is told from one
/// sent again. The copy follows within milliseconds; this many are a second of a very busy server.
constexpr std::size_t kMaxClosing = 1024;

}  // namespace

Engine::Engine(const Config& config) : config_(config) {}

Engine::~Engine() = default;

Engine::Track& Engine::track_of(std::uint32_t stream) {
  if (stream >= tracks_.size()) tracks_.resize(std::size_t{stream} + 1);
  return tracks_[stream];
}

bool Engine::wants_decrypted(std::uint32_t stream) const {
  return stream < tracks_.size() && tracks_[stream].under_tls;
}

bool Engine::expects_client_hello(std::uint32_t stream, std::uint16_t port) const {
  if (stream >= tracks_.size() || tracks_[stream].state == Track::kNew) {
    return config_.clear_ports[port];
  }
  const Track& track = tracks_[stream];
  return track.conversation && track.conversation->expects_client_hello();
}

void Engine::watch(std::uint32_t stream) {
  Track& track = track_of(stream);
  track.forced = true;
  if (track.state == Track::kRejected) track.state = Track::kNew;
}

std::optional<FrameRecord> Engine::feed(const Segment& segment, const DecryptedRecords& decrypted) {
  ident_probes_.look(segment);
  Track& track = track_of(segment.stream);
  if (track.state == Track::kNew) {
    if (track.forced || config_.watches(segment.source.port) ||
        config_.watches(segment.destination.port)) {
      open_session(track, segment);
    } else {
      track.state = Track::kCandidate;
      candidates_.try_emplace(segment.stream);
    }
  }
  if (track.state == Track::kCandidate) {
    return offer_candidate(track, segment, decrypted);
  }
  if (track.state == Track::kSession) return deliver(track, segment, decrypted, false);
  return std::nullopt;
}

void Engine::icmp_error(const IcmpError& error) {
  if (error.stream >= tracks_.size()) return;
  const Track& track = tracks_[error.stream];
  if (track.state != Track::kSession || !track.conversation || track.closing) return;
  const Session& session = sessions_[track.session];
  track.conversation->icmp_error(error,
                                 error.source == session.client ? Side::kClient : Side::kServer);
}

std::optional<FrameRecord> Engine::offer_candidate(Track& track, const Segment& segment,
                                                   const DecryptedRecords& decrypted) {
  const auto found = candidates_.find(segment.stream);
  const Candidate::Verdict verdict =
      track.forced ? Candidate::Verdict::kSmtp : found->second.add(segment);
  if (verdict == Candidate::Verdict::kUndecided) return std::nullopt;
  const Candidate candidate = std::move(found->second);
  candidates_.erase(found);
  if (verdict == Candidate::Verdict::kNotSmtp) {
    track.state = Track::kRejected;
    return std::nullopt;
  }
  bool opened = false;
  candidate.replay([&](const Segment& kept) {
    if (!opened) open_session(track, kept);
    opened = true;
    deliver(track, kept, {}, true);
  });
  if (!opened) open_session(track, segment);
  return deliver(track, segment, decrypted, false);
}

void Engine::open_session(Track& track, const Segment& segment) {
  track.state = Track::kSession;
  track.session = static_cast<std::uint32_t>(sessions_.size());
  Session& session = sessions_.emplace_back();
  session.id = track.session;
  session.stream = segment.stream;
  session.rsa_key_loaded = config_.rsa_key_loaded;
  const bool server = source_is_server(segment, config_);
  session.server = server ? segment.source : segment.destination;
  session.client = server ? segment.destination : segment.source;
  session.implicit_tls_port = config_.tls_ports[session.server.port];
  session.first = {segment.time, segment.frame};
  track.conversation = std::make_unique<Conversation>(session, texts_, config_, ident_probes_,
                                                      !segment.has(TcpFlags::kSyn));
  track.conversation->set_content_sink(content_sink_);
}

FrameRecord Engine::deliver(Track& track, const Segment& segment, const DecryptedRecords& decrypted,
                            bool late) {
  // Not by the deque's index where there is another way: each look-up divides.
  Session& session = track.conversation ? track.conversation->session() : sessions_[track.session];
  const Side side = segment.source == session.client ? Side::kClient : Side::kServer;
  session.last = {segment.time, segment.frame};
  FrameRecord record{};
  record.frame = segment.frame;
  record.session = track.session;
  record.from_server = side == Side::kServer ? 1U : 0U;
  record.late = late ? 1U : 0U;
  if (track.conversation) {
    record.roles = track.conversation->add(segment, side, decrypted) & 0xFFFFFFU;
    track.under_tls = track.conversation->under_tls();
    record.phase = static_cast<std::uint32_t>(track.conversation->phase()) & 0xFU;
    if (track.conversation->over() && !track.closing) close(track, segment.stream);
  } else {
    record.roles = roles_of_flags(segment) & 0xFFFFFFU;
    record.phase = static_cast<std::uint32_t>(Phase::kClose) & 0xFU;
  }
  record.encrypted = session.tls != nullptr && session.tls->complete ? 1U : 0U;
  frames_.add(record);
  return record;
}

void Engine::close(Track& track, std::uint32_t stream) {
  track.closing = true;
  track.conversation->finish();
  Session& session = sessions_[track.session];
  session.commands.shrink_to_fit();
  session.replies.shrink_to_fit();
  session.messages.shrink_to_fit();
  closing_.push_back(stream);
  if (closing_.size() > kMaxClosing) {
    Track& oldest = tracks_[closing_.front()];
    oldest.conversation.reset();
    oldest.under_tls = false;
    closing_.pop_front();
  }
}

void Engine::finish() {
  for (Track& track : tracks_) {
    if (track.conversation && !track.closing) track.conversation->finish();
  }
  judge_capture(sessions_, texts_, config_);
}

}  // namespace smtp_session
