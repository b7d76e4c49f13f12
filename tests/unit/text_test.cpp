// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/text.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace smtp_session {
namespace {

using namespace std::string_view_literals;

TEST(TextPool, EqualTextsAreOnePointer) {
  TextPool pool;
  const std::string again = "2.1.0 Ok";
  const Text first = pool.intern("2.1.0 Ok");
  EXPECT_EQ(first, pool.intern(again));
  EXPECT_NE(first, pool.intern("2.1.5 Ok"));
  EXPECT_EQ(pool.size(), 2U);
}

TEST(TextPool, EmptyTextIsTheDefaultText) {
  TextPool pool;
  EXPECT_EQ(pool.intern(""), Text{});
  EXPECT_TRUE(pool.intern("").empty());
  EXPECT_EQ(pool.size(), 0U);
}

TEST(TextPool, TextsStayInPlaceAcrossManyBlocks) {
  TextPool pool;
  std::vector<Text> texts;
  for (int i = 0; i < 20'000; ++i) texts.push_back(pool.intern("line " + std::to_string(i)));
  for (int i = 0; i < 20'000; ++i) {
    ASSERT_EQ(texts[static_cast<std::size_t>(i)].view(), "line " + std::to_string(i));
  }
}

TEST(TextPool, LongTextBetweenShortOnesKeepsAll) {
  TextPool pool;
  const std::string huge(200'000, 'x');
  const Text before = pool.intern("before");
  const Text large = pool.intern(huge);
  const Text behind = pool.intern("behind");
  EXPECT_EQ(before.view(), "before");
  EXPECT_EQ(large.view(), huge);
  EXPECT_EQ(behind.view(), "behind");
  // Both short ones share a block, so the long one did not displace it.
  EXPECT_EQ(behind.c_str(), before.c_str() + sizeof "before" + 1);
}

TEST(TextPool, LongTextFirstKeepsAll) {
  TextPool pool;
  const std::string huge(100'000, 'y');
  const Text large = pool.intern(huge);
  EXPECT_EQ(pool.intern("short").view(), "short");
  EXPECT_EQ(large.view(), huge);
}

TEST(TextPool, BytesThatBecomeTheSameTextAreOnePointer) {
  TextPool pool;
  EXPECT_EQ(pool.intern("a\xFF"), pool.intern("a\xFE"));
}

TEST(TextPool, ClearForgetsEveryText) {
  TextPool pool;
  pool.intern("word");
  pool.clear();
  EXPECT_EQ(pool.size(), 0U);
  EXPECT_EQ(pool.intern("other").view(), "other");
}

TEST(Utf8, WellFormedTextIsUnchanged) {
  for (const auto text : {"plain"sv, "M\xC3\xBCller"sv, "\xE2\x82\xAC"sv, "\xF0\x9F\x93\xA7"sv,
                          "\xED\x9F\xBF"sv, "\xF4\x8F\xBF\xBF"sv}) {
    EXPECT_TRUE(is_valid_utf8(text)) << text;
    EXPECT_EQ(to_valid_utf8(text), text);
  }
}

TEST(Utf8, EachIllFormedByteBecomesAReplacementCharacter) {
  EXPECT_EQ(to_valid_utf8("M\xFCller"), "M\xEF\xBF\xBDller");        // Latin-1
  EXPECT_EQ(to_valid_utf8("\xC0\xAF"), "\xEF\xBF\xBD\xEF\xBF\xBD");  // overlong
  EXPECT_EQ(to_valid_utf8("\xE2\x82"), "\xEF\xBF\xBD\xEF\xBF\xBD");  // cut off
  EXPECT_EQ(to_valid_utf8("\xED\xA0\x80"),
            "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD");         // surrogate
  EXPECT_EQ(to_valid_utf8("\xF4\x90\x80\x80").size(), 12U);  // beyond U+10FFFF
  EXPECT_EQ(to_valid_utf8("\xE0\x9F\xBF").size(), 9U);       // overlong
  EXPECT_EQ(to_valid_utf8("\xF0\x8F\xBF\xBF").size(), 12U);  // overlong
}

TEST(Utf8, NulBecomesItsSymbol) {
  EXPECT_FALSE(is_valid_utf8("a\0b"sv));
  EXPECT_EQ(to_valid_utf8("a\0b"sv),
            "a\xE2\x90\x80"
            "b");
}

TEST(Utf8, AnyPairOfBytesBecomesWellFormed) {
  for (int a = 0; a < 256; ++a) {
    for (int b = 0; b < 256; ++b) {
      const std::string bytes{static_cast<char>(a), static_cast<char>(b)};
      const std::string text = to_valid_utf8(bytes);
      ASSERT_TRUE(is_valid_utf8(text)) << a << ' ' << b;
      ASSERT_EQ(is_valid_utf8(bytes), text == bytes) << a << ' ' << b;
    }
  }
}

}  // namespace
}  // namespace smtp_session
