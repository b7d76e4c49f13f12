// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/base64.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "tests/support/base64_encode.h"

namespace smtp_session {
namespace {

struct Pair {
  std::string_view encoded;
  std::string_view plain;
};

// RFC 4648 section 10.
constexpr Pair kVectors[] = {
    {"", ""},
    {"Zg==", "f"},
    {"Zm8=", "fo"},
    {"Zm9v", "foo"},
    {"Zm9vYg==", "foob"},
    {"Zm9vYmE=", "fooba"},
    {"Zm9vYmFy", "foobar"},
};

TEST(Base64, DecodesTheTestVectorsOfTheRfc) {
  for (const Pair& pair : kVectors) {
    std::string out = "left over";
    EXPECT_TRUE(decode_base64(pair.encoded, out)) << pair.encoded;
    EXPECT_EQ(out, pair.plain);
  }
}

TEST(Base64, DecodesWithoutPadding) {
  for (const Pair& pair : kVectors) {
    const std::string_view bare = pair.encoded.substr(0, pair.encoded.find('='));
    std::string out;
    EXPECT_TRUE(decode_base64(bare, out)) << bare;
    EXPECT_EQ(out, pair.plain);
  }
}

TEST(Base64, RejectsWrongPadding) {
  for (const std::string_view in :
       {"=", "==", "====", "Z===", "Zg=", "Zm8==", "Zm9v=", "Zm9v==", "Zg==Zg==", "=Zm8", "Z=g="}) {
    std::string out = "left over";
    EXPECT_FALSE(decode_base64(in, out)) << in;
    EXPECT_EQ(out, "") << in;
  }
}

TEST(Base64, RejectsOneSymbolLeftOver) {
  for (const std::string_view in : {"Z", "Zm9vY", "Zm9vYmFyZ"}) {
    std::string out;
    EXPECT_FALSE(decode_base64(in, out)) << in;
  }
}

TEST(Base64, RejectsEveryByteOutsideTheAlphabet) {
  constexpr std::string_view kAlphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  for (int byte = 0; byte < 256; ++byte) {
    const char symbol = static_cast<char>(byte);
    const std::string in = {'Z', symbol, '9', 'v'};
    std::string out;
    EXPECT_EQ(decode_base64(in, out), kAlphabet.find(symbol) != std::string_view::npos) << byte;
  }
}

TEST(Base64, DecodesEveryByteAtEveryPlaceInAGroup) {
  for (int byte = 0; byte < 256; ++byte) {
    for (std::size_t place = 0; place < 4; ++place) {
      std::string plain = "abcd";
      plain[place] = static_cast<char>(byte);
      std::string out;
      ASSERT_TRUE(decode_base64(test::encode_base64(plain), out));
      ASSERT_EQ(out, plain);
    }
  }
}

}  // namespace
}  // namespace smtp_session
