// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/tls_session.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "dissector/certificate.h"
#include "dissector/frame_index.h"
#include "dissector/names.h"
#include "dissector/tls_hello.h"

namespace smtp_session {

namespace {

// Handshake message types, RFC 8446 section 4 and RFC 5246 section 7.4.
constexpr std::uint8_t kHelloRequest = 0;
constexpr std::uint8_t kClientHelloType = 1;
constexpr std::uint8_t kServerHelloType = 2;
constexpr std::uint8_t kNewSessionTicket = 4;
constexpr std::uint8_t kCertificate = 11;
constexpr std::uint8_t kServerHelloDone = 14;
constexpr std::uint8_t kFinished = 20;
constexpr std::uint8_t kKeyUpdate = 24;

constexpr std::size_t kMessageHeader = 4;

/// One handshake message in clear at the most: hellos and certificate chains are far below it.
constexpr std::size_t kMaxHandshake = std::size_t{1} << 17U;

constexpr std::uint8_t kFatal = 2;

/// Length of a TLS 1.3 record that holds nothing but an alert: two octets, inner type, tag.
constexpr std::uint32_t kTls13AlertLength = 2 + 1 + 16;

std::uint8_t byte_at(std::string_view bytes, std::size_t at) {
  return static_cast<std::uint8_t>(bytes[at]);
}

std::size_t message_size(std::string_view bytes) {
  return kMessageHeader + (std::size_t{byte_at(bytes, 1)} << 16U) +
         (std::size_t{byte_at(bytes, 2)} << 8U) + byte_at(bytes, 3);
}

/// Length of a TLS 1.3 record that holds nothing but Finished: header of the message, hash
/// (RFC 8446 section 4.4.4), inner type and a tag of 16 octets.
bool is_finished_size(std::uint32_t length, std::uint16_t cipher) {
  constexpr std::uint16_t kAes256GcmSha384 = 0x1302;
  const std::uint32_t hash = cipher == kAes256GcmSha384 ? 48 : 32;
  return length == kMessageHeader + hash + 1 + 16;
}

/// True where `bytes` are whole handshake messages of the given type: binary, while SMTP is text.
bool is_message_of(std::string_view bytes, std::uint8_t type) {
  return bytes.size() >= kMessageHeader && byte_at(bytes, 0) == type &&
         message_size(bytes) <= bytes.size();
}

bool is_alert(std::string_view bytes) {
  return bytes.size() == 2 && (byte_at(bytes, 0) == 1 || byte_at(bytes, 0) == kFatal);
}

std::string_view view_of(const DecryptedRecord& record) {
  return {reinterpret_cast<const char*>(record.data), record.size};
}

void add_line(std::string& lines, const std::string& line) {
  if (!lines.empty()) lines += '\n';
  lines += line;
}

}  // namespace

bool TlsSession::encrypts(const TlsRecord& record) const {
  if (record.type == TlsContent::kChangeCipherSpec) return false;
  if (is_tls13()) return record.type == TlsContent::kApplicationData;
  return sides_[index_of(record.side)].changed_cipher ||
         record.type == TlsContent::kApplicationData;
}

TlsSession::Kind TlsSession::add(const TlsRecord& record, const DecryptedRecord* plain) {
  SideState& side = sides_[index_of(record.side)];
  if (record.type == TlsContent::kChangeCipherSpec) {
    roles_ |= kRoleTlsHandshake;
    if (!is_tls13()) {
      side.changed_cipher = true;
      // RFC 5246 section 7.3: a server that resumes goes from ServerHello to ChangeCipherSpec.
      if (record.side == Side::kServer && !server_hello_done_ && facts_.server_hello.known()) {
        facts_.resumed = true;
      }
    }
    return Kind::kChangeCipherSpec;
  }
  if (is_tls13() && record.type == TlsContent::kApplicationData) return add_tls13(record, plain);
  if (record.type == TlsContent::kApplicationData) return Kind::kApplication;
  if (record.type == TlsContent::kAlert) {
    note_end(record);
    const std::string_view body = !encrypts(record)  ? std::string_view(record.fragment)
                                  : plain != nullptr ? view_of(*plain)
                                                     : std::string_view();
    on_alert(record, body);
    return Kind::kAlert;
  }
  if (!is_tls13() && side.changed_cipher) return add_encrypted_handshake(record);
  roles_ |= kRoleTlsHandshake;
  add_handshake_bytes(record, record.fragment);
  return Kind::kHandshake;
}

void TlsSession::add_handshake_bytes(const TlsRecord& record, std::string_view bytes) {
  std::string& buffer = sides_[index_of(record.side)].handshake;
  if (!facts_.client_hello.known() && record.side == Side::kClient && buffer.empty() &&
      !bytes.empty() && byte_at(bytes, 0) == kClientHelloType) {
    facts_.client_hello.time = record.first.time;
  }
  if (!record.exact || buffer.size() + bytes.size() > kMaxHandshake) {
    buffer.clear();
    return;
  }
  buffer.append(bytes);
  std::size_t at = 0;
  while (buffer.size() - at >= kMessageHeader) {
    const std::string_view rest = std::string_view(buffer).substr(at);
    const std::size_t size = message_size(rest);
    if (size > rest.size()) break;
    on_message(record, byte_at(rest, 0), rest.substr(kMessageHeader, size - kMessageHeader));
    at += size;
  }
  buffer.erase(0, at);
}

void TlsSession::on_message(const TlsRecord& record, std::uint8_t type, std::string_view body) {
  const auto* data = reinterpret_cast<const std::uint8_t*>(body.data());
  if (type == kClientHelloType && record.side == Side::kClient) {
    roles_ |= kRoleClientHello;
    if (facts_.client_hello.frame == 0) {
      if (facts_.client_hello.time == kNoTime) facts_.client_hello.time = record.first.time;
      facts_.client_hello.frame = record.received.frame;
    }
    ClientHello hello;
    if (parse_client_hello(data, body.size(), hello)) {
      note_offer(hello);
      client_session_id_ = hello.session_id;
      observer_.on_client_hello(hello, record.received.frame);
    }
  } else if (type == kServerHelloType && record.side == Side::kServer) {
    ServerHello hello;
    if (!parse_server_hello(data, body.size(), hello)) return;
    if (hello.hello_retry_request) {
      facts_.hello_retry = true;
      return;
    }
    roles_ |= kRoleServerHello;
    if (!facts_.server_hello.known()) {
      facts_.server_hello = {record.received.time, record.received.frame};
    }
    facts_.version = hello.version;
    facts_.cipher = hello.cipher;
    facts_.alpn = texts_.intern(hello.alpn);
    if (is_tls13()) facts_.resumed = hello.pre_shared_key;
  } else if (type == kCertificate) {
    on_certificate(record, body);
  } else if (type == kServerHelloDone) {
    server_hello_done_ = true;
  }
}

void TlsSession::note_offer(const ClientHello& hello) {
  facts_.sni = texts_.intern(hello.sni);
  // The second one, after HelloRetryRequest, offers no early data and nothing new.
  if (!facts_.ciphers_offered.empty()) return;
  std::string versions;
  for (const std::uint16_t version : hello.versions) add_line(versions, tls_version_name(version));
  std::string ciphers;
  for (const std::uint16_t cipher : hello.ciphers) {
    if (!is_grease(cipher)) add_line(ciphers, tls_cipher_name(cipher));
  }
  facts_.versions_offered = texts_.intern(versions);
  facts_.ciphers_offered = texts_.intern(ciphers);
  facts_.early_data = hello.early_data;
}

void TlsSession::on_certificate(const TlsRecord& record, std::string_view body) {
  if (record.side != Side::kServer) return;
  observer_.on_certificate(leaf_certificate(body, is_tls13()), record.received);
}

void TlsSession::note_end(const TlsRecord& record) {
  roles_ |= kRoleTlsAlert;
  if (facts_.complete && !facts_.ended_by) facts_.ended_by = record.side;
}

void TlsSession::on_alert(const TlsRecord& record, std::string_view body) {
  if (!is_alert(body) || facts_.alert) return;
  // A warning after the handshake is close_notify: the regular end (RFC 8446 section 6.1).
  if (byte_at(body, 0) != kFatal && facts_.complete) return;
  TlsAlert alert;
  alert.level = byte_at(body, 0);
  alert.description = byte_at(body, 1);
  alert.sender = record.side;
  alert.at = {record.sent.time, record.received.frame};
  facts_.alert = alert;
}

TlsSession::Kind TlsSession::add_encrypted_handshake(const TlsRecord& record) {
  SideState& side = sides_[index_of(record.side)];
  if (side.finished) {
    roles_ |= kRoleSessionTicket;
    return Kind::kTicket;
  }
  roles_ |= kRoleTlsHandshake;
  side.finished = true;
  if (sides_[0].finished && sides_[1].finished) finish(record);
  return Kind::kHandshake;
}

TlsSession::Kind TlsSession::add_tls13(const TlsRecord& record, const DecryptedRecord* plain) {
  SideState& side = sides_[index_of(record.side)];
  const bool client = record.side == Side::kClient;
  if (plain != nullptr) {
    const std::string_view bytes = view_of(*plain);
    if (is_alert(bytes)) {
      note_end(record);
      on_alert(record, bytes);
      return Kind::kAlert;
    }
    if (!side.finished) {
      roles_ |= kRoleTlsHandshake;
      // Messages may share records and be cut by them: follow their lengths to Finished.
      side.handshake.append(
          bytes.substr(0, kMaxHandshake - std::min(kMaxHandshake, side.handshake.size())));
      while (side.handshake.size() >= kMessageHeader) {
        const std::size_t size = message_size(side.handshake);
        if (size > side.handshake.size()) break;
        const std::uint8_t type = byte_at(side.handshake, 0);
        if (type == kFinished) side.finished = true;
        if (type == kCertificate) {
          on_certificate(
              record,
              std::string_view(side.handshake).substr(kMessageHeader, size - kMessageHeader));
        }
        side.handshake.erase(0, size);
      }
      if (side.finished && client) finish(record);
      return Kind::kHandshake;
    }
    if ((!client && is_message_of(bytes, kNewSessionTicket)) ||
        (bytes.size() == kMessageHeader + 1 && is_message_of(bytes, kKeyUpdate)) ||
        is_message_of(bytes, kHelloRequest)) {
      roles_ |= kRoleSessionTicket;
      return Kind::kTicket;
    }
    return Kind::kApplication;
  }
  if (record.length == kTls13AlertLength) {
    note_end(record);
    return Kind::kAlert;
  }
  if (facts_.complete) return Kind::kApplication;
  if (!client && client_flight_.end != 0 && record.peer_acked >= client_flight_.end) {
    // The server had all that the client sent, and answers: Finished was the end of it, in one
    // record with the client's certificate.
    sides_[index_of(Side::kClient)].finished = true;
    finish(client_flight_);
    return Kind::kApplication;
  }
  roles_ |= kRoleTlsHandshake;
  if (client) {
    client_flight_ = record;
    // Without the keys: a client certificate comes in records of other sizes before Finished.
    if (is_finished_size(record.length, facts_.cipher)) {
      side.finished = true;
      finish(record);
    }
  }
  return Kind::kHandshake;
}

void TlsSession::finish(const TlsRecord& record) {
  facts_.complete = true;
  facts_.finished = {record.sent.time, record.received.frame};
}

std::uint32_t TlsSession::take_roles() {
  return std::exchange(roles_, 0U);
}

}  // namespace smtp_session
