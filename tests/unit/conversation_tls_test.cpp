// SPDX-License-Identifier: GPL-2.0-or-later
//
// Sessions under TLS, from segments and decrypted records to the model.
#include <gtest/gtest.h>

#include <string>

#include "dissector/conversation.h"
#include "dissector/decrypt_state.h"
#include "dissector/outcome.h"
#include "dissector/transaction.h"
#include "dissector/turn_inference.h"
#include "tests/unit/support/findings.h"
#include "tests/unit/support/talk.h"
#include "tests/unit/support/tls_bytes.h"

namespace smtp_session {
namespace {

using namespace test;

constexpr char kBody[] = "Subject: x\r\n\r\nText.\r\n.\r\n";

/// STARTTLS and its reply.
Talk& starttls(Talk& talk) {
  talk.hello();
  talk.wait(1ms).client("STARTTLS\r\n");
  return talk.wait(1ms).server("220 2.0.0 Ready\r\n");
}

/// A TLS 1.3 handshake whose encrypted part is decrypted, or not.
Talk& shake(Talk& talk, bool keys) {
  talk.wait(1ms).client(client_hello());
  const std::string flight = handshake(8, "") + finished_message();
  if (keys) talk.decrypted({flight});
  talk.wait(1ms).server(server_hello13() + ccs() + sealed13(flight.size()));
  if (keys) talk.decrypted({finished_message()});
  return talk.wait(1ms).client(ccs() + sealed13(finished_message().size()));
}

Talk& say(Talk& talk, Side side, const std::string& text) {
  return talk.wait(1ms).decrypted({text}).say(side, sealed13(text.size()));
}

Talk& ask(Talk& talk, const std::string& command, const std::string& reply) {
  say(talk, Side::kClient, command);
  return say(talk, Side::kServer, reply);
}

Talk& mail(Talk& talk) {
  ask(talk, "EHLO client.example\r\n", "250 mx.example.test\r\n");
  ask(talk, "MAIL FROM:<a@example.test>\r\n", "250 2.1.0 Ok\r\n");
  ask(talk, "RCPT TO:<b@example.test>\r\n", "250 2.1.5 Ok\r\n");
  ask(talk, "DATA\r\n", "354 Go ahead\r\n");
  ask(talk, kBody, "250 2.0.0 Ok\r\n");
  ask(talk, "QUIT\r\n", "221 2.0.0 Bye\r\n");
  return talk.wait(1ms).close(Side::kServer);
}

TEST(ConversationTls, DecryptedMailUnderStarttlsIsReadLikeClearText) {
  Talk talk(587);
  starttls(talk);
  shake(talk, true);
  mail(talk);
  const Session& session = talk.session();
  EXPECT_EQ(summary(session),
            "EHLO:250 STARTTLS:220 EHLO:250 MAIL:250 RCPT:250 DATA:354 .:250 QUIT:221");
  EXPECT_EQ(outcome_of(session), Outcome::kDelivered);
  EXPECT_EQ(decrypt_state(session), DecryptState::kDecrypted);
  EXPECT_EQ(session.tls->mode, TlsMode::kStarttls);
  EXPECT_FALSE(session.command(2).encrypted);
  EXPECT_TRUE(session.command(3).encrypted);
}

TEST(ConversationTls, LinesMayShareRecordsAndBeCutByThem) {
  Talk talk(587);
  starttls(talk);
  shake(talk, true);
  ask(talk, "EHLO client.example\r\n", "250 mx.example.test\r\n");
  const std::string pipeline = "MAIL FROM:<a@example.test>\r\nRCPT TO:<b@example.test>\r\nDATA\r\n";
  // One segment with a record for each byte.
  std::string bytes;
  std::vector<std::string> texts;
  for (const char byte : pipeline) {
    bytes += sealed13(1);
    texts.emplace_back(1, byte);
  }
  talk.wait(1ms).decrypted(texts).client(bytes);
  say(talk, Side::kServer, "250 Ok\r\n250 Ok\r\n354 Go ahead\r\n");
  EXPECT_EQ(summary(talk.session()), "EHLO:250 STARTTLS:220 EHLO:250 MAIL:250 RCPT:250 DATA:354");
}

TEST(ConversationTls, TicketBesideTheReplyIsNoText) {
  Talk talk(587);
  starttls(talk);
  shake(talk, true);
  say(talk, Side::kClient, "EHLO client.example\r\n");
  const std::string ticket = handshake(4, std::string(200, 't'));
  talk.wait(1ms).decrypted({ticket, ticket, "250 mx.example.test\r\n"});
  talk.server(sealed13(ticket.size()) + sealed13(ticket.size()) + sealed13(21));
  EXPECT_EQ(summary(talk.session()), "EHLO:250 STARTTLS:220 EHLO:250");
}

TEST(ConversationTls, TextOfALaterRecordIsNotTakenForAnEarlierOneThatIsTooShort) {
  Talk talk(587);
  starttls(talk);
  shake(talk, true);
  say(talk, Side::kClient, "EHLO client.example\r\n");
  // The first record could not be decrypted.
  talk.wait(1ms).decrypted({"250 mx.example.test\r\n"}).server(sealed13(5) + sealed13(21));
  EXPECT_EQ(summary(talk.session()), "EHLO:250 STARTTLS:220 EHLO:250");
  EXPECT_TRUE(talk.session().tls->undecrypted);
}

TEST(ConversationTls, RepliesAnswerTurnsThatAGapMadeUnreadable) {
  Talk talk(587);
  starttls(talk);
  shake(talk, true);
  ask(talk, "EHLO client.example\r\n", "250 mx.example.test\r\n");
  // A record of the client is not in the capture: none behind it can be decrypted.
  talk.wait(1ms).lost(Side::kClient, sealed13(28));
  say(talk, Side::kServer, "250 2.1.0 Ok\r\n");
  const auto unread = [&talk](std::size_t request, const std::string& reply) {
    talk.wait(1ms).client(sealed13(request));
    say(talk, Side::kServer, reply);
  };
  unread(28, "250 2.1.5 Ok\r\n");
  unread(6, "354 Go ahead\r\n");
  unread(sizeof(kBody) - 1, "250 2.0.0 Ok\r\n");
  unread(6, "221 2.0.0 Bye\r\n");
  talk.wait(1ms).close(Side::kServer);
  const Session& session = talk.session();
  EXPECT_EQ(summary(session), "EHLO:250 STARTTLS:220 EHLO:250 :250 :354 .:250 :221");
  EXPECT_EQ(session.reply(5).kind, ReplyKind::kUncaptured);  // to the MAIL that is missing
  EXPECT_TRUE(session.command(4).opaque);
  EXPECT_FALSE(session.command(6).exact);
  EXPECT_EQ(outcome_of(session), Outcome::kDelivered);
  const std::vector<InferredTurn> turns = infer_turns(session);
  ASSERT_EQ(turns.size(), 3U);
  EXPECT_EQ(turns[1].kind, TurnKind::kData);
  EXPECT_EQ(turns[2].kind, TurnKind::kQuit);
  EXPECT_EQ(text_of(session, FindingId::kTls09),
            "Not decrypted from here on: bytes before it are not in the capture (TLS 1.3)");
}

TEST(ConversationTls, CommandsKeepTheFramesOfRepliesThatAGapMadeUnreadable) {
  Talk talk(587);
  starttls(talk);
  shake(talk, true);
  ask(talk, "EHLO client.example\r\n", "250 mx.example.test\r\n");
  say(talk, Side::kClient, "MAIL FROM:<a@example.test>\r\n");
  talk.wait(1ms).lost(Side::kServer, sealed13(14));
  const auto unread = [&talk](const std::string& command, std::size_t reply) {
    say(talk, Side::kClient, command);
    talk.wait(2ms).server(sealed13(reply));
  };
  unread("RCPT TO:<b@example.test>\r\n", 14);
  unread("DATA\r\n", 14);
  unread(kBody, 14);
  unread("QUIT\r\n", 15);
  talk.wait(1ms).close(Side::kServer);
  const Session& session = talk.session();
  EXPECT_EQ(summary(session), "EHLO:250 STARTTLS:220 EHLO:250 MAIL:- RCPT:0 DATA:0 .:0 QUIT:0");
  for (Index i = 5; i <= 8; ++i) {
    const Reply& reply = session.reply(session.command(i).reply);
    EXPECT_TRUE(reply.opaque);
    EXPECT_EQ(reply.frame, session.command(i).frame + 1) << "command " << i;
    EXPECT_TRUE(session.command(i).exact) << "command " << i;
  }
  EXPECT_EQ(session.messages.at(0).size, sizeof(kBody) - 1 - 3);
  EXPECT_EQ(outcome_of(session), Outcome::kIncomplete);
  EXPECT_EQ(acceptance_of(session, 1), Acceptance::kUnknown);
}

TEST(ConversationTls, AuthWithUnreadableRepliesGoesOnToTheNextCommand) {
  Talk talk(587);
  starttls(talk);
  shake(talk, true);
  say(talk, Side::kClient, "EHLO client.example\r\n");
  talk.wait(1ms).lost(Side::kServer, sealed13(21));
  for (const char* const line :
       {"AUTH LOGIN\r\n", "YWxpY2U=\r\n", "c2VjcmV0\r\n", "MAIL FROM:<a@example.test>\r\n"}) {
    say(talk, Side::kClient, line);
    talk.wait(2ms).server(sealed13(18));
  }
  const Session& session = talk.session();
  EXPECT_EQ(summary(session), "EHLO:250 STARTTLS:220 EHLO:- AUTH:0 MAIL:0");
  EXPECT_EQ(session.reply(session.command(4).reply).frame, session.command(5).frame - 1);
  EXPECT_EQ(session.auth.front().user.view(), "alice");
}

TEST(ConversationTls, WithoutKeysTheStateIsNoKey) {
  Talk talk(587);
  starttls(talk);
  shake(talk, false);
  talk.wait(1ms).client(sealed13(21)).wait(2ms).server(sealed13(40));
  talk.wait(1ms).close(Side::kClient);
  const Session& session = talk.session();
  EXPECT_EQ(decrypt_state(session), DecryptState::kNoKey);
  EXPECT_EQ(outcome_of(session), Outcome::kEncrypted);
}

TEST(ConversationTls, RsaKeyOfTheUserIsUselessForTls13) {
  Config config;
  config.rsa_key_loaded = true;
  Talk talk(587, 0, config);
  starttls(talk);
  shake(talk, false);
  talk.wait(1ms).client(sealed13(21)).wait(2ms).server(sealed13(40));
  EXPECT_EQ(decrypt_state(talk.session()), DecryptState::kRsaKeyUseless);
}

TEST(ConversationTls, MissingClientHelloIsNamed) {
  Talk talk(587);
  starttls(talk);
  talk.lost(Side::kClient, client_hello());
  talk.wait(1ms).server(server_hello13() + ccs() + sealed13(100));
  talk.wait(1ms).client(ccs() + sealed13(36));
  talk.wait(1ms).client(sealed13(21)).wait(2ms).server(sealed13(40));
  const Session& session = talk.session();
  ASSERT_NE(session.tls, nullptr);
  EXPECT_EQ(session.tls->mode, TlsMode::kStarttls);
  EXPECT_EQ(decrypt_state(session), DecryptState::kClientHelloMissing);
}

TEST(ConversationTls, CaptureThatBeginsAtTheClientHelloTakesTheModeOfThePort) {
  for (const auto& [port, mode] :
       {std::pair{587, TlsMode::kStarttls}, std::pair{465, TlsMode::kImplicit}}) {
    Talk talk(static_cast<std::uint16_t>(port));
    shake(talk, true);
    if (mode == TlsMode::kImplicit) say(talk, Side::kServer, "220 mx.example.test\r\n");
    ask(talk, "EHLO client.example\r\n", "250 mx.example.test\r\n");
    EXPECT_EQ(talk.session().tls->mode, mode);
    EXPECT_EQ(summary(talk.session()), "EHLO:250");
  }
}

TEST(ConversationTls, TlsBehindAStarttlsThatTheCaptureLacksIsStarttls) {
  Talk talk(587);
  talk.hello();
  talk.lost(Side::kClient, "STARTTLS\r\n");
  talk.wait(1ms).server("220 2.0.0 Ready\r\n");
  shake(talk, true);
  mail(talk);
  EXPECT_EQ(talk.session().tls->mode, TlsMode::kStarttls);
  EXPECT_EQ(outcome_of(talk.session()), Outcome::kDelivered);
}

TEST(ConversationTls, ClientHelloIsExpectedBehindStarttlsAlone) {
  Talk talk(25);
  const Engine& engine = talk.engine();
  EXPECT_TRUE(engine.expects_client_hello(0, 25));  // the capture may begin with it
  EXPECT_FALSE(engine.expects_client_hello(0, 443));
  talk.hello();
  EXPECT_FALSE(engine.expects_client_hello(0, 25));
  talk.wait(1ms).client("STARTTLS\r\n");
  EXPECT_TRUE(engine.expects_client_hello(0, 25));  // the reply may be lost
  talk.wait(1ms).server("220 2.0.0 Ready\r\n");
  EXPECT_TRUE(engine.expects_client_hello(0, 25));
  talk.wait(1ms).client(client_hello());
  EXPECT_FALSE(engine.expects_client_hello(0, 25));
}

TEST(ConversationTls, ClientHelloIsExpectedBehindA220ThatIsNoGreeting) {
  Talk talk(25);
  talk.handshake();
  talk.wait(1ms).server("220 mx.example.test\r\n");
  EXPECT_FALSE(talk.engine().expects_client_hello(0, 25));
  talk.lost(Side::kClient, "EHLO x\r\n").wait(1ms).server("250 mx.example.test\r\n");
  EXPECT_FALSE(talk.engine().expects_client_hello(0, 25));
  talk.lost(Side::kClient, "STARTTLS\r\n").wait(1ms).server("220 2.0.0 Ready\r\n");
  EXPECT_TRUE(talk.engine().expects_client_hello(0, 25));
}

TEST(ConversationTls, HandshakeThatEndsInAnAlertFailed) {
  Talk talk(587);
  starttls(talk);
  talk.wait(1ms).client(client_hello()).wait(1ms).server(alert(2, 40));
  talk.wait(1ms).close(Side::kServer);
  EXPECT_EQ(outcome_of(talk.session()), Outcome::kTlsFailed);
  EXPECT_EQ(decrypt_state(talk.session()), DecryptState::kHandshakeFailed);
}

TEST(ConversationTls, ClientThatLeavesAfter220Failed) {
  Talk talk(587);
  starttls(talk);
  talk.wait(1ms).close(Side::kClient);
  EXPECT_EQ(outcome_of(talk.session()), Outcome::kTlsFailed);
}

TEST(ConversationTls, ClearTextBehind220GoesOnAsCommands) {
  // As a tap shows it that decrypts.
  Talk talk(587);
  starttls(talk);
  talk.wait(1ms).client("EHLO client.example\r\n").wait(1ms).server("250 mx.example.test\r\n");
  talk.wait(1ms).client("MAIL FROM:<a@example.test>\r\n").wait(1ms).server("250 2.1.0 Ok\r\n");
  talk.wait(1ms).client("RCPT TO:<b@example.test>\r\n").wait(1ms).server("250 2.1.5 Ok\r\n");
  talk.wait(1ms).client("DATA\r\n").wait(1ms).server("354 Go ahead\r\n");
  talk.wait(1ms).client(kBody).wait(1ms).server("250 2.0.0 Ok\r\n");
  talk.wait(1ms).quit();
  const Session& session = talk.session();
  EXPECT_EQ(summary(session),
            "EHLO:250 STARTTLS:220 EHLO:250 MAIL:250 RCPT:250 DATA:354 .:250 QUIT:221");
  EXPECT_EQ(outcome_of(session), Outcome::kDelivered);
  EXPECT_EQ(decrypt_state(session), DecryptState::kNotTls);
}

TEST(ConversationTls, ClearTextOnAPortForTlsFailed) {
  Talk talk(465);
  talk.handshake();
  talk.wait(1ms).client("EHLO client.example\r\n");
  talk.wait(1ms).close(Side::kServer);
  EXPECT_EQ(outcome_of(talk.session()), Outcome::kTlsFailed);
}

TEST(ConversationTls, ServerThatSpeaksInClearOnAPortForTlsIsNoFailure) {
  Talk talk(465);
  talk.hello().wait(1ms).quit();
  EXPECT_EQ(outcome_of(talk.session()), Outcome::kNoMail);
}

TEST(ConversationTls, TlsToAServerThatAnswersInClearFailed) {
  Talk talk(25);
  talk.handshake();
  talk.wait(1ms).client(client_hello());
  talk.wait(1ms).server("220 mx.example.test ESMTP\r\n");
  talk.wait(1ms).close(Side::kClient);
  EXPECT_EQ(outcome_of(talk.session()), Outcome::kTlsFailed);
  EXPECT_EQ(decrypt_state(talk.session()), DecryptState::kHandshakeFailed);
}

TEST(ConversationTls, ARecordIsToldFromALineHoweverItsHeaderIsCut) {
  Talk talk(587);
  starttls(talk);
  const std::string hello = client_hello();
  for (std::size_t i = 0; i < 5; ++i) talk.client(hello.substr(i, 1));
  const TimeNs first = talk.now();
  talk.wait(1ms).client(hello.substr(5));
  const Session& session = talk.session();
  ASSERT_NE(session.tls, nullptr);
  EXPECT_TRUE(session.tls->client_hello.known());
  EXPECT_EQ(session.tls->client_hello.time, first);
}

TEST(ConversationTls, ALineThatBeginsWithAnOctetOfTlsIsALine) {
  Talk talk;
  talk.hello().client("\x16").client("EHLO x\r\n").server("500 5.5.1 Error\r\n");
  talk.client("\x17\x03").client("x\r\n").server("500 5.5.1 Error\r\n").quit();
  const Session& session = talk.session();
  EXPECT_EQ(session.tls, nullptr);
  ASSERT_EQ(session.commands.size(), 4U);
  EXPECT_EQ(session.reply(session.command(2).reply).code, 500);
  EXPECT_EQ(session.reply(session.command(3).reply).code, 500);
}

}  // namespace
}  // namespace smtp_session
