// SPDX-License-Identifier: GPL-2.0-or-later
//
// Findings about security. Of each id one test raises it and one is a near miss. (SEC-05 and
// SEC-06: see judge_message_test.cpp.)
#include <gtest/gtest.h>

#include "tests/unit/support/findings.h"
#include "tests/unit/support/talk.h"

namespace smtp_session::test {
namespace {

/// The first bytes of a ClientHello: enough to be told from text.
const std::string kClientHello{"\x16\x03\x01\x00\x05\x01\x00\x00\x01\x00", 10};
const std::string kServerHello{"\x16\x03\x03\x00\x05\x02\x00\x00\x01\x00", 10};

Talk& starttls(Talk& talk, std::string_view behind_command = "",
               std::string_view behind_reply = "") {
  talk.handshake().wait(1ms).server("220 mx.example.test ESMTP\r\n").wait(1ms);
  talk.client("EHLO client.example\r\n").wait(1ms);
  talk.server("250-mx.example.test\r\n250 STARTTLS\r\n").wait(1ms);
  talk.client("STARTTLS\r\n" + std::string(behind_command)).wait(1ms);
  return talk.server("220 2.0.0 Ready\r\n" + std::string(behind_reply)).wait(1ms);
}

bool clear_mail(Talk& talk) {
  talk.hello().client("MAIL FROM:<a@client.example>\r\n").server("250 Ok\r\n");
  talk.client("MAIL FROM:<a@client.example>\r\n").server("250 Ok\r\n");
  return count(talk.session(), FindingId::kSec01) == 1;
}

TEST(Sec01, RaisedOnASubmissionPort) {
  Talk talk(587);
  EXPECT_TRUE(clear_mail(talk));
}

TEST(Sec01, RaisedBetweenPublicAddresses) {
  Talk talk;
  // Any addresses that no registry sets apart.
  talk.between(Talk::ipv4(9, 9, 9, 9), Talk::ipv4(8, 8, 8, 8));
  EXPECT_TRUE(clear_mail(talk));
}

TEST(Sec01, NotRaisedOnPort25WithinANetwork) {
  Talk talk;
  talk.between(Talk::ipv4(10, 0, 0, 1), Talk::ipv4(8, 8, 8, 8));
  EXPECT_FALSE(clear_mail(talk));
}

std::size_t stripped(std::string_view line) {
  Talk talk;
  talk.handshake().server("220 mx.example.test\r\n").client("EHLO client.example\r\n");
  talk.server("250-mx.example.test\r\n250-" + std::string(line) + "\r\n250 HELP\r\n").quit();
  return count(talk.session(), FindingId::kSec02);
}

TEST(Sec02, RaisedForAKeywordThatIsOverwritten) {
  EXPECT_EQ(stripped("XXXXXXXA"), 1U);
  EXPECT_EQ(stripped("XXXXXXXX"), 1U);
  EXPECT_EQ(stripped("STARTTLX"), 1U);
}

TEST(Sec02, RaisedWhereStarttlsIsOfferedButNotKnown) {
  Talk talk;
  talk.handshake().server("220 mx.example.test\r\n").client("EHLO client.example\r\n");
  talk.server("250-mx.example.test\r\n250 STARTTLS\r\n");
  talk.client("STARTTLS\r\n").server("500 5.5.1 command not recognized\r\n").quit();
  EXPECT_EQ(count(talk.session(), FindingId::kSec02), 1U);
}

TEST(Sec02, NotRaisedForOtherKeywordsNorForStarttlsThatWasNotOffered) {
  EXPECT_EQ(stripped("XCLIENT NAME"), 0U);
  EXPECT_EQ(stripped("XEXCH50"), 0U);
  EXPECT_EQ(stripped("STARTTLS"), 0U);
  Talk talk;
  talk.hello().client("STARTTLS\r\n").server("502 5.5.1 not implemented\r\n").quit();
  EXPECT_FALSE(has(talk.session(), FindingId::kSec02));
}

TEST(Sec03, RaisedForCommandsBehindStarttls) {
  Talk talk;
  starttls(talk, "MAIL FROM:<x@y.example>\r\n").client(kClientHello).server(kServerHello);
  EXPECT_EQ(text_of(talk.session(), FindingId::kSec03),
            "Behind STARTTLS, before TLS: \"MAIL FROM:<x@y.example>\"");
}

TEST(Sec03, ShowsNoSecret) {
  Talk talk;
  starttls(talk, "AUTH PLAIN AHVzZXIAc2VjcmV0\r\n").client(kClientHello).server(kServerHello);
  EXPECT_EQ(text_of(talk.session(), FindingId::kSec03),
            "Behind STARTTLS, before TLS: \"AUTH PLAIN\"");
}

TEST(Sec03, NotRaisedForAClientHelloBehindStarttls) {
  Talk talk;
  starttls(talk, kClientHello).server(kServerHello);
  EXPECT_FALSE(has(talk.session(), FindingId::kSec03));
}

TEST(Sec04, RaisedForAReplyBehindTheOneToStarttls) {
  Talk talk;
  starttls(talk, "", "250 2.0.0 injected\r\n").client(kClientHello).server(kServerHello);
  EXPECT_TRUE(contains(text_of(talk.session(), FindingId::kSec04), "250 2.0.0 injected"));
}

TEST(Sec04, NotRaisedForAServerThatWaitsInVain) {
  Talk talk;
  starttls(talk).wait(300s).server("421 4.4.2 timeout\r\n").close(Side::kServer);
  EXPECT_FALSE(has(talk.session(), FindingId::kSec04));
}

TEST(Sec04, NotRaisedWhereTheClientGoesOnInClear) {
  Talk talk;
  starttls(talk).client("NOOP\r\n").wait(1ms).server("250 Ok\r\n").quit();
  EXPECT_FALSE(has(talk.session(), FindingId::kSec04));
}

std::size_t control(std::string_view line) {
  Talk talk;
  talk.hello().client(line).server("250 Ok\r\n").quit();
  return count(talk.session(), FindingId::kSec07);
}

TEST(Sec07, RaisedForControlCharacters) {
  EXPECT_EQ(control({"NOOP a\0b\r\n", 10}), 1U);
  EXPECT_EQ(control("NOOP a\rb\r\n"), 1U);
  EXPECT_EQ(control("MAIL FROM:<a@client.example%0d%0aRCPT>\r\n"), 1U);
}

TEST(Sec07, NotRaisedForATabOrAPercentSign) {
  EXPECT_EQ(control("NOOP\tx\r\n"), 0U);
  EXPECT_EQ(control("MAIL FROM:<a%b@client.example>\r\n"), 0U);
}

std::size_t relay(std::string_view reply, bool authenticated) {
  Talk talk;
  talk.hello();
  if (authenticated) talk.client("AUTH PLAIN AHVzZXIAc2VjcmV0\r\n").server("235 Ok\r\n");
  talk.client("MAIL FROM:<a@client.example>\r\n").server("250 Ok\r\n");
  talk.client("RCPT TO:<b@other.example>\r\n").server(reply).quit();
  return count(talk.session(), FindingId::kSec08);
}

TEST(Sec08, RaisedForARefusedRelay) {
  EXPECT_EQ(relay("554 5.7.1 <b@other.example>: Relay access denied\r\n", false), 1U);
  EXPECT_EQ(relay("550 relay not permitted\r\n", false), 1U);
  EXPECT_EQ(relay("454 4.7.1 <b@other.example>: Relay access denied\r\n", false), 1U);
}

TEST(Sec08, NotRaisedAfterAuthNorForAnotherPolicy) {
  EXPECT_EQ(relay("554 5.7.1 Relay access denied\r\n", true), 0U);
  EXPECT_EQ(relay("554 5.7.1 Client host blocked\r\n", false), 0U);
}

}  // namespace
}  // namespace smtp_session::test
