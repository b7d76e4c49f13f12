// SPDX-License-Identifier: GPL-2.0-or-later
//
// Findings about messages. Of each id one test raises it and one is a near miss.
#include <gtest/gtest.h>

#include "tests/unit/support/findings.h"
#include "tests/unit/support/talk.h"

namespace smtp_session::test {
namespace {

Talk& begin_data(Talk& talk, std::string_view parameters = "") {
  talk.hello().client("MAIL FROM:<a@client.example>" + std::string(parameters) + "\r\n");
  talk.wait(1ms).server("250 Ok\r\n").wait(1ms).client("RCPT TO:<b@example.test>\r\n");
  talk.wait(1ms).server("250 Ok\r\n").wait(1ms).client("DATA\r\n").wait(1ms).server("354 go\r\n");
  return talk.wait(1ms);
}
Talk& begin_chunks(Talk& talk, std::string_view parameters = "") {
  talk.hello().client("MAIL FROM:<a@client.example>" + std::string(parameters) + "\r\n");
  talk.wait(1ms).server("250 Ok\r\n").wait(1ms).client("RCPT TO:<b@example.test>\r\n");
  return talk.wait(1ms).server("250 Ok\r\n").wait(1ms);
}

/// The severity of `id` in a message that is sent with MAIL `parameters`; empty where it is not
/// raised.
std::string in_message(FindingId id, std::string_view text, std::string_view parameters = "") {
  Talk talk;
  begin_data(talk, parameters).client(text).wait(1ms).server("250 Ok\r\n").quit();
  return has(talk.session(), id) ? name_of(first(talk.session(), id).severity) : "";
}

TEST(Cmd07, RaisedForEightBitTextThatIsNotDeclared) {
  EXPECT_EQ(in_message(FindingId::kCmd07, "\r\n\xC3\xB6\r\n.\r\n"), "warn");
}

TEST(Cmd07, RaisedForAnEightBitAddressWithoutSmtputf8) {
  Talk talk;
  talk.hello().client("MAIL FROM:<\xC3\xB6@client.example>\r\n").server("250 Ok\r\n").quit();
  EXPECT_TRUE(has(talk.session(), FindingId::kCmd07));
}

TEST(Cmd07, NotRaisedWhereItIsDeclared) {
  EXPECT_EQ(in_message(FindingId::kCmd07, "\r\n\xC3\xB6\r\n.\r\n", " BODY=8BITMIME"), "");
  EXPECT_EQ(in_message(FindingId::kCmd07, "\r\n\xC3\xB6\r\n.\r\n", " SMTPUTF8"), "");
  Talk talk;
  talk.hello().client("MAIL FROM:<\xC3\xB6@client.example> SMTPUTF8\r\n").server("250 Ok\r\n");
  EXPECT_FALSE(has(talk.session(), FindingId::kCmd07));
}

/// DAT-02 of a message that is answered after `wait`.
std::string late(std::chrono::nanoseconds wait) {
  Talk talk;
  begin_data(talk).client("\r\ntext\r\n.\r\n").wait(wait).server("250 Ok\r\n").quit();
  return has(talk.session(), FindingId::kDat02)
             ? name_of(first(talk.session(), FindingId::kDat02).severity)
             : "";
}

TEST(Dat02, RaisedMoreGravelyTheLongerTheWait) {
  EXPECT_EQ(late(11s), "note");
  EXPECT_EQ(late(61s), "warn");
  EXPECT_EQ(late(601s), "error");
}

TEST(Dat02, RaisedWhereTheClientGivesUp) {
  Talk talk;
  begin_data(talk).client("\r\ntext\r\n.\r\n").wait(60s).close(Side::kClient);
  EXPECT_EQ(text_of(talk.session(), FindingId::kDat02), "No reply to end of data for 60.000 s");
}

TEST(Dat02, NotRaisedBelowTheLimit) {
  EXPECT_EQ(late(9s), "");
}

std::size_t paused(std::chrono::nanoseconds pause) {
  Talk talk;
  begin_data(talk).client("\r\ntext").wait(pause).client(" more\r\n.\r\n").wait(1ms);
  talk.server("250 Ok\r\n").quit();
  return count(talk.session(), FindingId::kDat03) + 10 * count(talk.session(), FindingId::kLat02);
}

TEST(Dat03, RaisedForAPauseInTheMessageAndOverTheLimitAsSuch) {
  EXPECT_EQ(paused(6s), 1U);
  EXPECT_EQ(paused(181s), 11U);
}

TEST(Dat03, NotRaisedForAShortPause) {
  EXPECT_EQ(paused(4s), 0U);
}

TEST(Dat04, RaisedWhereTheConnectionEndsWithinTheMessage) {
  Talk talk;
  begin_data(talk).client("\r\ntext\r\n").wait(1ms).rst(Side::kClient);
  EXPECT_EQ(first(talk.session(), FindingId::kDat04).severity, Severity::kError);
  EXPECT_EQ(text_of(talk.session(), FindingId::kDat04),
            "The connection ended after 8 bytes of the message, before its end");
}

TEST(Dat04, RaisedAsANoteWhereTheCaptureEnds) {
  Talk talk;
  begin_data(talk).client("\r\ntext\r\n");
  EXPECT_EQ(first(talk.session(), FindingId::kDat04).severity, Severity::kNote);
}

TEST(Dat04, NotRaisedBehindTheEndOfData) {
  Talk talk;
  begin_data(talk).client("\r\ntext\r\n.\r\n").wait(1ms).rst(Side::kClient);
  EXPECT_FALSE(has(talk.session(), FindingId::kDat04));
}

std::size_t split_end(std::string_view head, std::string_view rest, std::chrono::nanoseconds wait) {
  Talk talk;
  begin_data(talk).client(head).wait(1ms).client(rest).wait(wait).server("250 Ok\r\n").quit();
  return count(talk.session(), FindingId::kDat05);
}

TEST(Dat05, RaisedForASplitEndAndAStall) {
  EXPECT_EQ(split_end("\r\ntext\r\n.", "\r\n", 20s), 1U);
  EXPECT_EQ(split_end("\r\ntext\r\n.\r", "\n", 20s), 1U);
}

TEST(Dat05, RaisedWhereNoReplyCame) {
  Talk talk;
  begin_data(talk).client("\r\ntext\r\n.").client("\r\n").wait(60s).close(Side::kClient);
  EXPECT_EQ(count(talk.session(), FindingId::kDat05), 1U);
}

TEST(Dat05, NotRaisedWithoutAStallOrForAWholeEnd) {
  EXPECT_EQ(split_end("\r\ntext\r\n.", "\r\n", 1s), 0U);
  EXPECT_EQ(split_end("\r\ntext\r\n", ".\r\n", 20s), 0U);
}

TEST(Dat06, RaisedForADotThatIsNotDoubled) {
  EXPECT_EQ(in_message(FindingId::kDat06, "\r\n.hidden\r\n.\r\n"), "note");
}

TEST(Dat06, RaisedForADotThatIsDoubledInAChunk) {
  Talk talk;
  begin_chunks(talk).client("BDAT 9 LAST\r\n\r\n..dot\r\n").wait(1ms).server("250 Ok\r\n").quit();
  EXPECT_TRUE(has(talk.session(), FindingId::kDat06));
}

TEST(Dat06, NotRaisedForProperDots) {
  EXPECT_EQ(in_message(FindingId::kDat06, "\r\n..\r\n..dot\r\n.\r\n"), "");
  Talk talk;
  begin_chunks(talk).client("BDAT 16 LAST\r\n\r\n.dot\r\n..dots\r\n").wait(1ms);
  talk.server("250 Ok\r\n").quit();
  EXPECT_FALSE(has(talk.session(), FindingId::kDat06));
}

TEST(Sec05, RaisedForAFalseEndAndAsAnErrorWhereCommandsFollow) {
  EXPECT_EQ(in_message(FindingId::kSec05, "\r\na\n.\nMAIL FROM:<x@y.example>\r\n.\r\n"), "error");
  EXPECT_EQ(in_message(FindingId::kSec05, "\r\na\n.\r\nmore text\r\n.\r\n"), "warn");
}

TEST(Sec05, NotRaisedForADotThatEndsASentence) {
  EXPECT_EQ(in_message(FindingId::kSec05, "\r\na.\nMAIL FROM:<x@y.example>\r\n.\r\n"), "");
  EXPECT_EQ(in_message(FindingId::kSec05, "\r\n..\r\nMAIL FROM:<x@y.example>\r\n.\r\n"), "");
}

TEST(Sec06, RaisedForABareLineEndInAMessageOnce) {
  Talk talk;
  begin_data(talk).client("\r\na\nb\nc\r\n.\r\n").wait(1ms).server("250 Ok\r\n").quit();
  EXPECT_EQ(count(talk.session(), FindingId::kSec06), 1U);
  EXPECT_EQ(text_of(talk.session(), FindingId::kSec06), "A bare LF at byte 4 of the message");
}

TEST(Sec06, RaisedForABareLineEndInACommand) {
  Talk talk;
  talk.hello().client("NOOP\n").server("250 Ok\r\n").quit();
  EXPECT_EQ(text_of(talk.session(), FindingId::kSec06), "The line of NOOP ends with a bare LF");
}

TEST(Sec06, NotRaisedForALineEndInTwoSegments) {
  Talk talk;
  begin_data(talk).client("\r\na\r").client("\nb\r\n.\r\n").wait(1ms).server("250 Ok\r\n");
  talk.client("NOOP\r").client("\n").server("250 Ok\r\n").quit();
  EXPECT_FALSE(has(talk.session(), FindingId::kSec06));
}

TEST(Bdt01, RaisedForASizeThatIsNone) {
  Talk talk;
  begin_chunks(talk).client("BDAT x LAST\r\n").server("501 5.5.4 bad\r\n").quit();
  EXPECT_TRUE(contains(text_of(talk.session(), FindingId::kBdt01), "\"x LAST\""));
}

TEST(Bdt01, RaisedForAHugeChunk) {
  Talk talk;
  begin_chunks(talk).client("BDAT 99999999999 LAST\r\n").server("552 5.3.4 no\r\n");
  talk.close(Side::kServer);
  EXPECT_TRUE(contains(text_of(talk.session(), FindingId::kBdt01), "99999999999"));
}

TEST(Bdt01, RaisedForAChunkThatIsNotMet) {
  Talk talk;
  begin_chunks(talk).client("BDAT 100 LAST\r\n1234567890").wait(1ms).close(Side::kClient);
  EXPECT_EQ(text_of(talk.session(), FindingId::kBdt01),
            "A chunk of 100 bytes was announced, 10 came before the end");
}

TEST(Bdt01, NotRaisedWhereTheCaptureEndsWithinAChunk) {
  Talk talk;
  begin_chunks(talk).client("BDAT 100 LAST\r\n1234567890");
  EXPECT_FALSE(has(talk.session(), FindingId::kBdt01));
}

TEST(Sec05, RaisedForTheRightOneOfTwoMessagesInOneSegment) {
  Talk talk;
  talk.hello().client(
      "MAIL FROM:<a@client.example>\r\nRCPT TO:<b@example.test>\r\nBDAT 7 LAST\r\na\n.\nb\r\n"
      "MAIL FROM:<a@client.example>\r\nRCPT TO:<b@example.test>\r\n"
      "BDAT 34 LAST\r\nMessage-ID: <2@client.example>\r\n\r\n");
  talk.wait(1ms).server("250 Ok\r\n250 Ok\r\n250 Ok\r\n250 Ok\r\n250 Ok\r\n250 Ok\r\n").quit();
  EXPECT_EQ(count(talk.session(), FindingId::kSec05), 1U);
  EXPECT_TRUE(talk.session().messages.at(0).header_id.empty());
  EXPECT_EQ(talk.session().messages.at(1).header_id.view(), "<2@client.example>");
}

TEST(Bdt01, RaisedWhereTheServerTakesARefusedChunkForCommands) {
  Talk talk;
  begin_chunks(talk).client("BDAT 12 LAST\r\nline\r\nline\r\n").wait(1ms);
  talk.server("554 5.6.0 no\r\n").wait(1ms).server("500 5.5.2 unknown\r\n500 5.5.2 unknown\r\n");
  EXPECT_EQ(count(talk.session(), FindingId::kBdt01), 1U);
}

TEST(Bdt01, NotRaisedForAProperOrARefusedChunk) {
  Talk talk;
  begin_chunks(talk).client("BDAT 6\r\nline\r\n").wait(1ms).server("250 Ok\r\n");
  talk.client("BDAT 6 LAST\r\nline\r\n").wait(1ms).server("554 5.6.0 no\r\n").quit();
  EXPECT_FALSE(has(talk.session(), FindingId::kBdt01));
}

TEST(Bdt02, RaisedWhereNoChunkWasTheLast) {
  Talk talk;
  begin_chunks(talk).client("BDAT 6\r\nline\r\n").wait(1ms).server("250 Ok\r\n").quit();
  EXPECT_EQ(text_of(talk.session(), FindingId::kBdt02), "QUIT though no BDAT had LAST");
}

TEST(Bdt02, RaisedForDataWithinChunksAndForBinaryMimeWithData) {
  Talk talk;
  begin_chunks(talk).client("BDAT 6\r\nline\r\n").wait(1ms).server("250 Ok\r\n");
  talk.client("DATA\r\n").wait(1ms).server("503 5.5.1 no\r\n").quit();
  EXPECT_TRUE(contains(text_of(talk.session(), FindingId::kBdt02), "DATA within a message"));
  EXPECT_EQ(in_message(FindingId::kBdt02, "\r\nx\r\n.\r\n", " BODY=BINARYMIME"), "warn");
}

TEST(Bdt02, NotRaisedWhereRsetFollowsARefusedChunk) {
  Talk talk;
  begin_chunks(talk).client("BDAT 6\r\nline\r\n").wait(1ms).server("554 5.6.0 no\r\n");
  talk.client("RSET\r\n").wait(1ms).server("250 Ok\r\n").quit();
  EXPECT_FALSE(has(talk.session(), FindingId::kBdt02));
}

Talk& begin_lmtp(Talk& talk) {
  talk.handshake().server("220 mx.example.test LMTP\r\n").client("LHLO client.example\r\n");
  talk.server("250-mx.example.test\r\n250 PIPELINING\r\n")
      .client("MAIL FROM:<a@client.example>\r\n");
  talk.server("250 Ok\r\n").client("RCPT TO:<b@example.test>\r\n").server("250 Ok\r\n");
  talk.client("RCPT TO:<c@example.test>\r\n").server("250 Ok\r\n").client("DATA\r\n");
  return talk.server("354 go\r\n").client("\r\ntext\r\n.\r\n").wait(1ms);
}

TEST(Lmt01, RaisedForOneReplyForTwoRecipients) {
  Talk talk(24);
  begin_lmtp(talk).server("250 2.0.0 Ok\r\n").wait(1ms).client("QUIT\r\n");
  talk.wait(1ms).server("221 Bye\r\n").close(Side::kServer);
  EXPECT_EQ(text_of(talk.session(), FindingId::kLmt01), "1 reply for 2 accepted recipients");
}

TEST(Lmt01, RaisedForOneReplyTooMany) {
  Talk talk(24);
  begin_lmtp(talk).server("250 Ok\r\n250 Ok\r\n").wait(1ms).server("250 Ok\r\n").quit();
  EXPECT_EQ(count(talk.session(), FindingId::kLmt01), 1U);
}

TEST(Lmt01, NotRaisedForOneReplyForEach) {
  Talk talk(24);
  begin_lmtp(talk).server("250 Ok\r\n").wait(1ms).server("452 4.2.2 full\r\n").wait(1ms).quit();
  EXPECT_FALSE(has(talk.session(), FindingId::kLmt01));
}

}  // namespace
}  // namespace smtp_session::test
