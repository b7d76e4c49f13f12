// SPDX-License-Identifier: GPL-2.0-or-later
//
// The engine: TCP segments in, sessions out. It is sans-IO: no clock, no file, no Wireshark. Feed
// it each frame once, in capture order; read the model at any time.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <unordered_map>
#include <vector>

#include "dissector/candidate.h"
#include "dissector/config.h"
#include "dissector/frame_index.h"
#include "dissector/ident_probes.h"
#include "dissector/queue.h"
#include "dissector/segment.h"
#include "dissector/session.h"
#include "dissector/text.h"

namespace smtp_session {

class Conversation;
class ContentSink;

class Engine {
 public:
  explicit Engine(const Config& config);
  ~Engine();
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  /// False once `stream` is known not to be SMTP: its segments need not be fed.
  bool wants(std::uint32_t stream) const {
    return stream >= tracks_.size() || tracks_[stream].state != Track::kRejected;
  }

  /// True where decrypted records of `stream` would be read: it is a session under TLS.
  bool wants_decrypted(std::uint32_t stream) const;

  /// True where a segment of the client to `port` that looks like a ClientHello is one. A capture
  /// may begin with it: then `stream` is not known yet.
  bool expects_client_hello(std::uint32_t stream, std::uint16_t port) const;

  /// Takes one segment, with the TLS records whose plain text became known at this frame. Returns
  /// its record, none where it is not, or not yet, of a session.
  std::optional<FrameRecord> feed(const Segment& segment, const DecryptedRecords& decrypted = {});

  /// Takes an ICMP error that quotes a segment of `error.stream`.
  void icmp_error(const IcmpError& error);

  /// Takes `stream` for SMTP whatever its port: "Decode As". To be called before feed().
  void watch(std::uint32_t stream);

  /// The capture ends here: what waited for more bytes is settled. Idempotent.
  void finish();

  /// Hands the bytes of all messages to `sink` from here on; it must outlive the engine.
  void set_content_sink(ContentSink* sink) { content_sink_ = sink; }

  const Config& config() const { return config_; }
  const std::deque<Session>& sessions() const { return sessions_; }
  const FrameIndex& frames() const { return frames_; }

 private:
  struct Track {
    enum State : std::uint8_t { kNew, kCandidate, kSession, kRejected };
    State state = kNew;
    bool forced = false;
    bool closing = false;    ///< the connection is over
    bool under_tls = false;  ///< its bytes are TLS records now
    std::uint32_t session = 0;
    std::unique_ptr<Conversation> conversation;  ///< null when nothing can change the session
  };
  static_assert(sizeof(Track) <= 16, "every TCP connection of a capture has one");

  Track& track_of(std::uint32_t stream);
  void open_session(Track& track, const Segment& segment);
  std::optional<FrameRecord> offer_candidate(Track& track, const Segment& segment,
                                             const DecryptedRecords& decrypted);
  void close(Track& track, std::uint32_t stream);
  FrameRecord deliver(Track& track, const Segment& segment, const DecryptedRecords& decrypted,
                      bool late);

  Config config_;
  ContentSink* content_sink_ = nullptr;
  IdentProbes ident_probes_;
  TextPool texts_;
  std::deque<Session> sessions_;
  FrameIndex frames_;
  std::vector<Track> tracks_;  ///< by stream
  /// By stream. Few at a time: the first words decide.
  std::unordered_map<std::uint32_t, Candidate> candidates_;
  Queue<std::uint32_t> closing_;  ///< streams whose conversation is over and still kept
};

}  // namespace smtp_session
