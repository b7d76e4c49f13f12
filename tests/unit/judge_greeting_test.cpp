// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/judge_greeting.h"

#include <gtest/gtest.h>

#include <string>

#include "dissector/address_text.h"
#include "dissector/hello_reply.h"
#include "tests/unit/support/findings.h"
#include "tests/unit/support/talk.h"

namespace smtp_session {
namespace {

using namespace test;

constexpr char kGreeting[] = "220 mx.example.test ESMTP\r\n";

Talk& greet_after(Talk& talk, std::chrono::milliseconds wait) {
  return talk.handshake().wait(wait).server(kGreeting).wait(1ms).quit();
}

TEST(Grt01, RaisedAsNoteWithTheTime) {
  Talk talk;
  EXPECT_EQ(shown(greet_after(talk, 1100ms).session(), FindingId::kGrt01),
            "note 4: Greeting after 1.100 s, of it round trip 1.000 ms");
}
TEST(Grt01, RaisedAsWarningWithTheLikelyCause) {
  Talk talk;
  EXPECT_EQ(shown(greet_after(talk, 6000ms).session(), FindingId::kGrt01),
            "warn 4: Greeting after 6.000 s, of it round trip 1.000 ms; likely a greeting pause "
            "(Postfix postscreen: 6 s)");
}
TEST(Grt01, RaisedWhereTheLastLineIsHeldBack) {
  Talk talk;
  talk.handshake().wait(2ms).server("220-mx.example.test ESMTP\r\n").wait(2s);
  talk.server("220 mx.example.test ESMTP\r\n").wait(1ms).quit();
  EXPECT_EQ(
      shown(talk.session(), FindingId::kGrt01),
      "note 5: Greeting after 2.002 s (its first line after 2.000 ms), of it round trip 1.000 "
      "ms; likely a greeting pause, as of Postfix's postscreen");
}
TEST(Grt01, NotRaisedWhereTheRestIsARoundTrip) {
  Talk talk;
  EXPECT_EQ(shown(greet_after(talk, 1001ms).session(), FindingId::kGrt01), "-");
}

TEST(Grt02, RaisedWhereTheClientLeavesFirst) {
  Talk talk;
  talk.handshake().wait(30s).close(Side::kClient);
  EXPECT_EQ(shown(talk.session(), FindingId::kGrt02),
            "error 4: The client left after 30.000 s without a greeting");
}
TEST(Grt02, RaisedAtTheFirstFrameBehindTheLimit) {
  Talk talk;
  talk.handshake().wait(301s).ack(Side::kServer);
  EXPECT_EQ(shown(talk.session(), FindingId::kGrt02), "error 4: No greeting after 301.000 s");
}
TEST(Grt02, RaisedWhereTheGreetingComesTooLate) {
  Talk talk;
  EXPECT_EQ(shown(greet_after(talk, 301000ms).session(), FindingId::kGrt02),
            "error 4: The greeting came only after 301.000 s");
}
TEST(Grt02, NotRaisedWhereTheServerCloses) {
  Talk talk;
  talk.handshake().wait(1s).close(Side::kServer);
  EXPECT_EQ(shown(talk.session(), FindingId::kGrt02), "-");
}
TEST(Grt02, NotRaisedWhereTheGreetingMayLieInAGap) {
  Talk talk;
  talk.handshake().lost(Side::kServer, kGreeting).wait(1ms).client("QUIT\r\n");
  talk.wait(1ms).close(Side::kClient);
  EXPECT_EQ(shown(talk.session(), FindingId::kGrt02), "-");
}

TEST(Grt03, RaisedByAGreetingThatRefuses) {
  Talk talk;
  talk.handshake().wait(1ms).server("554 No service\r\n").wait(1ms).quit();
  EXPECT_EQ(shown(talk.session(), FindingId::kGrt03), "error 4: Greeting 554: No service");
}
TEST(Grt03, QuotesAllLines) {
  Talk talk;
  talk.handshake().wait(1ms).server("554-mx.example.test\r\n554 5.7.1 Blocked\r\n");
  EXPECT_EQ(text_of(talk.session(), FindingId::kGrt03),
            "Greeting 554: mx.example.test 5.7.1 Blocked");
}
TEST(Grt03, NotRaisedWhereOnlyALaterReplyRefuses) {
  Talk talk;
  talk.hello().wait(1ms).client("MAIL FROM:<>\r\n").wait(1ms).server("554 No\r\n").wait(1ms).quit();
  EXPECT_EQ(shown(talk.session(), FindingId::kGrt03), "-");
}

TEST(Grt04, RaisedByWordsBeforeTheGreeting) {
  Talk talk;
  talk.handshake().wait(2ms).client("EHLO a.example\r\n").wait(1ms).server(kGreeting);
  EXPECT_EQ(shown(talk.session(), FindingId::kGrt04),
            "warn 4: The client speaks 2.000 ms after the handshake, before it has the "
            "whole greeting");
}
TEST(Grt04, RaisedByWordsBetweenTheLinesOfTheGreeting) {
  Talk talk;
  talk.handshake().wait(1ms).server("220-mx.example.test\r\n").wait(1ms);
  talk.client("EHLO a.example\r\n").wait(5s).server(kGreeting);
  EXPECT_EQ(first(talk.session(), FindingId::kGrt04).frame, 5U);
}
TEST(Grt04, RaisedAloneWhereTheReplyBreaksOffTheGreeting) {
  Talk talk;
  talk.handshake().wait(1ms).server("220-mx.example.test\r\n").wait(1ms);
  talk.client("EHLO a.example\r\n").wait(1ms).server("250-mx.example.test\r\n250 SIZE\r\n");
  talk.quit();
  EXPECT_EQ(above_chat(talk.session()), "GRT-04");
}
TEST(Grt04, RaisedWhereTheWordsCrossTheGreetingOnTheWay) {
  Talk talk;
  talk.handshake().wait(1ms).server(kGreeting);
  const std::uint32_t unheard = talk.next(Side::kServer) - 27;
  talk.send(Side::kClient, TcpFlags::kAck, "QUIT\r\n", talk.next(Side::kClient), unheard);
  talk.skip(Side::kClient, 6).wait(1ms).server("221 Bye\r\n");
  EXPECT_EQ(first(talk.session(), FindingId::kGrt04).frame, 5U);
}
TEST(Grt04, NotRaisedWhereTheGreetingWasNotCaptured) {
  Talk talk;
  talk.handshake().lost(Side::kServer, kGreeting).wait(1ms).client("EHLO a.example\r\n");
  talk.wait(1ms).server("250 mx.example.test\r\n").wait(1ms).quit();
  EXPECT_EQ(shown(talk.session(), FindingId::kGrt04), "-");
}
TEST(Grt04, NotRaisedAtAProxyHeader) {
  Talk talk;
  talk.handshake().client("PROXY TCP4 203.0.113.7 198.51.100.25 41000 25\r\n");
  talk.wait(1ms).server(kGreeting).wait(1ms).quit();
  EXPECT_EQ(shown(talk.session(), FindingId::kGrt04), "-");
}

TEST(Grt04, NotRaisedWhereTheTailOfAProxyHeaderArrivesFirst) {
  Talk talk;
  const std::string header = "PROXY TCP4 203.0.113.7 198.51.100.25 41000 25\r\n";
  talk.handshake().at(Side::kClient, 6, header.substr(6)).at(Side::kClient, 0, header.substr(0, 6));
  talk.skip(Side::kClient, header.size()).wait(1ms).server(kGreeting).wait(1ms).quit();
  EXPECT_EQ(shown(talk.session(), FindingId::kGrt04), "-");
}

TEST(Grt05, RaisedByAnotherProtocol) {
  Talk talk;
  talk.handshake().wait(1ms).server("SSH-2.0-OpenSSH_9.2\r\n");
  EXPECT_EQ(shown(talk.session(), FindingId::kGrt05),
            "warn 4: The server begins with \"SSH-2.0-OpenSSH_9.2\": SSH");
}
TEST(Grt05, RaisedByACodeThatIsNoGreeting) {
  Talk talk;
  talk.handshake().wait(1ms).server("354 Go\r\n");
  EXPECT_EQ(shown(talk.session(), FindingId::kGrt05), "warn 4: The server begins with \"354 Go\"");
}
TEST(Grt05, NotRaisedAtAGreetingOfSeveralLines) {
  Talk talk;
  talk.handshake().wait(1ms).server("220-mx.example.test\r\n220 ESMTP\r\n").wait(1ms).quit();
  EXPECT_EQ(shown(talk.session(), FindingId::kGrt05), "-");
}

TEST(Grt06, RaisedByAMaskedGreeting) {
  Talk talk;
  talk.handshake().wait(1ms).server("220 ***********0*2**********\r\n").wait(1ms).quit();
  EXPECT_EQ(shown(talk.session(), FindingId::kGrt06),
            "note 4: The greeting is \"***********0*2**********\"");
}
TEST(Grt06, NotRaisedWhereAsterisksOnlyDecorate) {
  Talk talk;
  talk.handshake().wait(1ms).server("220 **** mx.example.test ESMTP ready ****\r\n");
  talk.wait(1ms).quit();
  EXPECT_EQ(shown(talk.session(), FindingId::kGrt06), "-");
}

Talk& hello_with(Talk& talk, const std::string& line, const char* greeting = kGreeting,
                 const char* answer = "250 mx.example.test\r\n") {
  talk.handshake().wait(1ms).server(greeting).wait(1ms).client(line + "\r\n");
  return talk.wait(1ms).server(answer).wait(1ms).quit();
}

TEST(Ehl01, RaisedWhereTheGreetingSaysEsmtp) {
  Talk talk;
  EXPECT_EQ(shown(hello_with(talk, "HELO a.example").session(), FindingId::kEhl01),
            "note 5: HELO, though the greeting says ESMTP");
}
TEST(Ehl01, RaisedWhereEhloWasRefused) {
  Talk talk;
  talk.handshake().wait(1ms).server("220 mx.example.test\r\n").wait(1ms);
  talk.client("EHLO a.example\r\n").wait(1ms).server("502 What?\r\n").wait(1ms);
  talk.client("HELO a.example\r\n").wait(1ms).server("250 Ok\r\n").wait(1ms).quit();
  EXPECT_EQ(shown(talk.session(), FindingId::kEhl01),
            "note 7: EHLO was refused with 502, so the client uses HELO");
}
TEST(Ehl01, NotRaisedWhereTheGreetingDoesNotSayEsmtp) {
  Talk talk;
  EXPECT_EQ(shown(hello_with(talk, "HELO a.example", "220 mx.example.test SMTP\r\n").session(),
                  FindingId::kEhl01),
            "-");
}

TEST(Ehl02, RaisedByLocalhost) {
  Talk talk;
  EXPECT_EQ(shown(hello_with(talk, "EHLO localhost").session(), FindingId::kEhl02),
            "warn 5: The name in EHLO \"localhost\" says nothing about the client");
}
TEST(Ehl02, RaisedByTheServersRefusal) {
  Talk talk;
  EXPECT_EQ(shown(hello_with(talk, "EHLO a_b.example", kGreeting, "501 Bad name\r\n").session(),
                  FindingId::kEhl02),
            "warn 6: The server refuses the name \"a_b.example\" with 501");
}
TEST(Ehl02, RaisedOnceForOneHello) {
  Talk talk;
  hello_with(talk, "EHLO", kGreeting, "501 Name, please\r\n");
  EXPECT_EQ(shown(talk.session(), FindingId::kEhl02), "warn 5: The name in EHLO is missing");
  EXPECT_EQ(count(talk.session(), FindingId::kEhl02), 1U);
}
TEST(Ehl02, NotRaisedAtAnAddressLiteral) {
  Talk talk;
  EXPECT_EQ(shown(hello_with(talk, "EHLO [IPv6:2001:db8::1]").session(), FindingId::kEhl02), "-");
}
TEST(Ehl02, NotRaisedAtLocalhostInLmtp) {
  Talk talk(24);
  EXPECT_EQ(shown(hello_with(talk, "LHLO localhost").session(), FindingId::kEhl02), "-");
}

TEST(HelloNames, AreToldApart) {
  EXPECT_EQ(hello_name("mx.example.test"), HelloName::kHost);
  EXPECT_EQ(hello_name("[192.0.2.1]"), HelloName::kLiteral);
  EXPECT_EQ(hello_name("[ipv6:2001:db8::192.0.2.1]"), HelloName::kLiteral);
  EXPECT_EQ(hello_name("[192.0.2.256]"), HelloName::kBadLiteral);
  EXPECT_EQ(hello_name("[2001:db8::1]"), HelloName::kBadLiteral);
  EXPECT_EQ(hello_name("[192.0.2.1"), HelloName::kBadLiteral);
  EXPECT_EQ(hello_name("[]"), HelloName::kBadLiteral);
  EXPECT_EQ(hello_name("192.0.2.1"), HelloName::kBareAddress);
  EXPECT_EQ(hello_name("2001:db8::1"), HelloName::kBareAddress);
  EXPECT_EQ(hello_name("mailhost"), HelloName::kNoDot);
  EXPECT_EQ(hello_name("LocalHost"), HelloName::kLocalhost);
  EXPECT_EQ(hello_name(""), HelloName::kEmpty);
}

TEST(AddressTexts, FollowTheGrammar) {
  EXPECT_TRUE(is_ipv6_text("2001:db8:0:0:0:0:0:1"));
  EXPECT_TRUE(is_ipv6_text("::"));
  EXPECT_TRUE(is_ipv6_text("::ffff:192.0.2.1"));
  EXPECT_FALSE(is_ipv6_text("2001:db8:0:0:0:0:1"));
  EXPECT_FALSE(is_ipv6_text("1:2:3:4:5:6:7::8"));
  EXPECT_FALSE(is_ipv6_text("2001::db8::1"));
  EXPECT_FALSE(is_ipv6_text("192.0.2.1::"));
  EXPECT_FALSE(is_ipv6_text("12345::"));
  EXPECT_FALSE(is_ipv4_text("192.0.2"));
  EXPECT_FALSE(is_ipv4_text("192.0.2.1."));
  EXPECT_FALSE(is_ipv4_text("192.0..1"));
}

TEST(Ehl03, RaisedByMailWithoutHello) {
  Talk talk;
  talk.handshake().wait(1ms).server(kGreeting).wait(1ms).client("MAIL FROM:<a@b.example>\r\n");
  EXPECT_EQ(shown(talk.session(), FindingId::kEhl03), "warn 5: MAIL before EHLO");
}
TEST(Ehl03, NotRaisedAfterHelo) {
  Talk talk;
  talk.handshake().wait(1ms).server(kGreeting).wait(1ms).client("HELO a.example\r\n");
  talk.wait(1ms).server("250 Ok\r\n").wait(1ms).client("MAIL FROM:<a@b.example>\r\n");
  EXPECT_EQ(shown(talk.session(), FindingId::kEhl03), "-");
}
TEST(Ehl03, NotRaisedWhereTheHelloMayLieInAGap) {
  Talk talk;
  talk.handshake().wait(1ms).server(kGreeting).lost(Side::kClient, "EHLO a.example\r\n");
  talk.wait(1ms).server("250 Ok\r\n").wait(1ms).client("MAIL FROM:<a@b.example>\r\n");
  EXPECT_EQ(shown(talk.session(), FindingId::kEhl03), "-");
}

TEST(Ehl04, RaisedByParametersThatAreNotOffered) {
  Talk talk;
  talk.hello().wait(1ms).client("MAIL FROM:<a@b.example> SIZE=100 BODY=8BITMIME\r\n");
  EXPECT_EQ(shown(talk.session(), FindingId::kEhl04),
            "note 7: MAIL with SIZE, BODY (8BITMIME), which the server does not offer");
}
TEST(Ehl04, RaisedByARecipientsParameter) {
  Talk talk;
  talk.hello().wait(1ms).client("RCPT TO:<a@b.example> NOTIFY=NEVER\r\n");
  EXPECT_EQ(shown(talk.session(), FindingId::kEhl04),
            "note 7: RCPT with NOTIFY (DSN), which the server does not offer");
}
TEST(Ehl04, NotRaisedWhereTheyAreOffered) {
  Talk talk;
  talk.handshake().wait(1ms).server(kGreeting).wait(1ms).client("EHLO a.example\r\n");
  talk.wait(1ms).server("250-mx.example.test\r\n250-size 1000\r\n250-DSN\r\n250 8BITMIME\r\n");
  talk.wait(1ms).client("MAIL FROM:<a@b.example> SIZE=100 BODY=8BITMIME RET=HDRS\r\n");
  EXPECT_EQ(shown(talk.session(), FindingId::kEhl04), "-");
}
TEST(Ehl04, NotRaisedWhereTheReplyToEhloIsNotCaptured) {
  Talk talk;
  talk.handshake().wait(1ms).server(kGreeting).wait(1ms).client("EHLO a.example\r\n");
  talk.lost(Side::kServer, "250-mx.example.test\r\n250 SIZE\r\n");
  talk.wait(1ms).client("MAIL FROM:<a@b.example> SIZE=100\r\n").wait(1ms).server("250 Ok\r\n");
  EXPECT_EQ(shown(talk.session(), FindingId::kEhl04), "-");
}

// An ident query comes on a connection of its own, from the mail server to its client.
class IdentTest : public ::testing::Test {
 protected:
  void ident(std::uint16_t port) {
    Segment syn;
    syn.frame = 4;
    syn.time = 1'003'000'000;
    syn.stream = 7;
    syn.source = {Talk::ipv4(192, 0, 2, 25), 50000};
    syn.destination = {Talk::ipv4(192, 0, 2, 1), port};
    syn.flags = TcpFlags::kSyn;
    talk.engine().feed(syn);
  }
  Talk talk;
};
using Tcp11 = IdentTest;

TEST_F(Tcp11, RaisedWhereTheServerAskedBeforeItsGreeting) {
  talk.handshake();
  ident(113);
  talk.wait(30s).server(kGreeting).wait(1ms).quit();
  EXPECT_EQ(shown(talk.session(), FindingId::kTcp11),
            "note 4: The server opened TCP port 113 of the client in frame 4, and had not greeted "
            "before");
  EXPECT_EQ(shown(talk.session(), FindingId::kGrt01),
            "warn 4: Greeting after 30.000 s, of it round trip 1.000 ms; likely the ident query of "
            "frame 4");
}
TEST_F(Tcp11, NotRaisedAtAConnectionToAnotherPort) {
  talk.handshake();
  ident(114);
  talk.wait(30s).server(kGreeting).wait(1ms).quit();
  EXPECT_EQ(shown(talk.session(), FindingId::kTcp11), "-");
}
TEST_F(Tcp11, NotRaisedWhereTheQueryComesAfterTheGreeting) {
  talk.handshake().wait(1ms).server(kGreeting);
  ident(113);
  talk.wait(1ms).quit();
  EXPECT_EQ(shown(talk.session(), FindingId::kTcp11), "-");
}

}  // namespace
}  // namespace smtp_session
