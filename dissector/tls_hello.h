// SPDX-License-Identifier: GPL-2.0-or-later
//
// What the two hello messages of a TLS handshake say in clear (RFC 8446 section 4.1, RFC 5246
// section 7.4.1). Names of versions and ciphers are in names.h.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace smtp_session {

/// RFC 8446 section 4.1.2: a session id has 32 octets at most.
inline constexpr std::size_t kMaxTlsSessionId = 32;
/// RFC 8446 section 5.1: type, version, length.
inline constexpr std::size_t kTlsRecordHeader = 5;
/// The longest fragment: 2^14 octets and 2048 of expansion (RFC 5246 section 6.2.3; RFC 8446
/// section 5.2 allows 256).
inline constexpr std::size_t kMaxTlsFragment = 16384 + 2048;

struct ClientHello {
  std::uint16_t legacy_version = 0;
  std::vector<std::uint16_t> ciphers;  ///< as sent, GREASE included
  /// Of supported_versions without GREASE; where there is none, the legacy version.
  std::vector<std::uint16_t> versions;
  std::string sni;                ///< RFC 6066 section 3, host_name
  std::vector<std::string> alpn;  ///< RFC 7301 section 3.1, without GREASE
  /// A server that resumes a session of TLS 1.2 sends it back (RFC 5246 section 7.4.1.3).
  std::vector<std::uint8_t> session_id;
  std::size_t session_id_size = 0;
  std::array<std::uint8_t, 32> random{};
  bool session_ticket = false;  ///< a ticket, not an empty request for one (RFC 5077 section 3.2)
  bool pre_shared_key = false;
  bool early_data = false;
};

struct ServerHello {
  std::uint16_t version = 0;  ///< of supported_versions, else the legacy version
  std::uint16_t cipher = 0;
  std::vector<std::uint8_t> session_id;
  std::array<std::uint8_t, 32> random{};
  bool hello_retry_request = false;  ///< told by its random (RFC 8446 section 4.1.3)
  std::string alpn;                  ///< up to TLS 1.2; later versions encrypt it
  bool pre_shared_key = false;       ///< resumption, or an external key, in TLS 1.3
};

/// Both read the body of one handshake message, without its header of four octets. What does not
/// follow the grammar to the last octet gives false and a default object.
bool parse_client_hello(const std::uint8_t* body, std::size_t size, ClientHello& hello);
bool parse_server_hello(const std::uint8_t* body, std::size_t size, ServerHello& hello);

/// True where `data` begins with the header of a TLS record: change_cipher_spec to
/// application_data, SSL 3.0 to TLS 1.3, not too long.
bool looks_like_tls_record(const std::uint8_t* data, std::size_t size);

/// A value that only tests whether the peer ignores what it does not know: 0x0A0A, 0x1A1A ...
/// 0xFAFA (RFC 8701 section 2).
constexpr bool is_grease(std::uint16_t value) {
  return (value & 0x0F0FU) == 0x0A0AU && value >> 8U == (value & 0xFFU);
}

}  // namespace smtp_session
