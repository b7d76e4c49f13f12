// SPDX-License-Identifier: GPL-2.0-or-later
//
// The model: what is known of one SMTP session. Every view (tree, reports, JSON, taps) reads it and
// none changes it. A session is one TCP connection from its first SYN (or first frame seen) to its
// last frame.
//
// The lists hold facts of the wire only. What follows from them (latencies, recipients, outcome) is
// computed in metrics.h, transaction.h and outcome.h, so that there is one source for each number.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "dissector/rare_list.h"
#include "dissector/text.h"
#include "dissector/types.h"

namespace smtp_session {

/// Position of a command, reply or message in its list, from 1; 0 means "none".
using Index = std::uint32_t;

/// What the client asked for. End of data is a command of its own (verb "."), because it has a
/// reply of its own; AUTH stands for its whole exchange (RFC 4954 section 4).
struct Command {
  /// Upper case; "." for end of data; empty for an empty line or an encrypted turn.
  Text verb;
  /// The rest of the line. Of AUTH the mechanism alone: an initial response is a secret.
  Text argument;
  /// First byte of the command (of "." the first byte of the message).
  TimeNs first_time = kNoTime;
  /// Last byte of the command: when it was sent. A BDAT command ends with its chunk.
  TimeNs time = kNoTime;
  /// The frame that completed the command in order; the one that bears its fields.
  FrameNumber frame = 0;
  /// The final reply.
  Index reply = 0;
  /// The last reply that was complete before the first byte was sent, 0 if none.
  Index reply_before = 0;
  /// Mail transaction, for MAIL up to end of data.
  Index message = 0;
  /// Bytes on the wire, the line end included (of ".": the message and its end mark).
  std::uint32_t bytes = 0;
  /// TLS records of an encrypted turn; `bytes` is then their cipher text.
  std::uint16_t records = 0;
  /// Sent before the reply to the command before it was complete.
  bool pipelined : 1;
  /// Under TLS.
  bool encrypted : 1;
  /// False when a gap in the capture touched the command: its times and sizes are bounds.
  bool exact : 1;
  /// The verb is not known (TLS without keys, or lost in a gap).
  bool opaque : 1;

  Command() : pipelined(false), encrypted(false), exact(true), opaque(false) {}
};
static_assert(sizeof(Command) <= 56, "a capture may hold many million of these");

enum class ReplyKind : std::uint8_t {
  kGreeting,      ///< the first reply of the connection (RFC 5321 section 3.1)
  kFinal,         ///< ends its command
  kIntermediate,  ///< 334 of AUTH, 353 of PRDR: the command goes on
  kRecipient,     ///< LMTP and PRDR: one recipient's own result (RFC 2033 section 4.2)
  kUnsolicited,   ///< answers no command
  kUncaptured,    ///< answers a command that the capture does not hold
};

/// Three digits fit in these bits: Reply::code.
inline constexpr std::uint16_t kMaxReplyCode = 0x3FF;

struct Reply {
  /// The text of all lines without their codes, joined by line feeds.
  Text lines;
  /// First and last byte, as received.
  TimeNs first_time = kNoTime;
  TimeNs time = kNoTime;
  FrameNumber frame = 0;
  /// The command that it answers, 0 for a greeting, an unsolicited or an uncaptured one.
  Index command = 0;
  std::uint32_t bytes = 0;
  /// TLS records of an encrypted turn; `bytes` is then their cipher text.
  std::uint16_t records = 0;
  /// Of three digits, 0 when the line bore no code.
  std::uint16_t code : 10;
  ReplyKind kind : 3;
  bool encrypted : 1;
  /// Not readable: TLS without keys.
  bool opaque : 1;
  bool exact : 1;

  Reply() : code(0), kind(ReplyKind::kFinal), encrypted(false), opaque(false), exact(true) {}
};
static_assert(sizeof(Reply) <= 40, "a capture may hold many million of these");

/// One mail transaction: from MAIL to the final reply, or to what ended it (RFC 5321 section 3.3).
struct Message {
  Index mail = 0;  ///< the MAIL command, 0 when the capture begins after it
  Index data = 0;  ///< DATA or the first BDAT
  Index end = 0;   ///< "." or BDAT ... LAST
  /// First byte of the message itself.
  FrameNumber first_frame = 0;
  TimeNs first_time = kNoTime;
  /// Bytes of the message as sent, without the final dot line, dots unstuffed (RFC 5321 4.5.2).
  std::uint64_t size = 0;
  /// The value of its header field Message-ID (RFC 5322 section 3.6.4), where it could be read.
  Text header_id;
  /// Its first lines as sent, where the user wants them kept.
  Text text;
  bool text_cut = false;  ///< `text` is not all of it
  bool has_content = false;
  /// False when a gap lies in the message.
  bool size_exact = true;
  /// Ended by RSET, EHLO, STARTTLS or QUIT before end of data was sent.
  bool reset = false;
};

struct AuthExchange {
  Index command = 0;
  Text mechanism;
  /// The authentication identity, where the mechanism shows it. Never a secret.
  Text user;
  /// When the client answered each challenge; what it said is a secret.
  std::vector<Moment> responses;
  std::uint16_t rounds = 0;       ///< number of 334 replies
  bool initial_response = false;  ///< the command held one (RFC 4954 section 4)
  bool cancelled = false;         ///< the client's last response was "*" (same section)
};

/// The PROXY protocol header before the session (HAProxy's specification, sections 2.1 and 2.2).
struct ProxyHeader {
  Moment at;
  std::uint8_t version = 0;  ///< 1 or 2
  bool local = false;        ///< UNKNOWN (v1) or LOCAL (v2): no addresses
  Endpoint source;
  Endpoint destination;
};

enum class TlsMode : std::uint8_t { kNone, kStarttls, kImplicit };

/// Why the content under TLS is, or is not, readable. Names as in the field tls.decrypt_state.
enum class DecryptState : std::uint8_t {
  kNotTls,
  kDecrypted,
  kNoKey,
  kRsaKeyUseless,
  kClientHelloMissing,
  kResumedUnknown,
  kHandshakeFailed,
};

struct TlsAlert {
  std::uint8_t level = 0;  ///< 1 warning, 2 fatal (RFC 8446 section 6)
  std::uint8_t description = 0;
  Side sender = Side::kClient;
  Moment at;
};

struct TlsFacts {
  TlsMode mode = TlsMode::kNone;
  Index starttls = 0;   ///< the STARTTLS command
  Moment client_hello;  ///< first byte of the first ClientHello (frame: where it is complete)
  Moment server_hello;
  Moment finished;            ///< end of the handshake, see tls_reader.h
  std::uint16_t version = 0;  ///< negotiated, as on the wire (0x0303 = TLS 1.2)
  std::uint16_t cipher = 0;
  Text sni;
  Text alpn;
  /// What the client offers, a name each line, in its order, without GREASE (RFC 8701).
  Text versions_offered;
  Text ciphers_offered;
  bool resumed = false;
  bool hello_retry = false;  ///< the server asked for another ClientHello (RFC 8446 section 4.1.4)
  bool early_data = false;   ///< the client offers 0-RTT data (RFC 8446 section 4.2.10)
  bool complete = false;     ///< the handshake came to its end
  bool decrypted = false;    ///< SMTP was read from decrypted records
  bool undecrypted = false;  ///< some application data could not be read
  FrameNumber unread_frame = 0;  ///< the first command or reply that could not be read
  /// Records of that frame that were read before it.
  std::uint32_t read_in_unread_frame = 0;
  /// Who sent close_notify first: the session's end is that side's doing (RFC 8446 section 6.1).
  std::optional<Side> ended_by;
  std::optional<TlsAlert> alert;  ///< first fatal alert, or first alert in the handshake
};

enum class CloseKind : std::uint8_t { kNone, kFin, kRst };
enum class CapturePoint : std::uint8_t { kUnknown, kClient, kServer, kMiddle };

struct TcpFacts {
  Moment first_syn;
  Moment answered_syn;  ///< the last SYN before the SYN-ACK
  Moment syn_ack;       ///< the first one
  Moment ack;           ///< the ACK that ended the handshake
  Moment first_fin;
  Moment first_rst;
  /// The last SYN-ACK before the ACK, where it was sent again.
  TimeNs resent_syn_ack = kNoTime;
  /// Smallest time from data to its acknowledgement, by the side that acknowledged.
  TimeNs min_ack_client = kNoTime;
  TimeNs min_ack_server = kNoTime;
  /// The frame with which both directions were at their end; 0 while they are not.
  FrameNumber over_frame = 0;
  std::uint32_t first_seq = 0;  ///< of the first SYN, or the first sequence number seen
  std::uint16_t syn_count = 0;
  std::uint16_t retransmissions = 0;
  std::uint16_t out_of_order = 0;
  std::uint16_t zero_windows = 0;
  std::uint16_t duplicates = 0;  ///< the same packet captured twice
  std::uint16_t gaps = 0;        ///< byte ranges that the capture does not hold
  CloseKind close = CloseKind::kNone;
  Side closed_by = Side::kClient;
  bool refused = false;     ///< the SYN was answered by RST
  bool mid_stream = false;  ///< the capture begins inside the connection
  bool both_closed = false;
  /// Each side sent FIN before it saw the other's: both are acknowledged after over_frame.
  bool fins_crossed = false;
  /// By sender: a segment came behind a later one, or again with more bytes than before. Wireshark
  /// hands such bytes to TLS only with its preference tcp.reassemble_out_of_order.
  std::array<bool, 2> rearranged{};
};

/// What the session is doing at a frame. Names as in the field smtp_session.phase.
enum class Phase : std::uint8_t {
  kConnect,
  kProxy,
  kGreeting,
  kHello,
  kStarttls,
  kTls,
  kAuth,
  kEnvelope,
  kData,
  kIdle,
  kQuit,
  kClose,
};

/// As in Wireshark, in ascending order.
enum class Severity : std::uint8_t { kChat, kNote, kWarn, kError };

/// An anomaly or a failure, see finding.h for the catalogue.
enum class FindingId : std::uint8_t;

struct Finding {
  FindingId id{};
  Severity severity = Severity::kWarn;
  bool whole_capture = false;  ///< found at the end, from all sessions: see judge_capture.h
  FrameNumber frame = 0;
  Index reply = 0;    ///< the reply that it is about, if any
  Index command = 0;  ///< the command that it is about, if any
  Text text;          ///< what was seen, with its figures; secrets never
  Text advice;        ///< what to do next, where that is more than the catalogue says
};

struct Session {
  std::uint32_t id = 0;      ///< from 0, in order of first frame
  std::uint32_t stream = 0;  ///< tcp.stream
  Endpoint client;
  Endpoint server;
  Moment first;
  Moment last;
  TcpFacts tcp;
  std::unique_ptr<ProxyHeader> proxy;
  std::unique_ptr<TlsFacts> tls;
  std::vector<Command> commands;
  std::vector<Reply> replies;
  std::vector<Message> messages;
  RareList<AuthExchange> auth;
  RareList<Finding> findings;  ///< in order of frame
  /// First words of clear text that the client sent behind STARTTLS, before TLS began.
  Text behind_starttls;
  /// The greeting, 0 while there is none.
  Index greeting = 0;
  bool lmtp = false;  ///< LHLO was used
  /// The client begins with TLS on the server's port (RFC 8314 section 3.3).
  bool implicit_tls_port = false;
  /// The user gave an RSA private key; which sessions it can open: see decrypt_state.h.
  bool rsa_key_loaded = false;
  bool client_silent = true;    ///< the capture holds no byte of the client
  bool server_silent = true;    ///< the capture holds no byte of the server
  bool desynchronised = false;  ///< after a gap, replies could not be matched for sure

  const Command& command(Index index) const { return commands[index - 1]; }
  const Reply& reply(Index index) const { return replies[index - 1]; }
  const Message& message(Index index) const { return messages[index - 1]; }
  Command& command(Index index) { return commands[index - 1]; }
  Reply& reply(Index index) { return replies[index - 1]; }
  Message& message(Index index) { return messages[index - 1]; }
};

}  // namespace smtp_session
