// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/message_text.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/unit/support/talk.h"

namespace smtp_session {
namespace {

using test::Talk;

TEST(MessageText, IsWithoutTheEndMark) {
  MessageText text;
  text.add("Subject: x\r\n\r\nhi\r\n.", 100);
  text.add("\r\n", 100);
  EXPECT_TRUE(text.whole());
  EXPECT_EQ(text.take(true), "Subject: x\r\n\r\nhi\r\n");

  MessageText empty;
  empty.add(".\r\n", 100);
  EXPECT_EQ(empty.take(true), "");

  MessageText lenient;
  lenient.add("hi\n.\n", 100);
  EXPECT_EQ(lenient.take(true), "hi\n");
}

TEST(MessageText, DotsOfChunksAreText) {
  MessageText text;
  text.add("hi\r\n.\r\n", 100);
  EXPECT_EQ(text.take(false), "hi\r\n.\r\n");
}

TEST(MessageText, OfMoreThanTheLimitIsTheLinesThatAreWhole) {
  MessageText text;
  text.add("one\r\ntwo\r\n", 7);
  text.add("three\r\n", 7);
  EXPECT_FALSE(text.whole());
  EXPECT_EQ(text.take(true), "one\r\n");

  MessageText first;
  first.add("one and more", 7);
  EXPECT_EQ(first.take(true), "one and");
}

TEST(MessageText, StopsWhereBytesAreMissing) {
  MessageText text;
  text.add("one\r\n", 100);
  text.stop();
  text.add("three\r\n.\r\n", 100);
  EXPECT_FALSE(text.whole());
  EXPECT_EQ(text.take(true), "one\r\n");
}

TEST(MessageText, HasALimitOfItsOwn) {
  MessageText text;
  text.add(std::string(2 * kMaxMessageText, 'x'), 10 * kMaxMessageText);
  EXPECT_EQ(text.take(true).size(), kMaxMessageText);
}

Talk& send(Talk& talk, std::string_view content) {
  talk.hello();
  talk.client("MAIL FROM:<a@client.example>\r\n").server("250 Ok\r\n");
  talk.client("RCPT TO:<b@example.test>\r\n").server("250 Ok\r\n");
  talk.client("DATA\r\n").server("354 go\r\n").client(content).client(".\r\n").server("250 Ok\r\n");
  return talk.quit();
}

TEST(MessageText, IsNotKeptUnlessTheUserWantsIt) {
  Talk talk;
  send(talk, "Subject: x\r\n\r\nhi\r\n");
  EXPECT_TRUE(talk.session().message(1).text.empty());
  EXPECT_FALSE(talk.session().message(1).text_cut);
}

TEST(MessageText, IsKeptAsFarAsTheUserWantsIt) {
  Config config;
  config.message_text = 15;
  Talk talk(25, 0, config);
  send(talk, "Subject: x\r\n\r\nhi\r\n");
  EXPECT_EQ(talk.session().message(1).text.view(), "Subject: x\r\n\r\n");
  EXPECT_TRUE(talk.session().message(1).text_cut);
}

TEST(MessageText, OfAMessageThatIsCutOffIsKept) {
  Config config;
  config.message_text = 1000;
  Talk talk(25, 0, config);
  talk.hello();
  talk.client("MAIL FROM:<a@client.example>\r\n").server("250 Ok\r\n");
  talk.client("RCPT TO:<b@example.test>\r\n").server("250 Ok\r\n");
  talk.client("DATA\r\n").server("354 go\r\n").client("Subject: x\r\n").rst(Side::kClient);
  EXPECT_EQ(talk.session().message(1).text.view(), "Subject: x\r\n");
}

}  // namespace
}  // namespace smtp_session
