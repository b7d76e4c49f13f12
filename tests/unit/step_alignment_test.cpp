// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/report/step_alignment.h"

#include <gtest/gtest.h>

#include <sstream>
#include <string>

namespace smtp_session {
namespace {

std::vector<ComparedStep> steps(const std::string& words) {
  std::vector<ComparedStep> list;
  std::istringstream input(words);
  for (std::string word; input >> word;) {
    list.emplace_back();
    list.back().name = list.back().kind = word;
  }
  return list;
}

/// "MAIL <RCPT >RSET": common, only in a, only in b.
std::string aligned(const std::string& a, const std::string& b) {
  const auto list_a = steps(a);
  const auto list_b = steps(b);
  std::string words;
  for (const StepPair& pair : align(list_a, list_b)) {
    if (!words.empty()) words += " ";
    if (!pair.b) words += "<";
    if (!pair.a) words += ">";
    words += pair.a ? list_a[*pair.a].name : list_b[*pair.b].name;
  }
  return words;
}

TEST(Align, EqualSessionsStandSideBySide) {
  EXPECT_EQ(aligned("EHLO MAIL QUIT", "EHLO MAIL QUIT"), "EHLO MAIL QUIT");
}

TEST(Align, StepOfOneSideStandsAlone) {
  EXPECT_EQ(aligned("EHLO AUTH MAIL RCPT QUIT", "EHLO MAIL RCPT RCPT QUIT"),
            "EHLO <AUTH MAIL RCPT >RCPT QUIT");
}

TEST(Align, LongestCommonSequenceIsFound) {
  EXPECT_EQ(aligned("X MAIL RCPT DATA QUIT Y", "MAIL QUIT MAIL RCPT DATA Z"),
            "<X MAIL >QUIT >MAIL RCPT DATA <QUIT <Y >Z");
}

TEST(Align, EmptySideLeavesAllAlone) {
  EXPECT_EQ(aligned("", "EHLO QUIT"), ">EHLO >QUIT");
  EXPECT_EQ(aligned("EHLO QUIT", ""), "<EHLO <QUIT");
}

TEST(Align, SessionsTooLongForTheTableAreStillAlignedStepByStep) {
  std::string a = "EHLO ";
  std::string b = "EHLO RSET ";
  for (int i = 0; i < 3000; ++i) {
    a += "MAIL RCPT ";
    b += "MAIL RCPT ";
  }
  const auto list_a = steps(a + "NOOP QUIT X");
  const auto list_b = steps(b + "QUIT Y");
  std::size_t common = 0;
  for (const StepPair& pair : align(list_a, list_b)) common += pair.a && pair.b ? 1 : 0;
  EXPECT_EQ(common, 6002U);
}

}  // namespace
}  // namespace smtp_session
