// SPDX-License-Identifier: GPL-2.0-or-later
//
// Findings about Amazon SES. Of each id one test raises it and one is a near miss.
#include <gtest/gtest.h>

#include "dissector/reply_advice.h"
#include "tests/unit/support/findings.h"
#include "tests/unit/support/talk.h"

namespace smtp_session::test {
namespace {

constexpr const char* kSes =
    "220 email-smtp.us-east-1.amazonaws.com ESMTP SimpleEmailService-d-1\r\n";
constexpr const char* kOther = "220 mx.example.test ESMTP Postfix\r\n";
constexpr const char* kId = "0000012345678e09-123a4cdc-b56c-78dd-b90e-d123be456789-000000";

Talk& greet(Talk& talk, const char* greeting) {
  talk.handshake().wait(1ms).server(greeting).wait(1ms).client("EHLO client.example\r\n");
  talk.wait(1ms).server(
      "250-mx.example.test\r\n250-SIZE 10485760\r\n250-AUTH PLAIN LOGIN\r\n250 Ok\r\n");
  return talk.wait(1ms);
}

Talk& send_message(Talk& talk, const std::string& reply) {
  talk.client("MAIL FROM:<a@client.example>\r\n").wait(1ms).server("250 Ok\r\n").wait(1ms);
  talk.client("RCPT TO:<b@example.test>\r\n").wait(1ms).server("250 Ok\r\n").wait(1ms);
  talk.client("DATA\r\n").wait(1ms).server("354 End data with <CR><LF>.<CR><LF>\r\n").wait(1ms);
  talk.client("Subject: x\r\n\r\ntext\r\n.\r\n").wait(1ms).server(reply);
  return talk.wait(1ms);
}

/// True where `reply` to `command` raises `id`.
bool raised(FindingId id, const char* greeting, const char* command, const std::string& reply) {
  Talk talk;
  greet(talk, greeting).client(command).wait(1ms).server(reply + "\r\n");
  return has(talk.session(), id);
}
bool to_mail(FindingId id, const std::string& reply, const char* greeting = kSes) {
  return raised(id, greeting, "MAIL FROM:<a@client.example>\r\n", reply);
}
bool to_auth(FindingId id, const std::string& reply, const char* greeting = kSes) {
  return raised(id, greeting, "AUTH PLAIN AHVzZXIAc2VjcmV0\r\n", reply);
}
bool to_message(FindingId id, const std::string& reply, const char* greeting = kSes) {
  Talk talk;
  send_message(greet(talk, greeting), reply + "\r\n");
  return has(talk.session(), id);
}

TEST(Ses01, RaisedAsChatWithTheMessageId) {
  Talk talk;
  send_message(greet(talk, kSes), std::string("250 Ok ") + kId + "\r\n").quit();
  EXPECT_EQ(first(talk.session(), FindingId::kSes01).severity, Severity::kChat);
  EXPECT_EQ(text_of(talk.session(), FindingId::kSes01), std::string("Message id ") + kId);
  EXPECT_EQ(above_chat(talk.session()), "");
}

TEST(Ses01, RaisedAsAWarningWithoutAnId) {
  Talk talk;
  send_message(greet(talk, kSes), "250 Ok\r\n").quit();
  EXPECT_EQ(first(talk.session(), FindingId::kSes01).severity, Severity::kWarn);
}

TEST(Ses01, NotRaisedForTheIdsOfOthers) {
  EXPECT_FALSE(to_message(FindingId::kSes01, "250 2.0.0 Ok: queued as 7C589AAA09E", kOther));
  EXPECT_FALSE(to_message(FindingId::kSes01, "250 Ok", kOther));
}

TEST(Ses02, RaisedForTheWordsOfSes) {
  EXPECT_TRUE(to_auth(FindingId::kSes02, "235 Authentication successful."));
}
TEST(Ses02, NotRaisedForOtherServers) {
  EXPECT_FALSE(to_auth(FindingId::kSes02, "235 2.7.0 Authentication successful", kOther));
}

TEST(Ses03, RaisedForTooManyConnections) {
  EXPECT_TRUE(to_mail(FindingId::kSes03, "421 Too many concurrent SMTP connections"));
}
TEST(Ses03, NotRaisedForTheWordsOfExim) {
  EXPECT_FALSE(to_mail(
      FindingId::kSes03,
      "421 mx.example.test: Too many concurrent SMTP connections; please try again later", kOther));
}

TEST(Ses04, RaisedForBothCodes) {
  EXPECT_TRUE(to_message(FindingId::kSes04, "451 Temporary service failure"));
  EXPECT_TRUE(to_message(FindingId::kSes04, "454 Temporary service failure"));
}
TEST(Ses04, NotRaisedForAnotherServer) {
  EXPECT_FALSE(to_message(FindingId::kSes04, "451 4.3.0 Temporary lookup failure", kOther));
}

TEST(Ses05, RaisedWithTheIdleTimeBeforeIt) {
  Talk talk;
  send_message(greet(talk, kSes), std::string("250 Ok ") + kId + "\r\n");
  talk.wait(9s).server("451 4.4.2 Timeout waiting for data from client.\r\n").close(Side::kServer);
  EXPECT_TRUE(contains(text_of(talk.session(), FindingId::kSes05), "idle before: 9.001 s"));
}

TEST(Ses05, RaisedForTheNextCommandAfterAPause) {
  Talk talk;
  send_message(greet(talk, kSes), std::string("250 Ok ") + kId + "\r\n");
  talk.wait(20s).client("MAIL FROM:<a@client.example>\r\n").wait(1ms);
  talk.server("421 Timeout waiting for data from client.\r\n").close(Side::kServer);
  EXPECT_TRUE(contains(text_of(talk.session(), FindingId::kSes05), "idle before: 20.001 s"));
}

TEST(Ses05, RaisedByTheWordsAlone) {
  EXPECT_TRUE(
      to_mail(FindingId::kSes05, "451 4.4.2 Timeout waiting for data from client.", kOther));
}

TEST(Ses05, NotRaisedForAnotherTimeLimit) {
  EXPECT_FALSE(
      to_mail(FindingId::kSes05, "421 4.4.2 mx.example.test Error: timeout exceeded", kOther));
}

TEST(Ses06, RaisedWithTheRateOfTheSession) {
  Talk talk;
  send_message(greet(talk, kSes), std::string("250 Ok ") + kId + "\r\n");
  send_message(talk, "454 Throttling failure: Maximum sending rate exceeded\r\n");
  EXPECT_TRUE(contains(text_of(talk.session(), FindingId::kSes06), "2 messages in"));
  EXPECT_FALSE(has(talk.session(), FindingId::kSes07));
}
TEST(Ses06, NotRaisedForAnother454) {
  EXPECT_FALSE(to_message(FindingId::kSes06, "454 4.7.1 Relay access denied", kOther));
}

TEST(Ses07, RaisedForTheDailyQuota) {
  EXPECT_TRUE(
      to_message(FindingId::kSes07, "454 Throttling failure: Daily message quota exceeded"));
}
TEST(Ses07, NotRaisedForTheRate) {
  EXPECT_FALSE(
      to_message(FindingId::kSes07, "454 Throttling failure: Maximum sending rate exceeded"));
}

TEST(Ses08, RaisedForATemporaryAuthenticationFailure) {
  EXPECT_TRUE(to_auth(FindingId::kSes08, "454 Temporary authentication failure"));
}
TEST(Ses08, NotRaisedForTheWordsOfPostfix) {
  EXPECT_FALSE(to_auth(FindingId::kSes08,
                       "454 4.7.0 Temporary authentication failure: no mechanism", kOther));
}

TEST(Ses09, RaisedWhereAuthenticationIsMissing) {
  EXPECT_TRUE(to_mail(FindingId::kSes09, "530 Authentication required"));
}
TEST(Ses09, NotRaisedForAnotherServer) {
  EXPECT_FALSE(to_mail(FindingId::kSes09, "530 5.7.1 Authentication required", kOther));
}

TEST(Ses10, RaisedWhereTlsIsMissing) {
  EXPECT_TRUE(to_mail(FindingId::kSes10, "530 Must issue a STARTTLS command first"));
}
TEST(Ses10, NotRaisedForPostfix) {
  EXPECT_FALSE(to_mail(FindingId::kSes10, "530 5.7.0 Must issue a STARTTLS command first", kOther));
}

TEST(Ses11, RaisedForInvalidCredentials) {
  EXPECT_TRUE(to_auth(FindingId::kSes11, "535 Authentication Credentials Invalid"));
}
TEST(Ses11, NotRaisedForAnotherServer) {
  EXPECT_FALSE(to_auth(FindingId::kSes11, "535 5.7.8 Authentication credentials invalid", kOther));
}

TEST(Ses12, RaisedForAnAccountThatIsNotSignedUp) {
  EXPECT_TRUE(to_auth(FindingId::kSes12, "535 Account not subscribed to SES"));
}
TEST(Ses12, NotRaisedForInvalidCredentials) {
  EXPECT_FALSE(to_auth(FindingId::kSes12, "535 Authentication Credentials Invalid"));
}

TEST(Ses13, RaisedWithTheSizes) {
  Talk talk;
  send_message(greet(talk, kSes), "552 Message is too long.\r\n");
  EXPECT_TRUE(
      contains(text_of(talk.session(), FindingId::kSes13), "SIZE offered: 10485760, sent: 20"));
}
TEST(Ses13, NotRaisedForAnotherServer) {
  EXPECT_FALSE(to_message(FindingId::kSes13, "552 5.3.4 Message size exceeds fixed limit", kOther));
}

TEST(Ses14, RaisedForAUserWithoutTheRight) {
  EXPECT_TRUE(
      to_message(FindingId::kSes14,
                 "554 Access denied: User `arn:aws:iam::123456789012:user/x' is not authorized "
                 "to perform `ses:SendRawEmail' on resource `arn:aws:ses:x'"));
}
TEST(Ses14, NotRaisedForAnotherAccessDenied) {
  EXPECT_FALSE(to_message(FindingId::kSes14, "554 5.7.1 Access denied", kOther));
}

TEST(Ses15, RaisedForAnIdentityThatIsNotVerified) {
  EXPECT_TRUE(to_message(FindingId::kSes15,
                         "554 Message rejected: Email address is not verified. The following "
                         "identities failed the check in region US-EAST-1: a@client.example"));
}
TEST(Ses15, NotRaisedForAnotherRejection) {
  EXPECT_FALSE(to_message(FindingId::kSes15, "554 Message rejected: Sending paused"));
}

/// A session with SES of `age` that ends without QUIT.
bool long_lived(std::chrono::nanoseconds age, const char* greeting) {
  Talk talk;
  greet(talk, greeting).wait(age).rst(Side::kServer);
  return has(talk.session(), FindingId::kSes16);
}
TEST(Ses16, RaisedForALongSessionThatIsCut) {
  EXPECT_TRUE(long_lived(601s, kSes));
}
TEST(Ses16, NotRaisedForAShortOneNorForAnotherServer) {
  EXPECT_FALSE(long_lived(60s, kSes));
  EXPECT_FALSE(long_lived(601s, kOther));
}

TEST(Ses17, RaisedForOtherRefusals) {
  EXPECT_TRUE(to_mail(FindingId::kSes17, "501 Invalid MAIL FROM address provided"));
  EXPECT_TRUE(to_message(FindingId::kSes17, "554 Transaction failed: Expected MIME type"));
  EXPECT_TRUE(to_message(FindingId::kSes17, "554 Something new"));
}
TEST(Ses17, NotRaisedForAnotherServer) {
  EXPECT_FALSE(to_message(FindingId::kSes17, "554 5.7.1 Transaction failed", kOther));
}

TEST(Ses17, RaisedByARowOfTheUser) {
  std::vector<AdviceError> errors;
  const ReplyAdvice table("554\t*\t*\tour own words\tSES-17\tDo this.\n", errors);
  ASSERT_TRUE(errors.empty());
  Config config;
  config.reply_advice = &table;
  Talk talk(25, 0, config);
  send_message(greet(talk, kOther), "554 5.7.1 our own words\r\n");
  const Finding finding = first(talk.session(), FindingId::kSes17);
  EXPECT_EQ(finding_advice(talk.session(), finding), "Do this.");
}

}  // namespace
}  // namespace smtp_session::test
