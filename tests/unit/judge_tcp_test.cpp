// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/judge_tcp.h"

#include <gtest/gtest.h>

#include <string>

#include "dissector/outcome.h"
#include "tests/unit/support/findings.h"
#include "tests/unit/support/talk.h"

namespace smtp_session {
namespace {

using namespace test;

/// Up to the 354 of DATA (12 frames).
Talk& open_message(Talk& talk) {
  talk.hello();
  talk.wait(1ms).client("MAIL FROM:<alice@client.example>\r\n");
  talk.wait(1ms).server("250 2.1.0 Ok\r\n");
  talk.wait(1ms).client("RCPT TO:<bob@example.test>\r\n");
  talk.wait(1ms).server("250 2.1.5 Ok\r\n");
  talk.wait(1ms).client("DATA\r\n");
  return talk.wait(1ms).server("354 Go ahead\r\n");
}

constexpr char kBody[] = "Subject: x\r\n\r\nText.\r\n";

Talk& deliver(Talk& talk) {
  open_message(talk).wait(1ms).client(std::string{kBody} + ".\r\n");
  return talk.wait(1ms).server("250 2.0.0 Ok\r\n");
}

TEST(CleanSession, HasNoFindingAtAll) {
  Talk talk;
  deliver(talk).wait(1ms).quit();
  EXPECT_EQ(talk.session().findings.size(), 0U) << above_chat(talk.session());
}

TEST(Tcp01, RaisedByTwoSynsWithoutAnAnswer) {
  Talk talk;
  talk.syn().wait(1s).syn();
  EXPECT_EQ(shown(talk.session(), FindingId::kTcp01),
            "warn 2: SYN sent 2 times in 1.000 s, without an answer: Amazon EC2 and many networks "
            "limit port 25; use 587, 465, 2587 or 2465");
}
TEST(Tcp01, RaisedOnAnotherPortWithoutTheHintAtPort25) {
  Talk talk(587);
  talk.syn().wait(1s).syn().wait(2s).syn();
  EXPECT_EQ(shown(talk.session(), FindingId::kTcp01),
            "warn 3: SYN sent 3 times in 3.000 s, without an answer");
}
TEST(Tcp01, NotRaisedWhereTheSecondSynIsAnswered) {
  Talk talk;
  talk.syn().wait(1s).handshake();
  EXPECT_EQ(shown(talk.session(), FindingId::kTcp01), "-");
}
TEST(Tcp01, NotRaisedWhereTheServersSideWasNotCaptured) {
  Talk talk;
  talk.syn().wait(1s).syn().wait(1ms).ack(Side::kClient).wait(1ms).client("EHLO a.example\r\n");
  EXPECT_EQ(shown(talk.session(), FindingId::kTcp01), "-");
}

TEST(Tcp02, RaisedByResetInAnswerToSyn) {
  Talk talk;
  talk.syn().wait(1ms).rst(Side::kServer);
  EXPECT_EQ(shown(talk.session(), FindingId::kTcp02),
            "error 2: Port 25: the SYN is answered by RST after 1.000 ms");
}
IcmpError icmp_error(const Talk& talk, IcmpError::Kind kind, std::uint8_t code) {
  IcmpError error;
  error.frame = talk.frame() + 100;
  error.time = 1'000'500'000;
  error.source = {Talk::ipv4(192, 0, 2, 1), 40000};
  error.kind = kind;
  error.code = code;
  error.mtu = 1400;
  return error;
}
TEST(Tcp02, RaisedByIcmpInAnswerToSynAndThenNotTcp01) {
  Talk talk;
  talk.syn();
  talk.engine().icmp_error(icmp_error(talk, IcmpError::Kind::kUnreachable, 13));
  talk.wait(1s).syn();
  EXPECT_EQ(shown(talk.session(), FindingId::kTcp02),
            "error 2: ICMP in frame 101 answers the SYN: communication administratively "
            "prohibited, 0.500 ms after the first one");
  EXPECT_EQ(shown(talk.session(), FindingId::kTcp01), "-");
}
TEST(Tcp02, NotRaisedByIcmpWhenTheConnectionStands) {
  Talk talk;
  talk.handshake();
  talk.engine().icmp_error(icmp_error(talk, IcmpError::Kind::kUnreachable, 1));
  talk.wait(1ms).server("220 mx.example.test ESMTP\r\n").wait(1ms).quit();
  EXPECT_EQ(shown(talk.session(), FindingId::kTcp02), "-");
}
TEST(Tcp02, NotRaisedWhereTheResetComesAfterTheHandshake) {
  Talk talk;
  talk.handshake().wait(1ms).rst(Side::kServer);
  EXPECT_EQ(shown(talk.session(), FindingId::kTcp02), "-");
}

TEST(Tcp03, RaisedByALongRoundTrip) {
  Talk talk;
  talk.syn().wait(300ms).syn_ack().wait(1ms).ack(Side::kClient);
  EXPECT_EQ(shown(talk.session(), FindingId::kTcp03),
            "note 3: round trip of the handshake 301.000 ms, of it 300.000 ms to the server");
}
TEST(Tcp03, RaisedByARepeatedSyn) {
  Talk talk;
  talk.syn().wait(1s).handshake();
  EXPECT_EQ(shown(talk.session(), FindingId::kTcp03),
            "note 4: SYN sent 2 times, the first one 1.000 s before the one that was answered");
}
TEST(Tcp03, NotRaisedAtExactlyTheLimit) {
  Talk talk;
  talk.syn().wait(249ms).syn_ack().wait(1ms).ack(Side::kClient);
  EXPECT_EQ(shown(talk.session(), FindingId::kTcp03), "-");
}

TEST(Tcp04, RaisedByAFullSegmentThatIsNeverAcknowledged) {
  Talk talk;
  open_message(talk);
  const std::string full(1460, 'x');
  talk.wait(1ms).client(full);
  talk.wait(1s).at(Side::kClient, -1460, full);
  EXPECT_EQ(count(talk.engine().sessions().front(), FindingId::kTcp04), 0U);
  talk.wait(2s).at(Side::kClient, -1460, full);
  EXPECT_EQ(shown(talk.session(), FindingId::kTcp04),
            "warn 15: Segment of 1460 bytes of the client sent 3 times and never acknowledged, "
            "while shorter ones are (the longest has 34 bytes); no ICMP error was captured");
}
TEST(Tcp04, RaisedWithWhatIcmpSays) {
  Talk talk;
  open_message(talk);
  const std::string full(1460, 'x');
  talk.wait(1ms).client(full);
  talk.engine().icmp_error(icmp_error(talk, IcmpError::Kind::kTooBig, 4));
  talk.wait(1s).at(Side::kClient, -1460, full).wait(2s).at(Side::kClient, -1460, full);
  EXPECT_TRUE(contains(text_of(talk.session(), FindingId::kTcp04),
                       "; ICMP in frame 113 says that it is too big, MTU 1400"));
}
TEST(Tcp04, NotRaisedWhereOneOfThatSizeArrivedBefore) {
  Talk talk;
  open_message(talk);
  const std::string full(1460, 'x');
  talk.wait(1ms).client(full).wait(1ms).ack(Side::kServer);
  talk.wait(1ms).client(full);
  talk.wait(1s).at(Side::kClient, -1460, full).wait(2s).at(Side::kClient, -1460, full);
  EXPECT_EQ(shown(talk.session(), FindingId::kTcp04), "-");
}
TEST(Tcp04, NotRaisedWhereShortSegmentsAreLost) {
  Talk talk;
  talk.hello();
  const std::string line = "NOOP " + std::string(400, 'x') + "\r\n";
  talk.wait(1ms).client(line);
  const auto back = -static_cast<std::int32_t>(line.size());
  talk.wait(1s).at(Side::kClient, back, line).wait(2s).at(Side::kClient, back, line);
  EXPECT_EQ(shown(talk.session(), FindingId::kTcp04), "-");
}

Talk& close_window(Talk& talk, std::chrono::milliseconds closed) {
  open_message(talk).wait(1ms).client(kBody);
  talk.window(0).wait(1ms).ack(Side::kServer).window(65535);
  talk.wait(closed).ack(Side::kServer);
  talk.wait(1ms).client(".\r\n").wait(1ms).server("250 Ok\r\n");
  return talk.wait(1ms).quit();
}
TEST(Tcp05, RaisedByAWindowThatStaysClosedInAMessage) {
  Talk talk;
  EXPECT_EQ(shown(close_window(talk, 1500ms).session(), FindingId::kTcp05),
            "warn 15: The server's window was zero for 1.500 s");
}
TEST(Tcp05, RaisedByAWindowThatNeverOpens) {
  Talk talk;
  open_message(talk).wait(1ms).client(kBody);
  talk.window(0).wait(1ms).ack(Side::kServer).wait(5s).rst(Side::kClient);
  EXPECT_EQ(shown(talk.session(), FindingId::kTcp05),
            "warn 15: The server's window was zero for 5.000 s and did not open again");
}
TEST(Tcp05, NotRaisedWhereItOpensWithinTheLimit) {
  Talk talk;
  EXPECT_EQ(shown(close_window(talk, 1000ms).session(), FindingId::kTcp05), "-");
}
TEST(Tcp05, NotRaisedWhereNoMessageIsUnderWay) {
  Talk talk;
  talk.hello().window(0).wait(1ms).ack(Side::kServer).window(65535);
  talk.wait(5s).ack(Side::kServer).wait(1ms).quit();
  EXPECT_EQ(shown(talk.session(), FindingId::kTcp05), "-");
}

TEST(Tcp06, RaisedByAResetBeforeTheReplyToTheMessage) {
  Talk talk;
  open_message(talk).wait(1ms).client(std::string{kBody} + ".\r\n").wait(5s).rst(Side::kServer);
  EXPECT_EQ(shown(talk.session(), FindingId::kTcp06),
            "error 14: The server ended the connection 5.000 s after the end of message 1 and "
            "before its reply: delivery unknown, it may be sent twice");
}
TEST(Tcp06, RaisedWithinTheMessage) {
  Talk talk;
  open_message(talk).wait(1ms).client(kBody).wait(1s).rst(Side::kClient);
  EXPECT_EQ(shown(talk.session(), FindingId::kTcp06),
            "error 14: The client ended the connection within message 1, after 21 bytes");
}
TEST(Tcp06, NotRaisedWhereTheReplyComesAfterTheClientsFin) {
  Talk talk;
  open_message(talk).wait(1ms).client(std::string{kBody} + ".\r\n").wait(1ms).fin(Side::kClient);
  talk.wait(1ms).server("250 Ok\r\n").wait(1ms).fin(Side::kServer).wait(1ms).ack(Side::kClient);
  EXPECT_EQ(shown(talk.session(), FindingId::kTcp06), "-");
}
TEST(Tcp06, RaisedWithTheTimeOfTheClientsOwnEnd) {
  Talk talk;
  open_message(talk).wait(1ms).client(std::string{kBody} + ".\r\n").fin(Side::kClient);
  talk.wait(2s).fin(Side::kServer).wait(1ms).ack(Side::kClient);
  EXPECT_EQ(text_of(talk.session(), FindingId::kTcp06),
            "The client ended the connection with the end of message 1 and before its reply: "
            "delivery unknown, it may be sent twice");
}
TEST(Tcp06, NotRaisedForAMessageSentAfterRefusalsOnly) {
  Talk talk;
  talk.hello().client("MAIL FROM:<a@client.example>\r\nRCPT TO:<b@example.test>\r\nDATA\r\n");
  talk.server("500 Pipelining not supported\r\n").fin(Side::kServer);
  talk.client(std::string{kBody} + ".\r\n").fin(Side::kClient).wait(1ms).ack(Side::kServer);
  EXPECT_EQ(shown(talk.session(), FindingId::kTcp06), "-");
}
TEST(Tcp06, NotRaisedForAChunkOutsideOfATransaction) {
  Talk talk;
  talk.hello().client("BDAT x\r\n").server("521 5.5.4 Syntax: BDAT count\r\n").fin(Side::kServer);
  talk.client("BDAT 3 LAST\r\nabc").fin(Side::kClient).wait(1ms).ack(Side::kServer);
  EXPECT_EQ(shown(talk.session(), FindingId::kTcp06), "-");
  EXPECT_NE(outcome_of(talk.session()), Outcome::kDeliveryUnknown);
}
TEST(Tcp06, NotRaisedWhereTheReplyMayLieInAGap) {
  Talk talk;
  open_message(talk).wait(1ms).client(std::string{kBody} + ".\r\n");
  talk.lost(Side::kServer, "250 Ok\r\n").wait(1ms).fin(Side::kServer);
  talk.wait(1ms).fin(Side::kClient).wait(1ms).ack(Side::kServer);
  EXPECT_EQ(shown(talk.session(), FindingId::kTcp06), "-");
}

TEST(Tcp06, NotRaisedWhereALaterCommandWasAnswered) {
  Talk talk;
  open_message(talk).wait(1ms).client(std::string{kBody} + ".\r\n");
  talk.lost(Side::kServer, "250 Ok\r\n").wait(1ms).quit();
  EXPECT_EQ(shown(talk.session(), FindingId::kTcp06), "-");
}

TEST(Tcp07, RaisedWhereTheServerJustCloses) {
  Talk talk;
  talk.hello().wait(30s).close(Side::kServer);
  EXPECT_EQ(shown(talk.session(), FindingId::kTcp07),
            "warn 7: The server closed the connection 30.000 s after its reply 250");
}
TEST(Tcp07, RaisedOnceWhereAResetFollowsTheFin) {
  Talk talk;
  talk.hello().wait(1s).client("NOOP\r\n").wait(1s).fin(Side::kServer).wait(1ms);
  talk.rst(Side::kServer);
  EXPECT_EQ(shown(talk.session(), FindingId::kTcp07),
            "warn 8: The server closed the connection 2.000 s after its reply 250, without an "
            "answer to NOOP");
  EXPECT_EQ(count(talk.session(), FindingId::kTcp07), 1U);
}
TEST(Tcp07, NotRaisedWhereTheServerWaitedForTls) {
  Talk talk(465);
  talk.handshake().wait(1ms).client("EHLO client.example\r\n").wait(1ms).rst(Side::kServer);
  EXPECT_EQ(shown(talk.session(), FindingId::kTcp07), "-");
}
TEST(Tcp07, NotRaisedAfter421) {
  Talk talk;
  talk.hello().wait(30s).server("421 4.4.2 Timeout\r\n").wait(1ms).close(Side::kServer);
  EXPECT_EQ(shown(talk.session(), FindingId::kTcp07), "-");
}
TEST(Tcp07, NotRaisedWhereTheClientClosesFirst) {
  Talk talk;
  talk.hello().wait(1ms).close(Side::kClient);
  EXPECT_EQ(shown(talk.session(), FindingId::kTcp07), "-");
}

TEST(Tcp08, RaisedWhereTheClientClosesWithoutQuit) {
  Talk talk;
  talk.hello().wait(2s).close(Side::kClient);
  EXPECT_EQ(shown(talk.session(), FindingId::kTcp08),
            "note 7: The client closed the connection 2.000 s after the reply 250");
}
TEST(Tcp08, NotRaisedWhereTheClientQuitsAndDoesNotWait) {
  Talk talk;
  talk.hello().wait(1ms).client("QUIT\r\n").wait(1ms).close(Side::kClient);
  EXPECT_EQ(shown(talk.session(), FindingId::kTcp08), "-");
}
TEST(Tcp08, NotRaisedWhereQuitMayLieInAGap) {
  Talk talk;
  talk.hello().lost(Side::kClient, "QUIT\r\n").wait(1ms).close(Side::kClient);
  EXPECT_EQ(shown(talk.session(), FindingId::kTcp08), "-");
}

TEST(Tcp09, RaisedAtTheFrameThatShowsTheGap) {
  Talk talk;
  talk.hello().lost(Side::kClient, "NOOP\r\n").wait(1ms).server("250 Ok\r\n").wait(1ms).quit();
  EXPECT_EQ(shown(talk.session(), FindingId::kTcp09),
            "note 7: 6 bytes of the client before this frame are missing: times and sizes here are "
            "not exact");
}
TEST(Tcp09, NotRaisedWhereSegmentsOnlyChangePlaces) {
  Talk talk;
  talk.hello();
  talk.at(Side::kClient, 4, "\r\n").at(Side::kClient, 0, "NOOP").skip(Side::kClient, 6);
  talk.wait(1ms).server("250 Ok\r\n").wait(1ms).quit();
  EXPECT_EQ(shown(talk.session(), FindingId::kTcp09), "-");
}

TEST(Tcp10, RaisedByAKeepAlive) {
  Talk talk;
  talk.hello().wait(1ms).ack(Side::kClient).wait(45s).at(Side::kClient, -1, "");
  talk.wait(1ms).ack(Side::kServer).wait(1ms).quit();
  EXPECT_EQ(shown(talk.session(), FindingId::kTcp10),
            "note 8: Keep-alive of the client after 45.000 s of silence");
}
TEST(Tcp10, RaisedByAPeerThatDoesNotAcknowledge) {
  Talk talk;
  talk.hello().wait(1ms).client("NOOP\r\n");
  talk.wait(30s).at(Side::kClient, -6, "NOOP\r\n").wait(31s).at(Side::kClient, -6, "NOOP\r\n");
  EXPECT_EQ(shown(talk.session(), FindingId::kTcp10),
            "note 9: Nothing from the server for 61.000 s, while 6 bytes sent to it are not "
            "acknowledged");
}
TEST(Tcp10, NotRaisedWhereTheCommandIsAcknowledgedAndOnlyTheReplyIsLate) {
  Talk talk;
  talk.hello().wait(1ms).client("NOOP\r\n").wait(1ms).ack(Side::kServer);
  talk.wait(61s).server("250 Ok\r\n").wait(1ms).quit();
  EXPECT_EQ(shown(talk.session(), FindingId::kTcp10), "-");
}
TEST(Tcp10, NotRaisedAtAProbeOfAClosedWindow) {
  Talk talk;
  open_message(talk).wait(1ms).client(kBody);
  talk.window(0).wait(1ms).ack(Side::kServer).window(65535);
  talk.wait(5s).at(Side::kClient, -1, "");
  EXPECT_EQ(shown(talk.session(), FindingId::kTcp10), "-");
}

TEST(Tcp12, RaisedAsChatByAHeader) {
  Talk talk;
  talk.handshake().client("PROXY TCP4 203.0.113.7 198.51.100.25 41000 25\r\n");
  talk.wait(1ms).server("220 mx.example.test ESMTP\r\n").wait(1ms).quit();
  EXPECT_EQ(shown(talk.session(), FindingId::kTcp12),
            "chat 4: PROXY version 1: 203.0.113.7 port 41000 to 198.51.100.25 port 25");
}
TEST(Tcp12, RaisedAsWarningWhereItIsMalformed) {
  Talk talk;
  talk.handshake().client("PROXY TCP4 203.0.113.7 somewhere 41000 25\r\n");
  EXPECT_EQ(shown(talk.session(), FindingId::kTcp12),
            "warn 4: Malformed PROXY header of version 1");
}
TEST(Tcp12, RaisedAsWarningAfterTheGreeting) {
  Talk talk;
  talk.handshake().server("220 mx.example.test ESMTP\r\n");
  talk.wait(1ms).client("PROXY TCP4 203.0.113.7 198.51.100.25 41000 25\r\n");
  EXPECT_EQ(shown(talk.session(), FindingId::kTcp12),
            "warn 5: PROXY version 1: 203.0.113.7 port 41000 to 198.51.100.25 port 25, after the "
            "greeting");
}
TEST(Tcp12, RaisedAsWarningWhereThePortIsNoMailPort) {
  Talk talk;
  talk.handshake().client("PROXY TCP4 203.0.113.7 198.51.100.25 41000 80\r\n");
  EXPECT_EQ(shown(talk.session(), FindingId::kTcp12),
            "warn 4: PROXY version 1: 203.0.113.7 port 41000 to 198.51.100.25 port 80; the "
            "destination is no mail port");
}
TEST(Tcp12, NotRaisedWithoutAHeader) {
  Talk talk;
  talk.hello().wait(1ms).quit();
  EXPECT_EQ(shown(talk.session(), FindingId::kTcp12), "-");
}

TEST(Findings, AreInOrderOfFrame) {
  Talk talk;
  talk.syn().wait(1s).handshake().wait(6s).server("220 mx.example.test ESMTP\r\n");
  talk.wait(1ms).client("EHLO localhost\r\n").wait(1ms).server("250 mx.example.test\r\n");
  talk.wait(1ms).close(Side::kClient);
  const Session& session = talk.session();
  ASSERT_GE(session.findings.size(), 4U);
  for (std::size_t i = 1; i < session.findings.size(); ++i) {
    EXPECT_LE(session.findings[i - 1].frame, session.findings[i].frame);
  }
  std::size_t counted = 0;
  for (FrameNumber frame = 1; frame <= talk.frame(); ++frame) {
    for (const Finding& finding : findings_of(session, frame)) {
      EXPECT_EQ(finding.frame, frame);
      ++counted;
    }
  }
  EXPECT_EQ(counted, session.findings.size());
}

TEST(Findings, AreTheSameWhenTheCaptureIsFinishedTwice) {
  Talk talk;
  talk.syn().wait(1s).syn();
  const std::size_t count = talk.session().findings.size();
  EXPECT_EQ(talk.session().findings.size(), count);
}

}  // namespace
}  // namespace smtp_session
