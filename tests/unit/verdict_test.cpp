// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/verdict.h"

#include <gtest/gtest.h>

#include "tests/unit/model_builder.h"

namespace smtp_session {
namespace {

using test::kMs;
using test::ModelBuilder;

std::string verdict_of(const ModelBuilder& model) {
  return verdict(model.session());
}

TEST(Verdict, DeliveredSessionThatWasFastHasItsTotal) {
  ModelBuilder model;
  model.open();
  model.deliver();
  model.quit();
  EXPECT_EQ(verdict_of(model),
            "Delivered: the server accepted 1 message for 1 recipient (frame 15); 18.000 ms in "
            "all.");
}

TEST(Verdict, DeliveredSessionThatWasSlowNamesItsSlowestStep) {
  ModelBuilder model;
  model.open();
  model.envelope();
  model.ask("DATA", "", 354, "Go ahead");
  const Index end = model.send_message();
  model.after(12'000 * kMs).answer(end, 250, "Ok");
  model.quit();
  EXPECT_EQ(verdict_of(model),
            "Delivered: the server accepted 1 message for 1 recipient (frame 15); 12.017 s in all, "
            "of it 12.000 s for the reply to end of data in frame 15, on the server's side.");
}

TEST(Verdict, DeliveredSessionWithASlowClientSaysSo) {
  ModelBuilder model;
  model.open();
  model.after(5'000 * kMs);
  model.deliver();
  model.quit();
  EXPECT_EQ(verdict_of(model),
            "Delivered: the server accepted 1 message for 1 recipient (frame 15); 5.017 s in all, "
            "of it 5.000 s for the pause before MAIL FROM:<alice@example.test> in frame 7, on the "
            "client's side.");
}

TEST(Verdict, RejectedSessionNamesTheReplyThatDecided) {
  ModelBuilder model;
  model.open();
  model.ask("MAIL", "FROM:<alice@example.test>", 250);
  const Index rcpt = model.send("RCPT", "TO:<bob@example.test>");
  model.after(700 * kMs).answer(rcpt, 550, "5.1.1 No such user");
  model.ask("DATA", "", 503, "5.5.1 No recipients");
  model.quit();
  EXPECT_EQ(verdict_of(model),
            "Rejected: the server refused RCPT TO:<bob@example.test> in frame 10 with 550 5.1.1 No "
            "such user, 700.000 ms after it was asked.");
}

TEST(Verdict, DeferredAfterIdleTimeNamesTheIdleTime) {
  ModelBuilder model;
  model.open();
  model.after(10'000 * kMs);
  model.ask("MAIL", "FROM:<alice@example.test>", 451, "4.4.2 Timeout waiting for data");
  model.fin(Side::kServer);
  EXPECT_EQ(verdict_of(model),
            "Deferred: the server refused MAIL FROM:<alice@example.test> in frame 8 with 451 4.4.2 "
            "Timeout waiting for data, after an idle time of 10.000 s, 1.000 ms after it was "
            "asked.");
}

TEST(Verdict, DeferredNamesTheCauseAndNotWhatFollowsFromIt) {
  ModelBuilder model;
  model.open();
  model.ask("MAIL", "FROM:<alice@example.test>", 250);
  model.ask("RCPT", "TO:<bob@example.test>", 450, "4.7.1 Greylisted");
  model.ask("DATA", "", 554, "5.5.1 No valid recipients");
  model.quit();
  EXPECT_EQ(verdict_of(model),
            "Deferred: the server refused RCPT TO:<bob@example.test> in frame 10 with 450 4.7.1 "
            "Greylisted, 1.000 ms after it was asked.");
}

TEST(Verdict, PartialDeliveryCountsRecipients) {
  ModelBuilder model;
  model.open();
  model.ask("MAIL", "FROM:<alice@example.test>", 250);
  model.ask("RCPT", "TO:<bob@example.test>", 250);
  model.ask("RCPT", "TO:<nobody@example.test>", 550, "5.1.1 No such user");
  model.ask("DATA", "", 354);
  model.answer(model.send_message(), 250);
  model.quit();
  EXPECT_EQ(verdict_of(model),
            "Delivered in part: 1 of 1 message accepted, for 1 of 2 recipients; the server refused "
            "RCPT TO:<nobody@example.test> in frame 12 with 550 5.1.1 No such user, 1.000 ms after "
            "it was asked.");
}

TEST(Verdict, PartialLmtpDeliveryNamesTheRecipient) {
  ModelBuilder model;
  model.session().lmtp = true;
  model.open();
  model.ask("MAIL", "FROM:<alice@example.test>", 250);
  model.ask("RCPT", "TO:<nouser@example.test>", 250);
  model.ask("RCPT", "TO:<full@example.test>", 250);
  model.ask("DATA", "", 354);
  const Index end = model.send_message();
  model.answer(end, 250, "2.0.0 Ok", ReplyKind::kRecipient);
  model.answer(end, 552, "5.2.2 Mailbox full", ReplyKind::kRecipient);
  model.quit();
  EXPECT_NE(verdict_of(model).find("the server refused end of data for <full@example.test> in "
                                   "frame 18 with 552 5.2.2 Mailbox full"),
            std::string::npos)
      << verdict_of(model);
}

TEST(Verdict, LossIsNamedInADeliveredSession) {
  ModelBuilder model;
  model.open();
  model.deliver();
  model.quit();
  model.session().tcp.retransmissions = 4;
  EXPECT_NE(verdict_of(model).find("in all, with 4 retransmissions."), std::string::npos);
}

TEST(Verdict, RefusedConnectionNamesBothFrames) {
  ModelBuilder model;
  model.syn();
  model.rst(Side::kServer);
  model.session().tcp.refused = true;
  EXPECT_EQ(verdict_of(model),
            "Connection refused: the server answered the SYN of frame 1 by RST in frame 2, after "
            "1.000 ms.");
}

TEST(Verdict, UnansweredConnectionCountsItsSyns) {
  ModelBuilder model;
  model.session().server_silent = true;
  model.syn();
  model.after(3'000 * kMs).syn();
  EXPECT_EQ(verdict_of(model),
            "Connection timed out: the server did not answer 2 SYNs from frame 1 on, in 3.000 s.");
}

TEST(Verdict, MissingGreetingSaysWhoLeft) {
  ModelBuilder model;
  model.session().server_silent = true;
  model.handshake();
  model.after(30'000 * kMs).fin(Side::kClient);
  EXPECT_EQ(verdict_of(model),
            "No greeting: the server said nothing, the client ended the connection (FIN in frame "
            "4), after 30.000 s.");
}

TEST(Verdict, GreetingThatDoesNotEndIsNotCalledSilence) {
  ModelBuilder model;
  model.handshake();
  model.session().server_silent = false;
  model.fin(Side::kClient);
  EXPECT_EQ(verdict_of(model).find("No greeting: the server did not end its greeting, the client "),
            0U)
      << verdict_of(model);
}

TEST(Verdict, RefusingGreetingIsQuotedWithAllLines) {
  ModelBuilder model;
  model.handshake();
  model.greet(521, "mx.example.test\n5.5.1 Protocol error");
  EXPECT_NE(verdict_of(model).find("with 521 mx.example.test 5.5.1 Protocol error, after"),
            std::string::npos)
      << verdict_of(model);
}

TEST(Verdict, RefusingGreetingIsQuoted) {
  ModelBuilder model;
  model.handshake();
  model.greet(554, "5.7.1 Blocked");
  EXPECT_EQ(verdict_of(model),
            "Refused: the server greeted in frame 4 with 554 5.7.1 Blocked, after 1.000 ms.");
}

TEST(Verdict, FailedAuthenticationNamesTheMechanismAndNoUser) {
  ModelBuilder model;
  model.open();
  model.ask("AUTH", "PLAIN", 535, "5.7.8 Invalid credentials");
  model.quit();
  EXPECT_EQ(verdict_of(model),
            "Authentication failed: the server refused AUTH PLAIN in frame 8 with 535 5.7.8 "
            "Invalid credentials, 1.000 ms after it was asked.");
}

TEST(Verdict, FailedTlsNamesTheAlertAndItsSender) {
  ModelBuilder model;
  model.open();
  model.ask("STARTTLS", "", 220, "Ready");
  TlsFacts& tls = model.client_hello(TlsMode::kStarttls);
  tls.alert = TlsAlert{2, 40, Side::kServer, model.tick()};
  model.fin(Side::kServer);
  EXPECT_EQ(
      verdict_of(model),
      "TLS failed: the server sent the alert handshake_failure (the sides share no cipher or other "
      "parameter) in frame 10, after 1.000 ms.");
}

TEST(Verdict, TlsOnAPortOfClearTextIsNamed) {
  ModelBuilder model;
  model.session().server.port = 587;
  model.handshake();
  model.greet();
  model.client_hello(TlsMode::kImplicit);
  model.fin(Side::kClient);
  EXPECT_EQ(verdict_of(model),
            "TLS failed: the client began with TLS in frame 5 on port 587, which begins in clear "
            "text; the client ended the connection in the handshake (FIN in frame 6), after 1.000 "
            "ms.");
}

TEST(Verdict, ClearTextOnAPortOfTlsIsNamed) {
  ModelBuilder model;
  model.session().server.port = 465;
  model.session().implicit_tls_port = true;
  model.handshake();
  model.send("EHLO", "client.example");
  model.rst(Side::kServer);
  EXPECT_EQ(verdict_of(model),
            "TLS failed: the client sent EHLO client.example in clear text in frame 4 on port 465, "
            "which begins with TLS; the server ended the connection (RST in frame 5).");
}

TEST(Verdict, EncryptedSessionSaysWhyItCannotBeRead) {
  ModelBuilder model;
  model.open();
  model.ask("STARTTLS", "", 220, "Ready");
  TlsFacts& tls = model.client_hello(TlsMode::kStarttls);
  tls.complete = true;
  tls.undecrypted = true;
  model.fin(Side::kClient);
  EXPECT_EQ(verdict_of(model),
            "Encrypted: the content cannot be read, as there is no key for this session; 0 turns "
            "under TLS; 10.000 ms in all.");
}

TEST(Verdict, RepliesThatAreSlowTogetherAreNamedTogether) {
  ModelBuilder model;
  model.open();
  model.ask("MAIL", "FROM:<alice@example.test>", 250);
  for (const TimeNs wait : {700 * kMs, 710 * kMs}) {
    const Index rcpt = model.send("RCPT", "TO:<bob@example.test>");
    model.after(wait).answer(rcpt, 250);
  }
  model.ask("DATA", "", 354);
  model.answer(model.send_message(), 250);
  model.quit();
  EXPECT_EQ(verdict_of(model),
            "Delivered: the server accepted 1 message for 2 recipients (frame 17); 1.428 s in all, "
            "of it 1.410 s for 2 replies to RCPT, the slowest in frame 12, on the server's side.");
}

TEST(Verdict, ShortWaitIsNamedWhereItIsAThirdOfTheSession) {
  ModelBuilder model;
  model.open();
  model.deliver();
  const Index quit = model.send("QUIT", "");
  model.after(200 * kMs).answer(quit, 221);
  model.fin(Side::kServer);
  EXPECT_NE(verdict_of(model).find("of it 200.000 ms for the reply to QUIT in frame 17, on the "
                                   "server's side."),
            std::string::npos)
      << verdict_of(model);
}

TEST(Verdict, SlowReplyIsNotTheServersAloneWhereSegmentsWereLost) {
  ModelBuilder model;
  model.open();
  model.after(200 * kMs).deliver();
  model.session().tcp.retransmissions = 1;
  const Index quit = model.send("QUIT", "");
  model.after(300 * kMs).answer(quit, 221);
  EXPECT_NE(verdict_of(model).find("of it 300.000 ms for the reply to QUIT in frame 17, on the "
                                   "server's side or on the way, with 1 retransmission."),
            std::string::npos)
      << verdict_of(model);
}

TEST(Verdict, GreetingThatIsHeldBackWithinIsNamed) {
  ModelBuilder model;
  model.handshake();
  model.greet();
  model.session().reply(1).time += 2'000 * kMs;  // its first line came at once
  model.after(2'000 * kMs);
  model.ask("EHLO", "client.example", 250);
  model.quit();
  EXPECT_NE(verdict_of(model).find("for the greeting in frame 4, on the server's side"),
            std::string::npos)
      << verdict_of(model);
}

TEST(Verdict, UnknownDeliveryNamesTheWaitAndTheEndOfData) {
  ModelBuilder model;
  model.open();
  model.envelope();
  model.ask("DATA", "", 354);
  model.send_message();
  model.after(60'000 * kMs).fin(Side::kClient);
  EXPECT_EQ(verdict_of(model),
            "Delivery unknown: the client ended the connection (FIN in frame 15), after 60.000 s "
            "without the reply to end of data in frame 14.");
}

TEST(Verdict, UnknownDeliveryWhereTheClientClosedAtOnceHasNoTime) {
  ModelBuilder model;
  model.open();
  model.envelope();
  model.ask("DATA", "", 354);
  const Index end = model.send_message();
  model.fin(Side::kClient);
  model.session().tcp.first_fin.time = model.session().command(end).time;
  EXPECT_EQ(verdict_of(model),
            "Delivery unknown: the client ended the connection (FIN in frame 15) before the reply "
            "to end of data in frame 14.");
}

TEST(Verdict, AbortedSessionNamesNoStepBehindTheClose) {
  ModelBuilder model;
  model.open();
  model.fin(Side::kServer);
  model.send("NOOP", "");
  EXPECT_NE(verdict_of(model).find("FIN in frame 7, after EHLO client.example in frame 5"),
            std::string::npos)
      << verdict_of(model);
}

TEST(Verdict, ServerThatSays221ToAnotherCommandIsQuoted) {
  ModelBuilder model;
  model.open();
  model.ask("GET", "/ HTTP/1.1", 221, "2.7.0 I can break rules, too.");
  model.fin(Side::kServer);
  EXPECT_EQ(verdict_of(model),
            "Aborted by the server: it answered GET in frame 8 with 221 2.7.0 I can break rules, "
            "too.");
}

TEST(Verdict, ServerThatGivesUpWithinTheMessageIsQuoted) {
  ModelBuilder model;
  model.open();
  model.envelope();
  model.ask("DATA", "", 354);
  model.answer(1, 451, "Bare line-feed", ReplyKind::kIntermediate);
  model.session().replies.back().kind = ReplyKind::kUnsolicited;
  model.session().replies.back().command = 0;
  model.fin(Side::kServer);
  EXPECT_EQ(verdict_of(model),
            "Aborted by the server: 451 Bare line-feed in frame 13, after DATA in frame 11.");
}

TEST(Verdict, MessageGivenUpByQuitIsNamed) {
  ModelBuilder model;
  model.open();
  model.envelope();
  model.quit();
  model.session().messages.back().reset = true;
  EXPECT_NE(verdict_of(model).find(" gave up message 1."), std::string::npos) << verdict_of(model);
}

TEST(Verdict, AbortedSessionNamesTheLastStep) {
  ModelBuilder model;
  model.open();
  model.ask("MAIL", "FROM:<alice@example.test>", 250);
  model.after(2'000 * kMs).fin(Side::kClient);
  EXPECT_EQ(verdict_of(model),
            "Aborted by the client: FIN in frame 9, after MAIL FROM:<alice@example.test> in frame "
            "7, 2.000 s after the last reply.");
}

TEST(Verdict, SessionThatGoesOnIsIncomplete) {
  ModelBuilder model;
  model.open();
  EXPECT_EQ(verdict_of(model),
            "Incomplete: the capture ends in frame 6, after EHLO client.example in frame 5; 5.000 "
            "ms in all.");
}

TEST(Verdict, SessionWithoutAnythingIsIncomplete) {
  EXPECT_EQ(verdict(Session{}), "Incomplete: the capture ends in frame 0, before the greeting.");
}

}  // namespace
}  // namespace smtp_session
