// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/cipher_names.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace smtp_session {
namespace {

TEST(CipherNames, SuitesOfMailServersHaveTheirIanaName) {
  EXPECT_STREQ(find_cipher_name(0x1302), "TLS_AES_256_GCM_SHA384");
  EXPECT_STREQ(find_cipher_name(0xc02f), "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256");
  EXPECT_STREQ(find_cipher_name(0xcca8), "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256");
  EXPECT_STREQ(find_cipher_name(0x002f), "TLS_RSA_WITH_AES_128_CBC_SHA");
  EXPECT_STREQ(find_cipher_name(0x000a), "TLS_RSA_WITH_3DES_EDE_CBC_SHA");
  EXPECT_STREQ(find_cipher_name(0x0005), "TLS_RSA_WITH_RC4_128_SHA");
  EXPECT_STREQ(find_cipher_name(0x003a), "TLS_DH_anon_WITH_AES_256_CBC_SHA");
}

TEST(CipherNames, UnknownSuiteHasNone) {
  for (const std::uint16_t value : {std::uint16_t{0x0000}, std::uint16_t{0x0a0a},
                                    std::uint16_t{0xc0ff}, std::uint16_t{0xffff}}) {
    EXPECT_EQ(find_cipher_name(value), nullptr) << value;
  }
}

TEST(CipherNames, EveryRowOfTheTableIsFoundOnce) {
  // A row out of order would be missed by the search.
  std::set<std::string> names;
  std::size_t found = 0;
  for (unsigned value = 0; value <= 0xffffU; ++value) {
    if (const char* const name = find_cipher_name(static_cast<std::uint16_t>(value))) {
      ++found;
      names.insert(name);
    }
  }
  EXPECT_EQ(found, cipher_name_count());
  EXPECT_EQ(names.size(), cipher_name_count());
  EXPECT_GE(found, 100U);
}

}  // namespace
}  // namespace smtp_session
