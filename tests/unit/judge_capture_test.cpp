// SPDX-License-Identifier: GPL-2.0-or-later
//
// Findings that only the whole capture shows. Of each one test raises it and one is a near miss.
#include <gtest/gtest.h>

#include "tests/unit/support/findings.h"
#include "tests/unit/support/talk.h"

namespace smtp_session::test {
namespace {

Talk& hello(Talk& talk, std::string_view extensions) {
  talk.handshake().wait(1ms).server("220 mx.example.test ESMTP\r\n").wait(1ms);
  talk.client("EHLO client.example\r\n").wait(1ms);
  std::string reply = "250-mx.example.test\r\n";
  while (!extensions.empty()) {
    const std::string_view word = extensions.substr(0, extensions.find(' '));
    extensions.remove_prefix(std::min(extensions.size(), word.size() + 1));
    reply += (extensions.empty() ? "250 " : "250-") + std::string(word) + "\r\n";
  }
  return talk.server(reply).wait(1ms);
}

TEST(Ehl05, RaisedInTheSessionThatDiffers) {
  Talk talk;
  hello(talk, "PIPELINING STARTTLS").quit().reconnect();
  hello(talk, "PIPELINING STARTTLS").quit().reconnect();
  hello(talk, "PIPELINING").quit();
  EXPECT_FALSE(has(talk.session(0), FindingId::kEhl05));
  EXPECT_FALSE(has(talk.session(1), FindingId::kEhl05));
  EXPECT_EQ(text_of(talk.session(2), FindingId::kEhl05),
            "Other than in session 0: without STARTTLS");
}

TEST(Ehl05, NotRaisedForAnotherServerOrAnotherOrder) {
  Talk talk;
  hello(talk, "PIPELINING STARTTLS").quit().reconnect();
  hello(talk, "STARTTLS PIPELINING").quit().reconnect(587);
  hello(talk, "PIPELINING").quit();
  for (std::size_t i = 0; i < 3; ++i) EXPECT_FALSE(has(talk.session(i), FindingId::kEhl05));
}

TEST(Sec02, RaisedWhereAnotherSessionWasOfferedStarttls) {
  Talk talk;
  hello(talk, "STARTTLS").quit().reconnect();
  hello(talk, "PIPELINING").client("STARTTLS\r\n").server("500 5.5.1 unknown\r\n").quit();
  EXPECT_EQ(count(talk.session(1), FindingId::kSec02), 1U);
  EXPECT_FALSE(has(talk.session(0), FindingId::kSec02));
}

void failed_auth(Talk& talk) {
  hello(talk, "AUTH").client("AUTH PLAIN AHVzZXIAc2VjcmV0\r\n").server("535 5.7.8 no\r\n").quit();
  talk.reconnect();
}

TEST(Aut07, RaisedAtTheThirdFailureOfOneClient) {
  Talk talk;
  for (int i = 0; i < 4; ++i) failed_auth(talk);
  EXPECT_FALSE(has(talk.session(1), FindingId::kAut07));
  EXPECT_EQ(text_of(talk.session(2), FindingId::kAut07),
            "4 failed AUTH of 192.0.2.1 in 4 sessions");
  EXPECT_FALSE(has(talk.session(3), FindingId::kAut07));
}

TEST(Aut07, NotRaisedForTwoFailures) {
  Talk talk;
  for (int i = 0; i < 2; ++i) failed_auth(talk);
  EXPECT_FALSE(has(talk.session(1), FindingId::kAut07));
}

void one_recipient(Talk& talk, const char* reply) {
  hello(talk, "SIZE").client("MAIL FROM:<a@client.example>\r\n").server("250 Ok\r\n");
  talk.client("RCPT TO:<b@example.test>\r\n").server(reply).quit().reconnect();
}

TEST(Cmd06, RaisedForUnknownRecipientsOverSeveralSessions) {
  Talk talk;
  for (int i = 0; i < 5; ++i) one_recipient(talk, "550 5.1.1 unknown\r\n");
  EXPECT_TRUE(has(talk.session(4), FindingId::kCmd06));
}

TEST(Cmd06, NotRaisedForAFewAmongMany) {
  Talk talk;
  for (int i = 0; i < 6; ++i) one_recipient(talk, "250 Ok\r\n");
  for (int i = 0; i < 5; ++i) one_recipient(talk, "550 5.1.1 unknown\r\n");
  for (std::size_t i = 0; i < 11; ++i) EXPECT_FALSE(has(talk.session(i), FindingId::kCmd06));
}

constexpr const char* kMessage = "Message-ID: <1@client.example>\r\n\r\ntext\r\n.\r\n";

Talk& send_message(Talk& talk, const char* message = kMessage) {
  hello(talk, "SIZE").client("MAIL FROM:<a@client.example>\r\n").server("250 Ok\r\n");
  talk.client("RCPT TO:<b@example.test>\r\n").server("250 Ok\r\n");
  return talk.client("DATA\r\n").server("354 go\r\n").client(message).wait(1ms);
}

TEST(Dup01, RaisedWhereAMessageOfUnknownEndIsSentAgain) {
  Talk talk;
  send_message(talk).wait(10s).close(Side::kClient).reconnect();
  talk.wait(50s);
  send_message(talk).server("250 Ok\r\n").quit();
  EXPECT_FALSE(has(talk.session(0), FindingId::kDup01));
  EXPECT_TRUE(contains(text_of(talk.session(1), FindingId::kDup01),
                       "Message-ID <1@client.example> of session 0"));
}

TEST(Dup01, NotRaisedWhereTheFirstWasRefusedOrTheIdDiffers) {
  Talk talk;
  send_message(talk).server("451 4.3.0 later\r\n").quit().reconnect();
  send_message(talk).wait(10s).close(Side::kClient).reconnect();
  send_message(talk, "Message-ID: <2@client.example>\r\n\r\ntext\r\n.\r\n").server("250 Ok\r\n");
  EXPECT_FALSE(has(talk.session(1), FindingId::kDup01));
  EXPECT_FALSE(has(talk.session(2), FindingId::kDup01));
}

TEST(Rep06, RaisedWhereAGreylistedMailIsAcceptedInTheEnd) {
  Talk talk;
  one_recipient(talk, "450 4.7.1 Greylisted\r\n");
  talk.wait(300s);
  one_recipient(talk, "450 4.7.1 Greylisted\r\n");
  talk.wait(300s);
  send_message(talk).server("250 Ok\r\n").quit();
  EXPECT_TRUE(contains(text_of(talk.session(2), FindingId::kRep06), "Accepted 300."));
  EXPECT_TRUE(contains(text_of(talk.session(2), FindingId::kRep06), "after 450 in session 1"));
  EXPECT_EQ(count(talk.session(1), FindingId::kRep06), 1U);
}

TEST(Rep06, NotRaisedForAnotherRecipientThatIsAccepted) {
  Talk talk;
  hello(talk, "SIZE").client("MAIL FROM:<a@client.example>\r\n").server("250 Ok\r\n");
  talk.client("RCPT TO:<other@example.test>\r\n").server("450 4.7.1 Greylisted\r\n").quit();
  talk.reconnect();
  send_message(talk).server("250 Ok\r\n").quit();
  EXPECT_FALSE(has(talk.session(1), FindingId::kRep06));
}

TEST(Rep04, RaisedAsANoteWhereADeferredMailIsTriedAgain) {
  Talk talk;
  one_recipient(talk, "452 4.2.2 full\r\n");
  talk.wait(60s);
  send_message(talk).server("250 Ok\r\n").quit();
  const Finding finding = first(talk.session(1), FindingId::kRep04);
  EXPECT_EQ(finding.severity, Severity::kNote);
  EXPECT_TRUE(contains(finding_text(talk.session(1), finding), "Accepted 60."));
}

TEST(Tcp01, RaisedAgainWhereAnotherPortAnswers) {
  Talk talk;
  talk.syn().wait(1s).sequence_numbers(1000, 5000).syn().wait(3s).reconnect(587);
  hello(talk, "SIZE").quit();
  EXPECT_EQ(count(talk.session(0), FindingId::kTcp01), 2U);
  EXPECT_FALSE(has(talk.session(1), FindingId::kTcp01));
}

TEST(Tcp01, NotRaisedAgainWhereNoOtherPortAnswers) {
  Talk talk;
  talk.syn().wait(1s).sequence_numbers(1000, 5000).syn();
  EXPECT_EQ(count(talk.session(0), FindingId::kTcp01), 1U);
}

void idle_until(Talk& talk, std::chrono::nanoseconds limit) {
  hello(talk, "SIZE").wait(limit).server("421 4.4.2 timeout\r\n").close(Side::kServer).reconnect();
}

TEST(Rep05, RaisedWithTheIdleLimitOfTheServer) {
  Talk talk;
  idle_until(talk, 10s);
  idle_until(talk, 10100ms);
  EXPECT_EQ(count(talk.session(0), FindingId::kRep05), 1U);
  EXPECT_EQ(count(talk.session(1), FindingId::kRep05), 2U);
}

TEST(Rep05, NotRaisedWithALimitWhereTheWaitsDiffer) {
  Talk talk;
  idle_until(talk, 10s);
  idle_until(talk, 300s);
  EXPECT_EQ(count(talk.session(1), FindingId::kRep05), 1U);
}

TEST(Ses06, RaisedWithThePeakRateOfTheCapture) {
  Talk talk;
  hello(talk, "SIZE");
  for (int i = 0; i < 3; ++i) {
    talk.client("MAIL FROM:<a@client.example>\r\n").server("250 Ok\r\n");
    talk.client("RCPT TO:<b@example.test>\r\n").server("250 Ok\r\n");
    talk.client("DATA\r\n").server("354 go\r\n").client("\r\nx\r\n.\r\n").wait(100ms);
    talk.server(i < 2 ? "250 Ok\r\n" : "454 Throttling failure: Maximum sending rate exceeded\r\n");
  }
  talk.quit();
  EXPECT_EQ(count(talk.session(0), FindingId::kSes06), 2U);
  bool told = false;
  for (const Finding& finding : talk.session(0).findings) {
    told = told || contains(finding_text(talk.session(0), finding),
                            "At the most 3 messages came within one second");
  }
  EXPECT_TRUE(told);
}

/// 300 commands of 1 ms each, and one of `slow`.
std::size_t outliers(std::chrono::nanoseconds slow) {
  Talk talk;
  hello(talk, "SIZE");
  for (int i = 0; i < 300; ++i) {
    talk.client("NOOP\r\n").wait(i == 200 ? slow : 2ms).server("250 Ok\r\n");
  }
  talk.quit();
  return count(talk.session(0), FindingId::kLat01);
}

TEST(Lat01, RaisedForAReplyThatIsFarSlowerThanTheRest) {
  EXPECT_EQ(outliers(300ms), 1U);
}

TEST(Lat01, NotRaisedForTheLastHundredthAsSuch) {
  EXPECT_EQ(outliers(5ms), 0U);
}

TEST(WholeCapture, IsJudgedAnewEachTime) {
  Talk talk;
  hello(talk, "PIPELINING STARTTLS").quit().reconnect();
  hello(talk, "PIPELINING").quit();
  const std::size_t once = talk.session(1).findings.size();
  EXPECT_EQ(talk.session(1).findings.size(), once);
  EXPECT_EQ(count(talk.session(1), FindingId::kEhl05), 1U);
}

}  // namespace
}  // namespace smtp_session::test
