// SPDX-License-Identifier: GPL-2.0-or-later
//
// The bytes of TLS records for tests. What is encrypted is a run of one octet of the right length.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace smtp_session::test {

inline constexpr char kCcs = 20;
inline constexpr char kAlertType = 21;
inline constexpr char kHandshakeType = 22;
inline constexpr char kData = 23;

inline constexpr std::uint16_t kAes128Gcm = 0x1301;          // TLS 1.3
inline constexpr std::uint16_t kAes256Gcm = 0x1302;          // TLS 1.3
inline constexpr std::uint16_t kEcdheRsaAes128Gcm = 0xC02F;  // TLS 1.2

inline std::string number(std::size_t value, std::size_t octets) {
  std::string text;
  while (octets-- > 0) text += static_cast<char>(value >> (8 * octets) & 0xFF);
  return text;
}

/// RFC 8446 section 5.1.
inline std::string record(char type, std::string_view fragment) {
  return type + number(0x0303, 2) + number(fragment.size(), 2) + std::string(fragment);
}

/// RFC 8446 section 4.
inline std::string handshake(std::size_t type, std::string_view body) {
  return number(type, 1) + number(body.size(), 3) + std::string(body);
}

inline std::string extension(std::size_t type, std::string_view body) {
  return number(type, 2) + number(body.size(), 2) + std::string(body);
}

inline std::string client_hello_message(std::string_view name = "mx.example.test") {
  const std::string entry = number(0, 1) + number(name.size(), 2) + std::string(name);
  const std::string extensions = extension(0, number(entry.size(), 2) + entry);
  return handshake(1, number(0x0303, 2) + std::string(32, 'c') + number(0, 1) + number(2, 2) +
                          number(kAes128Gcm, 2) + number(0x0100, 2) + number(extensions.size(), 2) +
                          extensions);
}

inline std::string server_hello_message(std::uint16_t version, std::uint16_t cipher,
                                        bool resumed = false) {
  std::string extensions;
  if (version == 0x0304) {
    extensions = extension(43, number(version, 2));          // supported_versions
    if (resumed) extensions += extension(41, number(0, 2));  // pre_shared_key
  }
  return handshake(2, number(0x0303, 2) + std::string(32, 's') + number(0, 1) + number(cipher, 2) +
                          number(0, 1) + number(extensions.size(), 2) + extensions);
}

inline std::string client_hello() {
  return record(kHandshakeType, client_hello_message());
}

inline std::string server_hello13(std::uint16_t cipher = kAes128Gcm, bool resumed = false) {
  return record(kHandshakeType, server_hello_message(0x0304, cipher, resumed));
}

inline std::string ccs() {
  return record(kCcs, "\x01");
}

/// A record of TLS 1.3 whose text has `size` octets: with inner type and tag (RFC 8446 5.2).
inline std::string sealed13(std::size_t size) {
  return record(kData, std::string(size + 1 + 16, '\xAA'));
}

/// A record of TLS 1.2 under GCM: explicit nonce and tag (RFC 5288 section 3).
inline std::string sealed12(std::size_t size, char type = kData) {
  return record(type, std::string(8 + size + 16, '\xAA'));
}

/// The message Finished of a hash of 32 octets.
inline std::string finished_message(std::size_t hash = 32) {
  return handshake(20, std::string(hash, 'f'));
}

inline std::string alert(std::uint8_t level, std::uint8_t description) {
  return record(kAlertType, number(level, 1) + number(description, 1));
}

}  // namespace smtp_session::test
