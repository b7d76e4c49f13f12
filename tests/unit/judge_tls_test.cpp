// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/judge_tls.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "dissector/certificate.h"
#include "dissector/verdict.h"
#include "tests/unit/support/findings.h"
#include "tests/unit/support/talk.h"
#include "tests/unit/support/tls_bytes.h"

namespace smtp_session {
namespace {

using namespace test;

constexpr char kOffer[] = "250-mx.example.test\r\n250-STARTTLS\r\n250 SIZE\r\n";

/// Greeting, EHLO, and a reply that offers STARTTLS (6 frames).
Talk& offered(Talk& talk) {
  talk.handshake().wait(1ms).server("220 mx.example.test ESMTP\r\n");
  talk.wait(1ms).client("EHLO client.example\r\n");
  return talk.wait(1ms).server(kOffer);
}

/// STARTTLS, accepted (8 frames).
Talk& accepted(Talk& talk) {
  offered(talk).wait(1ms).client("STARTTLS\r\n");
  return talk.wait(1ms).server("220 2.0.0 Ready\r\n");
}

/// ClientHello, ServerHello and Finished of TLS 1.3 (3 frames), decrypted or not.
Talk& shake(Talk& talk, bool keys, std::chrono::milliseconds server = 1ms,
            std::chrono::milliseconds client = 1ms) {
  talk.wait(1ms).client(client_hello());
  const std::string flight = handshake(8, "") + finished_message();
  if (keys) talk.decrypted({flight});
  talk.wait(server).server(server_hello13() + ccs() + sealed13(flight.size()));
  if (keys) talk.decrypted({finished_message()});
  return talk.wait(client).client(ccs() + sealed13(finished_message().size()));
}

Talk& say(Talk& talk, Side side, const std::string& text) {
  return talk.wait(1ms).decrypted({text}).say(side, sealed13(text.size()));
}

Talk& ask(Talk& talk, const std::string& command, const std::string& reply) {
  say(talk, Side::kClient, command);
  return say(talk, Side::kServer, reply);
}

/// STARTTLS, TLS 1.3 with keys, and EHLO under it (13 frames).
Talk& introduced(Talk& talk) {
  accepted(talk);
  shake(talk, true);
  return ask(talk, "EHLO client.example\r\n", "250 mx.example.test\r\n");
}

Talk& mail_in_clear(Talk& talk) {
  talk.wait(1ms).client("MAIL FROM:<alice@client.example>\r\n").wait(1ms).server("250 Ok\r\n");
  talk.wait(1ms).client("RCPT TO:<bob@example.test>\r\n").wait(1ms).server("250 Ok\r\n");
  talk.wait(1ms).client("DATA\r\n").wait(1ms).server("354 Go\r\n");
  talk.wait(1ms).client("Subject: x\r\n\r\nText.\r\n.\r\n").wait(1ms).server("250 Ok\r\n");
  return talk.wait(1ms).quit();
}

TEST(CleanTlsSession, HasNoFindingAtAll) {
  Talk talk(587);
  accepted(talk);
  shake(talk, true);
  ask(talk, "EHLO client.example\r\n", "250-mx.example.test\r\n250 SIZE\r\n");
  ask(talk, "MAIL FROM:<a@example.test>\r\n", "250 2.1.0 Ok\r\n");
  ask(talk, "RCPT TO:<b@example.test>\r\n", "250 2.1.5 Ok\r\n");
  ask(talk, "DATA\r\n", "354 Go ahead\r\n");
  ask(talk, "Subject: x\r\n\r\nText.\r\n.\r\n", "250 2.0.0 Ok\r\n");
  ask(talk, "QUIT\r\n", "221 2.0.0 Bye\r\n").wait(1ms).close(Side::kServer);
  EXPECT_EQ(above_chat(talk.session()), "");
}

TEST(Tls01, RaisedByAClientHelloOnAPortThatBeginsInClear) {
  Talk talk(587);
  talk.handshake().wait(1ms).client(client_hello());
  EXPECT_EQ(shown(talk.session(), FindingId::kTls01),
            "error 4: The client's first bytes on port 587 are a TLS ClientHello, before any "
            "greeting");
}
TEST(Tls01, RaisedBehindTheGreeting) {
  Talk talk;
  talk.handshake().wait(1ms).server("220 mx.example.test ESMTP\r\n").wait(1ms);
  talk.client(client_hello());
  EXPECT_EQ(shown(talk.session(), FindingId::kTls01),
            "error 5: The client's first bytes on port 25 are a TLS ClientHello, without STARTTLS");
}
TEST(Tls01, NotRaisedAfterStarttls) {
  Talk talk(587);
  accepted(talk);
  shake(talk, true);
  EXPECT_EQ(shown(talk.session(), FindingId::kTls01), "-");
}
TEST(Tls01, NotRaisedOnAPortWithImplicitTls) {
  Talk talk(465);
  talk.handshake();
  shake(talk, true);
  EXPECT_EQ(shown(talk.session(), FindingId::kTls01), "-");
}

TEST(Tls02, RaisedByClearWordsOfTheClient) {
  Talk talk(465);
  talk.handshake().wait(1ms).client("EHLO client.example\r\n");
  EXPECT_EQ(shown(talk.session(), FindingId::kTls02),
            "error 4: The client sends EHLO in clear on port 465");
}
TEST(Tls02, RaisedWhereBothWait) {
  Talk talk(465);
  talk.handshake().wait(30s).fin(Side::kClient);
  EXPECT_EQ(shown(talk.session(), FindingId::kTls02),
            "error 4: No ClientHello 30.000 s after the handshake on port 465");
}
TEST(Tls02, NotRaisedWhereTheClientHelloComesInTime) {
  Talk talk(465);
  talk.handshake().wait(4s);
  shake(talk, true);
  EXPECT_EQ(shown(talk.session(), FindingId::kTls02), "-");
}
TEST(Tls02, NotRaisedWhereTheSessionLastsLongAfterATimelyClientHello) {
  Talk talk(465);
  talk.handshake();
  shake(talk, true).wait(60s).ack(Side::kServer);
  EXPECT_EQ(shown(talk.session(), FindingId::kTls02), "-");
}

TEST(Tls03, RaisedWhereStarttlsIsRefused) {
  Talk talk;
  offered(talk).wait(1ms).client("STARTTLS\r\n").wait(1ms).server("454 4.7.0 No TLS now\r\n");
  EXPECT_EQ(shown(talk.session(), FindingId::kTls03),
            "warn 8: STARTTLS is answered 454 4.7.0 No TLS now");
}
TEST(Tls03, NotRaisedWhereItIsAccepted) {
  Talk talk;
  accepted(talk);
  EXPECT_EQ(shown(talk.session(), FindingId::kTls03), "-");
}

TEST(Tls04, RaisedWhereTheClientHelloDoesNotCome) {
  Talk talk;
  accepted(talk).wait(20s).fin(Side::kClient);
  EXPECT_EQ(shown(talk.session(), FindingId::kTls04),
            "warn 9: No ClientHello 20.000 s after the reply to STARTTLS");
}
TEST(Tls04, RaisedAsNoteWhereTheTrafficWasDecryptedBefore) {
  Talk talk;
  accepted(talk).wait(1ms).client("EHLO client.example\r\n").wait(1ms).server(kOffer);
  mail_in_clear(talk);
  EXPECT_EQ(shown(talk.session(), FindingId::kTls04),
            "note 10: The session goes on in clear after STARTTLS, and the server answers EHLO: "
            "the traffic was decrypted before it was captured");
  EXPECT_EQ(shown(talk.session(), FindingId::kTls10), "-");
}
TEST(Tls04, RaisedAsWarningWhereTheServerDoesNotUnderstand) {
  Talk talk;
  accepted(talk).wait(1ms).client("EHLO client.example\r\n").wait(1ms).server("500 What?\r\n");
  EXPECT_EQ(shown(talk.session(), FindingId::kTls04),
            "warn 10: The client goes on in clear after STARTTLS with EHLO, answered 500");
}
TEST(Tls04, NotRaisedWhereTlsBeginsInTime) {
  Talk talk;
  accepted(talk).wait(4s);
  shake(talk, true).wait(60s).ack(Side::kServer);
  EXPECT_EQ(shown(talk.session(), FindingId::kTls04), "-");
}

TEST(Tls05, RaisedByAFatalAlertWithWhatBothSidesWanted) {
  Talk talk;
  accepted(talk).wait(1ms).client(client_hello()).wait(1ms).server(alert(2, 70));
  EXPECT_EQ(shown(talk.session(), FindingId::kTls05),
            "error 10: Alert protocol_version of the server; client offers TLS 1.2; the server "
            "chose none");
}
TEST(Tls05, RaisedByAnEncryptedAlertWithinTheHandshake) {
  Talk talk;
  accepted(talk).wait(1ms).client(client_hello());
  talk.wait(1ms).server(server_hello13() + ccs() + sealed13(400));
  talk.wait(1ms).client(ccs() + sealed13(2));
  EXPECT_EQ(shown(talk.session(), FindingId::kTls05),
            "error 11: An encrypted alert of the client; client offers TLS 1.2; server chose TLS "
            "1.3, TLS_AES_128_GCM_SHA256");
}
TEST(Tls05, NotRaisedAtCloseNotify) {
  Talk talk;
  accepted(talk);
  shake(talk, true);
  ask(talk, "QUIT\r\n", "221 Bye\r\n");
  talk.wait(1ms).decrypted({std::string("\x01\x00", 2)}).server(sealed13(2));
  EXPECT_EQ(shown(talk.session(), FindingId::kTls05), "-");
}

TEST(Tls05, NotRaisedWhereTheAlertAnswersAClose) {
  Talk talk;
  accepted(talk).wait(1ms).client(client_hello()).wait(1ms).fin(Side::kServer);
  talk.wait(1ms).client(alert(2, 50)).fin(Side::kClient).wait(1ms).ack(Side::kServer);
  EXPECT_EQ(shown(talk.session(), FindingId::kTls05), "-");
  EXPECT_TRUE(has(talk.session(), FindingId::kTcp07));
  EXPECT_NE(verdict(talk.session()).find("the server ended the connection in the handshake (FIN"),
            std::string::npos)
      << verdict(talk.session());
}
TEST(Tls05, RaisedByDecodeErrorOfItsOwn) {
  Talk talk;
  accepted(talk).wait(1ms).client(client_hello()).wait(1ms).server(alert(2, 50));
  EXPECT_NE(shown(talk.session(), FindingId::kTls05), "-");
}

TEST(Tls06, RaisedByAnOldVersion) {
  Talk talk;
  accepted(talk).wait(1ms).client(client_hello());
  talk.wait(1ms).server(
      record(kHandshakeType,
             server_hello_message(0x0303, 0xC013).replace(4, 2, std::string("\x03\x01", 2))));
  EXPECT_EQ(shown(talk.session(), FindingId::kTls06),
            "warn 10: TLS 1.0 with TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA; the version is withdrawn");
}
TEST(Tls06, RaisedByAWeakCipher) {
  Talk talk;
  accepted(talk).wait(1ms).client(client_hello());
  talk.wait(1ms).server(record(kHandshakeType, server_hello_message(0x0303, 0x0005)));
  EXPECT_EQ(shown(talk.session(), FindingId::kTls06),
            "warn 10: TLS 1.2 with TLS_RSA_WITH_RC4_128_SHA; the cipher is RC4");
}
TEST(Tls06, NotRaisedAtTls12WithAnAeadCipher) {
  Talk talk;
  accepted(talk).wait(1ms).client(client_hello());
  talk.wait(1ms).server(record(kHandshakeType, server_hello_message(0x0303, kEcdheRsaAes128Gcm)));
  EXPECT_EQ(shown(talk.session(), FindingId::kTls06), "-");
}

/// Any bytes are the certificate that the test made up.
class OneCertificate final : public CertificateReader {
 public:
  explicit OneCertificate(CertificateText text) : text_(std::move(text)) {}
  bool read(const std::uint8_t* /*der*/, std::size_t size, CertificateText& text) const override {
    text = text_;
    return size > 0;
  }

 private:
  CertificateText text_;
};

CertificateText good_certificate() {
  CertificateText text;
  text.subject = "mx.example.test";
  text.names = {"mx.example.test"};
  text.not_before = 0;
  text.not_after = 10'000'000'000;
  return text;
}

std::string judged(const CertificateText& text, std::string_view name = "mx.example.test") {
  const OneCertificate reader(text);
  Config config;
  config.certificates = &reader;
  Talk talk(587, 0, config);
  accepted(talk).wait(1ms).client(record(kHandshakeType, client_hello_message(name)));
  const std::string list = number(3 + 3, 3) + number(3, 3) + "abc";
  talk.wait(1ms).server(record(
      kHandshakeType, server_hello_message(0x0303, kEcdheRsaAes128Gcm) + handshake(11, list)));
  return shown(talk.session(), FindingId::kTls07);
}

TEST(Tls07, RaisedByWhatIsWrongWithTheCertificate) {
  CertificateText text = good_certificate();
  text.self_signed = true;
  text.not_after = 500'000'000;
  EXPECT_EQ(judged(text, "other.example.test"),
            "warn 10: Certificate of mx.example.test: expired on 1970-01-01; self signed; not for "
            "other.example.test");
}
TEST(Tls07, RaisedBeforeTheCertificateIsValid) {
  CertificateText text = good_certificate();
  text.not_before = 1'795'541'662'000'000'000;
  text.not_after = 1'895'541'662'000'000'000;
  EXPECT_EQ(judged(text), "warn 10: Certificate of mx.example.test: not valid before 2026-11-24");
}
TEST(Tls07, NotRaisedAtACertificateThatFits) {
  EXPECT_EQ(judged(good_certificate()), "-");
}

TEST(Tls08, RaisedWithTheSlowFlight) {
  Talk talk;
  accepted(talk);
  shake(talk, true, 3000ms, 1ms);
  EXPECT_EQ(shown(talk.session(), FindingId::kTls08),
            "note 11: TLS handshake 3.001 s, most of it from ClientHello to ServerHello: 3.000 s");
}
TEST(Tls08, RaisedWhereTheClientIsSlow) {
  Talk talk;
  accepted(talk);
  shake(talk, true, 1ms, 2000ms);
  EXPECT_EQ(shown(talk.session(), FindingId::kTls08),
            "note 11: TLS handshake 2.001 s, most of it from ServerHello to the end: 2.000 s");
}
TEST(Tls08, NotRaisedAtTheLimit) {
  Talk talk;
  accepted(talk);
  shake(talk, true, 999ms, 1ms);
  EXPECT_EQ(shown(talk.session(), FindingId::kTls08), "-");
}

TEST(Tls09, RaisedOnceWithTheReason) {
  Talk talk;
  accepted(talk);
  shake(talk, false);
  talk.wait(1ms).client(sealed13(21)).wait(1ms).server(sealed13(40));
  talk.wait(1ms).client(sealed13(6)).wait(1ms).server(sealed13(20));
  EXPECT_EQ(shown(talk.session(), FindingId::kTls09),
            "note 12: Not decrypted: there is no key for this session (TLS 1.3)");
  EXPECT_EQ(count(talk.session(), FindingId::kTls09), 1U);
}
TEST(Tls09, NotRaisedWhereItIsDecrypted) {
  Talk talk;
  introduced(talk);
  EXPECT_EQ(shown(talk.session(), FindingId::kTls09), "-");
}

constexpr const char* kInOrder =
    "The secrets are right. Let Wireshark put the segments in order: preference "
    "tcp.reassemble_out_of_order, in tshark -o tcp.reassemble_out_of_order:TRUE.";

TEST(Tls09, RaisedWithWhatHelpsWhereSegmentsCameInAnotherOrder) {
  Talk talk;
  introduced(talk);
  const std::string one = sealed13(28);
  const std::string second = sealed13(30);
  talk.wait(1ms).at(Side::kClient, static_cast<std::int32_t>(one.size()), second);
  talk.wait(1ms).at(Side::kClient, 0, one).skip(Side::kClient, one.size() + second.size());
  EXPECT_EQ(shown(talk.session(), FindingId::kTls09),
            "note 15: Not decrypted from here on: segments of the client before it came in another "
            "order, or again with more bytes (TLS 1.3)");
  EXPECT_EQ(first(talk.session(), FindingId::kTls09).advice.view(), kInOrder);
}
TEST(Tls09, RaisedWithWhatHelpsWhereASegmentCameAgainWithMore) {
  Talk talk;
  introduced(talk);
  const std::string one = sealed13(28);
  const std::string both = one + sealed13(30);
  talk.wait(1ms).decrypted({"MAIL FROM:<a@client.example>"}).at(Side::kClient, 0, one);
  talk.wait(1ms).at(Side::kClient, 10, std::string_view{both}.substr(10));
  EXPECT_EQ(shown(talk.session(), FindingId::kTls09),
            "note 15: Not decrypted from here on: segments of the client before it came in another "
            "order, or again with more bytes (TLS 1.3)");
  EXPECT_EQ(first(talk.session(), FindingId::kTls09).advice.view(), kInOrder);
}
TEST(Tls09, RaisedWithWhatHelpsWhereAFrameHoldsMoreRecordsThanWiresharkReads) {
  constexpr std::size_t kRead = 240;
  constexpr std::size_t kAll = 300;
  Talk talk;
  introduced(talk);
  const std::string line = "NOOP\r\n";
  std::string records;
  for (std::size_t i = 0; i < kAll; ++i) records += sealed13(line.size());
  talk.wait(1ms).decrypted(std::vector<std::string>(kRead, line)).client(records);
  EXPECT_EQ(shown(talk.session(), FindingId::kTls09),
            "note 14: Not decrypted from here on: Wireshark ended this frame after 240 TLS records "
            "(TLS 1.3)");
  EXPECT_EQ(first(talk.session(), FindingId::kTls09).advice.view(),
            "The secrets are right. Let Wireshark read more of a frame: preference "
            "gui.max_tree_depth, in tshark -o gui.max_tree_depth:5000.");
}
TEST(Tls09, NotRaisedWhereSegmentsInAnotherOrderAreDecrypted) {
  Talk talk;
  introduced(talk);
  const std::string mail = "MAIL FROM:<a@client.example>\r\n";
  const std::string rcpt = "RCPT TO:<b@example.test>\r\n";
  const std::string one = sealed13(mail.size());
  talk.wait(1ms).at(Side::kClient, static_cast<std::int32_t>(one.size()), sealed13(rcpt.size()));
  talk.wait(1ms).decrypted({mail, rcpt}).at(Side::kClient, 0, one);
  EXPECT_EQ(talk.session().commands.size(), 5U);
  EXPECT_EQ(shown(talk.session(), FindingId::kTls09), "-");
}
TEST(Tls09, RaisedWhereARecordIsUnreadForNoReasonInTheCapture) {
  Talk talk;
  introduced(talk);
  talk.wait(1ms).client(sealed13(28));
  EXPECT_EQ(shown(talk.session(), FindingId::kTls09),
            "note 14: Not decrypted here, though other records are (TLS 1.3)");
}

TEST(Tls10, RaisedByAMessageInClearThoughTlsIsOffered) {
  Talk talk;
  offered(talk);
  EXPECT_EQ(shown(mail_in_clear(talk).session(), FindingId::kTls10),
            "note 13: The message goes in clear, though STARTTLS is offered in frame 6");
}
TEST(Tls10, NotRaisedWhereTlsIsNotOffered) {
  Talk talk;
  talk.hello();
  EXPECT_EQ(shown(mail_in_clear(talk).session(), FindingId::kTls10), "-");
}
TEST(Tls10, NotRaisedWhereNoMessageIsSent) {
  Talk talk;
  offered(talk).wait(1ms).client("MAIL FROM:<a@b.example>\r\n");
  talk.wait(1ms).server("530 5.7.0 Must issue a STARTTLS command first\r\n").wait(1ms).quit();
  EXPECT_EQ(shown(talk.session(), FindingId::kTls10), "-");
}

TEST(Tls11, RaisedByRequireTlsInClear) {
  Talk talk;
  offered(talk).wait(1ms).client("MAIL FROM:<a@b.example> REQUIRETLS\r\n");
  EXPECT_EQ(shown(talk.session(), FindingId::kTls11), "warn 7: MAIL with REQUIRETLS without TLS");
}
TEST(Tls11, RaisedUnderTlsWhereItIsNotOffered) {
  Talk talk;
  accepted(talk);
  shake(talk, true);
  ask(talk, "EHLO client.example\r\n", "250-mx.example.test\r\n250 SIZE\r\n");
  say(talk, Side::kClient, "MAIL FROM:<a@b.example> requiretls\r\n");
  EXPECT_EQ(shown(talk.session(), FindingId::kTls11),
            "warn 14: MAIL with REQUIRETLS, which the server does not offer");
}
TEST(Tls11, NotRaisedUnderTlsWhereItIsOffered) {
  Talk talk;
  accepted(talk);
  shake(talk, true);
  ask(talk, "EHLO client.example\r\n", "250-mx.example.test\r\n250 REQUIRETLS\r\n");
  say(talk, Side::kClient, "MAIL FROM:<a@b.example> REQUIRETLS\r\n");
  EXPECT_EQ(shown(talk.session(), FindingId::kTls11), "-");
}
TEST(Tls11, NotRaisedWhereOnlyTheAddressContainsTheWord) {
  Talk talk;
  offered(talk).wait(1ms).client("MAIL FROM:<requiretls@b.example>\r\n");
  EXPECT_EQ(shown(talk.session(), FindingId::kTls11), "-");
}

Talk& begin_message_under_tls(Talk& talk) {
  introduced(talk);
  ask(talk, "MAIL FROM:<a@example.test>\r\n", "250 2.1.0 Ok\r\n");
  ask(talk, "RCPT TO:<b@example.test>\r\n", "250 2.1.5 Ok\r\n");
  ask(talk, "DATA\r\n", "354 Go ahead\r\n");
  return say(talk, Side::kClient, "Subject: x\r\n");
}

TEST(Tls12, RaisedWhereTheMessageIsCutWithoutCloseNotify) {
  Talk talk;
  begin_message_under_tls(talk).wait(1ms).fin(Side::kClient);
  EXPECT_EQ(shown(talk.session(), FindingId::kTls12),
            "note 21: the client ended the connection without close_notify, 12 bytes into message "
            "1");
}
TEST(Tcp08, RaisedWhereTheServerClosesBecauseTheClientEndedTls) {
  Talk talk;
  introduced(talk);
  talk.wait(1ms).decrypted({std::string("\x01\x00", 2)}).client(sealed13(2));
  talk.wait(1ms).fin(Side::kServer);
  EXPECT_EQ(shown(talk.session(), FindingId::kTcp07), "-");
  EXPECT_EQ(shown(talk.session(), FindingId::kTcp08),
            "note 15: The client closed the connection 2.000 ms after the reply 250");
}
TEST(Tls12, NotRaisedAfterCloseNotify) {
  Talk talk;
  begin_message_under_tls(talk);
  talk.wait(1ms).decrypted({std::string("\x01\x00", 2)}).client(sealed13(2));
  talk.wait(1ms).fin(Side::kClient);
  EXPECT_EQ(shown(talk.session(), FindingId::kTls12), "-");
}

}  // namespace
}  // namespace smtp_session
