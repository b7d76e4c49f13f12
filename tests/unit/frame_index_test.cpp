// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/frame_index.h"

#include <gtest/gtest.h>

namespace smtp_session {
namespace {

FrameRecord record(FrameNumber frame, std::uint32_t session) {
  FrameRecord result{};
  result.frame = frame;
  result.session = session;
  return result;
}

TEST(FrameIndex, FindsARecordByItsFrame) {
  FrameIndex index;
  for (const FrameNumber frame : {2U, 5U, 9U}) index.add(record(frame, frame));
  ASSERT_NE(index.find(5), nullptr);
  EXPECT_EQ(index.find(5)->session, 5U);
  EXPECT_EQ(index.size(), 3U);
}

TEST(FrameIndex, FrameWithoutRecordHasNone) {
  FrameIndex index;
  EXPECT_EQ(index.find(1), nullptr);
  index.add(record(2, 0));
  EXPECT_EQ(index.find(1), nullptr);
  EXPECT_EQ(index.find(3), nullptr);
}

TEST(FrameIndex, SeveralRecordsOfAFrameComeInOrder) {
  FrameIndex index;
  index.add(record(4, 7));
  index.add(record(4, 8));
  EXPECT_EQ(index.find(4, 0)->session, 7U);
  EXPECT_EQ(index.find(4, 1)->session, 8U);
  EXPECT_EQ(index.find(4, 2), nullptr);
}

TEST(FrameIndex, RecordsHeldBackAreFoundToo) {
  FrameIndex index;
  index.add(record(10, 0));
  for (const FrameNumber frame : {3U, 1U, 2U}) index.add(record(frame, 100 + frame));
  index.add(record(11, 0));
  for (const FrameNumber frame : {1U, 2U, 3U}) {
    ASSERT_NE(index.find(frame), nullptr) << frame;
    EXPECT_EQ(index.find(frame)->session, 100 + frame);
  }
  EXPECT_EQ(index.find(11)->session, 0U);
  EXPECT_EQ(index.size(), 5U);
}

TEST(FrameIndex, FrameInBothListsHasBothRecords) {
  FrameIndex index;
  index.add(record(5, 1));
  index.add(record(6, 1));
  index.add(record(5, 2));
  EXPECT_EQ(index.find(5, 0)->session, 1U);
  EXPECT_EQ(index.find(5, 1)->session, 2U);
  EXPECT_EQ(index.find(5, 2), nullptr);
}

TEST(FrameIndex, ClearForgetsAll) {
  FrameIndex index;
  index.add(record(5, 1));
  index.add(record(4, 1));
  index.clear();
  EXPECT_EQ(index.size(), 0U);
  EXPECT_EQ(index.find(4), nullptr);
  EXPECT_EQ(index.find(5), nullptr);
}

}  // namespace
}  // namespace smtp_session
