// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/outcome.h"

#include <gtest/gtest.h>

#include "dissector/names.h"
#include "tests/unit/model_builder.h"

namespace smtp_session {

void PrintTo(Outcome outcome, std::ostream* out) {
  *out << name_of(outcome);
}

namespace {

using test::ModelBuilder;

class OutcomeTest : public ::testing::Test {
 protected:
  Outcome outcome() const { return outcome_of(model.session()); }

  void auth(std::uint16_t code) { model.ask("AUTH", "PLAIN", code); }
  void fail_at_end_of_data(std::uint16_t code) { model.deliver(code, "text"); }

  ModelBuilder model;
};

// -- Connection ------------------------------------------------------------------------------

TEST_F(OutcomeTest, ResetToTheSynIsRefused) {
  model.syn();
  model.rst(Side::kServer);
  model.session().tcp.refused = true;
  EXPECT_EQ(outcome(), Outcome::kConnectionRefused);
}

TEST_F(OutcomeTest, UnansweredSynIsATimeout) {
  model.syn();
  model.syn();
  EXPECT_EQ(outcome(), Outcome::kConnectionTimeout);
}

TEST_F(OutcomeTest, MissingServerSideIsNoTimeout) {
  model.syn();
  model.session().server_silent = true;
  model.send("EHLO", "client.example");
  EXPECT_EQ(outcome(), Outcome::kIncomplete);
}

TEST_F(OutcomeTest, ClosedBeforeTheGreetingIsNoGreeting) {
  model.handshake();
  model.fin(Side::kClient);
  EXPECT_EQ(outcome(), Outcome::kNoGreeting);
}

TEST_F(OutcomeTest, ClientThatTalksToASilentServerGetsNoGreeting) {
  model.handshake();
  model.send("EHLO", "client.example");
  model.fin(Side::kClient);
  EXPECT_EQ(outcome(), Outcome::kNoGreeting);
}

TEST_F(OutcomeTest, CaptureThatEndsBeforeTheGreetingIsIncomplete) {
  model.handshake();
  EXPECT_EQ(outcome(), Outcome::kIncomplete);
}

TEST_F(OutcomeTest, GapInsteadOfTheGreetingSaysNothingOfIt) {
  model.handshake();
  model.session().tcp.gaps = 1;
  model.fin(Side::kServer);
  EXPECT_EQ(outcome(), Outcome::kIncomplete);
}

TEST_F(OutcomeTest, GreetingOf4xxOr5xxIsRejected) {
  for (const std::uint16_t code : {std::uint16_t{421}, std::uint16_t{554}}) {
    ModelBuilder one;
    one.handshake();
    one.greet(code, "no");
    one.ask("QUIT", "", 221);
    one.fin(Side::kServer);
    EXPECT_EQ(outcome_of(one.session()), Outcome::kGreetingRejected) << code;
  }
}

// -- TLS -------------------------------------------------------------------------------------

TEST_F(OutcomeTest, FatalAlertInTheHandshakeIsTlsFailed) {
  model.open();
  model.ask("STARTTLS", "", 220);
  TlsFacts& tls = model.client_hello(TlsMode::kStarttls);
  tls.alert = TlsAlert{2, 70, Side::kServer, model.tick()};
  EXPECT_EQ(outcome(), Outcome::kTlsFailed);
  model.fin(Side::kServer);
  EXPECT_EQ(outcome(), Outcome::kTlsFailed);
}

TEST_F(OutcomeTest, CloseInTheHandshakeIsTlsFailed) {
  model.handshake();
  model.client_hello(TlsMode::kImplicit);
  EXPECT_EQ(outcome(), Outcome::kIncomplete);
  model.fin(Side::kServer);
  EXPECT_EQ(outcome(), Outcome::kTlsFailed);
}

TEST_F(OutcomeTest, CloseBetweenStarttlsAndClientHelloIsTlsFailed) {
  model.open();
  model.ask("STARTTLS", "", 220);
  EXPECT_EQ(outcome(), Outcome::kIncomplete);
  model.fin(Side::kClient);
  EXPECT_EQ(outcome(), Outcome::kTlsFailed);
}

TEST_F(OutcomeTest, TlsPortWithoutAWordIsNoGreeting) {
  model.handshake();
  model.session().tls = std::make_unique<TlsFacts>();
  model.session().tls->mode = TlsMode::kImplicit;
  model.fin(Side::kServer);
  EXPECT_EQ(outcome(), Outcome::kNoGreeting);
}

TEST_F(OutcomeTest, RefusedStarttlsWithoutMailIsTlsFailed) {
  model.open();
  model.ask("STARTTLS", "", 454);
  model.quit();
  EXPECT_EQ(outcome(), Outcome::kTlsFailed);
}

TEST_F(OutcomeTest, RefusedStarttlsWithMailInClearIsJudgedByTheMail) {
  model.open();
  model.ask("STARTTLS", "", 454);
  model.deliver();
  model.quit();
  EXPECT_EQ(outcome(), Outcome::kDelivered);
}

TEST_F(OutcomeTest, RefusedStarttlsBehindADeliveryChangesNothing) {
  model.open();
  model.deliver();
  model.ask("STARTTLS", "", 454);
  model.quit();
  EXPECT_EQ(outcome(), Outcome::kDelivered);
}

TEST_F(OutcomeTest, TlsWithoutKeysIsEncryptedOnceClosed) {
  model.open();
  model.ask("STARTTLS", "", 220);
  model.client_hello(TlsMode::kStarttls);
  model.finish_tls();
  model.session().tls->undecrypted = true;
  EXPECT_EQ(outcome(), Outcome::kIncomplete);
  model.fin(Side::kServer);
  EXPECT_EQ(outcome(), Outcome::kEncrypted);
}

TEST_F(OutcomeTest, TlsFromTheMiddleWithoutKeysIsEncrypted) {
  model.mid_stream();
  model.session().tls = std::make_unique<TlsFacts>();
  model.session().tls->mode = TlsMode::kImplicit;
  model.session().tls->undecrypted = true;
  model.tick();
  model.fin(Side::kServer);
  EXPECT_EQ(outcome(), Outcome::kEncrypted);
}

TEST_F(OutcomeTest, DecryptedTlsIsJudgedByTheMail) {
  model.open();
  model.ask("STARTTLS", "", 220);
  model.client_hello(TlsMode::kStarttls);
  model.finish_tls();
  model.session().tls->decrypted = true;
  model.ask("EHLO", "client.example", 250);
  model.deliver();
  model.quit();
  EXPECT_EQ(outcome(), Outcome::kDelivered);
}

TEST_F(OutcomeTest, CloseNotifyIsNoFailure) {
  model.handshake();
  TlsFacts& tls = model.client_hello(TlsMode::kImplicit);
  model.finish_tls();
  tls.decrypted = true;
  model.greet();
  model.ask("EHLO", "client.example", 250);
  tls.alert = TlsAlert{2, 0, Side::kServer, model.tick()};
  model.quit();
  EXPECT_EQ(outcome(), Outcome::kNoMail);
}

// -- AUTH ------------------------------------------------------------------------------------

TEST_F(OutcomeTest, FailedAuthWithoutMailIsAuthFailed) {
  model.open();
  auth(535);
  model.quit();
  EXPECT_EQ(outcome(), Outcome::kAuthFailed);
}

TEST_F(OutcomeTest, FailedAuthAndRefusedMailIsAuthFailed) {
  model.open();
  auth(535);
  model.ask("MAIL", "FROM:<alice@example.test>", 530);
  model.quit();
  EXPECT_EQ(outcome(), Outcome::kAuthFailed);
}

TEST_F(OutcomeTest, AuthThatSucceedsOnTheSecondTryDecidesNothing) {
  model.open();
  auth(535);
  auth(235);
  model.quit();
  EXPECT_EQ(outcome(), Outcome::kNoMail);
}

TEST_F(OutcomeTest, FailedAuthBehindADeliveryChangesNothing) {
  model.open();
  model.deliver();
  auth(535);
  model.quit();
  EXPECT_EQ(outcome(), Outcome::kDelivered);
}

TEST_F(OutcomeTest, FailedAuthDoesNotDecideWhereMailIsTakenWithout) {
  model.open();
  auth(504);
  model.ask("MAIL", "FROM:<alice@example.test>", 250);
  model.ask("RCPT", "TO:<bad@example.test>", 550);
  model.quit();
  EXPECT_EQ(outcome(), Outcome::kRejected);
}

TEST_F(OutcomeTest, CloseInTheMiddleOfAuthIsAborted) {
  model.open();
  model.answer(model.send("AUTH", "LOGIN"), 334, "VXNlcm5hbWU6", ReplyKind::kIntermediate);
  model.fin(Side::kClient);
  EXPECT_EQ(outcome(), Outcome::kAbortedByClient);
}

// -- Messages --------------------------------------------------------------------------------

TEST_F(OutcomeTest, AcceptedForEveryRecipientIsDelivered) {
  model.open();
  model.deliver();
  EXPECT_EQ(outcome(), Outcome::kDelivered);
  model.deliver();
  model.quit();
  EXPECT_EQ(outcome(), Outcome::kDelivered);
}

TEST_F(OutcomeTest, OneRefusedRecipientIsPartial) {
  model.open();
  model.ask("MAIL", "FROM:<alice@example.test>", 250);
  model.ask("RCPT", "TO:<bob@example.test>", 250);
  model.ask("RCPT", "TO:<bad@example.test>", 550);
  model.ask("DATA", "", 354);
  model.answer(model.send_message(), 250);
  model.quit();
  EXPECT_EQ(outcome(), Outcome::kPartial);
}

TEST_F(OutcomeTest, OneRefusedMessageIsPartial) {
  model.open();
  model.deliver();
  fail_at_end_of_data(552);
  model.quit();
  EXPECT_EQ(outcome(), Outcome::kPartial);
}

TEST_F(OutcomeTest, DeliveryFollowedByRefusedMailIsPartial) {
  model.open();
  model.deliver();
  model.ask("MAIL", "FROM:<alice@example.test>", 454);
  model.quit();
  EXPECT_EQ(outcome(), Outcome::kPartial);
}

TEST_F(OutcomeTest, LmtpRecipientRefusedAtTheEndIsPartial) {
  model.session().lmtp = true;
  model.open();
  model.ask("MAIL", "FROM:<alice@example.test>", 250);
  model.ask("RCPT", "TO:<bob@example.test>", 250);
  model.ask("RCPT", "TO:<carol@example.test>", 250);
  model.ask("DATA", "", 354);
  const Index end = model.send_message();
  model.answer(end, 250, "bob", ReplyKind::kRecipient);
  model.answer(end, 552, "carol", ReplyKind::kRecipient);
  model.quit();
  EXPECT_EQ(outcome(), Outcome::kPartial);
}

TEST_F(OutcomeTest, LmtpRefusedForAllIsRejectedOrDeferred) {
  for (const std::uint16_t code : {std::uint16_t{552}, std::uint16_t{452}}) {
    ModelBuilder one;
    one.session().lmtp = true;
    one.open();
    one.envelope();
    one.ask("DATA", "", 354);
    one.answer(one.send_message(), code, "bob", ReplyKind::kRecipient);
    one.quit();
    EXPECT_EQ(outcome_of(one.session()), code == 552 ? Outcome::kRejected : Outcome::kDeferred);
  }
}

TEST_F(OutcomeTest, PermanentRefusalIsRejectedAtEveryStep) {
  for (const char* step : {"MAIL", "RCPT", "DATA", "."}) {
    ModelBuilder one;
    one.open();
    const std::string_view at{step};
    one.ask("MAIL", "FROM:<alice@example.test>", at == "MAIL" ? 550 : 250);
    if (at != "MAIL") one.ask("RCPT", "TO:<bob@example.test>", at == "RCPT" ? 550 : 250);
    if (at == "DATA") one.ask("DATA", "", 554);
    if (at == ".") {
      one.ask("DATA", "", 354);
      one.answer(one.send_message(), 554);
    }
    one.quit();
    EXPECT_EQ(outcome_of(one.session()), Outcome::kRejected) << step;
  }
}

TEST_F(OutcomeTest, WhatFollowsFromATransientRefusalDoesNotMakeItPermanent) {
  for (const std::string_view refused : {"MAIL", "RCPT"}) {
    ModelBuilder one;
    one.open();
    one.ask("MAIL", "FROM:<alice@example.test>", refused == "MAIL" ? 451 : 250);
    one.ask("RCPT", "TO:<bob@example.test>", refused == "MAIL" ? 503 : 450);
    one.ask("DATA", "", 554);
    one.quit();
    EXPECT_EQ(outcome_of(one.session()), Outcome::kDeferred) << refused;
  }
}

TEST_F(OutcomeTest, DataRefusedThoughARecipientWasAcceptedIsRejected) {
  model.open();
  model.ask("MAIL", "FROM:<alice@example.test>", 250);
  model.ask("RCPT", "TO:<bob@example.test>", 450);
  model.ask("RCPT", "TO:<carol@example.test>", 250);
  model.ask("DATA", "", 554);
  model.quit();
  EXPECT_EQ(outcome(), Outcome::kRejected);
}

TEST_F(OutcomeTest, TransientRefusalIsDeferred) {
  model.open();
  model.ask("MAIL", "FROM:<alice@example.test>", 250);
  model.ask("RCPT", "TO:<bob@example.test>", 450);
  model.quit();
  EXPECT_EQ(outcome(), Outcome::kDeferred);
}

TEST_F(OutcomeTest, PermanentRefusalCountsMoreThanTransient) {
  model.open();
  model.ask("MAIL", "FROM:<alice@example.test>", 250);
  model.ask("RCPT", "TO:<bob@example.test>", 450);
  model.ask("RCPT", "TO:<bad@example.test>", 550);
  model.quit();
  EXPECT_EQ(outcome(), Outcome::kRejected);
}

TEST_F(OutcomeTest, ClientThatGivesUpAtOneRefusedRecipientIsRejected) {
  model.open();
  model.envelope();
  model.ask("RCPT", "TO:<bad@example.test>", 550);
  model.quit();
  EXPECT_EQ(outcome(), Outcome::kRejected);
}

TEST_F(OutcomeTest, RefusedChunkIsRejected) {
  model.open();
  model.envelope();
  model.ask("BDAT", "1000", 552);
  model.quit();
  EXPECT_EQ(outcome(), Outcome::kRejected);
}

TEST_F(OutcomeTest, CloseBeforeTheReplyToEndOfDataIsUnknown) {
  model.open();
  model.deliver();
  model.envelope();
  model.ask("DATA", "", 354);
  model.send_message();
  EXPECT_EQ(outcome(), Outcome::kIncomplete);
  model.rst(Side::kServer);
  EXPECT_EQ(outcome(), Outcome::kDeliveryUnknown);
}

TEST_F(OutcomeTest, MessageSentAfterRefusalsOnlyIsRejected) {
  model.open();
  model.ask("MAIL", "FROM:<alice@example.test>", 500);
  model.send("RCPT", "TO:<bob@example.test>");
  model.send("DATA", "");
  model.fin(Side::kServer);
  model.send_message();
  EXPECT_EQ(outcome(), Outcome::kRejected);
}

TEST_F(OutcomeTest, GroupBehindARefusedHelloIsRejected) {
  model.handshake();
  model.greet();
  model.ask("EHLO", "client.example", 500);
  model.send("MAIL", "FROM:<alice@example.test>");
  model.send("QUIT", "");
  model.fin(Side::kServer);
  EXPECT_EQ(outcome(), Outcome::kRejected);
}

TEST_F(OutcomeTest, MessageWithoutA354IsNotUnknown) {
  model.open();
  model.envelope();
  model.send("DATA", "");
  model.fin(Side::kServer);
  model.send_message();
  EXPECT_EQ(outcome(), Outcome::kAbortedByServer);
  model.session().tcp.gaps = 1;  // where the 354 may lie
  EXPECT_EQ(outcome(), Outcome::kDeliveryUnknown);
}

TEST_F(OutcomeTest, LmtpClosedBetweenItsResultsIsUnknown) {
  model.session().lmtp = true;
  model.open();
  model.envelope();
  model.ask("RCPT", "TO:<carol@example.test>", 250);
  model.ask("DATA", "", 354);
  const Index end = model.send_message();
  model.answer(end, 250, "bob", ReplyKind::kRecipient);
  model.session().command(end).reply = 0;
  model.rst(Side::kServer);
  EXPECT_EQ(outcome(), Outcome::kDeliveryUnknown);
}

TEST_F(OutcomeTest, ReplyToEndOfDataLostByTheCaptureIsIncomplete) {
  model.open();
  model.envelope();
  model.ask("DATA", "", 354);
  model.send_message();
  model.quit();
  EXPECT_EQ(outcome(), Outcome::kIncomplete);
}

TEST_F(OutcomeTest, CaptureThatBeginsAtTheReplyToQuitIsIncomplete) {
  model.mid_stream();
  model.unsolicited(221, "2.0.0 Bye");
  model.fin(Side::kServer);
  EXPECT_EQ(outcome(), Outcome::kIncomplete);
}

TEST_F(OutcomeTest, CaptureThatBeginsBeforeA421IsStillAbortedByTheServer) {
  model.mid_stream();
  model.ask("NOOP", "", 250);
  model.unsolicited(421, "4.4.2 Idle for too long");
  model.fin(Side::kServer);
  EXPECT_EQ(outcome(), Outcome::kAbortedByServer);
}

TEST_F(OutcomeTest, ClientSideAloneDoesNotTellWhetherItWasDelivered) {
  model.mid_stream();
  model.session().server_silent = true;
  model.send("MAIL", "FROM:<alice@example.test>");
  model.send("RCPT", "TO:<bob@example.test>");
  model.send("DATA");
  model.send_message();
  model.send("QUIT");
  model.fin(Side::kClient);
  EXPECT_EQ(outcome(), Outcome::kIncomplete);
}

TEST_F(OutcomeTest, CloseInsideATransactionIsAbortedByWhoClosed) {
  for (const Side side : {Side::kClient, Side::kServer}) {
    ModelBuilder one;
    one.open();
    one.envelope();
    one.ask("DATA", "", 354);
    one.begin_content();
    one.rst(side);
    EXPECT_EQ(outcome_of(one.session()),
              side == Side::kClient ? Outcome::kAbortedByClient : Outcome::kAbortedByServer);
  }
}

TEST_F(OutcomeTest, Reply421BeforeTheCloseCountsAsTheServers) {
  model.open();
  model.envelope();
  model.unsolicited(421, "4.4.2 timeout");
  model.fin(Side::kClient);
  EXPECT_EQ(outcome(), Outcome::kAbortedByServer);
}

TEST_F(OutcomeTest, AbortDecidesThoughARecipientWasRefusedBefore) {
  model.open();
  model.envelope();
  model.ask("RCPT", "TO:<bad@example.test>", 550);
  model.ask("DATA", "", 354);
  model.begin_content();
  model.rst(Side::kClient);
  EXPECT_EQ(outcome(), Outcome::kAbortedByClient);
}

TEST_F(OutcomeTest, TransactionThatTheClientDropsIsAbortedByIt) {
  for (const char* verb : {"RSET", "QUIT"}) {
    ModelBuilder one;
    one.open();
    one.envelope();
    if (std::string_view{verb} == "RSET") one.ask("RSET", "", 250);
    one.quit();
    EXPECT_EQ(outcome_of(one.session()), Outcome::kAbortedByClient) << verb;
  }
}

TEST_F(OutcomeTest, DroppedTransactionBesideADeliveryIsDelivered) {
  model.open();
  model.envelope();
  model.ask("RSET", "", 250);
  model.deliver();
  model.quit();
  EXPECT_EQ(outcome(), Outcome::kDelivered);
}

TEST_F(OutcomeTest, DeliveryFollowedByABrokenTransactionIsPartial) {
  model.open();
  model.deliver();
  model.envelope();
  model.rst(Side::kServer);
  EXPECT_EQ(outcome(), Outcome::kPartial);
}

TEST_F(OutcomeTest, CaptureThatEndsInsideATransactionIsIncomplete) {
  model.open();
  model.envelope();
  EXPECT_EQ(outcome(), Outcome::kIncomplete);
  model.ask("DATA", "", 354);
  EXPECT_EQ(outcome(), Outcome::kIncomplete);
}

TEST_F(OutcomeTest, CaptureFromTheMiddleUsesWhatIsKnown) {
  model.mid_stream();
  model.deliver();
  model.quit();
  EXPECT_EQ(outcome(), Outcome::kDelivered);
}

// -- Without a message -----------------------------------------------------------------------

TEST_F(OutcomeTest, QuitWithoutMailIsNoMail) {
  model.open();
  model.quit();
  EXPECT_EQ(outcome(), Outcome::kNoMail);
}

TEST_F(OutcomeTest, UnansweredQuitNeedsTheClose) {
  model.open();
  model.send("QUIT");
  EXPECT_EQ(outcome(), Outcome::kIncomplete);
  model.fin(Side::kClient);
  EXPECT_EQ(outcome(), Outcome::kNoMail);
}

TEST_F(OutcomeTest, QuitAtTheEndOfACaptureFromTheMiddleIsIncomplete) {
  model.mid_stream();
  model.ask("NOOP", "", 250);
  model.quit();
  EXPECT_EQ(outcome(), Outcome::kIncomplete);
}

TEST_F(OutcomeTest, CloseWithoutQuitIsAborted) {
  model.open();
  EXPECT_EQ(outcome(), Outcome::kIncomplete);
  model.fin(Side::kServer);
  EXPECT_EQ(outcome(), Outcome::kAbortedByServer);
}

TEST_F(OutcomeTest, CloseThatFollowsTheClientsCloseNotifyIsTheClients) {
  model.open();
  model.ask("STARTTLS", "", 220);
  TlsFacts& tls = model.client_hello(TlsMode::kStarttls);
  tls.complete = true;
  tls.decrypted = true;
  tls.ended_by = Side::kClient;
  model.ask("MAIL", "FROM:<alice@example.test>", 250);
  model.fin(Side::kServer);
  EXPECT_EQ(outcome(), Outcome::kAbortedByClient);
}

TEST_F(OutcomeTest, RefusedHelloIsRejectedOrDeferred) {
  for (const std::uint16_t code : {std::uint16_t{550}, std::uint16_t{421}}) {
    ModelBuilder one;
    one.handshake();
    one.greet();
    one.ask("EHLO", "client.example", code);
    one.quit();
    EXPECT_EQ(outcome_of(one.session()), code == 550 ? Outcome::kRejected : Outcome::kDeferred);
  }
}

TEST_F(OutcomeTest, HeloAfterRefusedEhloIsNoRefusal) {
  model.handshake();
  model.greet();
  model.ask("EHLO", "client.example", 502);
  model.ask("HELO", "client.example", 250);
  model.quit();
  EXPECT_EQ(outcome(), Outcome::kNoMail);
}

TEST_F(OutcomeTest, EmptySessionIsIncomplete) {
  EXPECT_EQ(outcome_of(Session{}), Outcome::kIncomplete);
}

// -- Completeness ----------------------------------------------------------------------------

TEST(IsComplete, FromTheFirstSynToTheClose) {
  ModelBuilder model;
  model.open();
  EXPECT_FALSE(is_complete(model.session()));
  model.quit();
  EXPECT_TRUE(is_complete(model.session()));
}

TEST(IsComplete, NotWithAGapNorFromTheMiddleNorWithOneCloseOnly) {
  ModelBuilder model;
  model.open();
  model.quit();
  model.session().tcp.gaps = 1;
  EXPECT_FALSE(is_complete(model.session()));
  model.session().tcp.gaps = 0;
  model.session().tcp.mid_stream = true;
  EXPECT_FALSE(is_complete(model.session()));
  model.session().tcp.mid_stream = false;
  model.session().tcp.both_closed = false;
  EXPECT_FALSE(is_complete(model.session()));
}

TEST(IsComplete, ResetClosesBothWaysAndSoDoesARefusal) {
  ModelBuilder model;
  model.open();
  model.rst(Side::kClient);
  EXPECT_TRUE(is_complete(model.session()));
  ModelBuilder refused;
  refused.syn();
  refused.rst(Side::kServer);
  refused.session().tcp.refused = true;
  EXPECT_TRUE(is_complete(refused.session()));
}

}  // namespace
}  // namespace smtp_session
