// SPDX-License-Identifier: GPL-2.0-or-later
//
// Findings about replies and waiting. Of each id one test raises it and one is a near miss.
#include <gtest/gtest.h>

#include <vector>

#include "tests/unit/support/findings.h"
#include "tests/unit/support/talk.h"
#include "tests/unit/support/tls_bytes.h"

namespace smtp_session::test {
namespace {

Talk& noop(Talk& talk, std::string_view reply) {
  return talk.client("NOOP\r\n").wait(1ms).server(reply).wait(1ms);
}

TEST(Rep01, RaisedForAReplyWithDifferentCodes) {
  Talk talk;
  noop(talk.hello(), "250-one\r\n251 two\r\n").quit();
  EXPECT_EQ(text_of(talk.session(), FindingId::kRep01),
            "The lines of a reply have different codes, the last 251");
}

TEST(Rep01, RaisedForAReplyLineWithoutCode) {
  Talk talk;
  noop(talk.hello(), "250-one\r\ntwo\r\n250 three\r\n").quit();
  EXPECT_EQ(count(talk.session(), FindingId::kRep01), 1U);
}

TEST(Rep01, RaisedForABareLineFeed) {
  Talk talk;
  noop(talk.hello(), "250 Ok\n").quit();
  EXPECT_EQ(text_of(talk.session(), FindingId::kRep01), "A reply line ends without CR LF (250)");
}

TEST(Rep01, RaisedForAReplyWithoutText) {
  Talk talk;
  noop(talk.hello(), "250\r\n").quit();
  EXPECT_EQ(text_of(talk.session(), FindingId::kRep01), "A reply without text: 250");
}

TEST(Rep01, RaisedForAReplyThatDoesNotEnd) {
  Talk talk;
  noop(talk.hello(), "250-one\r\n").wait(60s).close(Side::kClient);
  EXPECT_EQ(text_of(talk.session(), FindingId::kRep01),
            "A reply of several lines does not end: 250-");
}

TEST(Rep01, RaisedForALastLineWithoutLineEnd) {
  Talk talk;
  noop(talk.hello(), "250 Ok").wait(60s).close(Side::kClient);
  EXPECT_EQ(text_of(talk.session(), FindingId::kRep01), "The last reply line has no line end");
}

TEST(Rep01, NotRaisedWhereTheClientLeavesWithinTheGreeting) {
  Talk client;
  client.handshake().server("220-mx.example.test\r\n").wait(1s).fin(Side::kClient);
  client.wait(1ms).fin(Side::kServer).wait(1ms).ack(Side::kClient);
  EXPECT_FALSE(has(client.session(), FindingId::kRep01));
  Talk server;
  server.handshake().server("220-mx.example.test\r\n").wait(1s).fin(Side::kServer);
  server.wait(1ms).fin(Side::kClient).wait(1ms).ack(Side::kServer);
  EXPECT_TRUE(has(server.session(), FindingId::kRep01));
}

TEST(Rep01, NotRaisedForAProperReplyInPieces) {
  Talk talk;
  talk.hello().client("NOOP\r\n").server("250-one\r").server("\n250 t").server("wo\r\n").quit();
  EXPECT_FALSE(has(talk.session(), FindingId::kRep01));
}

TEST(Rep01, NotRaisedWhereTheCaptureEndsWithinAReply) {
  Talk talk;
  noop(talk.hello(), "250-one\r\n");
  EXPECT_FALSE(has(talk.session(), FindingId::kRep01));
}

TEST(Rep02, RaisedForAReplyThatAnswersNothing) {
  Talk talk;
  noop(talk.hello(), "250 Ok\r\n250 again\r\n").quit();
  EXPECT_EQ(text_of(talk.session(), FindingId::kRep02), "250 that answers no command: again");
  EXPECT_EQ(first(talk.session(), FindingId::kRep02).severity, Severity::kError);
}

TEST(Rep02, RaisedForAReplyThatCannotAnswerItsCommand) {
  Talk talk;
  noop(talk.hello(), "354 go\r\n").quit();
  EXPECT_TRUE(has(talk.session(), FindingId::kRep02));
}

TEST(Rep02, NotRaisedForAServerThatSaysGoodBye) {
  Talk talk;
  talk.hello().wait(300s).server("421 4.4.2 timeout\r\n").close(Side::kServer);
  EXPECT_FALSE(has(talk.session(), FindingId::kRep02));
}

TEST(Rep03, RaisedWhereTheClassesDiffer) {
  Talk talk;
  noop(talk.hello(), "550 4.7.1 later or never\r\n").quit();
  EXPECT_EQ(text_of(talk.session(), FindingId::kRep03), "550 with the enhanced code 4.7.1");
}

TEST(Rep03, NotRaisedWhereTheyAgreeOrForTheReplyToEhlo) {
  Talk talk;
  talk.handshake().server("220 mx.example.test\r\n").client("EHLO client.example\r\n");
  talk.server("250 5.1.2 is my name\r\n");
  noop(talk, "250 2.0.0 Ok\r\n").quit();
  EXPECT_FALSE(has(talk.session(), FindingId::kRep03));
}

TEST(Rep04, RaisedWithTheAdviceOfTheTable) {
  Talk talk;
  talk.hello().client("RCPT TO:<b@example.test>\r\n");
  talk.server("554 5.7.1 <b@example.test>: Relay access denied\r\n");
  const Finding finding = first(talk.session(), FindingId::kRep04);
  EXPECT_EQ(finding.severity, Severity::kError);
  EXPECT_TRUE(contains(finding_advice(talk.session(), finding), "mynetworks"));
}

TEST(Rep04, NotRaisedForAPositiveReply) {
  Talk talk;
  noop(talk.hello(), "250 2.0.0 Ok\r\n").quit();
  EXPECT_FALSE(has(talk.session(), FindingId::kRep04));
}

TEST(Rep05, RaisedWithAgeIdleAndMessages) {
  Talk talk;
  talk.hello().wait(10s).server("421 4.4.2 timeout\r\n").close(Side::kServer);
  EXPECT_EQ(text_of(talk.session(), FindingId::kRep05),
            "421 after 10.009 s, 10.000 s of them idle, 0 messages before: 4.4.2 timeout");
}

TEST(Rep05, NotRaisedWhereTheServerSpeaksToAClientThatHasLeft) {
  Talk talk;
  talk.hello().wait(1ms).fin(Side::kClient).wait(1ms);
  talk.server("421 mx.example.test lost input connection\r\n").fin(Side::kServer);
  EXPECT_FALSE(has(talk.session(), FindingId::kRep05));
  EXPECT_FALSE(has(talk.session(), FindingId::kRep04));
}

TEST(Rep04, IsANoteWhereTheRefusalFollowsFromOthers) {
  Talk talk;
  talk.hello().client("MAIL FROM:<a@client.example>\r\nRCPT TO:<b@example.test>\r\nDATA\r\n");
  talk.server("250 Ok\r\n450 4.2.1 later\r\n554 5.5.1 no valid recipients\r\n").quit();
  std::vector<Severity> severities;
  for (const Finding& finding : talk.session().findings) {
    if (finding.id == FindingId::kRep04) severities.push_back(finding.severity);
  }
  EXPECT_EQ(severities, (std::vector<Severity>{Severity::kWarn, Severity::kNote}));
}

TEST(Rep04, NotRaisedForWhatAServerSaysToAClientHello) {
  Talk talk;
  talk.handshake().wait(1ms).server("220 mx.example.test ESMTP\r\n").wait(1ms);
  talk.client(client_hello())
      .wait(1ms)
      .server("500 5.5.2 Error: bad syntax\r\n")
      .close(Side::kClient);
  EXPECT_TRUE(has(talk.session(), FindingId::kTls01));
  EXPECT_FALSE(has(talk.session(), FindingId::kRep04));
}

TEST(Rep05, NotRaisedForAnotherTemporaryRefusal) {
  Talk talk;
  noop(talk.hello(), "450 4.3.2 later\r\n").quit();
  EXPECT_FALSE(has(talk.session(), FindingId::kRep05));
}

TEST(Rep06, RaisedForGreylistingByCodeOrWords) {
  for (const char* reply : {"450 4.7.1 Please wait\r\n", "451 4.7.0 wait\r\n",
                            "450 Greylisted, see the wiki\r\n", "451 Try again later\r\n"}) {
    Talk talk;
    talk.hello().client("MAIL FROM:<a@client.example>\r\n").server("250 Ok\r\n");
    talk.client("RCPT TO:<b@example.test>\r\n").server(reply).quit();
    EXPECT_EQ(count(talk.session(), FindingId::kRep06), 1U) << reply;
  }
}

TEST(Rep06, NotRaisedForALimitOrALookUpThatFailed) {
  for (const char* reply :
       {"450 4.7.1 Error: too much mail from 192.0.2.1\r\n",
        "450 4.7.1 Client host rejected: cannot find your hostname, [192.0.2.1]\r\n",
        "450 4.7.1 <client>: Helo command rejected: Host not found\r\n"}) {
    Talk talk;
    talk.hello().client("MAIL FROM:<a@client.example>\r\n").server(reply).quit();
    EXPECT_FALSE(has(talk.session(), FindingId::kRep06)) << reply;
  }
}

TEST(Rep06, NotRaisedForAnotherDeferralOrToAnotherCommand) {
  Talk talk;
  talk.hello().client("MAIL FROM:<a@client.example>\r\n").server("250 Ok\r\n");
  talk.client("RCPT TO:<b@example.test>\r\n").server("450 4.2.1 mailbox busy\r\n");
  noop(talk, "450 4.7.1 wait\r\n").quit();
  EXPECT_FALSE(has(talk.session(), FindingId::kRep06));
}

/// The finding LAT-01 of a NOOP that is answered after `delay`.
std::string slow(std::chrono::nanoseconds delay) {
  Talk talk;
  talk.hello().client("NOOP\r\n").wait(delay).server("250 Ok\r\n").quit();
  const Session& session = talk.session();
  return has(session, FindingId::kLat01)
             ? std::string(name_of(first(session, FindingId::kLat01).severity)) + ": " +
                   text_of(session, FindingId::kLat01)
             : std::string{};
}

TEST(Lat01, RaisedForASlowReplyLessTheNetwork) {
  EXPECT_EQ(slow(1100ms), "note: The server took 1.099 s for NOOP");
  EXPECT_EQ(slow(11s), "warn: The server took 10.999 s for NOOP");
}

TEST(Lat01, NotRaisedBelowTheLimit) {
  EXPECT_EQ(slow(1001ms), "");  // 1 ms of them is the network
}

TEST(Lat01, NotRaisedForTheTimeThatTheClientNeedsInAuth) {
  Talk talk;
  talk.hello().client("AUTH LOGIN\r\n").wait(1ms).server("334 VXNlcm5hbWU6\r\n");
  talk.wait(4s).client("dXNlcg==\r\n").wait(1ms).server("334 UGFzc3dvcmQ6\r\n");
  talk.wait(4s).client("c2VjcmV0\r\n").wait(1ms).server("235 Ok\r\n").quit();
  EXPECT_FALSE(has(talk.session(), FindingId::kLat01));
}

bool over_limit(const char* command, std::chrono::nanoseconds wait, bool answered) {
  Talk talk;
  talk.hello().client(command);
  talk.wait(wait);
  if (answered) {
    talk.server("250 Ok\r\n");
  } else {
    talk.close(Side::kClient);
  }
  return has(talk.session(), FindingId::kLat02);
}

TEST(Lat02, RaisedForAWaitOverTheLimit) {
  EXPECT_TRUE(over_limit("MAIL FROM:<a@client.example>\r\n", 301s, true));
  EXPECT_TRUE(over_limit("RCPT TO:<a@client.example>\r\n", 301s, true));
  EXPECT_TRUE(over_limit("DATA\r\n", 121s, true));
  EXPECT_TRUE(over_limit("DATA\r\n", 121s, false));
}

TEST(Lat02, NotRaisedBelowTheLimitOrWhereThereIsNone) {
  EXPECT_FALSE(over_limit("MAIL FROM:<a@client.example>\r\n", 299s, true));
  EXPECT_FALSE(over_limit("DATA\r\n", 119s, false));
  EXPECT_FALSE(over_limit("NOOP\r\n", 400s, true));
}

/// Commands that are acknowledged after 40 ms and answered after these delays.
std::size_t tarpit(std::initializer_list<std::chrono::nanoseconds> delays, bool acknowledged) {
  Talk talk;
  talk.hello();
  for (const auto delay : delays) {
    talk.client("RCPT TO:<b@example.test>\r\n").wait(40ms);
    if (acknowledged) talk.ack(Side::kServer);
    talk.wait(delay - 40ms).server("550 5.1.1 no\r\n").wait(1ms);
  }
  talk.quit();
  return count(talk.session(), FindingId::kLat03);
}

TEST(Lat03, RaisedAtTheSecondDelayOfTheSameLength) {
  EXPECT_EQ(tarpit({5020ms, 5010ms, 5030ms}, true), 1U);
}

TEST(Lat03, NotRaisedForOneOrForOtherLengthsOrWithoutAnAcknowledgement) {
  EXPECT_EQ(tarpit({5020ms}, true), 0U);
  EXPECT_EQ(tarpit({7s, 7s, 7s}, true), 0U);
  EXPECT_EQ(tarpit({5s, 10s, 20s}, true), 0U);
  EXPECT_EQ(tarpit({5020ms, 5010ms}, false), 0U);
}

TEST(Lat04, RaisedForASlowClient) {
  Talk talk;
  talk.hello().wait(6s).client("MAIL FROM:<a@client.example>\r\n").server("250 Ok\r\n").quit();
  EXPECT_EQ(text_of(talk.session(), FindingId::kLat04), "The client took 6.000 s before MAIL");
}

TEST(Lat04, NotRaisedForAConnectionThatIsKeptForReuse) {
  Talk talk;
  talk.hello().client("RSET\r\n").wait(1ms).server("250 Ok\r\n");
  talk.wait(60s).client("MAIL FROM:<a@client.example>\r\n").wait(1ms).server("250 Ok\r\n");
  talk.wait(4s).quit();
  EXPECT_FALSE(has(talk.session(), FindingId::kLat04));
}

}  // namespace
}  // namespace smtp_session::test
