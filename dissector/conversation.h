// SPDX-License-Identifier: GPL-2.0-or-later
//
// One connection while it lives: TCP below, PROXY header and TLS between, the SMTP dialogue on top.
// It routes the bytes and keeps the session's facts; when the connection is over it can go, for
// everything that is shown is in the Session.
#pragma once

#include <array>
#include <memory>
#include <string>

#include "dissector/config.h"
#include "dissector/dialogue.h"
#include "dissector/ident_probes.h"
#include "dissector/judge.h"
#include "dissector/opaque_turns.h"
#include "dissector/segment.h"
#include "dissector/session.h"
#include "dissector/tcp_connection.h"
#include "dissector/text.h"
#include "dissector/tls_hello.h"
#include "dissector/tls_record_reader.h"
#include "dissector/tls_session.h"

namespace smtp_session {

class Conversation final : private TcpSink, private TlsRecordSink {
 public:
  /// `mid_stream`: the first segment is no SYN.
  Conversation(Session& session, TextPool& texts, const Config& config, const IdentProbes& probes,
               bool mid_stream);
  Conversation(const Conversation&) = delete;
  Conversation& operator=(const Conversation&) = delete;

  void set_content_sink(ContentSink* sink) { judge_.set_content_sink(sink); }

  /// Takes one segment of `side` and the records that were decrypted at this frame; returns the
  /// frame's roles.
  std::uint32_t add(const Segment& segment, Side side, const DecryptedRecords& decrypted);

  /// An ICMP error quotes a segment of `side`.
  void icmp_error(const IcmpError& error, Side side) { judge_.on_icmp_error(error, side); }

  /// No more segments will come.
  void finish();

  /// Nothing that may still come can change the session, but for its frames.
  bool over() const { return tcp_.over(); }

  Session& session() { return session_; }
  bool under_tls() const { return session_.tls != nullptr; }
  Phase phase() const;

  /// The client's next words may be a ClientHello: STARTTLS was sent, or can have been sent in a
  /// part that the capture does not hold.
  bool expects_client_hello() const;

 private:
  void on_bytes(Side side, const Chunk& chunk) override;
  void on_gap(Side side, std::uint64_t size, Moment now) override;
  void on_end(Side side, Moment now) override;
  void on_reset(Side side, Moment now) override;
  void on_record(const TlsRecord& record) override;

  /// The first bytes of a line, fewer than a TLS record's header, that may be one.
  struct LineStart {
    std::array<std::uint8_t, kTlsRecordHeader> bytes{};
    std::size_t size = 0;
    Chunk chunk;  ///< when they were sent; its data are not alive
  };

  bool read_proxy(const Chunk& chunk);
  void route_proxy_bytes(const Chunk& chunk);
  void end_proxy(Moment now);
  void route(Side side, const Chunk& chunk);
  void deliver(Side side, const Chunk& chunk);
  void deliver_line_start(Side side);
  void start_tls(Side side);
  bool follows_starttls() const;
  void read_behind_starttls();
  bool add_unread(const TlsRecord& record);
  void on_application_data(const TlsRecord& record, const DecryptedRecord* plain);
  const DecryptedRecord* next_plain(const TlsRecord& record);
  bool is_tls(Side side) const { return tls_on_[index_of(side)]; }

  Session& session_;
  TextPool& texts_;
  TcpConnection tcp_;
  Dialogue dialogue_;
  OpaqueTurns opaque_;
  Judge judge_;
  std::array<TlsRecordReader, 2> records_{TlsRecordReader(Side::kClient),
                                          TlsRecordReader(Side::kServer)};
  std::array<bool, 2> tls_on_{};
  std::unique_ptr<TlsSession> tls_;
  std::string proxy_bytes_;  ///< the client's first bytes while they may be a PROXY header
  Chunk proxy_chunk_;        ///< when the first of them was sent; its data are not alive
  bool proxy_settled_ = false;
  std::array<LineStart, 2> line_starts_{};
  DecryptedRecords decrypted_;
  std::size_t decrypted_at_ = 0;
  std::uint32_t roles_ = 0;
  Moment last_;
  bool closing_ = false;
};

}  // namespace smtp_session
