// SPDX-License-Identifier: GPL-2.0-or-later
//
// Findings about authentication. Of each id one test raises it and one is a near miss.
#include <gtest/gtest.h>

#include "tests/unit/support/findings.h"
#include "tests/unit/support/talk.h"

namespace smtp_session::test {
namespace {

/// A session up to an EHLO reply that offers AUTH.
Talk& offer_auth(Talk& talk, std::string_view mechanisms = "PLAIN LOGIN XOAUTH2") {
  talk.handshake().wait(1ms).server("220 mx.example.test ESMTP\r\n");
  talk.wait(1ms).client("EHLO client.example\r\n");
  talk.wait(1ms).server("250-mx.example.test\r\n250 AUTH " + std::string(mechanisms) + "\r\n");
  return talk.wait(1ms);
}

// "\0user\0secret".
constexpr const char* kPlain = "AHVzZXIAc2VjcmV0";

TEST(Aut01, RaisedForAPasswordInClearText) {
  Talk talk;
  offer_auth(talk).client(std::string("AUTH PLAIN ") + kPlain + "\r\n");
  const FrameNumber frame = talk.frame();
  talk.wait(1ms).server("235 2.7.0 Ok\r\n").quit();
  EXPECT_EQ(first(talk.session(), FindingId::kAut01).frame, frame);
  EXPECT_EQ(text_of(talk.session(), FindingId::kAut01), "AUTH PLAIN in clear text");
}

TEST(Aut01, NotRaisedForADigest) {
  Talk talk;
  offer_auth(talk, "CRAM-MD5").client("AUTH CRAM-MD5\r\n").server("334 PDEyMz4=\r\n");
  talk.client("dXNlciAwMTIz\r\n").server("235 2.7.0 Ok\r\n").quit();
  EXPECT_EQ(above_chat(talk.session()), "");
}

TEST(Aut02, RaisedWithTheReasonAndWithoutTheSecret) {
  Talk talk;
  offer_auth(talk).client(std::string("AUTH PLAIN ") + kPlain + "\r\n");
  talk.server("535 5.7.8 Error: authentication failed\r\n");
  const FrameNumber frame = talk.frame();
  const Session& session = talk.session();
  EXPECT_EQ(first(session, FindingId::kAut02).frame, frame);
  EXPECT_EQ(first(session, FindingId::kAut02).severity, Severity::kError);
  EXPECT_EQ(text_of(session, FindingId::kAut02),
            "535 to AUTH PLAIN of user: the credentials are not accepted (5.7.8 Error: "
            "authentication failed)");
}

TEST(Aut02, RaisedForAMechanismTheServerDoesNotKnow) {
  Talk talk;
  offer_auth(talk).client("AUTH NTLM\r\n").server("504 5.7.4 Unrecognized\r\n");
  EXPECT_TRUE(contains(text_of(talk.session(), FindingId::kAut02), "does not know the mechanism"));
}

TEST(Aut02, NotRaisedForATemporaryFailure) {
  Talk talk;
  offer_auth(talk).client("AUTH LOGIN\r\n").server("454 4.7.0 Try later\r\n");
  EXPECT_FALSE(has(talk.session(), FindingId::kAut02));
  EXPECT_TRUE(has(talk.session(), FindingId::kRep04));
}

TEST(Aut03, RaisedForAMechanismThatIsNotOffered) {
  Talk talk;
  offer_auth(talk, "PLAIN").client("AUTH LOGIN\r\n").server("535 5.7.8 no\r\n");
  EXPECT_EQ(text_of(talk.session(), FindingId::kAut03), "AUTH LOGIN, offered are: PLAIN");
}

TEST(Aut03, SaysSoWhereAuthIsOfferedWithoutAMechanism) {
  Talk talk;
  talk.handshake().server("220 mx.example.test\r\n").client("EHLO client.example\r\n");
  talk.server("250-mx.example.test\r\n250 AUTH\r\n");
  talk.client("AUTH LOGIN\r\n").server("523 5.7.10 Encryption needed\r\n");
  EXPECT_EQ(text_of(talk.session(), FindingId::kAut03), "AUTH LOGIN, but no mechanism is offered");
}

TEST(Aut03, RaisedWhereNoAuthIsOfferedAtAll) {
  Talk talk;
  talk.hello().client("AUTH PLAIN\r\n").server("503 5.5.1 not enabled\r\n");
  EXPECT_EQ(text_of(talk.session(), FindingId::kAut03),
            "AUTH PLAIN, but the server offers no AUTH");
}

TEST(Aut03, NotRaisedForTheOldFormOfTheOffer) {
  Talk talk;
  talk.handshake().server("220 mx.example.test\r\n").client("EHLO client.example\r\n");
  talk.server("250-mx.example.test\r\n250-AUTH PLAIN\r\n250 AUTH=LOGIN\r\n");
  talk.client("AUTH login\r\n").server("334 VXNlcm5hbWU6\r\n").client("dXNlcg==\r\n");
  talk.server("334 UGFzc3dvcmQ6\r\n").client("c2VjcmV0\r\n").server("235 Ok\r\n");
  EXPECT_FALSE(has(talk.session(), FindingId::kAut03));
}

TEST(Aut04, RaisedWhereTheServerWantsStarttlsFirst) {
  Talk talk;
  talk.hello().client("MAIL FROM:<a@client.example>\r\n");
  talk.server("530 5.7.0 Must issue a STARTTLS command first\r\n");
  EXPECT_TRUE(contains(text_of(talk.session(), FindingId::kAut04), "MAIL before STARTTLS"));
}

TEST(Aut04, RaisedWhereTheServerWantsAuthenticationFirst) {
  Talk talk;
  talk.hello().client("MAIL FROM:<a@client.example>\r\n");
  talk.server("530 Authentication required\r\n");
  EXPECT_TRUE(contains(text_of(talk.session(), FindingId::kAut04), "MAIL before authentication"));
}

TEST(Aut04, NotRaisedForAnotherRefusalOfMail) {
  Talk talk;
  talk.hello().client("MAIL FROM:<a@client.example>\r\n").server("550 5.7.1 No\r\n");
  EXPECT_FALSE(has(talk.session(), FindingId::kAut04));
}

TEST(Aut05, RaisedWithStatusAndScopeOfTheToken) {
  Talk talk;
  offer_auth(talk).client("AUTH XOAUTH2 dXNlcj11c2VyAQE=\r\n");
  // {"status":"401","schemes":"bearer","scope":"https://mail.example.test/"}
  talk.server(
      "334 eyJzdGF0dXMiOiI0MDEiLCJzY2hlbWVzIjoiYmVhcmVyIiwic2NvcGUiOiJodHRwczovL21haWwu"
      "ZXhhbXBsZS50ZXN0LyJ9\r\n");
  const FrameNumber frame = talk.frame();
  talk.client("\r\n").server("535 5.7.8 no\r\n");
  EXPECT_EQ(first(talk.session(), FindingId::kAut05).frame, frame);
  EXPECT_EQ(text_of(talk.session(), FindingId::kAut05),
            "XOAUTH2 refused: status 401, scope https://mail.example.test/");
}

TEST(Aut05, NotRaisedForAnEmptyChallenge) {
  Talk talk;
  offer_auth(talk).client("AUTH XOAUTH2\r\n").server("334 \r\n");
  talk.client("dXNlcj11c2VyAQE=\r\n").server("235 Ok\r\n");
  EXPECT_FALSE(has(talk.session(), FindingId::kAut05));
}

TEST(Aut06, RaisedWhereTheClientCancels) {
  Talk talk;
  offer_auth(talk).client("AUTH LOGIN\r\n").server("334 VXNlcm5hbWU6\r\n").client("*\r\n");
  const FrameNumber frame = talk.frame();
  talk.server("501 5.7.0 cancelled\r\n").quit();
  const Session& session = talk.session();
  EXPECT_EQ(first(session, FindingId::kAut06).frame, frame);
  EXPECT_EQ(count(session, FindingId::kAut06), 1U);
  EXPECT_FALSE(has(session, FindingId::kAut02));
}

TEST(Aut06, RaisedWhereTheClientLeavesInTheMiddle) {
  Talk talk;
  offer_auth(talk).client("AUTH LOGIN\r\n").server("334 VXNlcm5hbWU6\r\n");
  talk.wait(1ms).close(Side::kClient);
  EXPECT_TRUE(contains(text_of(talk.session(), FindingId::kAut06), "after 1 challenge"));
}

TEST(Aut06, RaisedForBadBase64) {
  Talk talk;
  offer_auth(talk).client("AUTH LOGIN\r\n").server("334 VXNlcm5hbWU6\r\n");
  talk.client("???\r\n").server("501 5.5.2 Cannot Base64-decode\r\n").quit();
  EXPECT_TRUE(has(talk.session(), FindingId::kAut06));
}

TEST(Aut06, NotRaisedWhereTheServerLeaves) {
  Talk talk;
  offer_auth(talk).client("AUTH LOGIN\r\n").server("334 VXNlcm5hbWU6\r\n");
  talk.wait(1ms).close(Side::kServer);
  EXPECT_FALSE(has(talk.session(), FindingId::kAut06));
}

TEST(Aut06, NotRaisedWhereTheCaptureEnds) {
  Talk talk;
  offer_auth(talk).client("AUTH LOGIN\r\n").server("334 VXNlcm5hbWU6\r\n");
  EXPECT_FALSE(has(talk.session(), FindingId::kAut06));
}

}  // namespace
}  // namespace smtp_session::test
