// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/report/json_reader.h"

#include <gtest/gtest.h>

#include <string>

namespace smtp_session {
namespace {

bool is_json(const std::string& text) {
  JsonValue value;
  return read_json(text, value);
}

JsonValue read(const std::string& text) {
  JsonValue value;
  EXPECT_TRUE(read_json(text, value)) << text;
  return value;
}

TEST(ReadJson, KeepsEveryKindOfValue) {
  const JsonValue value =
      read(R"( {"a":"x", "list" : [1,-20,0.970,true,false,null,[],{}], "last":{"b":0}} )");
  EXPECT_EQ(value.text_at("a"), "x");
  const auto& list = value.items_at("list");
  ASSERT_EQ(list.size(), 8U);
  EXPECT_EQ(list[0].integer, 1);
  EXPECT_EQ(list[1].integer, -20);
  EXPECT_EQ(list[2].kind, JsonValue::Kind::kNumber);
  EXPECT_EQ(list[2].text, "0.970");
  EXPECT_TRUE(list[3].boolean);
  EXPECT_EQ(list[4].kind, JsonValue::Kind::kBoolean);
  EXPECT_FALSE(list[4].boolean);
  EXPECT_EQ(list[5].kind, JsonValue::Kind::kNull);
  EXPECT_EQ(list[6].kind, JsonValue::Kind::kArray);
  EXPECT_EQ(list[7].kind, JsonValue::Kind::kObject);
  EXPECT_EQ(value.find("last")->integer_at("b"), 0);
}

TEST(ReadJson, IntegerThatIsTooLargeKeepsItsDigits) {
  EXPECT_EQ(read("9223372036854775807").integer, 9223372036854775807);
  const JsonValue value = read("9223372036854775808");
  EXPECT_EQ(value.kind, JsonValue::Kind::kNumber);
  EXPECT_EQ(value.text, "9223372036854775808");
  EXPECT_EQ(read("-1.5E+3").text, "-1.5E+3");
}

TEST(ReadJson, UndoesEscapes) {
  EXPECT_EQ(read(R"("\"\\\/\b\f\n\r\t\u001b\u00fc\u20AC")").text,
            "\"\\/\b\f\n\r\t\x1B\xC3\xBC\xE2\x82\xAC");
  EXPECT_EQ(read(R"("\ud83d\udce7")").text, "\xF0\x9F\x93\xA7");
  EXPECT_EQ(read(R"("\u0000b")").text,
            "\xE2\x90\x80"
            "b");  // as in every text of the model
}

TEST(ReadJson, HalfOfAPairIsReplaced) {
  EXPECT_EQ(read(R"("\ud83dx")").text, "\xEF\xBF\xBDx");
  EXPECT_EQ(read(R"("\udce7")").text, "\xEF\xBF\xBD");
  EXPECT_EQ(read(R"("\ud83d\u0041")").text,
            "\xEF\xBF\xBD"
            "A");
}

TEST(ReadJson, BytesThatAreNoUtf8AreReplaced) {
  EXPECT_EQ(read("\"a\xFF\"").text, "a\xEF\xBF\xBD");
}

TEST(ReadJson, RefusesWhatIsNoJson) {
  for (const char* text : {"",
                           " ",
                           "{",
                           "[",
                           "[1",
                           "[1,",
                           "[1,]",
                           "[,1]",
                           "{\"a\"}",
                           "{\"a\":}",
                           "{\"a\":1,}",
                           "{a:1}",
                           "{1:1}",
                           "[1}",
                           "1 2",
                           "{} x",
                           "tru",
                           "nul",
                           "01",
                           "-",
                           "1.",
                           ".5",
                           "1e",
                           "1e+",
                           "+1",
                           "\"",
                           "\"\\",
                           "\"\\x\"",
                           "\"\\u12\"",
                           "\"\\u12g4\"",
                           "\"\\ud83d\\u12\"",
                           "\"\n\"",
                           "\x01"}) {
    EXPECT_FALSE(is_json(text)) << text;
  }
  EXPECT_FALSE(is_json(std::string(1, '\0')));
  EXPECT_FALSE(is_json("[1]" + std::string(1, '\0')));
}

TEST(ReadJson, DepthIsLimited) {
  const auto nested = [](std::size_t depth) {
    return std::string(depth, '[') + std::string(depth, ']');
  };
  EXPECT_TRUE(is_json(nested(16)));
  EXPECT_FALSE(is_json(nested(17)));
  EXPECT_FALSE(is_json(std::string(1'000'000, '[')));
}

}  // namespace
}  // namespace smtp_session
