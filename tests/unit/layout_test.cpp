// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/report/layout.h"

#include <gtest/gtest.h>

#include <string>

namespace smtp_session {
namespace {

TEST(Printable, LeavesWordsAsTheyAre) {
  EXPECT_EQ(printable("250 M\xC3\xBCller \xE2\x82\xAC \xF0\x9F\x93\xA7"),
            "250 M\xC3\xBCller \xE2\x82\xAC \xF0\x9F\x93\xA7");
}

TEST(Printable, TakesTheForceFromControlCharacters) {
  EXPECT_EQ(printable("\x1B[31mred\x07\t\n\x7F"), "?[31mred????");
  EXPECT_EQ(printable("\xC2\x9B"
                      "31m"),
            "?31m");  // CSI as C1
  EXPECT_EQ(printable("a\xE2\x80\xAE"
                      "b\xE2\x81\xA6"
                      "c"),
            "a?b?c");  // RLO, LRI
}

TEST(Escaped, WritesAsInJsonWhatPrintableReplaces) {
  EXPECT_EQ(escaped("\x1B[31mred\t\x7F"), "\\u001b[31mred\\u0009\\u007f");
  EXPECT_EQ(escaped("\xC2\x9B"
                    "31m"),
            "\\u009b31m");
  EXPECT_EQ(escaped("a\xE2\x80\xAE"
                    "b"),
            "a\\u202eb");
}

TEST(Escaped, LosesNothing) {
  EXPECT_EQ(escaped("\\u001b"), "\\\\u001b");
  EXPECT_EQ(escaped("M\xC3\xBCller \xF0\x9F\x93\xA7"), "M\xC3\xBCller \xF0\x9F\x93\xA7");
}

TEST(Width, CountsColumns) {
  EXPECT_EQ(width_of(""), 0U);
  EXPECT_EQ(width_of("a\xC3\xBC\xE2\x86\x92"), 3U);
  EXPECT_EQ(width_of("\xE9\x83\xB5"), 2U);              // U+90F5
  EXPECT_EQ(width_of("\xED\x9E\xA3"), 2U);              // U+D7A3, the last of its range
  EXPECT_EQ(width_of("\xF0\x9F\x93\xA7"), 2U);          // U+1F4E7
  EXPECT_EQ(width_of("u\xCC\x88"), 1U);                 // U+0308 joins the letter
  EXPECT_EQ(width_of("\xEF\xBD\x81\xEF\xBD\xA1"), 3U);  // full-width U+FF41, half-width U+FF61
}

TEST(Cut, ShortTextStaysAndLongTextEndsWithAnEllipsis) {
  EXPECT_EQ(cut("abc", 3), "abc");
  EXPECT_EQ(cut("abcd", 3), "ab\xE2\x80\xA6");
  EXPECT_EQ(cut("\xC3\xBC\xC3\xBC\xC3\xBC", 2), "\xC3\xBC\xE2\x80\xA6");
  EXPECT_EQ(cut("abc", 0), "");
}

TEST(Cut, WideCharacterThatDoesNotFitIsLeftOut) {
  EXPECT_EQ(cut("\xE9\x83\xB5\xE9\x83\xB5", 4), "\xE9\x83\xB5\xE9\x83\xB5");
  EXPECT_EQ(cut("\xE9\x83\xB5\xE9\x83\xB5\xE9\x83\xB5", 4), "\xE9\x83\xB5\xE2\x80\xA6");
}

TEST(Pad, FillsUpToTheWidthAndNeverCuts) {
  EXPECT_EQ(pad_right("\xC3\xBC", 3), "\xC3\xBC  ");
  EXPECT_EQ(pad_left("ab", 4), "  ab");
  EXPECT_EQ(pad_left("abcde", 4), "abcde");
}

TEST(Wrap, BreaksAtBlanks) {
  EXPECT_EQ(wrap("one two three", 9, "", "  "), "one two\n  three\n");
}

TEST(Wrap, BreaksAWordThatIsTooLong) {
  EXPECT_EQ(wrap("abcdefgh", 5, "", " "), "abcde\n fgh\n");
}

TEST(Wrap, BeginsTheFirstLineAsTold) {
  EXPECT_EQ(wrap("a b", 80, "* ", "  "), "* a b\n");
  EXPECT_EQ(wrap("", 80, "* ", "  "), "* \n");
}

TEST(Wrap, CountsColumns) {
  EXPECT_EQ(wrap("\xE9\x83\xB5\xE9\x83\xB5 ab", 5, "", ""), "\xE9\x83\xB5\xE9\x83\xB5\nab\n");
  EXPECT_EQ(wrap("\xE9\x83\xB5", 1, "", ""), "\xE9\x83\xB5\n");
}

TEST(Wrap, EndsWhateverTheWidth) {
  EXPECT_EQ(wrap("ab", 1, "> ", "> "), "> a\n> b\n");
}

}  // namespace
}  // namespace smtp_session
