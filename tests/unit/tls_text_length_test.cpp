// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/tls_text_length.h"

#include <gtest/gtest.h>

namespace smtp_session {
namespace {

constexpr std::uint16_t kTls10 = 0x0301;
constexpr std::uint16_t kTls12 = 0x0303;
constexpr std::uint16_t kTls13 = 0x0304;

constexpr std::uint32_t kQuit = 6;  // "QUIT" and line end

void expect_range(TextLength length, std::uint32_t min, std::uint32_t max) {
  EXPECT_EQ(length.min, min);
  EXPECT_EQ(length.max, max);
}

TEST(TlsTextLength, IsExactForEverySuiteOfTls13) {
  // QUIT in a record of 23 octets: as OpenSSL and GnuTLS send it.
  expect_range(tls_text_length(kTls13, 0x1301, 23, 1), kQuit, kQuit);
  expect_range(tls_text_length(kTls13, 0x1302, 23, 1), kQuit, kQuit);
  expect_range(tls_text_length(kTls13, 0x1303, 23, 1), kQuit, kQuit);
  expect_range(tls_text_length(kTls13, 0x1304, 23, 1), kQuit, kQuit);
  expect_range(tls_text_length(kTls13, 0x1305, 15, 1), kQuit, kQuit);  // CCM_8: tag of 8
}

TEST(TlsTextLength, TakesTheExplicitNonceOfGcmAndCcmInTls12) {
  expect_range(tls_text_length(kTls12, 0xc030, 30, 1), kQuit, kQuit);  // AES_256_GCM
  expect_range(tls_text_length(kTls12, 0xc09d, 30, 1), kQuit, kQuit);  // AES_256_CCM
  expect_range(tls_text_length(kTls12, 0xc0a0, 22, 1), kQuit, kQuit);  // AES_128_CCM_8
}

TEST(TlsTextLength, KnowsThatChacha20SendsNoNonce) {
  expect_range(tls_text_length(kTls12, 0xcca8, 22, 1), kQuit, kQuit);
}

TEST(TlsTextLength, GivesTheRangeOfThePaddingOfCbc) {
  // AES, SHA-1, MAC then encrypt: IV 16, text 6, MAC 20, padding 6.
  const TextLength sha1 = tls_text_length(kTls12, 0xc013, 48, 1);
  expect_range(sha1, 0, 11);
  // The same with encrypt then MAC: IV 16, text 6, padding 10, MAC 20.
  expect_range(tls_text_length(kTls12, 0xc013, 52, 1), 0, 15);
  // SHA-256 and SHA-384, encrypt then MAC.
  expect_range(tls_text_length(kTls12, 0xc027, 64, 1), 0, 15);
  expect_range(tls_text_length(kTls12, 0xc028, 80, 1), 0, 15);
  // One octet of text more than a block holds.
  expect_range(tls_text_length(kTls12, 0xc027, 80, 1), 16, 31);
}

TEST(TlsTextLength, KnowsBlocksOf8OctetsAndImplicitIvs) {
  // 3DES in TLS 1.2: IV 8; in TLS 1.0 there is none on the wire (RFC 5246 section 6.2.3.2).
  expect_range(tls_text_length(kTls12, 0x000a, 40, 1), 4, 11);
  expect_range(tls_text_length(kTls10, 0x000a, 32, 1), 4, 11);
}

TEST(TlsTextLength, IsExactForStreamsAndNull) {
  expect_range(tls_text_length(kTls12, 0x0005, 26, 1), kQuit, kQuit);  // RC4_128_SHA
  expect_range(tls_text_length(kTls12, 0x0004, 22, 1), kQuit, kQuit);  // RC4_128_MD5
  expect_range(tls_text_length(kTls12, 0x003b, 38, 1), kQuit, kQuit);  // NULL_SHA256
}

TEST(TlsTextLength, CountsTheOverheadOfEachRecord) {
  expect_range(tls_text_length(kTls13, 0x1301, 32768 + 34, 2), 32768, 32768);
  expect_range(tls_text_length(kTls12, 0xc027, 160, 2), 32, 62);
}

TEST(TlsTextLength, IsWideForASuiteThatIsNotKnown) {
  expect_range(tls_text_length(kTls12, 0xfafa, 100, 1), 20, 100);
  expect_range(tls_text_length(0, 0, 100, 2), 0, 100);
}

TEST(TlsTextLength, NeverGoesBelowNothing) {
  expect_range(tls_text_length(kTls13, 0x1301, 3, 1), 0, 0);
  expect_range(tls_text_length(kTls12, 0xc030, 0, 0), 0, 0);
  expect_range(tls_text_length(kTls12, 0xc027, 0xffffffffU, 0xffffffffU), 0, 0);
}

}  // namespace
}  // namespace smtp_session
