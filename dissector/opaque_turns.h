// SPDX-License-Identifier: GPL-2.0-or-later
//
// The turns of a conversation under TLS that cannot be read: client records, then server records,
// are one exchange. Its times, sizes and frames are as exact as in clear; what was said is not
// known (see turn_inference.h for what can be guessed).
//
// In TLS 1.3 session tickets look like application data (RFC 8446 section 4.6.1). The server sends
// them right after the handshake. With implicit TLS they come before the greeting, and the greeting
// is the last record before the client's first, however long it is. After STARTTLS they come before
// the reply to the client's first command: told apart by what the server had received when it sent
// them, by equal sizes, and by the size that the reply to EHLO must have, since the same reply was
// seen in clear.
//
// A reply ends with the server's last record before the client's next one, which shows only then:
// its end moves with each record. Where a client did not wait, a record that the server sent before
// it had the client's next one still belongs to the reply before. One that comes after a long
// silence answers nothing.
#pragma once

#include <cstdint>

#include "dissector/session.h"
#include "dissector/tls_record_reader.h"

namespace smtp_session {

class OpaqueTurns {
 public:
  explicit OpaqueTurns(Session& session) : session_(session) {}

  /// A record of application data without its plain text; false when it is taken for a ticket.
  bool add(const TlsRecord& record);

 private:
  void add_client(const TlsRecord& record);
  bool add_server(const TlsRecord& record);
  bool is_ticket(const TlsRecord& record) const;
  void set_greeting(const TlsRecord& record);
  bool go_on(const TlsRecord& record);
  void add_unsolicited(const TlsRecord& record);
  void add_to_reply(Reply& reply, const TlsRecord& record);
  void set_reply(Reply& reply, const TlsRecord& record) const;

  Session& session_;
  Index turn_ = 0;
  std::uint64_t turn_first_ = 0;     ///< position behind the turn's first record in the TCP stream
  std::uint64_t turn_end_ = 0;       ///< and behind its last one
  bool unsolicited_ = false;         ///< the last record of the server answered nothing
  std::uint32_t ticket_length_ = 0;  ///< of the last record taken for a ticket
  std::uint32_t reply_length_ = 0;   ///< of the record taken for the first reply
  /// The last record before the client's first, while it is taken for a ticket.
  TlsRecord before_first_;
  bool before_first_differs_ = false;  ///< in size, from the one before it
};

}  // namespace smtp_session
