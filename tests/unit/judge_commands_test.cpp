// SPDX-License-Identifier: GPL-2.0-or-later
//
// Findings about what the client asks. Of each id one test raises it and one is a near miss.
#include <gtest/gtest.h>

#include "tests/unit/support/findings.h"
#include "tests/unit/support/talk.h"

namespace smtp_session::test {
namespace {

Talk& envelope(Talk& talk) {
  talk.wait(1ms).client("MAIL FROM:<a@client.example>\r\n").wait(1ms).server("250 2.1.0 Ok\r\n");
  talk.wait(1ms).client("RCPT TO:<b@example.test>\r\n").wait(1ms).server("250 2.1.5 Ok\r\n");
  return talk.wait(1ms);
}
Talk& message(Talk& talk, std::string_view text = "Subject: x\r\n\r\ntext\r\n.\r\n") {
  talk.client("DATA\r\n").wait(1ms).server("354 go\r\n").wait(1ms).client(text);
  return talk.wait(1ms).server("250 2.0.0 Ok\r\n").wait(1ms);
}

TEST(CleanSession, HasNothingAboveChat) {
  Talk talk;
  talk.hello();
  message(envelope(talk));
  message(envelope(talk)).quit();
  EXPECT_EQ(above_chat(talk.session()), "");
}

TEST(Cmd01, RaisedForRcptBeforeMailOnce) {
  Talk talk;
  talk.hello().client("RCPT TO:<b@example.test>\r\n");
  const FrameNumber frame = talk.frame();
  talk.server("503 5.5.1 need MAIL\r\n").quit();
  EXPECT_EQ(first(talk.session(), FindingId::kCmd01).frame, frame);
  EXPECT_EQ(count(talk.session(), FindingId::kCmd01), 1U);
}

TEST(Cmd01, RaisedForDataBeforeRcpt) {
  Talk talk;
  talk.hello().client("MAIL FROM:<a@client.example>\r\n").server("250 Ok\r\n");
  talk.client("DATA\r\n").server("503 5.5.1 need RCPT\r\n").quit();
  EXPECT_EQ(text_of(talk.session(), FindingId::kCmd01), "DATA before RCPT");
}

TEST(Cmd01, NotRaisedForRcptInATransactionThatARefusedSecondMailDidNotEnd) {
  Talk talk;
  talk.hello().client("MAIL FROM:<a@client.example>\r\n").server("250 Ok\r\n");
  talk.client("MAIL FROM:<b@client.example>\r\n").server("503 5.5.1 nested\r\n");
  talk.client("RCPT TO:<c@example.test>\r\n").server("250 Ok\r\n").quit();
  EXPECT_EQ(count(talk.session(), FindingId::kCmd01), 1U);  // the second MAIL
}

TEST(Cmd01, RaisedForRcptWhereBothMailsAreRefused) {
  Talk talk;
  talk.hello().client("MAIL FROM:<a@client.example>\r\n").server("550 no\r\n");
  talk.client("MAIL FROM:<b@client.example>\r\n").server("550 no\r\n");
  talk.client("RCPT TO:<c@example.test>\r\n").server("503 5.5.1 need MAIL\r\n").quit();
  EXPECT_EQ(text_of(talk.session(), FindingId::kCmd01), "RCPT though MAIL was refused");
}

TEST(Cmd01, RaisedForANestedMail) {
  Talk talk;
  talk.hello().client("MAIL FROM:<a@client.example>\r\n").server("250 Ok\r\n");
  talk.client("MAIL FROM:<b@client.example>\r\n").server("503 5.5.1 nested\r\n").quit();
  EXPECT_EQ(count(talk.session(), FindingId::kCmd01), 1U);
}

TEST(Cmd01, RaisedFor503ToAnyCommand) {
  Talk talk;
  talk.hello().client("NOOP\r\n").server("503 5.5.1 EHLO first\r\n").quit();
  EXPECT_TRUE(has(talk.session(), FindingId::kCmd01));
}

TEST(Cmd01, NotRaisedForMailAfterRsetOrARefusal) {
  Talk talk;
  talk.hello().client("MAIL FROM:<a@client.example>\r\n").server("250 Ok\r\n");
  talk.client("RSET\r\n").server("250 Ok\r\n");
  talk.client("MAIL FROM:<a@client.example>\r\n").server("450 4.1.8 later\r\n");
  envelope(talk).quit();
  EXPECT_FALSE(has(talk.session(), FindingId::kCmd01));
}

TEST(Cmd01, NotRaisedForA503ThatFollowsFromARefusalInThePipeline) {
  Talk talk;
  talk.hello().client("MAIL FROM:<a@client.example>\r\nRCPT TO:<b@example.test>\r\nDATA\r\n");
  talk.wait(1ms).server("250 Ok\r\n550 5.1.1 no\r\n503 5.5.1 no recipients\r\n").quit();
  EXPECT_FALSE(has(talk.session(), FindingId::kCmd01));
}

TEST(Cmd02, RaisedForALongCommandLine) {
  Talk talk;
  talk.hello().client("NOOP " + std::string(506, 'x') + "\r\n").server("250 Ok\r\n").quit();
  EXPECT_EQ(text_of(talk.session(), FindingId::kCmd02),
            "NOOP with a line of 513 bytes, 512 are allowed");
}

TEST(Cmd02, RaisedForALongReplyLine) {
  Talk talk;
  talk.hello().client("NOOP\r\n").server("250 " + std::string(507, 'x') + "\r\n").quit();
  EXPECT_TRUE(has(talk.session(), FindingId::kCmd02));
}

TEST(Cmd02, RaisedForALongLineOfAMessage) {
  Talk talk;
  envelope(talk.hello());
  message(talk, "Subject: x\r\n\r\n" + std::string(999, 'x') + "\r\n.\r\n").quit();
  EXPECT_EQ(count(talk.session(), FindingId::kCmd02), 1U);
}

TEST(Cmd02, NotRaisedAtTheLimits) {
  Talk talk;
  talk.hello().client("NOOP " + std::string(505, 'x') + "\r\n");
  talk.server("250 " + std::string(506, 'x') + "\r\n");
  envelope(talk);
  message(talk, "Subject: x\r\n\r\n" + std::string(998, 'x') + "\r\n.\r\n").quit();
  EXPECT_EQ(above_chat(talk.session()), "");
}

TEST(Cmd02, NotRaisedForALongAuthLineOrAParametersAllowance) {
  Talk talk;
  talk.hello().client("AUTH GSSAPI " + std::string(4000, 'A') + "\r\n").server("235 Ok\r\n");
  talk.client("MAIL FROM:<a@client.example> AUTH=" + std::string(480, 'x') + "\r\n");
  talk.server("250 Ok\r\n").quit();
  EXPECT_FALSE(has(talk.session(), FindingId::kCmd02));
}

/// Whether a line of `size` bytes, line end included, with these parameters is too long.
bool too_long(std::string_view command, std::string_view parameters, std::size_t size) {
  // The address is only as long as the rest leaves room for: too long for CMD-03, which is another
  // finding.
  std::string line = std::string(command) + "<@>" + std::string(parameters) + "\r\n";
  line.insert(line.find('@'), size - line.size(), 'a');
  Talk talk;
  talk.hello();
  if (command.substr(0, 4) == "RCPT") talk.client("MAIL FROM:<>\r\n").server("250 Ok\r\n");
  talk.client(line).server("250 Ok\r\n").quit();
  return has(talk.session(), FindingId::kCmd02);
}

struct Lengthening {
  const char* command;
  const char* parameters;
  std::size_t bytes;  ///< as the RFC of the extension says
};

TEST(Cmd02, NotRaisedWithinWhatAnExtensionAddsToTheLine) {
  const Lengthening all[] = {
      {"MAIL FROM:", " SIZE=1", 26},
      {"MAIL FROM:", " BODY=BINARYMIME", 16},
      {"MAIL FROM:", " BY=120;R", 17},
      {"MAIL FROM:", " MTRK=a", 40},
      {"MAIL FROM:", " SOLICIT=a", 1007},
      {"MAIL FROM:", " RET=HDRS", 9},
      {"RCPT TO:", " NOTIFY=SUCCESS,FAILURE,DELAY", 29},
      {"RCPT TO:", " RRVS=2026-11-24T17:34:22Z", 33},
  };
  for (const Lengthening& one : all) {
    EXPECT_FALSE(too_long(one.command, one.parameters, 512 + one.bytes)) << one.parameters;
    EXPECT_TRUE(too_long(one.command, one.parameters, 512 + one.bytes + 1)) << one.parameters;
  }
}

TEST(Cmd03, RaisedForALongLocalPart) {
  Talk talk;
  talk.hello().client("MAIL FROM:<" + std::string(65, 'a') + "@client.example>\r\n");
  talk.server("250 Ok\r\n").quit();
  EXPECT_EQ(text_of(talk.session(), FindingId::kCmd03),
            "MAIL: local part of 65 bytes, 64 are allowed");
}

TEST(Cmd03, RaisedForALongDomain) {
  Talk talk;
  talk.hello().client("MAIL FROM:<a@" + std::string(256, 'b') + ">\r\n").server("501 no\r\n");
  EXPECT_TRUE(contains(text_of(talk.session(), FindingId::kCmd03), "domain of 256"));
  EXPECT_TRUE(contains(text_of(talk.session(), FindingId::kCmd03), "path of 260"));
}

TEST(Cmd03, NotRaisedAtTheLimit) {
  Talk talk;
  talk.hello().client("MAIL FROM:<" + std::string(64, 'a') + "@client.example>\r\n");
  talk.server("250 Ok\r\n").quit();
  EXPECT_FALSE(has(talk.session(), FindingId::kCmd03));
}

void recipients(Talk& talk, int count) {
  talk.client("MAIL FROM:<a@client.example>\r\n").server("250 Ok\r\n");
  for (int i = 0; i < count; ++i) {
    talk.client("RCPT TO:<r" + std::to_string(i) + "@example.test>\r\n").server("250 Ok\r\n");
  }
}

TEST(Cmd04, RaisedAtTheHundredAndFirstRecipient) {
  Talk talk;
  talk.hello();
  recipients(talk, 101);
  EXPECT_EQ(count(talk.session(), FindingId::kCmd04), 1U);
}

TEST(Cmd04, RaisedWhereTheServerTakesNoMore) {
  Talk talk;
  talk.hello();
  recipients(talk, 2);
  talk.client("RCPT TO:<c@example.test>\r\n").server("452 4.5.3 Too many recipients\r\n");
  EXPECT_TRUE(contains(text_of(talk.session(), FindingId::kCmd04), "no more than 2 recipients"));
}

TEST(Cmd04, NotRaisedForAHundredNorForA452OfAnotherKind) {
  Talk talk;
  talk.hello();
  recipients(talk, 100);
  talk.client("RSET\r\n").server("250 Ok\r\n");
  recipients(talk, 1);
  talk.client("RCPT TO:<c@example.test>\r\n").server("452 4.2.2 Mailbox full\r\n");
  EXPECT_FALSE(has(talk.session(), FindingId::kCmd04));
}

TEST(Cmd05, RaisedForAnUnknownVerb) {
  Talk talk;
  talk.hello().client("FROB x\r\n").server("500 5.5.2 unknown\r\n").quit();
  EXPECT_EQ(text_of(talk.session(), FindingId::kCmd05), "Unknown command \"FROB\"");
}

TEST(Cmd05, RaisedForAVerbThatADeviceOverwrote) {
  Talk talk;
  talk.hello().client("XXXXXXXX\r\n").server("500 5.5.1 unrecognized\r\n").quit();
  EXPECT_TRUE(contains(text_of(talk.session(), FindingId::kCmd05), "X alone"));
}

TEST(Cmd05, NotRaisedForAVerbThatTheServerOffers) {
  Talk talk;
  talk.handshake().server("220 mx.example.test\r\n").client("EHLO client.example\r\n");
  talk.server("250-mx.example.test\r\n250 XFROB\r\n").client("XFROB\r\n").server("250 Ok\r\n");
  talk.quit();
  EXPECT_FALSE(has(talk.session(), FindingId::kCmd05));
}

TEST(Cmd06, RaisedForVrfyThatIsAnswered) {
  Talk talk;
  talk.hello().client("VRFY bob\r\n").server("252 2.0.0 bob\r\n").quit();
  EXPECT_EQ(count(talk.session(), FindingId::kCmd06), 1U);
}

void unknown_recipients(Talk& talk, int count, const char* reply) {
  talk.client("MAIL FROM:<a@client.example>\r\n").server("250 Ok\r\n");
  for (int i = 0; i < count; ++i) {
    talk.client("RCPT TO:<r" + std::to_string(i) + "@example.test>\r\n").server(reply);
  }
}

TEST(Cmd06, RaisedAtTheFifthUnknownRecipient) {
  Talk talk;
  talk.hello();
  unknown_recipients(talk, 6, "550 5.1.1 unknown\r\n");
  EXPECT_EQ(count(talk.session(), FindingId::kCmd06), 1U);
  EXPECT_EQ(text_of(talk.session(), FindingId::kCmd06), "5 recipients were answered 550");
}

TEST(Cmd06, NotRaisedForFourNorForPolicyNorForARefusedVrfy) {
  Talk talk;
  talk.hello().client("VRFY bob\r\n").server("502 5.5.1 disabled\r\n");
  unknown_recipients(talk, 4, "550 5.1.1 unknown\r\n");
  talk.client("RSET\r\n").server("250 Ok\r\n");
  unknown_recipients(talk, 6, "550 5.7.1 blocked\r\n");
  EXPECT_FALSE(has(talk.session(), FindingId::kCmd06));
}

TEST(Cmd08, RaisedForASizeOverTheOffer) {
  Talk talk;
  talk.handshake().server("220 mx.example.test\r\n").client("EHLO client.example\r\n");
  talk.server("250-mx.example.test\r\n250 SIZE 1000\r\n");
  talk.client("MAIL FROM:<a@client.example> SIZE=1001\r\n").server("552 5.3.4 too big\r\n");
  EXPECT_EQ(text_of(talk.session(), FindingId::kCmd08),
            "Declared are 1001 bytes, the server takes 1000");
}

/// A message of 1000 bytes that was declared with `size`.
bool wrong_size(int size) {
  Talk talk;
  talk.handshake().server("220 mx.example.test\r\n").client("EHLO client.example\r\n");
  talk.server("250-mx.example.test\r\n250 SIZE 0\r\n");
  talk.client("MAIL FROM:<a@client.example> SIZE=" + std::to_string(size) + "\r\n");
  talk.server("250 Ok\r\n").client("RCPT TO:<b@example.test>\r\n").server("250 Ok\r\n");
  message(talk, "\r\n" + std::string(996, 'x') + "\r\n.\r\n").quit();
  EXPECT_EQ(talk.session().messages.at(0).size, 1000U);
  return has(talk.session(), FindingId::kCmd08);
}

TEST(Cmd08, RaisedForASizeThatIsTooFarOff) {
  EXPECT_TRUE(wrong_size(2025));
  EXPECT_TRUE(wrong_size(900));
}

TEST(Cmd08, NotRaisedForAnEstimateWithinTenPercentOrForWhatEximAdds) {
  EXPECT_FALSE(wrong_size(2024));
  EXPECT_FALSE(wrong_size(920));
  EXPECT_FALSE(wrong_size(1000));
}

TEST(Dat01, RaisedForMessageTextBehindARefusedData) {
  Talk talk;
  talk.hello().client("DATA\r\n").server("503 5.5.1 need RCPT\r\n");
  talk.client("Subject: x\r\nTo: b\r\n\r\nsome text\r\n.\r\n");
  talk.server("500 5.5.2 unknown\r\n500 5.5.2 unknown\r\n500 5.5.2 bad\r\n");
  const Session& session = talk.session();
  EXPECT_EQ(count(session, FindingId::kDat01), 1U);
  EXPECT_FALSE(has(session, FindingId::kCmd05));
}

TEST(Dat01, NotRaisedWhereACommandFollows) {
  Talk talk;
  talk.hello().client("DATA\r\n").server("503 5.5.1 need RCPT\r\n");
  talk.client("FROB\r\n");
  Talk other;
  other.hello().client("DATA\r\n").server("503 5.5.1 need RCPT\r\n").quit();
  EXPECT_FALSE(has(other.session(), FindingId::kDat01));
}

TEST(Pip01, RaisedForACommandBehindOneThatEndsAGroup) {
  Talk talk;
  talk.hello().client("NOOP\r\nMAIL FROM:<a@client.example>\r\n");
  const FrameNumber frame = talk.frame();
  talk.server("250 Ok\r\n250 Ok\r\n").quit();
  EXPECT_EQ(first(talk.session(), FindingId::kPip01).frame, frame);
  EXPECT_EQ(text_of(talk.session(), FindingId::kPip01), "MAIL was sent before the reply to NOOP");
}

TEST(Pip01, RaisedForAMessageSentBefore354) {
  Talk talk;
  envelope(talk.hello()).client("DATA\r\nSubject: x\r\n\r\ntext\r\n.\r\n");
  talk.wait(1ms).server("354 go\r\n250 Ok\r\n").quit();
  EXPECT_EQ(text_of(talk.session(), FindingId::kPip01),
            "The message was sent before the reply to DATA");
}

TEST(Pip01, RaisedWherePipeliningIsNotOffered) {
  Talk talk;
  talk.handshake().server("220 mx.example.test\r\n").client("EHLO client.example\r\n");
  talk.server("250-mx.example.test\r\n250 SIZE\r\n");
  talk.client("MAIL FROM:<a@client.example>\r\nRCPT TO:<b@example.test>\r\n");
  talk.wait(1ms).server("250 Ok\r\n250 Ok\r\n").quit();
  EXPECT_EQ(count(talk.session(), FindingId::kPip01), 1U);
}

TEST(Pip01, NotRaisedForAProperGroup) {
  Talk talk;
  talk.hello().client("MAIL FROM:<a@client.example>\r\nRCPT TO:<b@example.test>\r\nDATA\r\n");
  talk.wait(1ms).server("250 Ok\r\n250 Ok\r\n354 go\r\n");
  talk.wait(1ms).client("Subject: x\r\n\r\ntext\r\n.\r\n").wait(1ms).server("250 Ok\r\n").quit();
  EXPECT_EQ(above_chat(talk.session()), "");
}

TEST(Pip01, NotRaisedForQuitInOneGroupWithTheMessage) {
  Talk dot;
  envelope(dot.hello()).client("DATA\r\n").server("354 go\r\n");
  dot.client("Subject: x\r\n\r\ntext\r\n.\r\nQUIT\r\n").server("250 Ok\r\n221 Bye\r\n");
  EXPECT_FALSE(has(dot.session(), FindingId::kPip01));
  Talk chunk;
  envelope(chunk.hello()).client("BDAT 4 LAST\r\n\r\nx\nQUIT\r\n").server("250 Ok\r\n221 Bye\r\n");
  EXPECT_FALSE(has(chunk.session(), FindingId::kPip01));
}

TEST(Pip01, NotRaisedForAClientThatGaveUpWaiting) {
  Talk talk;
  talk.hello().client("NOOP\r\n").wait(60s).client("QUIT\r\n").wait(1ms).close(Side::kClient);
  EXPECT_FALSE(has(talk.session(), FindingId::kPip01));
}

/// Replies to a group of three, `gap` apart, on a line of 20 ms.
bool one_by_one(std::chrono::nanoseconds gap) {
  Talk talk;
  talk.syn().wait(10ms).syn_ack().wait(10ms).ack(Side::kClient);
  talk.wait(5ms).server("220 mx.example.test\r\n").client("EHLO client.example\r\n");
  talk.server("250-mx.example.test\r\n250 PIPELINING\r\n");
  talk.client(
      "MAIL FROM:<a@client.example>\r\nRCPT TO:<b@example.test>\r\n"
      "RCPT TO:<c@example.test>\r\n");
  talk.wait(20ms)
      .server("250 Ok\r\n")
      .wait(gap)
      .server("250 Ok\r\n")
      .wait(gap)
      .server("250 Ok\r\n");
  return has(talk.session(), FindingId::kPip02);
}

TEST(Pip02, RaisedWhereRepliesComeARoundTripApart) {
  EXPECT_TRUE(one_by_one(20ms));
}

TEST(Pip02, NotRaisedWhereTheyComeTogether) {
  EXPECT_FALSE(one_by_one(1ms));
}

}  // namespace
}  // namespace smtp_session::test
