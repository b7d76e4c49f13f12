// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/engine.h"

#include <utility>

#include "dissector/candidate.h"
#include "dissector/conversation.h"
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

/// The roles of a segment that comes when its connection is over: its flags alone.
std::uint32_t late_roles(const Segment& segment) {
  if (segment.has(TcpFlags::kRst)) return kRoleRst;
  if (segment.has(TcpFlags::kSyn)) return segment.has(TcpFlags::kAck) ? kRoleSynAck : kRoleSyn;
  if (segment.has(TcpFlags::kFin)) return kRoleFin;
  return segment.length == 0 ? kRoleAck : kRoleRetransmission;
}

}  // namespace

Engine::Engine(Config config) : config_(std::move(config)) {}

Engine::~Engine() = default;

Engine::Track& Engine::track_of(std::uint32_t stream) {
  if (stream >= tracks_.size()) tracks_.resize(std::size_t{stream} + 1);
  return tracks_[stream];
}

bool Engine::wants_decrypted(std::uint32_t stream) const {
  if (stream >= tracks_.size()) return false;
  const Track& track = tracks_[stream];
  return track.state == Track::kSession && track.conversation && track.conversation->under_tls();
}

void Engine::watch(std::uint32_t stream) {
  Track& track = track_of(stream);
  track.forced = true;
  if (track.state == Track::kRejected) track.state = Track::kNew;
}

void Engine::feed(const Segment& segment, const DecryptedRecords& decrypted) {
  Track& track = track_of(segment.stream);
  if (track.state == Track::kNew) {
    if (track.forced || config_.watches(segment.source.port) ||
        config_.watches(segment.destination.port)) {
      open_session(track, segment);
    } else {
      track.state = Track::kCandidate;
      track.candidate = std::make_unique<Candidate>();
    }
  }
  if (track.state == Track::kCandidate) {
    offer_candidate(track, segment, decrypted);
  } else if (track.state == Track::kSession) {
    deliver(track, segment, decrypted, false);
  }
}

void Engine::offer_candidate(Track& track, const Segment& segment,
                             const DecryptedRecords& decrypted) {
  const Candidate::Verdict verdict =
      track.forced ? Candidate::Verdict::kSmtp : track.candidate->add(segment);
  if (verdict == Candidate::Verdict::kUndecided) return;
  const std::unique_ptr<Candidate> candidate = std::move(track.candidate);
  if (verdict == Candidate::Verdict::kNotSmtp) {
    track.state = Track::kRejected;
    return;
  }
  bool opened = false;
  candidate->replay([&](const Segment& kept) {
    if (!opened) open_session(track, kept);
    opened = true;
    deliver(track, kept, {}, true);
  });
  if (!opened) open_session(track, segment);
  deliver(track, segment, decrypted, false);
}

void Engine::open_session(Track& track, const Segment& segment) {
  track.state = Track::kSession;
  track.session = static_cast<std::uint32_t>(sessions_.size());
  Session& session = sessions_.emplace_back();
  session.id = track.session;
  session.stream = segment.stream;
  const bool server = source_is_server(segment, config_);
  session.server = server ? segment.source : segment.destination;
  session.client = server ? segment.destination : segment.source;
  session.first = {segment.time, segment.frame};
  track.conversation =
      std::make_unique<Conversation>(session, texts_, !segment.has(TcpFlags::kSyn));
}

void Engine::deliver(Track& track, const Segment& segment, const DecryptedRecords& decrypted,
                     bool late) {
  Session& session = sessions_[track.session];
  const Side side = segment.source == session.client ? Side::kClient : Side::kServer;
  session.last = {segment.time, segment.frame};
  FrameRecord record{};
  record.frame = segment.frame;
  record.session = track.session;
  record.from_server = side == Side::kServer ? 1U : 0U;
  record.late = late ? 1U : 0U;
  if (track.conversation) {
    record.roles = track.conversation->add(segment, side, decrypted) & 0xFFFFFFU;
    record.phase = static_cast<std::uint32_t>(track.conversation->phase()) & 0xFU;
    if (track.conversation->over()) {
      track.conversation->finish();
      track.conversation.reset();
      session.commands.shrink_to_fit();
      session.replies.shrink_to_fit();
      session.messages.shrink_to_fit();
    }
  } else {
    record.roles = late_roles(segment) & 0xFFFFFFU;
    record.phase = static_cast<std::uint32_t>(Phase::kClose) & 0xFU;
  }
  record.encrypted = session.tls != nullptr && session.tls->complete ? 1U : 0U;
  frames_.add(record);
}

void Engine::finish() {
  for (Track& track : tracks_) {
    if (track.conversation) track.conversation->finish();
  }
}

}  // namespace smtp_session
