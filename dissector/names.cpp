// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/names.h"

#include <algorithm>
#include <cstddef>
#include <iterator>

#include "dissector/cipher_names.h"

namespace smtp_session {

namespace {

constexpr char kHexDigits[] = "0123456789abcdef";

std::string hex16(std::uint16_t value) {
  std::string text = "0x";
  for (const unsigned shift : {12U, 8U, 4U, 0U}) text += kHexDigits[(value >> shift) & 0xFU];
  return text;
}

/// A group of an IPv6 address: lower case, without leading zeros (RFC 5952 section 4.1 and 4.3).
std::string hex_group(std::uint16_t value) {
  const std::string text = hex16(value).substr(2);
  return text.substr(std::min(text.find_first_not_of('0'), text.size() - 1));
}

std::string dotted(const std::uint8_t* bytes) {
  std::string text;
  for (int i = 0; i < 4; ++i) {
    if (i > 0) text += '.';
    text += std::to_string(bytes[i]);
  }
  return text;
}

std::string ipv6_text(const Address& address) {
  constexpr std::size_t kGroups = 8;
  std::uint16_t groups[kGroups] = {};
  for (std::size_t i = 0; i < kGroups; ++i) {
    groups[i] = static_cast<std::uint16_t>((address.bytes[2 * i] << 8U) | address.bytes[2 * i + 1]);
  }
  // RFC 5952 section 5: IPv4 in IPv6 is written with dots.
  const bool mapped = std::all_of(groups, groups + 5, [](std::uint16_t g) { return g == 0; }) &&
                      groups[5] == 0xFFFF;
  if (mapped) return "::ffff:" + dotted(address.bytes.data() + 12);

  // Section 4.2: the longest run of zero groups is shortened, the first of equal ones, and never a
  // single group.
  std::size_t best = kGroups;
  std::size_t best_length = 1;
  for (std::size_t i = 0; i < kGroups; ++i) {
    std::size_t length = 0;
    while (i + length < kGroups && groups[i + length] == 0) ++length;
    if (length > best_length) {
      best = i;
      best_length = length;
    }
  }
  std::string text;
  for (std::size_t i = 0; i < kGroups; ++i) {
    if (i == best) {
      text += "::";
      i += best_length - 1;
      continue;
    }
    if (!text.empty() && text.back() != ':') text += ':';
    text += hex_group(groups[i]);
  }
  return text;
}

struct RoleName {
  std::uint32_t role;
  const char* name;
};

constexpr RoleName kRoleNames[] = {
    {kRoleSyn, "SYN"},
    {kRoleSynAck, "SYN-ACK"},
    {kRoleAck, "ACK"},
    {kRoleFin, "FIN"},
    {kRoleRst, "RST"},
    {kRoleKeepAlive, "keep-alive"},
    {kRoleRetransmission, "retransmission"},
    {kRoleDuplicate, "duplicate"},
    {kRoleOutOfOrder, "out of order"},
    {kRoleZeroWindow, "zero window"},
    {kRoleAfterGap, "after a gap"},
    {kRoleProxy, "PROXY"},
    {kRoleClientHello, "ClientHello"},
    {kRoleServerHello, "ServerHello"},
    {kRoleTlsHandshake, "TLS handshake"},
    {kRoleSessionTicket, "session ticket"},
    {kRoleTlsAlert, "TLS alert"},
    {kRoleEncryptedData, "encrypted data"},
    {kRoleAuthResponse, "AUTH response"},
    {kRoleMessageData, "message data"},
    {kRoleCommandPart, "part of a command"},
    {kRoleReplyPart, "part of a reply"},
};

/// A frame with one of these, or with a command or reply, is not there for its acknowledgement.
constexpr std::uint32_t kMoreThanAck =
    ~(kRoleAck | kRoleDuplicate | kRoleZeroWindow | kRoleAfterGap);

void append(std::string& list, std::string_view name) {
  if (!list.empty()) list += ", ";
  list += name;
}

std::string spoken_name(const Command& command) {
  if (command.verb == ".") return "end of data";
  if (!command.verb.empty()) return command.verb.c_str();
  return command.opaque ? "unreadable command" : "empty command";
}

std::string event_name(const Session& session, const Reply& reply) {
  switch (reply.kind) {
    case ReplyKind::kGreeting:
      return "greeting";
    case ReplyKind::kUnsolicited:
      return "unsolicited reply";
    case ReplyKind::kUncaptured:
      return "reply to an uncaptured command";
    case ReplyKind::kIntermediate:
      // RFC 4954 section 4.
      if (reply.code == 334) return "AUTH challenge";
      break;
    case ReplyKind::kFinal:
    case ReplyKind::kRecipient:
      break;
  }
  return reply.command == 0 ? "reply" : "reply to " + spoken_name(session.command(reply.command));
}

/// The first of `events` that `frame` completes: they are complete in the order of their frames.
template <typename Events>
typename Events::const_iterator first_at(const Events& events, FrameNumber frame) {
  return std::lower_bound(
      events.begin(), events.end(), frame,
      [](const auto& event, FrameNumber wanted) { return event.frame < wanted; });
}

std::string event_names(const Session& session, FrameNumber frame) {
  std::string names;
  for (auto at = first_at(session.commands, frame);
       at != session.commands.end() && at->frame == frame; ++at) {
    if (!at->opaque) append(names, spoken_name(*at));
  }
  for (auto at = first_at(session.replies, frame);
       at != session.replies.end() && at->frame == frame; ++at) {
    // A turn under TLS without keys has the name of its bytes, "encrypted data".
    if (!at->opaque) append(names, event_name(session, *at));
  }
  return names;
}

}  // namespace

const char* name_of(Phase phase) {
  switch (phase) {
    case Phase::kConnect:
      return "connect";
    case Phase::kProxy:
      return "proxy";
    case Phase::kGreeting:
      return "greeting";
    case Phase::kHello:
      return "hello";
    case Phase::kStarttls:
      return "starttls";
    case Phase::kTls:
      return "tls";
    case Phase::kAuth:
      return "auth";
    case Phase::kEnvelope:
      return "envelope";
    case Phase::kData:
      return "data";
    case Phase::kIdle:
      return "idle";
    case Phase::kQuit:
      return "quit";
    case Phase::kClose:
      return "close";
  }
  return "connect";
}

const char* name_of(Outcome outcome) {
  switch (outcome) {
    case Outcome::kConnectionRefused:
      return "connection_refused";
    case Outcome::kConnectionTimeout:
      return "connection_timeout";
    case Outcome::kNoGreeting:
      return "no_greeting";
    case Outcome::kGreetingRejected:
      return "greeting_rejected";
    case Outcome::kTlsFailed:
      return "tls_failed";
    case Outcome::kAuthFailed:
      return "auth_failed";
    case Outcome::kDelivered:
      return "delivered";
    case Outcome::kPartial:
      return "partial";
    case Outcome::kRejected:
      return "rejected";
    case Outcome::kDeferred:
      return "deferred";
    case Outcome::kDeliveryUnknown:
      return "delivery_unknown";
    case Outcome::kAbortedByClient:
      return "aborted_by_client";
    case Outcome::kAbortedByServer:
      return "aborted_by_server";
    case Outcome::kNoMail:
      return "no_mail";
    case Outcome::kEncrypted:
      return "encrypted";
    case Outcome::kIncomplete:
      return "incomplete";
  }
  return "incomplete";
}

const char* name_of(Side side) {
  return side == Side::kClient ? "client" : "server";
}

const char* name_of(TlsMode mode) {
  switch (mode) {
    case TlsMode::kNone:
      return "none";
    case TlsMode::kStarttls:
      return "starttls";
    case TlsMode::kImplicit:
      return "implicit";
  }
  return "none";
}

const char* name_of(DecryptState state) {
  switch (state) {
    case DecryptState::kNotTls:
      return "not_tls";
    case DecryptState::kDecrypted:
      return "decrypted";
    case DecryptState::kNoKey:
      return "no_key";
    case DecryptState::kRsaKeyUseless:
      return "rsa_key_useless";
    case DecryptState::kClientHelloMissing:
      return "client_hello_missing";
    case DecryptState::kResumedUnknown:
      return "resumed_unknown";
    case DecryptState::kHandshakeFailed:
      return "handshake_failed";
  }
  return "not_tls";
}

const char* name_of(CloseKind kind) {
  switch (kind) {
    case CloseKind::kNone:
      return "none";
    case CloseKind::kFin:
      return "fin";
    case CloseKind::kRst:
      return "rst";
  }
  return "none";
}

const char* name_of(CapturePoint point) {
  switch (point) {
    case CapturePoint::kUnknown:
      return "unknown";
    case CapturePoint::kClient:
      return "client";
    case CapturePoint::kServer:
      return "server";
    case CapturePoint::kMiddle:
      return "middle";
  }
  return "unknown";
}

std::string tls_version_name(std::uint16_t version) {
  switch (version) {
    case 0x0002:
      return "SSL 2.0";
    case 0x0300:
      return "SSL 3.0";
    case 0x0301:
      return "TLS 1.0";
    case 0x0302:
      return "TLS 1.1";
    case 0x0303:
      return "TLS 1.2";
    case 0x0304:
      return "TLS 1.3";
    default:
      return hex16(version);
  }
}

std::string tls_cipher_name(std::uint16_t cipher) {
  const char* const name = find_cipher_name(cipher);
  return name != nullptr ? std::string{name} : hex16(cipher);
}

std::string tls_alert_name(std::uint8_t description) {
  // The IANA registry "TLS Alerts"; the reserved ones are from RFC 2246 and RFC 5246.
  switch (description) {
    case 0:
      return "close_notify";
    case 10:
      return "unexpected_message";
    case 20:
      return "bad_record_mac";
    case 21:
      return "decryption_failed";
    case 22:
      return "record_overflow";
    case 30:
      return "decompression_failure";
    case 40:
      return "handshake_failure";
    case 41:
      return "no_certificate";
    case 42:
      return "bad_certificate";
    case 43:
      return "unsupported_certificate";
    case 44:
      return "certificate_revoked";
    case 45:
      return "certificate_expired";
    case 46:
      return "certificate_unknown";
    case 47:
      return "illegal_parameter";
    case 48:
      return "unknown_ca";
    case 49:
      return "access_denied";
    case 50:
      return "decode_error";
    case 51:
      return "decrypt_error";
    case 60:
      return "export_restriction";
    case 70:
      return "protocol_version";
    case 71:
      return "insufficient_security";
    case 80:
      return "internal_error";
    case 86:
      return "inappropriate_fallback";
    case 90:
      return "user_canceled";
    case 100:
      return "no_renegotiation";
    case 109:
      return "missing_extension";
    case 110:
      return "unsupported_extension";
    case 111:
      return "certificate_unobtainable";
    case 112:
      return "unrecognized_name";
    case 113:
      return "bad_certificate_status_response";
    case 114:
      return "bad_certificate_hash_value";
    case 115:
      return "unknown_psk_identity";
    case 116:
      return "certificate_required";
    case 120:
      return "no_application_protocol";
    default:
      return std::to_string(description);
  }
}

std::string role_names(const Session& session, const FrameRecord& record) {
  const std::string events = event_names(session, record.frame);
  std::uint32_t roles = record.roles;
  if (!events.empty() || (roles & kMoreThanAck) != 0) roles &= ~std::uint32_t{kRoleAck};
  std::string names;
  for (const RoleName& role : kRoleNames) {
    if ((roles & role.role) != 0) append(names, role.name);
  }
  if (!events.empty()) append(names, events);
  return names;
}

std::string to_string(const Address& address) {
  switch (address.family) {
    case 4:
      return dotted(address.bytes.data());
    case 6:
      return ipv6_text(address);
    default:
      return {};
  }
}

}  // namespace smtp_session
