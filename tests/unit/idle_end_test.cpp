// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/idle_end.h"

#include <gtest/gtest.h>

#include "tests/unit/model_builder.h"

namespace smtp_session {
namespace {

using test::kMs;
using test::ModelBuilder;

constexpr TimeNs kSecond = 1000 * kMs;
constexpr const char* kTimeout = "4.4.2 Timeout waiting for data from client.";

TEST(IdleEnd, IsTheSilenceBeforeAnUnaskedReply) {
  ModelBuilder model;
  model.open();
  model.deliver();
  const Index reply = model.after(10 * kSecond).unsolicited(421, kTimeout);
  model.fin(Side::kServer);
  const IdleEnd end = idle_end(model.session());
  EXPECT_EQ(end.idle, 10 * kSecond);
  EXPECT_EQ(end.reply, reply);
  EXPECT_FALSE(end.at_most);
}

TEST(IdleEnd, OfATimeoutToldToTheNextCommandIsABound) {
  ModelBuilder model;
  model.open();
  const Index mail = model.after(12 * kSecond).send("MAIL", "FROM:<a@example.test>");
  const Index reply = model.answer(mail, 451, kTimeout);
  const IdleEnd end = idle_end(model.session());
  EXPECT_EQ(end.idle, 12 * kSecond);
  EXPECT_EQ(end.reply, reply);
  EXPECT_TRUE(end.at_most);
}

TEST(IdleEnd, IsTheSilenceBeforeTheServerClosesWithoutAWord) {
  ModelBuilder model;
  model.open();
  model.after(300 * kSecond).fin(Side::kServer);
  const IdleEnd end = idle_end(model.session());
  EXPECT_EQ(end.idle, 300 * kSecond);
  EXPECT_EQ(end.reply, 0U);
  EXPECT_FALSE(end.at_most);
}

TEST(IdleEnd, IsNotSeenWhereTheClientEnds) {
  ModelBuilder closes;
  closes.open();
  closes.after(300 * kSecond).fin(Side::kClient);
  EXPECT_FALSE(idle_end(closes.session()).known());

  ModelBuilder quits;
  quits.open();
  quits.ask("QUIT", "", 221);
  quits.after(300 * kSecond).fin(Side::kServer);
  EXPECT_FALSE(idle_end(quits.session()).known());
}

TEST(IdleEnd, IsNotSeenWhereTheServerIsAwaited) {
  ModelBuilder model;
  model.open();
  model.send("NOOP");
  model.after(300 * kSecond).fin(Side::kServer);
  EXPECT_FALSE(idle_end(model.session()).known());
}

TEST(IdleEnd, IsNotSeenInTheMiddleOfAMessage) {
  ModelBuilder model;
  model.open();
  model.envelope();
  model.ask("DATA", "", 354);
  model.begin_content();
  model.after(300 * kSecond).unsolicited(421, "4.4.2 timeout");
  model.fin(Side::kServer);
  EXPECT_FALSE(idle_end(model.session()).known());
}

TEST(IdleEnd, IsNotSeenWhereTheServerEndsAtOnce) {
  ModelBuilder says;
  says.open();
  says.unsolicited(421, "4.3.2 shutting down");
  EXPECT_FALSE(idle_end(says.session()).known());

  ModelBuilder closes;
  closes.open();
  closes.after(2 * kSecond).fin(Side::kServer);
  EXPECT_FALSE(idle_end(closes.session()).known());
}

TEST(IdleEnd, IsNotSeenInARefusalThatSpeaksOfNoTimeLimit) {
  ModelBuilder model;
  model.open();
  const Index mail = model.after(12 * kSecond).send("MAIL", "FROM:<a@example.test>");
  model.answer(mail, 451, "4.7.1 Greylisted");
  EXPECT_FALSE(idle_end(model.session()).known());
}

}  // namespace
}  // namespace smtp_session
