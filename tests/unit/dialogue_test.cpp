// SPDX-License-Identifier: GPL-2.0-or-later
//
// The SMTP dialogue, from segments to commands, replies and messages.
#include <gtest/gtest.h>

#include "dissector/outcome.h"
#include "dissector/transaction.h"
#include "tests/unit/support/findings.h"
#include "tests/unit/support/talk.h"

namespace smtp_session::test {
namespace {

TEST(Dialogue, PairsEveryReplyWithItsCommandInAPlainSession) {
  Talk talk;
  talk.hello();
  talk.client("MAIL FROM:<a@client.example>\r\n").server("250 2.1.0 Ok\r\n");
  talk.client("RCPT TO:<b@mx.example.test>\r\n").server("250 2.1.5 Ok\r\n");
  talk.client("DATA\r\n").server("354 End data with <CR><LF>.<CR><LF>\r\n");
  talk.client("Subject: x\r\n\r\nHello\r\n.\r\n").server("250 2.0.0 Ok: queued as 4ABC\r\n");
  talk.quit();
  EXPECT_EQ(summary(talk.session()), "EHLO:250 MAIL:250 RCPT:250 DATA:354 .:250 QUIT:221");
  const Session& session = talk.session();
  EXPECT_EQ(session.reply(session.greeting).code, 220);
  ASSERT_EQ(session.messages.size(), 1U);
  EXPECT_EQ(session.messages[0].size, 21U);
  EXPECT_EQ(session.messages[0].end, 5U);
}

TEST(Dialogue, TakesSentTimeOfTheLastByteAndReceivedTimeOfTheReply) {
  Talk talk;
  talk.hello();
  talk.wait(10ms).client("MAIL FROM:<a@client");
  talk.wait(3ms).client(".example>\r\n");
  const FrameNumber command_frame = talk.frame();
  talk.wait(7ms).server("250 2.1.0");
  talk.wait(2ms).server(" Ok\r\n");
  const FrameNumber reply_frame = talk.frame();
  const Session& session = talk.session();
  const Command& mail = session.commands.at(1);
  EXPECT_EQ(mail.time - mail.first_time, (3ms).count() * 1'000'000);
  EXPECT_EQ(mail.frame, command_frame);
  const Reply& reply = session.reply(mail.reply);
  EXPECT_EQ(reply.time - mail.time, 9'000'000);
  EXPECT_EQ(reply.first_time - mail.time, 7'000'000);
  EXPECT_EQ(reply.frame, reply_frame);
}

TEST(Dialogue, MatchesPipelinedRepliesByOrder) {
  Talk talk;
  talk.hello();
  talk.client(
      "MAIL FROM:<a@x.example>\r\nRCPT TO:<b@x.example>\r\nRCPT TO:<c@x.example>\r\nDATA\r\n");
  talk.server("250 Ok\r\n250 Ok\r\n550 5.1.1 unknown\r\n354 go\r\n");
  talk.client("x\r\n.\r\n").server("250 Ok\r\n").quit();
  const Session& session = talk.session();
  EXPECT_EQ(summary(session), "EHLO:250 MAIL:250 RCPT:250 RCPT:550 DATA:354 .:250 QUIT:221");
  EXPECT_FALSE(session.commands.at(1).pipelined);
  EXPECT_TRUE(session.commands.at(2).pipelined);
  EXPECT_TRUE(session.commands.at(4).pipelined);
  EXPECT_FALSE(session.commands.at(5).pipelined);
}

TEST(Dialogue, EntersMessageTextOnlyAfter354) {
  Talk talk;
  talk.hello();
  talk.client("DATA\r\n").server("503 5.5.1 need RCPT\r\n");
  talk.client("MAIL FROM:<a@x.example>\r\n").server("250 Ok\r\n").quit();
  EXPECT_EQ(summary(talk.session()), "EHLO:250 DATA:503 MAIL:250 QUIT:221");
}

TEST(Dialogue, HoldsBytesSentBeforeTheReplyToData) {
  Talk talk;
  talk.hello();
  talk.client("MAIL FROM:<a@x.example>\r\nRCPT TO:<b@x.example>\r\nDATA\r\nbody\r\n.\r\nQUIT\r\n");
  talk.wait(1ms).server("250 Ok\r\n250 Ok\r\n354 go\r\n");
  talk.server("250 Ok\r\n221 Bye\r\n").close(Side::kServer);
  const Session& session = talk.session();
  EXPECT_EQ(summary(session), "EHLO:250 MAIL:250 RCPT:250 DATA:354 .:250 QUIT:221");
  EXPECT_TRUE(session.commands.at(4).pipelined);
  EXPECT_EQ(session.messages.at(0).size, 6U);
}

TEST(Dialogue, FindsTheEndOfDataHoweverItIsCut) {
  const std::string end = "text\r\n.\r\nQUIT\r\n";
  for (std::size_t cut = 1; cut < end.size(); ++cut) {
    Talk talk;
    talk.hello();
    talk.client("MAIL FROM:<a@x.example>\r\n").server("250 Ok\r\n");
    talk.client("RCPT TO:<b@x.example>\r\n").server("250 Ok\r\n");
    talk.client("DATA\r\n").server("354 go\r\n");
    talk.client(std::string_view(end).substr(0, cut)).client(std::string_view(end).substr(cut));
    talk.server("250 Ok\r\n221 Bye\r\n");
    EXPECT_EQ(summary(talk.session()), "EHLO:250 MAIL:250 RCPT:250 DATA:354 .:250 QUIT:221")
        << "cut at " << cut;
    EXPECT_EQ(talk.session().messages.at(0).size, 6U);
  }
}

TEST(Dialogue, CountsUnstuffedBytesOfTheMessage) {
  Talk talk;
  talk.hello().client("MAIL FROM:<a@x.example>\r\n").server("250 Ok\r\n");
  talk.client("DATA\r\n").server("354 go\r\n");
  talk.client("..dot\r\n.x\r\n..\r\n.\r\n").server("250 Ok\r\n");
  // ".dot", "x" and "." with their line ends.
  EXPECT_EQ(talk.session().messages.at(0).size, 6U + 3U + 3U);
}

TEST(Dialogue, AcceptsABareLineFeedDotOnlyWhenTheServerDid) {
  Talk talk;
  talk.hello().client("MAIL FROM:<a@x.example>\r\n").server("250 Ok\r\n");
  talk.client("DATA\r\n").server("354 go\r\n");
  talk.client("one\n.\n").server("250 Ok: queued\r\n");
  talk.client("QUIT\r\n").server("221 Bye\r\n");
  EXPECT_EQ(summary(talk.session()), "EHLO:250 MAIL:250 DATA:354 .:250 QUIT:221");
  EXPECT_EQ(talk.session().messages.at(0).size, 4U);
}

TEST(Dialogue, KeepsABareLineFeedDotAsTextWhenTheMessageGoesOn) {
  Talk talk;
  talk.hello().client("MAIL FROM:<a@x.example>\r\n").server("250 Ok\r\n");
  talk.client("DATA\r\n").server("354 go\r\n");
  talk.client("one\n.\n").client("two\r\n.\r\n").server("250 Ok\r\n");
  EXPECT_EQ(summary(talk.session()), "EHLO:250 MAIL:250 DATA:354 .:250");
  EXPECT_EQ(talk.session().messages.at(0).size, 11U);
}

TEST(Dialogue, ReadsChunksWhateverTheyHold) {
  Talk talk;
  talk.hello().client("MAIL FROM:<a@x.example>\r\n").server("250 Ok\r\n");
  talk.client("RCPT TO:<b@x.example>\r\n").server("250 Ok\r\n");
  talk.client("BDAT 9\r\n\r\n.\r\nQUIT").server("250 9 octets\r\n");
  talk.client("BDAT 4\r\nDATABDAT 0 LAST\r\n").server("250 4 octets\r\n250 Ok\r\n").quit();
  const Session& session = talk.session();
  EXPECT_EQ(summary(session), "EHLO:250 MAIL:250 RCPT:250 BDAT:250 BDAT:250 BDAT:250 QUIT:221");
  EXPECT_EQ(session.messages.at(0).size, 13U);
  EXPECT_EQ(session.messages.at(0).data, 4U);
  EXPECT_EQ(session.messages.at(0).end, 6U);
}

TEST(Dialogue, CompletesAChunkCommandWithTheLastByteOfItsChunk) {
  Talk talk;
  talk.hello().client("MAIL FROM:<a@x.example>\r\n").server("250 Ok\r\n");
  talk.client("BDAT 6 LAST\r\nabc");
  talk.wait(4ms).client("def");
  const FrameNumber chunk_end = talk.frame();
  talk.wait(2ms).server("250 Ok\r\n");
  const Session& session = talk.session();
  const Command& bdat = session.commands.at(2);
  EXPECT_EQ(bdat.frame, chunk_end);
  EXPECT_EQ(session.reply(bdat.reply).time - bdat.time, 2'000'000);
}

TEST(Dialogue, ReadsTheWholeChunkAfterItWasRefused) {
  Talk talk;
  talk.hello();
  talk.client("BDAT 10\r\nMAIL ");
  talk.server("503 5.5.1 no MAIL\r\n");
  talk.client("FROM:").client("RSET\r\n").server("250 Ok\r\n");
  EXPECT_EQ(summary(talk.session()), "EHLO:250 BDAT:503 RSET:250");
}

TEST(Dialogue, TreatsAuthAsOneExchangeWithoutItsSecrets) {
  Talk talk(587);
  talk.hello();
  talk.client("AUTH LOGIN\r\n").server("334 VXNlcm5hbWU6\r\n");
  talk.client("YWxpY2U=\r\n").server("334 UGFzc3dvcmQ6\r\n");
  talk.client("c2VjcmV0\r\n").server("235 2.7.0 Authentication successful\r\n").quit();
  const Session& session = talk.session();
  EXPECT_EQ(summary(session), "EHLO:250 AUTH:235 QUIT:221");
  ASSERT_EQ(session.auth.size(), 1U);
  EXPECT_EQ(session.auth[0].user.view(), "alice");
  EXPECT_EQ(session.auth[0].rounds, 2);
  EXPECT_FALSE(session.auth[0].initial_response);
  ASSERT_EQ(session.auth[0].responses.size(), 2U);
  EXPECT_EQ(session.auth[0].responses[0].frame, 9U);
  EXPECT_EQ(session.auth[0].responses[1].frame, 11U);
  EXPECT_EQ(session.commands.at(1).argument.view(), "LOGIN");
}

TEST(Dialogue, KeepsTheInitialResponseOutOfTheArgument) {
  Talk talk(587);
  talk.hello();
  talk.client("AUTH PLAIN AGFsaWNlAHNlY3JldA==\r\n").server("235 ok\r\n");
  const Session& session = talk.session();
  EXPECT_EQ(session.commands.at(1).argument.view(), "PLAIN");
  EXPECT_EQ(session.auth[0].user.view(), "alice");
  EXPECT_TRUE(session.auth[0].initial_response);
}

TEST(Dialogue, HidesAuthLinesThatGoOnAfterARefusal) {
  Talk talk(587);
  talk.hello();
  talk.client("AUTH LOGIN\r\nYWxpY2U=\r\nc2VjcmV0\r\n");
  talk.server("504 5.5.4 Unrecognized authentication type\r\n500 what\r\n500 what\r\n");
  const Session& session = talk.session();
  EXPECT_EQ(summary(session), "EHLO:250 AUTH:504 [REDACTED]:500 [REDACTED]:500");
}

TEST(Dialogue, RemembersThatTheClientCancelledAuth) {
  Talk talk(587);
  talk.hello();
  talk.client("AUTH CRAM-MD5\r\n").server("334 PDEyMz4=\r\n");
  talk.client("*\r\n").server("501 5.7.0 cancelled\r\n");
  EXPECT_EQ(summary(talk.session()), "EHLO:250 AUTH:501");
  EXPECT_TRUE(talk.session().auth[0].cancelled);
}

TEST(Dialogue, GivesEachLmtpRecipientItsOwnResult) {
  Talk talk(24);
  talk.handshake().server("220 lmtp.example.test\r\n");
  talk.client("LHLO client.example\r\n").server("250 lmtp.example.test\r\n");
  talk.client("MAIL FROM:<a@x.example>\r\n").server("250 Ok\r\n");
  talk.client("RCPT TO:<b@x.example>\r\n").server("250 Ok\r\n");
  talk.client("RCPT TO:<c@x.example>\r\n").server("550 no\r\n");
  talk.client("RCPT TO:<d@x.example>\r\n").server("250 Ok\r\n");
  talk.client("DATA\r\n").server("354 go\r\n");
  talk.client("x\r\n.\r\n").server("250 b delivered\r\n552 d over quota\r\n").quit();
  const Session& session = talk.session();
  EXPECT_EQ(summary(session),
            "LHLO:250 MAIL:250 RCPT:250 RCPT:550 RCPT:250 DATA:354 .:552 QUIT:221");
  const auto recipients = recipients_of(session, 1);
  ASSERT_EQ(recipients.size(), 3U);
  EXPECT_EQ(recipients[0].final_code, 250);
  EXPECT_TRUE(recipients[0].accepted);
  EXPECT_FALSE(recipients[1].accepted);
  EXPECT_EQ(recipients[2].final_code, 552);
  EXPECT_FALSE(recipients[2].accepted);
}

TEST(Dialogue, EndsPrdrWithTheReplyForTheWholeMessage) {
  Talk talk;
  talk.hello().client("MAIL FROM:<a@x.example> PRDR\r\n").server("250 Ok\r\n");
  talk.client("RCPT TO:<b@x.example>\r\n").server("250 Ok\r\n");
  talk.client("RCPT TO:<c@x.example>\r\n").server("250 Ok\r\n");
  talk.client("DATA\r\n").server("354 go\r\n");
  talk.client("x\r\n.\r\n");
  talk.server("353 content analysis has started\r\n250 b\r\n550 c\r\n250 OK id=1abc\r\n").quit();
  const Session& session = talk.session();
  EXPECT_EQ(summary(session), "EHLO:250 MAIL:250 RCPT:250 RCPT:250 DATA:354 .:250 QUIT:221");
  const auto recipients = recipients_of(session, 1);
  ASSERT_EQ(recipients.size(), 2U);
  EXPECT_EQ(recipients[1].final_code, 550);
}

TEST(Dialogue, CountsAReplyThatAnswersNothingAsUnsolicited) {
  Talk talk;
  talk.hello();
  talk.wait(300s).server("421 4.4.2 Timeout\r\n").close(Side::kServer);
  const Session& session = talk.session();
  EXPECT_EQ(summary(session), "EHLO:250");
  EXPECT_EQ(session.replies.back().kind, ReplyKind::kUnsolicited);
}

TEST(Dialogue, DoesNotGiveATimeoutReplyToACommandThatCrossedIt) {
  Talk talk;
  talk.hello();
  // The server speaks before it has received MAIL: its segment does not acknowledge it.
  const std::uint32_t unseen = talk.next(Side::kClient);
  talk.client("MAIL FROM:<a@x.example>\r\n");
  talk.send(Side::kServer, TcpFlags::kAck, "421 4.4.2 Timeout\r\n", talk.next(Side::kServer),
            unseen);
  EXPECT_EQ(summary(talk.session()), "EHLO:250 MAIL:-");
  EXPECT_EQ(talk.session().replies.back().kind, ReplyKind::kUnsolicited);
}

TEST(Dialogue, NumbersTransactionsAndSeesTheirReset) {
  Talk talk;
  talk.hello();
  talk.client("MAIL FROM:<a@x.example>\r\n").server("250 Ok\r\n");
  talk.client("RSET\r\n").server("250 Ok\r\n");
  talk.client("MAIL FROM:<b@x.example>\r\n").server("550 no\r\n");
  talk.client("MAIL FROM:<c@x.example>\r\n").server("250 Ok\r\n");
  talk.client("RCPT TO:<d@x.example>\r\n").server("250 Ok\r\n");
  const Session& session = talk.session();
  ASSERT_EQ(session.messages.size(), 3U);
  EXPECT_TRUE(session.messages[0].reset);
  EXPECT_FALSE(session.messages[2].reset);
  EXPECT_EQ(session.commands.back().message, 3U);
}

TEST(Dialogue, ReadsAMultiLineGreetingAsOneReply) {
  Talk talk;
  talk.handshake().server("220-mx.example.test ESMTP\r\n");
  talk.wait(6s).server("220 mx.example.test ready\r\n");
  const Session& session = talk.session();
  ASSERT_EQ(session.replies.size(), 1U);
  EXPECT_EQ(reply_text(session.reply(session.greeting)), "mx.example.test ESMTP");
}

TEST(Dialogue, ReplyToAnEarlyCommandBreaksOffTheGreeting) {
  for (const char* const last : {"", "\r\n250-mx.example.test\r\n250 SIZE\r\n"}) {
    Talk talk;
    talk.handshake().server("220-mx.example.test ESMTP\r\n").client("EHLO a.example\r\n");
    const bool one = *last == '\0';
    if (one) {
      talk.server("250 mx.example.test\r\n");
      // The frame with which it is known to be over, and the time of its last octet.
      const Reply& greeting = talk.session().reply(talk.session().greeting);
      EXPECT_EQ(greeting.frame, talk.frame());
      EXPECT_EQ(greeting.time, greeting.first_time);
    } else {
      talk.server("250-mx.example.test").server(last);
    }
    talk.client("QUIT\r\n").server("221 Bye\r\n");
    const Session& session = talk.session();
    EXPECT_EQ(session.reply(session.greeting).code, 220);
    EXPECT_EQ(reply_text(session.reply(session.greeting)), "mx.example.test ESMTP");
    ASSERT_EQ(session.commands.size(), 2U);
    EXPECT_EQ(session.reply(session.command(1).reply).code, 250);
    EXPECT_EQ(reply_text(session.reply(session.command(1).reply)),
              one ? "mx.example.test" : "SIZE");
    EXPECT_EQ(session.reply(session.command(2).reply).code, 221);
  }
}

TEST(Dialogue, GreetingWithDifferentCodesStaysOneReply) {
  const auto greeting = [](const char* early, const char* lines) {
    Talk talk;
    talk.handshake().server("220-mx.example.test\r\n").client(early).server(lines);
    const Session& session = talk.session();
    EXPECT_EQ(session.replies.size(), 1U) << lines;
    return session.reply(session.greeting).code;
  };
  EXPECT_EQ(greeting("", "250 ready\r\n"), 250);                 // the client waits
  EXPECT_EQ(greeting("EHLO a.example\r\n", "521 no\r\n"), 521);  // it is dropped
  EXPECT_EQ(greeting("EHLO a.example\r\n", "220 ready\r\n"), 220);
}

TEST(Dialogue, ReplyWithDifferentCodesStaysOneInAGroup) {
  Talk talk;
  talk.hello().client("MAIL FROM:<a@client.example>\r\nRCPT TO:<b@example.test>\r\n");
  talk.server("220-one\r\n250 Ok\r\n250 Ok\r\n");
  const Session& session = talk.session();
  EXPECT_EQ(session.reply(session.command(2).reply).code, 250);
  EXPECT_EQ(session.reply(session.command(3).reply).code, 250);
}

TEST(Dialogue, ParsesCommandsOfAnEarlyTalker) {
  Talk talk;
  talk.handshake().client("EHLO early.example\r\n");
  talk.server("220 mx.example.test\r\n").server("250 mx.example.test\r\n");
  const Session& session = talk.session();
  EXPECT_EQ(summary(session), "EHLO:250");
  EXPECT_TRUE(session.commands[0].pipelined);
}

TEST(Dialogue, GoesOnInClearAfterStarttlsWhereATapDecrypted) {
  Talk talk;
  talk.hello().client("STARTTLS\r\n").server("220 ready\r\n");
  talk.client("EHLO client.example\r\n").server("250 mx.example.test\r\n").quit();
  EXPECT_EQ(summary(talk.session()), "EHLO:250 STARTTLS:220 EHLO:250 QUIT:221");
}

/// LMTP for two recipients; the capture does not hold what `loses` does.
template <class Loses>
const Session& lmtp_with_loss(Talk& talk, Loses loses) {
  talk.handshake().server("220 lmtp.example.test\r\n");
  talk.client("LHLO client.example\r\n").server("250 lmtp.example.test\r\n");
  talk.client("MAIL FROM:<a@x.example>\r\n").server("250 Ok\r\n");
  loses();
  talk.client("RCPT TO:<c@x.example>\r\n").server("250 Ok\r\n");
  talk.client("DATA\r\n").server("354 go\r\n").client("text\r\n.\r\n");
  talk.server("250 2.1.5 b\r\n552 5.2.2 c\r\n");
  talk.client("QUIT\r\n").server("221 Bye\r\n").close(Side::kServer);
  return talk.session();
}

TEST(Dialogue, GivesAnLmtpRecipientItsResultWhereTheReplyToItsRcptIsLost) {
  Talk talk(24);
  const Session& session = lmtp_with_loss(talk, [&talk] {
    talk.client("RCPT TO:<b@x.example>\r\n").lost(Side::kServer, "250 Ok\r\n");
  });
  EXPECT_EQ(summary(session), "LHLO:250 MAIL:250 RCPT:- RCPT:250 DATA:354 .:552 QUIT:221");
  EXPECT_EQ(recipients_of(session, 1).at(0).final_code, 250);
  EXPECT_EQ(recipients_of(session, 1).at(1).final_code, 552);
  // When the reply came, it could have been another's.
  EXPECT_EQ(text_of(session, FindingId::kRep04), "552 to end of data: 5.2.2 c");
}

TEST(Dialogue, GivesNoLmtpRecipientAResultWhereARcptIsLost) {
  Talk talk(24);
  const Session& session = lmtp_with_loss(talk, [&talk] {
    talk.lost(Side::kClient, "RCPT TO:<b@x.example>\r\n").server("250 Ok\r\n");
  });
  EXPECT_EQ(summary(session), "LHLO:250 MAIL:250 RCPT:250 DATA:354 .:552 QUIT:221");
  EXPECT_EQ(recipients_of(session, 1).at(0).final_code, 0);
  EXPECT_EQ(outcome_of(session), Outcome::kPartial);
}

TEST(Dialogue, TakesASecondReplyToEndOfDataForLmtpOnlyWhereTheCaptureLacksTheHello) {
  for (const bool hello : {false, true}) {
    Talk talk;
    if (hello) talk.hello();
    talk.client("MAIL FROM:<a@x.example>\r\n").server("250 Ok\r\n");
    talk.client("DATA\r\n").server("354 go\r\n").client("text\r\n.\r\n");
    talk.server("250 2.1.5 b\r\n552 5.2.2 c\r\n").client("QUIT\r\n").server("221 Bye\r\n");
    const Session& session = talk.session();
    EXPECT_EQ(session.lmtp, !hello);
    EXPECT_EQ(summary(session), hello ? "EHLO:250 MAIL:250 DATA:354 .:250 QUIT:221"
                                      : "MAIL:250 DATA:354 .:552 QUIT:221");
  }
}

TEST(Dialogue, CountsNoOctetOfAnEndMarkThatIsLost) {
  const std::string text = "Subject: x\r\n\r\ntext\r\n";
  const std::string whole = text + ".\r\n";
  for (std::size_t lost = 1; lost <= 5; ++lost) {
    Talk talk;
    talk.hello().client("MAIL FROM:<a@x.example>\r\n").server("250 Ok\r\n");
    talk.client("DATA\r\n").server("354 go\r\n");
    const std::size_t begin = whole.size() - 5;
    talk.client(whole.substr(0, begin)).lost(Side::kClient, whole.substr(begin, lost));
    if (lost < 5) talk.client(whole.substr(begin + lost));
    talk.server("250 Ok\r\n").client("QUIT\r\n").server("221 Bye\r\n");
    const Session& session = talk.session();
    EXPECT_EQ(summary(session), "EHLO:250 MAIL:250 DATA:354 .:250 QUIT:221") << lost;
    EXPECT_EQ(session.messages.at(0).size, text.size()) << lost;
    EXPECT_FALSE(session.messages.at(0).size_exact) << lost;
  }
}

TEST(Dialogue, TakesNoCommandFromClearTextBehindStarttls) {
  Talk talk;
  talk.hello().client("STARTTLS\r\nRSET\r\n").server("220 ready\r\n");
  EXPECT_EQ(summary(talk.session()), "EHLO:250 STARTTLS:220");
  EXPECT_EQ(talk.session().behind_starttls.view(), "RSET\r\n");
}

TEST(Dialogue, ReadsTheCommandsBehindARefusedStarttls) {
  Talk talk;
  talk.hello().client("STARTTLS\r\nRSET\r\n").server("454 not now\r\n250 Ok\r\n");
  EXPECT_EQ(summary(talk.session()), "EHLO:250 STARTTLS:454 RSET:250");
}

TEST(Dialogue, SkipsAnEmptyLineThatTheServerPassedOver) {
  Talk talk;
  talk.hello().client("\r\nNOOP\r\n").server("250 Ok\r\n");
  EXPECT_EQ(summary(talk.session()), "EHLO:250 :- NOOP:250");
}

TEST(Dialogue, SettlesAllThatWaitsForRepliesAtTheEndAtOnce) {
  Talk talk;
  talk.hello().client("DATA\r\nDATA\r\nNOOP\r\n");
  talk.engine().finish();
  const std::string once = summary(talk.engine().sessions().front());
  talk.engine().finish();
  EXPECT_EQ(summary(talk.engine().sessions().front()), once);
  EXPECT_EQ(once, "EHLO:250 DATA:- DATA:- NOOP:-");
}

TEST(Dialogue, KnowsAServerThatDoesNotSpeakSmtp) {
  Talk talk;
  talk.handshake().server("SSH-2.0-OpenSSH_9.2\r\n").client("QUIT\r\n");
  const Session& session = talk.session();
  EXPECT_EQ(session.reply(session.greeting).code, 0);
  EXPECT_EQ(reply_text(session.reply(session.greeting)), "SSH-2.0-OpenSSH_9.2");
}

}  // namespace
}  // namespace smtp_session::test
