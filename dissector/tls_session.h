// SPDX-License-Identifier: GPL-2.0-or-later
//
// The TLS part of a session: what the handshake says in clear, where it ends, and what each record
// after it is (RFC 8446; RFC 5246 for TLS 1.2 and before). It writes the session's TlsFacts.
//
// Where the handshake ends: up to TLS 1.2 with the second Finished (the server's, or the client's
// when a session is resumed); in TLS 1.3 with the client's Finished, which is seen exactly when
// decrypted and else taken to be the client's first encrypted record of its size, or the last one
// that the server had when it spoke again.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "dissector/segment.h"
#include "dissector/session.h"
#include "dissector/text.h"
#include "dissector/tls_hello.h"
#include "dissector/tls_observer.h"
#include "dissector/tls_record_reader.h"

namespace smtp_session {

class TlsSession {
 public:
  enum class Kind : std::uint8_t {
    kHandshake,
    kChangeCipherSpec,
    kAlert,
    kTicket,       ///< NewSessionTicket or KeyUpdate after the handshake
    kApplication,  ///< application data
  };

  TlsSession(TlsFacts& facts, TextPool& texts, TlsObserver& observer)
      : facts_(facts), texts_(texts), observer_(observer) {}

  /// Takes one record. `plain` is its plain text, or nullptr when it is not known.
  Kind add(const TlsRecord& record, const DecryptedRecord* plain);

  /// The next record of this side is encrypted.
  bool encrypts(const TlsRecord& record) const;

  /// The roles of the records since the last call (see frame_index.h).
  std::uint32_t take_roles();

 private:
  struct SideState {
    bool changed_cipher = false;
    bool finished = false;
    std::string handshake;  ///< clear handshake bytes that do not yet make a message
  };

  bool is_tls13() const { return facts_.version >= 0x0304; }
  void add_handshake_bytes(const TlsRecord& record, std::string_view bytes);
  void on_message(const TlsRecord& record, std::uint8_t type, std::string_view body);
  void note_offer(const ClientHello& hello);
  void on_certificate(const TlsRecord& record, std::string_view body);
  void note_end(const TlsRecord& record);
  void on_alert(const TlsRecord& record, std::string_view body);
  Kind add_encrypted_handshake(const TlsRecord& record);
  Kind add_tls13(const TlsRecord& record, const DecryptedRecord* plain);
  void finish(const TlsRecord& record);

  TlsFacts& facts_;
  TextPool& texts_;
  TlsObserver& observer_;
  std::array<SideState, 2> sides_{};
  std::vector<std::uint8_t> client_session_id_;
  bool server_hello_done_ = false;
  TlsRecord client_flight_;  ///< its last encrypted record before the handshake was complete
  std::uint32_t roles_ = 0;
};

}  // namespace smtp_session
