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
  ASSERT_TRUE(index.find(5));
  EXPECT_EQ(index.find(5)->session, 5U);
  EXPECT_EQ(index.size(), 3U);
}

TEST(FrameIndex, FrameWithoutRecordHasNone) {
  FrameIndex index;
  EXPECT_FALSE(index.find(1));
  index.add(record(2, 0));
  EXPECT_FALSE(index.find(1));
  EXPECT_FALSE(index.find(3));
}

TEST(FrameIndex, SeveralRecordsOfAFrameComeInOrder) {
  FrameIndex index;
  index.add(record(4, 7));
  index.add(record(4, 8));
  EXPECT_EQ(index.find(4, 0)->session, 7U);
  EXPECT_EQ(index.find(4, 1)->session, 8U);
  EXPECT_FALSE(index.find(4, 2));
}

TEST(FrameIndex, RecordsHeldBackAreFoundToo) {
  FrameIndex index;
  index.add(record(10, 0));
  for (const FrameNumber frame : {3U, 1U, 2U}) index.add(record(frame, 100 + frame));
  index.add(record(11, 0));
  for (const FrameNumber frame : {1U, 2U, 3U}) {
    ASSERT_TRUE(index.find(frame)) << frame;
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
  EXPECT_FALSE(index.find(5, 2));
}

TEST(FrameIndex, KeepsEveryRecordApartHoweverManyTheirPartsAre) {
  FrameIndex index;
  constexpr FrameNumber kFrames = 70'000;  // more than a number of two bytes can tell apart
  for (FrameNumber frame = 1; frame <= kFrames; ++frame) {
    FrameRecord one = record(frame, 3);
    one.roles = frame & 0xFFFFFFU;
    one.phase = frame % 12 & 0xFU;
    one.from_server = frame & 1U;
    index.add(one);
  }
  for (const FrameNumber frame : {1U, 65'535U, 65'536U, 65'537U, kFrames}) {
    const auto found = index.find(frame);
    ASSERT_TRUE(found) << frame;
    EXPECT_EQ(found->roles, frame);
    EXPECT_EQ(found->phase, frame % 12);
    EXPECT_EQ(found->from_server, frame & 1U);
  }
}

TEST(FrameIndex, ClearForgetsAll) {
  FrameIndex index;
  index.add(record(5, 1));
  index.add(record(4, 1));
  index.clear();
  EXPECT_EQ(index.size(), 0U);
  EXPECT_FALSE(index.find(4));
  EXPECT_FALSE(index.find(5));
}

}  // namespace
}  // namespace smtp_session
