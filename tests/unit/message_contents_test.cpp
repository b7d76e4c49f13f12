// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/message_contents.h"

#include <gtest/gtest.h>

#include <string_view>

#include "tests/unit/support/talk.h"

namespace smtp_session {
namespace {

using test::Talk;

/// A conversation whose messages are kept.
struct Kept {
  Kept() { talk.engine().set_content_sink(&contents); }

  void begin_data() {
    talk.hello();
    talk.client("MAIL FROM:<>\r\nRCPT TO:<b@example.test>\r\nDATA\r\n");
    talk.server("250 Ok\r\n250 Ok\r\n354 Go\r\n");
  }
  std::string take(Index message) {
    return contents.take(talk.engine().sessions().front(), message);
  }

  MessageContents contents;
  Talk talk;
};

TEST(MessageContents, TextIsThatOfTheSender) {
  Kept kept;
  kept.begin_data();
  kept.talk.client("Subject: a\r\n\r\n..dot\r").client("\n.\r\nQUIT\r\n");
  EXPECT_EQ(kept.take(1), "Subject: a\r\n\r\n.dot\r\n");
}

TEST(MessageContents, ChunksAreTakenAsTheyAre) {
  Kept kept;
  kept.talk.hello();
  kept.talk.client("MAIL FROM:<>\r\nRCPT TO:<b@example.test>\r\nBDAT 5\r\n..a\r\n");
  kept.talk.server("250 Ok\r\n250 Ok\r\n250 Ok\r\n");
  kept.talk.client("BDAT 3 LAST\r\n.\r\n").server("250 Ok\r\n");
  EXPECT_EQ(kept.take(1), "..a\r\n.\r\n");
}

TEST(MessageContents, RetransmittedBytesAreThereOnce) {
  Kept kept;
  kept.begin_data();
  kept.talk.client("one\r\n").at(Side::kClient, -5, "one\r\n").client("two\r\n.\r\n");
  EXPECT_EQ(kept.take(1), "one\r\ntwo\r\n");
}

TEST(MessageContents, IsGivenOnceAndKeptNoLonger) {
  Kept kept;
  kept.begin_data();
  kept.talk.client("one\r\n.\r\n");
  EXPECT_EQ(kept.take(1), "one\r\n");
  EXPECT_EQ(kept.take(1), "");
}

TEST(MessageContents, MessageThatWasBrokenOffIsNotInTheNextOne) {
  Kept kept;
  kept.talk.hello();
  kept.talk.client("MAIL FROM:<>\r\nRCPT TO:<b@example.test>\r\nBDAT 5\r\nfirst");
  kept.talk.server("250 Ok\r\n250 Ok\r\n250 Ok\r\n");
  kept.talk.client("RSET\r\nMAIL FROM:<>\r\nRCPT TO:<b@example.test>\r\nBDAT 6 LAST\r\nsecond");
  kept.talk.server("250 Ok\r\n250 Ok\r\n250 Ok\r\n250 Ok\r\n");
  EXPECT_EQ(kept.take(2), "second");
}

}  // namespace
}  // namespace smtp_session
