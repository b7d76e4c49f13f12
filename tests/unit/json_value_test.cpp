// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/report/json_value.h"

#include <gtest/gtest.h>

#include <utility>

namespace smtp_session {
namespace {

TEST(JsonTreeWriter, KeepsNestedValuesByKeyAndInOrder) {
  JsonTreeWriter writer;
  writer.begin_object();
  writer.key("name");
  writer.string("a");
  writer.key("list");
  writer.begin_array();
  writer.integer(7);
  writer.begin_object();
  writer.key("flag");
  writer.boolean(true);
  writer.end_object();
  writer.thousandths(970);
  writer.end_array();
  writer.key("last");
  writer.null();
  writer.end_object();
  const JsonValue value = writer.take();

  EXPECT_EQ(value.text_at("name"), "a");
  const auto& list = value.items_at("list");
  ASSERT_EQ(list.size(), 3U);
  EXPECT_EQ(list[0].integer, 7);
  EXPECT_TRUE(list[1].flag_at("flag"));
  EXPECT_EQ(list[2].text, "0.970");
  ASSERT_NE(value.find("last"), nullptr);
  EXPECT_EQ(value.find("last")->kind, JsonValue::Kind::kNull);
}

TEST(JsonValue, IsWrittenAsItWasRead) {
  JsonTreeWriter writer;
  writer.begin_object();
  writer.key("list");
  writer.begin_array();
  writer.thousandths(70);
  writer.thousandths(1000);
  writer.null();
  writer.boolean(true);
  writer.end_array();
  writer.key("number");
  writer.integer(-7);
  writer.end_object();
  JsonTreeWriter copy;
  write_value(writer.take(), copy);
  const JsonValue value = copy.take();
  const auto& list = value.items_at("list");
  ASSERT_EQ(list.size(), 4U);
  EXPECT_EQ(list[0].text, "0.070");
  EXPECT_EQ(list[1].text, "1.000");
  EXPECT_EQ(list[2].kind, JsonValue::Kind::kNull);
  EXPECT_TRUE(list[3].boolean);
  EXPECT_EQ(value.integer_at("number"), -7);
}

TEST(JsonValue, WhatIsNotThereOrOfAnotherKindIsNothing) {
  JsonTreeWriter writer;
  writer.begin_object();
  writer.key("name");
  writer.string("a");
  writer.end_object();
  const JsonValue value = writer.take();
  EXPECT_EQ(value.find("other"), nullptr);
  EXPECT_EQ(value.integer_at("name"), std::nullopt);
  EXPECT_FALSE(value.flag_at("name"));
  EXPECT_TRUE(value.items_at("other").empty());
  EXPECT_EQ(value.text_at("other"), "");
  EXPECT_EQ(JsonValue{}.find("name"), nullptr);
}

}  // namespace
}  // namespace smtp_session
