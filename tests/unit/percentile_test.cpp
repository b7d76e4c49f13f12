// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/report/percentile.h"

#include <gtest/gtest.h>

namespace smtp_session {
namespace {

TEST(Percentile, IsTheNearestRank) {
  const std::vector<TimeNs> times{50, 15, 40, 20, 35};
  EXPECT_EQ(percentile(times, 5), 15);
  EXPECT_EQ(percentile(times, 30), 20);
  EXPECT_EQ(percentile(times, 40), 20);
  EXPECT_EQ(percentile(times, 50), 35);
  EXPECT_EQ(percentile(times, 95), 50);
  EXPECT_EQ(percentile(times, 100), 50);
}

TEST(Percentile, OfOneIsThatOneAndOfNoneIsNotKnown) {
  EXPECT_EQ(percentile({7}, 50), 7);
  EXPECT_EQ(percentile({7}, 95), 7);
  EXPECT_EQ(percentile({}, 50), kNoTime);
}

}  // namespace
}  // namespace smtp_session
