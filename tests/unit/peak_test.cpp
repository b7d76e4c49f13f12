// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/peak.h"

#include <gtest/gtest.h>

namespace smtp_session {
namespace {

TEST(MostWithin, CountsFromAnyBeginOfTheWindow) {
  EXPECT_EQ(most_within({0, 900, 1100, 1800, 5000}, 1000), 3U);
}

TEST(MostWithin, WindowDoesNotHoldItsEnd) {
  EXPECT_EQ(most_within({0, 1000}, 1000), 1U);
  EXPECT_EQ(most_within({0, 999}, 1000), 2U);
}

TEST(MostWithin, TakesTimesInAnyOrder) {
  EXPECT_EQ(most_within({5000, 0, 5001, 1, 5002}, 10), 3U);
  EXPECT_EQ(most_within({}, 10), 0U);
}

TEST(MostAtOnce, CountsWhatHasAnInstantInCommon) {
  EXPECT_EQ(most_at_once({{0, 10}, {5, 20}, {12, 30}, {40, 50}}), 2U);
  EXPECT_EQ(most_at_once({{0, 100}, {5, 20}, {12, 30}, {40, 50}}), 3U);
  EXPECT_EQ(most_at_once({}), 0U);
}

TEST(MostAtOnce, BothEndsBelongToAnInterval) {
  EXPECT_EQ(most_at_once({{0, 10}, {10, 20}}), 2U);
  EXPECT_EQ(most_at_once({{0, 10}, {11, 20}}), 1U);
  EXPECT_EQ(most_at_once({{7, 7}}), 1U);
}

TEST(MostAtOnce, IntervalThatEndsBeforeItBeginsIsAnInstant) {
  EXPECT_EQ(most_at_once({{10, 5}, {20, 1}}), 1U);
}

}  // namespace
}  // namespace smtp_session
