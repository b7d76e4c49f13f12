// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/report/script_json_writer.h"

#include <gtest/gtest.h>

namespace smtp_session {
namespace {

std::string written(const std::string& value) {
  ScriptJsonWriter writer;
  writer.string(value);
  return writer.text();
}

TEST(ScriptJsonWriter, PutsCommasWhereTheyBelong) {
  ScriptJsonWriter writer;
  writer.begin_object();
  writer.key("a");
  writer.begin_array();
  writer.integer(-1);
  writer.boolean(true);
  writer.begin_object();
  writer.end_object();
  writer.null();
  writer.end_array();
  writer.key("b");
  writer.thousandths(1045);
  writer.key("c");
  writer.string("x");
  writer.end_object();
  EXPECT_EQ(writer.text(), R"({"a":[-1,true,{},null],"b":1.045,"c":"x"})");
}

TEST(ScriptJsonWriter, NothingEndsTheScriptElement) {
  EXPECT_EQ(written("</script><!--&"), R"("\u003c/script\u003e\u003c!--\u0026")");
}

TEST(ScriptJsonWriter, LineSeparatorsAreEscapedAndTheirNeighboursAreNot) {
  EXPECT_EQ(written("\u2027\u2028\u2029\u202a"), "\"\u2027\\u2028\\u2029\u202a\"");
}

TEST(ScriptJsonWriter, QuotesAndControlCharactersAreEscaped) {
  EXPECT_EQ(written("\"\\\n\x1b/\xc3\xb6"), "\"\\\"\\\\\\u000a\\u001b/\xc3\xb6\"");
  // The beginning of a separator at the end of the text.
  EXPECT_EQ(written("\xE2\x80"), "\"\xE2\x80\"");
}

}  // namespace
}  // namespace smtp_session
