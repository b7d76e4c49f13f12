// SPDX-License-Identifier: GPL-2.0-or-later
//
// TCP below the dialogue: order, loss, gaps, handshake, close.
#include <gtest/gtest.h>

#include "dissector/metrics.h"
#include "dissector/outcome.h"
#include "tests/unit/support/talk.h"

namespace smtp_session::test {
namespace {

constexpr std::int64_t kMs = 1'000'000;

TEST(Tcp, TellsTheHalvesOfTheRoundTrip) {
  Talk talk;
  talk.syn();
  talk.wait(20ms).syn_ack();
  talk.wait(1ms).ack(Side::kClient);
  const Session& session = talk.session();
  EXPECT_EQ(rtt_server(session), 20 * kMs);
  EXPECT_EQ(rtt_client(session), 1 * kMs);
  EXPECT_EQ(handshake(session), 21 * kMs);
}

TEST(Tcp, MeasuresTheHandshakeFromTheFirstSynAndTheRoundTripFromTheAnsweredOne) {
  Talk talk;
  talk.syn();
  talk.wait(1s).syn();
  talk.wait(20ms).syn_ack();
  talk.wait(1ms).ack(Side::kClient);
  const Session& session = talk.session();
  EXPECT_EQ(session.tcp.syn_count, 2);
  EXPECT_EQ(rtt_server(session), 20 * kMs);
  EXPECT_EQ(handshake(session), 1021 * kMs);
}

TEST(Tcp, ARetransmittedCommandIsOneCommandSentAtItsFirstSight) {
  Talk talk;
  talk.hello();
  talk.client("NOOP\r\n");
  talk.wait(200ms).at(Side::kClient, -6, "NOOP\r\n");
  talk.wait(5ms).server("250 Ok\r\n");
  const Session& session = talk.session();
  EXPECT_EQ(summary(session), "EHLO:250 NOOP:250");
  EXPECT_EQ(session.tcp.retransmissions, 1);
  EXPECT_EQ(latency(session, session.replies.back()), 205 * kMs);
}

TEST(Tcp, ReordersSegmentsAndKeepsTheTimeOfFirstSight) {
  Talk talk;
  talk.hello();
  talk.at(Side::kClient, 6, "QUIT\r\n");
  talk.wait(30ms).at(Side::kClient, 0, "NOOP\r\n");
  const FrameNumber completed = talk.frame();
  talk.skip(Side::kClient, 12);
  talk.wait(10ms).server("250 Ok\r\n221 Bye\r\n");
  const Session& session = talk.session();
  EXPECT_EQ(summary(session), "EHLO:250 NOOP:250 QUIT:221");
  EXPECT_EQ(session.tcp.out_of_order, 1);
  EXPECT_EQ(session.commands[2].frame, completed);
  EXPECT_EQ(latency(session, session.replies.back()), 40 * kMs);
}

TEST(Tcp, OverlappingSegmentsGiveEachByteOnce) {
  Talk talk;
  talk.hello();
  talk.at(Side::kClient, 0, "NOOP\r\nQU").at(Side::kClient, 3, "P\r\nQUIT\r\n");
  talk.skip(Side::kClient, 12).server("250 Ok\r\n221 Bye\r\n");
  EXPECT_EQ(summary(talk.session()), "EHLO:250 NOOP:250 QUIT:221");
}

TEST(Tcp, TheSamePacketOnTwoInterfacesIsADuplicateAndNoRetransmission) {
  Talk talk;
  talk.hello();
  talk.client("NOOP\r\n");
  talk.wait(3us).same_packet(true).at(Side::kClient, -6, "NOOP\r\n").same_packet(false);
  // The copy acknowledges the same and has the same checksum; only its frame differs.
  talk.server("250 Ok\r\n");
  const Session& session = talk.session();
  EXPECT_EQ(session.tcp.duplicates, 1);
  EXPECT_EQ(session.tcp.retransmissions, 0);
  EXPECT_EQ(summary(session), "EHLO:250 NOOP:250");
}

// A file of two interfaces need not be in order of time.
TEST(Tcp, ACopyMayBearAnEarlierTime) {
  Talk talk;
  talk.hello().client("NOOP\r\n");
  talk.wait(-3us).same_packet(true).at(Side::kClient, -6, "NOOP\r\n");
  EXPECT_EQ(talk.session().tcp.duplicates, 1);
}

TEST(Tcp, APacketOfMuchEarlierTimeIsNoCopy) {
  Talk talk;
  talk.hello().client("NOOP\r\n");
  talk.wait(-200ms).same_packet(true).at(Side::kClient, -6, "NOOP\r\n");
  EXPECT_EQ(talk.session().tcp.duplicates, 0);
}

TEST(Tcp, SequenceNumbersWrapAround) {
  Talk talk;
  talk.sequence_numbers(0xFFFFFFF0U, 0xFFFFFFFEU);
  talk.hello().client("NOOP\r\n").server("250 Ok\r\n").quit();
  EXPECT_EQ(summary(talk.session()), "EHLO:250 NOOP:250 QUIT:221");
  EXPECT_EQ(talk.session().tcp.gaps, 0);
}

TEST(Tcp, AKeepAliveIsNeitherDataNorARetransmission) {
  Talk talk;
  talk.hello().wait(60s);
  talk.at(Side::kClient, -1, {}).at(Side::kClient, -1, std::string_view("\0", 1));
  const Session& session = talk.session();
  EXPECT_EQ(session.tcp.retransmissions, 0);
  EXPECT_EQ(summary(session), "EHLO:250");
  EXPECT_NE(talk.engine().frames().find(talk.frame())->roles & kRoleKeepAlive, 0U);
}

TEST(Tcp, ACommandLostInTheCaptureIsAGapAndItsReplyAnswersNothingSeen) {
  Talk talk;
  talk.hello();
  talk.lost(Side::kClient, "MAIL FROM:<a@x.example>\r\n").server("250 2.1.0 Ok\r\n");
  talk.client("RCPT TO:<b@x.example>\r\n").server("250 2.1.5 Ok\r\n");
  talk.client("DATA\r\n").server("354 go\r\n");
  talk.client("x\r\n.\r\n").server("250 2.0.0 Ok\r\n").quit();
  const Session& session = talk.session();
  EXPECT_EQ(summary(session), "EHLO:250 RCPT:250 DATA:354 .:250 QUIT:221");
  EXPECT_EQ(session.tcp.gaps, 1);
  EXPECT_EQ(session.replies.at(2).kind, ReplyKind::kUncaptured);
  EXPECT_FALSE(session.commands.at(1).pipelined);
}

TEST(Tcp, CommandsBehindAGapAreFoundHoweverTheyAreCut) {
  for (std::size_t cut = 1; cut < 12; ++cut) {
    const std::string commands = "le.test>\r\nRCPT TO:<b@example.test>\r\nNOOP\r\n";
    Talk talk;
    talk.hello().lost(Side::kClient, "MAIL FROM:<a@examp");
    talk.client(commands.substr(0, cut + 8)).client(commands.substr(cut + 8));
    talk.server("250 Ok\r\n250 Ok\r\n250 Ok\r\n");
    const Session& session = talk.session();
    ASSERT_EQ(session.commands.size(), 3U) << cut;
    EXPECT_EQ(session.commands[1].verb.view(), "RCPT") << cut;
    EXPECT_EQ(session.commands[2].verb.view(), "NOOP") << cut;
  }
}

TEST(Tcp, AChunkBehindAGapNeedNotEndWithALine) {
  Talk talk;
  talk.hello().lost(Side::kClient, "BDAT 20 LAST\r\nSubject: x\r\n");
  talk.client("\r\nText").wait(1ms).server("250 Ok\r\n").wait(1ms).quit();
  EXPECT_EQ(talk.session().commands.back().verb.view(), "QUIT");
}

TEST(Tcp, TheFirstCommandOfACaptureThatBeginsInsideIsFoundHoweverItIsCut) {
  Talk talk;
  talk.client("D").wait(1ms).client("ATA\r\n").wait(1ms).server("354 Go ahead\r\n");
  talk.client("Subject: x\r\n\r\nText\r\n.\r\n").wait(1ms).server("250 Ok\r\n");
  EXPECT_EQ(summary(talk.session()), "DATA:354 .:250");
}

TEST(Tcp, AReplyLostInTheCaptureLeavesItsCommandUnanswered) {
  Talk talk;
  talk.hello();
  talk.client("MAIL FROM:<a@x.example>\r\n").lost(Side::kServer, "250 2.1.0 Ok\r\n");
  talk.client("RCPT TO:<b@x.example>\r\n").server("550 5.1.1 no\r\n").quit();
  EXPECT_EQ(summary(talk.session()), "EHLO:250 MAIL:- RCPT:550 QUIT:221");
}

TEST(Tcp, ALostReplyToDataIsToldByWhatTheClientSendsNext) {
  Talk talk;
  talk.hello().client("MAIL FROM:<a@x.example>\r\n").server("250 Ok\r\n");
  talk.client("DATA\r\n").lost(Side::kServer, "354 go\r\n");
  talk.client("Subject: x\r\n\r\nRSET the thing\r\n.\r\n").server("250 Ok\r\n").quit();
  EXPECT_EQ(summary(talk.session()), "EHLO:250 MAIL:250 DATA:- .:250 QUIT:221");
}

TEST(Tcp, ALostAuthChallengeDoesNotEndTheExchange) {
  Talk talk(587);
  talk.hello().client("AUTH LOGIN\r\n").lost(Side::kServer, "334 VXNlcm5hbWU6\r\n");
  talk.client("YWxpY2U=\r\n").server("334 UGFzc3dvcmQ6\r\n");
  talk.client("c2VjcmV0\r\n").server("235 ok\r\n").quit();
  EXPECT_EQ(summary(talk.session()), "EHLO:250 AUTH:235 QUIT:221");
  EXPECT_FALSE(talk.session().commands.at(1).exact);
}

TEST(Tcp, ALostFinalReplyToAuthLeavesTheNextCommandACommand) {
  Talk talk(587);
  talk.hello().client("AUTH PLAIN AGEAYg==\r\n").lost(Side::kServer, "235 ok\r\n");
  talk.client("MAIL FROM:<a@x.example>\r\n").server("250 Ok\r\n").quit();
  EXPECT_EQ(summary(talk.session()), "EHLO:250 AUTH:- MAIL:250 QUIT:221");
}

TEST(Tcp, AGapInTheMessageLeavesItsEndAndMarksItsSizeInexact) {
  Talk talk;
  talk.hello().client("MAIL FROM:<a@x.example>\r\n").server("250 Ok\r\n");
  talk.client("DATA\r\n").server("354 go\r\n");
  talk.client("one\r\n").lost(Side::kClient, "two\r\n").client("three\r\n.\r\n");
  talk.server("250 Ok\r\n").quit();
  const Session& session = talk.session();
  EXPECT_EQ(summary(session), "EHLO:250 MAIL:250 DATA:354 .:250 QUIT:221");
  EXPECT_EQ(session.messages.at(0).size, 17U);
  EXPECT_FALSE(session.messages.at(0).size_exact);
}

TEST(Tcp, AnEndOfDataInsideAGapIsToldByTheReply) {
  Talk talk;
  talk.hello().client("MAIL FROM:<a@x.example>\r\n").server("250 Ok\r\n");
  talk.client("DATA\r\n").server("354 go\r\n");
  talk.client("one\r\n").lost(Side::kClient, "two\r\n.\r\n").server("250 Ok\r\n").quit();
  const Session& session = talk.session();
  EXPECT_EQ(summary(session), "EHLO:250 MAIL:250 DATA:354 .:250 QUIT:221");
  EXPECT_FALSE(session.commands.at(3).exact);
}

TEST(Tcp, BytesCutByTheSnapshotLengthAreAGap) {
  Talk talk;
  talk.hello().client("MAIL FROM:<a@x.example>\r\n").server("250 Ok\r\n");
  talk.client("DATA\r\n").server("354 go\r\n");
  talk.send(Side::kClient, TcpFlags::kAck, "0123456789", talk.next(Side::kClient),
            talk.next(Side::kServer), 4);
  talk.skip(Side::kClient, 10).client("\r\n.\r\n").server("250 Ok\r\n");
  const Session& session = talk.session();
  EXPECT_EQ(summary(session), "EHLO:250 MAIL:250 DATA:354 .:250");
  EXPECT_EQ(session.tcp.gaps, 1);
  EXPECT_EQ(session.messages.at(0).size, 12U);
}

TEST(Tcp, StartsInTheMiddleOfASession) {
  Talk talk;
  talk.client("MAIL FROM:<a@x.example>\r\n").server("250 Ok\r\n").quit();
  const Session& session = talk.session();
  EXPECT_TRUE(session.tcp.mid_stream);
  EXPECT_EQ(summary(session), "MAIL:250 QUIT:221");
  EXPECT_EQ(session.greeting, 0U);
}

TEST(Tcp, StartsInTheMiddleOfAMessageWithoutTakingItsTextForCommands) {
  Talk talk;
  talk.client("please help me\r\nquit smoking\r\n").client("mail me\r\n.\r\n");
  talk.server("250 2.0.0 Ok\r\n").quit();
  EXPECT_EQ(summary(talk.session()), ".:250 QUIT:221");
}

TEST(Tcp, ReadsAClientWhoseServerIsNotInTheCapture) {
  Talk talk;
  talk.syn();
  talk.lost(Side::kServer, "x");
  talk.ack(Side::kClient).lost(Side::kServer, "220 mx\r\n");
  talk.client("EHLO client.example\r\n").lost(Side::kServer, "250 mx\r\n");
  talk.client("MAIL FROM:<a@x.example>\r\n").lost(Side::kServer, "250 Ok\r\n");
  talk.client("DATA\r\n").lost(Side::kServer, "354 go\r\n");
  talk.client("mail text\r\n.\r\n").lost(Side::kServer, "250 Ok\r\n");
  talk.client("QUIT\r\n");
  EXPECT_EQ(summary(talk.session()), "EHLO:- MAIL:- DATA:- .:- QUIT:-");
  EXPECT_TRUE(talk.session().server_silent);
}

TEST(Tcp, ReadsAServerWhoseClientIsNotInTheCapture) {
  Talk talk;
  talk.server("220 mx.example.test\r\n").lost(Side::kClient, "EHLO c.example\r\n");
  talk.server("250 mx.example.test\r\n").lost(Side::kClient, "QUIT\r\n").server("221 Bye\r\n");
  const Session& session = talk.session();
  EXPECT_TRUE(session.commands.empty());
  ASSERT_EQ(session.replies.size(), 3U);
  EXPECT_EQ(session.replies[0].kind, ReplyKind::kGreeting);
  EXPECT_EQ(session.replies[2].kind, ReplyKind::kUncaptured);
}

TEST(Tcp, AnUnseenClientLeavesTheOutcomeOpen) {
  Talk talk;
  talk.server("220 mx.example.test\r\n").lost(Side::kClient, "EHLO c.example\r\n");
  talk.server("250 mx.example.test\r\n").fin(Side::kServer);
  EXPECT_EQ(outcome_of(talk.session()), Outcome::kIncomplete);
}

TEST(Tcp, ARefusedConnectionIsTold) {
  Talk talk;
  talk.syn().wait(1ms).rst(Side::kServer);
  EXPECT_EQ(outcome_of(talk.session()), Outcome::kConnectionRefused);
}

TEST(Tcp, IsOverWithTheSecondFin) {
  Talk open;
  open.hello().fin(Side::kClient);
  EXPECT_EQ(open.session().tcp.over_frame, 0U);
  Talk in_turn;
  in_turn.hello().close(Side::kClient);
  EXPECT_EQ(in_turn.session().tcp.over_frame, in_turn.frame() - 1);
  EXPECT_FALSE(in_turn.session().tcp.fins_crossed);
}

TEST(Tcp, SaysWhoClosedFirstAndHow) {
  Talk fin;
  fin.hello().close(Side::kClient);
  EXPECT_EQ(fin.session().tcp.close, CloseKind::kFin);
  EXPECT_EQ(fin.session().tcp.closed_by, Side::kClient);
  Talk rst;
  rst.hello().rst(Side::kServer);
  EXPECT_EQ(rst.session().tcp.close, CloseKind::kRst);
  EXPECT_EQ(rst.session().tcp.closed_by, Side::kServer);
}

TEST(Tcp, CountsZeroWindows) {
  Talk talk;
  talk.hello().window(0).ack(Side::kServer).window(1000).ack(Side::kServer);
  EXPECT_EQ(talk.session().tcp.zero_windows, 1);
}

TEST(Tcp, OfSeveralSynAcksTheLastWasAnswered) {
  Talk talk;
  talk.syn().wait(1ms).syn_ack();
  talk.wait(1s).send(Side::kServer, TcpFlags::kSyn | TcpFlags::kAck, {},
                     talk.next(Side::kServer) - 1, talk.next(Side::kClient));
  talk.wait(2ms).ack(Side::kClient);
  const Session& session = talk.session();
  EXPECT_EQ(rtt_server(session), std::chrono::nanoseconds(1ms).count());
  EXPECT_EQ(rtt_client(session), std::chrono::nanoseconds(2ms).count());
}

TEST(Tcp, AMessageThatIsLostWhollyEndsWithTheReplyToIt) {
  Talk talk;
  talk.hello().client("MAIL FROM:<a@x.example>\r\n").server("250 Ok\r\n");
  talk.client("RCPT TO:<b@x.example>\r\n").server("250 Ok\r\n");
  talk.client("DATA\r\n").wait(1ms).server("354 go\r\n").lost(Side::kClient, "x\r\n.\r\n");
  talk.wait(9ms).server("250 Ok\r\n").wait(1ms).quit();
  const Session& session = talk.session();
  EXPECT_EQ(summary(session), "EHLO:250 MAIL:250 RCPT:250 DATA:354 .:250 QUIT:221");
  EXPECT_EQ(outcome_of(session), Outcome::kDelivered);
  const Command& end = session.command(5);
  EXPECT_FALSE(end.exact);
  EXPECT_EQ(think_time(session, end), kNoTime);
  EXPECT_EQ(latency(session, session.reply(end.reply)), std::chrono::nanoseconds(9ms).count());
}

TEST(Tcp, ALostTransactionLeavesTheOutcomeOpen) {
  Talk talk;
  talk.hello().client("MAIL FROM:<a@x.example>\r\n").server("250 Ok\r\n");
  talk.client("RCPT TO:<b@x.example>\r\n").server("250 Ok\r\n");
  talk.lost(Side::kClient, "DATA\r\nx\r\n.\r\n").lost(Side::kServer, "354 go\r\n250 Ok\r\n").quit();
  EXPECT_EQ(outcome_of(talk.session()), Outcome::kIncomplete);
}

TEST(Tcp, ACaptureThatBeginsWithThe354ReadsTheMessage) {
  Talk talk;
  talk.server("354 go\r\n").client("Subject: x\r\n\r\nQUIT\r\n.\r\n").server("250 Ok\r\n").quit();
  EXPECT_EQ(summary(talk.session()), ".:250 QUIT:221");
  EXPECT_EQ(talk.session().message(1).size, 20U);
}

TEST(Tcp, ACaptureThatBeginsWithAChallengeHidesTheAnswer) {
  Talk talk(587);
  talk.server("334 UGFzc3dvcmQ6\r\n").client("c2VjcmV0\r\n").server("235 Ok\r\n").quit();
  EXPECT_EQ(summary(talk.session()), "QUIT:221");
}

}  // namespace
}  // namespace smtp_session::test
