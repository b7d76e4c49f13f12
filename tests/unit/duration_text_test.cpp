// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/report/duration_text.h"

#include <gtest/gtest.h>

#include <limits>

namespace smtp_session {
namespace {

TEST(DurationText, BelowASecondIsInMilliseconds) {
  EXPECT_EQ(duration_text(0), "0.000 ms");
  EXPECT_EQ(duration_text(511'000), "0.511 ms");
  EXPECT_EQ(duration_text(700'512'000), "700.512 ms");
}

TEST(DurationText, FromASecondOnIsInSeconds) {
  EXPECT_EQ(duration_text(1'000'000'000), "1.000 s");
  EXPECT_EQ(duration_text(2'020'629'000), "2.021 s");
  EXPECT_EQ(duration_text(3'600'000'000'000), "3600.000 s");
}

TEST(DurationText, IsRoundedToThreeDigits) {
  EXPECT_EQ(duration_text(499), "0.000 ms");
  EXPECT_EQ(duration_text(500), "0.001 ms");
  EXPECT_EQ(duration_text(999'999'499), "999.999 ms");
  EXPECT_EQ(duration_text(999'999'500), "1.000 s");
}

TEST(DurationText, NegativeHasASign) {
  EXPECT_EQ(duration_text(-1'500'000), "-1.500 ms");
}

TEST(DurationText, UnknownIsADash) {
  EXPECT_EQ(duration_text(kNoTime), "-");
}

TEST(DurationText, LargestIsWhole) {
  EXPECT_EQ(duration_text(std::numeric_limits<TimeNs>::max()), "9223372036.855 s");
}

}  // namespace
}  // namespace smtp_session
