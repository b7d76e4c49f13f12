// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/tls_text_length.h"

#include <string_view>

#include "dissector/cipher_names.h"
#include "dissector/tls_versions.h"

namespace smtp_session {

namespace {

/// What a record adds to its text: at least `fixed`, and padding up to a multiple of `block`.
struct Overhead {
  std::uint32_t fixed = 0;
  std::uint32_t block = 1;
};

/// The longest that any suite below adds, for one that is not known: IV 16, MAC 48, padding 16.
constexpr std::uint32_t kMostOverhead = 80;

bool contains(std::string_view name, std::string_view part) {
  return name.find(part) != std::string_view::npos;
}

/// MAC of suites that are no AEAD: the last word of the name (RFC 5246 appendix C, RFC 5289).
std::uint32_t mac_size(std::string_view name) {
  if (contains(name, "_SHA384")) return 48;
  if (contains(name, "_SHA256")) return 32;
  if (contains(name, "_MD5")) return 16;
  return 20;
}

/// Tag of an AEAD: 16 octets (RFC 5116 section 5, RFC 7905), 8 with CCM_8 (RFC 6655 section 3).
std::uint32_t tag_size(std::string_view name) {
  return contains(name, "_CCM_8") ? 8 : 16;
}

bool overhead_of(std::uint16_t version, std::uint16_t cipher, Overhead& overhead) {
  const char* const found = find_cipher_name(cipher);
  if (found == nullptr) return false;
  const std::string_view name = found;
  if (version >= kTls13) {
    // RFC 8446 section 5.2: text, one octet of type, padding of zeros (that no mail software
    // sends), tag. The nonce is not on the wire (section 5.3).
    overhead.fixed = 1 + tag_size(name);
  } else if (contains(name, "_GCM") || contains(name, "_CCM")) {
    // RFC 5288 section 3 and RFC 6655 section 3: 8 octets of the nonce are sent.
    overhead.fixed = 8 + tag_size(name);
  } else if (contains(name, "CHACHA20")) {
    overhead.fixed = tag_size(name);  // RFC 7905 section 2: no part of the nonce is sent
  } else if (contains(name, "_CBC")) {
    // RFC 5246 section 6.2.3.2: IV (TLS 1.1 and later), text, MAC, padding with its length octet to
    // a whole block. Encrypt-then-MAC (RFC 7366 section 3) leaves the MAC out of the padding: the
    // fragment is then a MAC longer than whole blocks.
    overhead.block =
        contains(name, "DES") || contains(name, "_IDEA") || contains(name, "_RC2") ? 8 : 16;
    overhead.fixed = (version >= kTls11 ? overhead.block : 0) + mac_size(name) + 1;
  } else {
    overhead.fixed = mac_size(name);  // RC4 and NULL: text and MAC (RFC 5246 section 6.2.3.1)
  }
  return true;
}

}  // namespace

TextLength tls_text_length(std::uint16_t version, std::uint16_t cipher, std::uint32_t bytes,
                           std::uint32_t records) {
  const auto without = [bytes](std::uint64_t taken) {
    return taken < bytes ? bytes - static_cast<std::uint32_t>(taken) : 0;
  };
  const std::uint64_t count = records;
  Overhead overhead;
  if (!overhead_of(version, cipher, overhead)) {
    return {without(count * kMostOverhead), bytes};
  }
  return {without(count * (overhead.fixed + overhead.block - 1)), without(count * overhead.fixed)};
}

}  // namespace smtp_session
