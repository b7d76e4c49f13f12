// SPDX-License-Identifier: GPL-2.0-or-later
//
// Input: one byte (even: ClientHello, odd: ServerHello), then the body of the message.
#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "dissector/tls_hello.h"
#include "tests/fuzz/check.h"

using namespace smtp_session;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (looks_like_tls_record(data, size)) {
    FUZZ_CHECK(size >= kTlsRecordHeader && data[1] == 3);
  }
  if (size == 0) return 0;
  const bool server = data[0] % 2 == 1;
  ++data;
  --size;
  if (server) {
    ServerHello hello;
    hello.cipher = 1;
    if (parse_server_hello(data, size, hello)) {
      FUZZ_CHECK(hello.session_id.size() <= kMaxTlsSessionId);
      FUZZ_CHECK(hello.alpn.size() <= 255);
    } else {
      FUZZ_CHECK(hello.cipher == 0 && hello.version == 0 && hello.alpn.empty());
    }
    return 0;
  }
  ClientHello hello;
  hello.session_id_size = 1;
  if (parse_client_hello(data, size, hello)) {
    FUZZ_CHECK(hello.session_id_size == hello.session_id.size());
    FUZZ_CHECK(hello.session_id_size <= kMaxTlsSessionId);
    FUZZ_CHECK(!hello.versions.empty() && !hello.ciphers.empty());
    FUZZ_CHECK(hello.versions.size() == 1 ||
               std::none_of(hello.versions.begin(), hello.versions.end(), is_grease));
    FUZZ_CHECK(2 * hello.ciphers.size() + hello.sni.size() < size);
  } else {
    FUZZ_CHECK(hello.session_id_size == 0 && hello.ciphers.empty() && hello.versions.empty() &&
               hello.sni.empty() && hello.alpn.empty() && !hello.pre_shared_key);
  }
  return 0;
}
