// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/message_frames.h"

#include <gtest/gtest.h>

#include "tests/unit/model_builder.h"

namespace smtp_session {
namespace {

using test::ModelBuilder;

TEST(MessageFrames, ReachFromMailToTheReplyThatEndsIt) {
  ModelBuilder model;
  model.open();     // frames 1 to 6
  model.deliver();  // 7 to 15
  model.deliver();  // 16 to 24
  model.quit();
  EXPECT_EQ(frames_of(model.session(), 1).first, 7U);
  EXPECT_EQ(frames_of(model.session(), 1).last, 15U);
  EXPECT_EQ(frames_of(model.session(), 2).first, 16U);
  EXPECT_EQ(frames_of(model.session(), 2).last, 24U);
}

TEST(MessageFrames, EndWithTheLastFrameSeenWhereThereIsNoReply) {
  ModelBuilder model;
  model.open();
  model.envelope();  // 7 to 10
  model.send("DATA");
  EXPECT_EQ(frames_of(model.session(), 1).last, 11U);
}

TEST(MessageFrames, BeginWithTheMessageItselfWhereTheCaptureDoes) {
  ModelBuilder model;
  model.mid_stream();
  model.answer(model.send_message(), 250);  // bytes in frame 1, their end in 2, the reply in 3
  EXPECT_EQ(frames_of(model.session(), 1).first, 1U);
  EXPECT_EQ(message_at(model.session(), 1), 1U);
  EXPECT_EQ(message_at(model.session(), 3), 1U);
}

TEST(MessageAt, KnowsFramesBetweenCommandsButNoneOutsideAMessage) {
  ModelBuilder model;
  model.open();
  model.deliver();
  model.ask("NOOP", "", 250);  // 16, 17
  model.deliver();             // 18 to 26
  model.quit();
  const Session& session = model.session();
  EXPECT_EQ(message_at(session, 6), 0U);
  EXPECT_EQ(message_at(session, 7), 1U);
  EXPECT_EQ(message_at(session, 13), 1U);
  EXPECT_EQ(message_at(session, 15), 1U);
  EXPECT_EQ(message_at(session, 16), 0U);
  EXPECT_EQ(message_at(session, 18), 2U);
  EXPECT_EQ(message_at(session, 26), 2U);
  EXPECT_EQ(message_at(session, 27), 0U);
}

TEST(MessageAt, IsTheLaterOneWhereTheyShareAFrame) {
  ModelBuilder model;
  model.open();
  model.envelope();
  model.ask("DATA", "", 354);
  const Index end = model.send_message();
  const Index mail = model.send("MAIL", "FROM:<>");
  model.session().command(mail).frame = model.session().command(end).frame;  // one segment
  model.answer(end, 250);
  EXPECT_EQ(message_at(model.session(), model.session().command(end).frame), 2U);
}

TEST(MessageAt, IsNoneWithoutMessages) {
  ModelBuilder model;
  model.open();
  EXPECT_EQ(message_at(model.session(), 5), 0U);
  EXPECT_EQ(message_at(Session{}, 1), 0U);
}

}  // namespace
}  // namespace smtp_session
