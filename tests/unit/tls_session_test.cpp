// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/tls_session.h"

#include <gtest/gtest.h>

#include <string>

#include "dissector/tls_hello.h"
#include "tests/unit/support/tls_bytes.h"

namespace smtp_session {
namespace {

using namespace test;
using Kind = TlsSession::Kind;

/// Records in, one frame each, 1 ms apart.
class NoObserver final : public TlsObserver {
 public:
  void on_client_hello(const ClientHello& /*hello*/, FrameNumber /*frame*/) override {}
  void on_certificate(std::string_view /*der*/, Moment /*received*/) override {}
};

class TlsSessionTest : public ::testing::Test {
 protected:
  Kind say(Side side, const std::string& bytes, const std::string* plain = nullptr) {
    TlsRecord record;
    record.side = side;
    record.type = static_cast<TlsContent>(bytes[0]);
    record.fragment = bytes.substr(kTlsRecordHeader);
    record.length = static_cast<std::uint32_t>(record.fragment.size());
    ++frame_;
    record.first = record.sent = record.received = {TimeNs{frame_} * 1'000'000, frame_};
    if (plain == nullptr) return tls.add(record, nullptr);
    const DecryptedRecord decrypted{reinterpret_cast<const std::uint8_t*>(plain->data()),
                                    plain->size()};
    return tls.add(record, &decrypted);
  }
  Kind client(const std::string& bytes) { return say(Side::kClient, bytes); }
  Kind server(const std::string& bytes) { return say(Side::kServer, bytes); }
  Kind client_plain(const std::string& text) {
    return say(Side::kClient, sealed13(text.size()), &text);
  }
  Kind server_plain(const std::string& text) {
    return say(Side::kServer, sealed13(text.size()), &text);
  }

  void hellos13(std::uint16_t cipher = kAes128Gcm) {
    client(client_hello());
    server(server_hello13(cipher));
  }
  void server_hello12() {
    server(record(kHandshakeType, server_hello_message(0x0303, kEcdheRsaAes128Gcm)));
  }

  TlsFacts facts;
  TextPool texts;
  NoObserver observer;
  TlsSession tls{facts, texts, observer};

 private:
  FrameNumber frame_ = 0;
};

TEST_F(TlsSessionTest, HellosTellNameVersionAndCipher) {
  hellos13();
  EXPECT_EQ(facts.sni.view(), "mx.example.test");
  EXPECT_EQ(facts.version, 0x0304);
  EXPECT_EQ(facts.cipher, kAes128Gcm);
  EXPECT_EQ(facts.client_hello.frame, 1U);
  EXPECT_EQ(facts.server_hello.frame, 2U);
  EXPECT_FALSE(facts.resumed);
  EXPECT_FALSE(facts.complete);
}

TEST_F(TlsSessionTest, ClientHelloInPiecesBeginsWithItsFirstPiece) {
  const std::string message = client_hello_message();
  client(record(kHandshakeType, message.substr(0, 3)));
  client(record(kHandshakeType, message.substr(3, 20)));
  EXPECT_EQ(facts.client_hello.frame, 0U);
  client(record(kHandshakeType, message.substr(23)));
  EXPECT_EQ(facts.client_hello.frame, 3U);
  EXPECT_EQ(facts.client_hello.time, 1'000'000);
  EXPECT_EQ(facts.sni.view(), "mx.example.test");
}

TEST_F(TlsSessionTest, FullHandshakeOfTls12EndsWithTheServersFinished) {
  client(client_hello());
  server_hello12();
  server(record(kHandshakeType, handshake(14, "")));
  client(ccs());
  EXPECT_EQ(client(sealed12(16, kHandshakeType)), Kind::kHandshake);
  EXPECT_FALSE(facts.complete);
  server(ccs());
  server(sealed12(16, kHandshakeType));
  EXPECT_TRUE(facts.complete);
  EXPECT_EQ(facts.finished.frame, 7U);
  EXPECT_FALSE(facts.resumed);
}

TEST_F(TlsSessionTest, ResumedHandshakeOfTls12EndsWithTheClientsFinished) {
  client(client_hello());
  server_hello12();
  server(ccs());
  server(sealed12(16, kHandshakeType));
  EXPECT_FALSE(facts.complete);
  client(ccs());
  client(sealed12(16, kHandshakeType));
  EXPECT_TRUE(facts.complete);
  EXPECT_EQ(facts.finished.frame, 6U);
  EXPECT_TRUE(facts.resumed);
}

TEST_F(TlsSessionTest, PreSharedKeyInServerHelloIsAResumedSessionOfTls13) {
  client(client_hello());
  server(server_hello13(kAes128Gcm, true));
  EXPECT_TRUE(facts.resumed);
}

TEST_F(TlsSessionTest, WithoutKeysTls13EndsWithTheFirstClientRecordOfTheSizeOfFinished) {
  hellos13(kAes256Gcm);
  EXPECT_EQ(server(sealed13(900)), Kind::kHandshake);
  client(ccs());
  EXPECT_EQ(client(sealed13(700)), Kind::kHandshake);  // a client certificate
  EXPECT_FALSE(facts.complete);
  EXPECT_EQ(client(sealed13(4 + 48)), Kind::kHandshake);
  EXPECT_TRUE(facts.complete);
  EXPECT_EQ(facts.finished.frame, 6U);
  EXPECT_EQ(client(sealed13(4 + 48)), Kind::kApplication);
}

TEST_F(TlsSessionTest, DecryptedTls13EndsWithFinishedHoweverItIsCut) {
  hellos13();
  const std::string finished = finished_message();
  server_plain(handshake(8, "") + handshake(11, std::string(400, 'x')) + finished);
  client_plain(finished.substr(0, 1));
  client_plain(finished.substr(1, 10));
  EXPECT_FALSE(facts.complete);
  EXPECT_EQ(client_plain(finished.substr(11)), Kind::kHandshake);
  EXPECT_TRUE(facts.complete);
  EXPECT_EQ(client_plain("EHLO x\r\n"), Kind::kApplication);
}

TEST_F(TlsSessionTest, DecryptedTicketsAreNoText) {
  hellos13();
  server_plain(finished_message());
  client_plain(finished_message());
  EXPECT_EQ(server_plain(handshake(4, std::string(180, 't'))), Kind::kTicket);
  EXPECT_EQ(server_plain("220 mx.example.test\r\n"), Kind::kApplication);
}

TEST_F(TlsSessionTest, HelloRetryRequestIsNoServerHello) {
  client(client_hello());
  // RFC 8446 section 4.1.3: the random value that marks it.
  static constexpr unsigned char kRetry[] = {0xCF, 0x21, 0xAD, 0x74, 0xE5, 0x9A, 0x61, 0x11,
                                             0xBE, 0x1D, 0x8C, 0x02, 0x1E, 0x65, 0xB8, 0x91,
                                             0xC2, 0xA2, 0x11, 0x16, 0x7A, 0xBB, 0x8C, 0x5E,
                                             0x07, 0x9E, 0x09, 0xE2, 0xC8, 0xA8, 0x33, 0x9C};
  std::string message = server_hello_message(0x0304, kAes128Gcm);
  message.replace(4 + 2, 32, reinterpret_cast<const char*>(kRetry), 32);
  server(record(kHandshakeType, message));
  EXPECT_TRUE(facts.hello_retry);
  EXPECT_FALSE(facts.server_hello.known());
  client(client_hello());
  EXPECT_EQ(facts.client_hello.frame, 1U);
  server(server_hello13());
  EXPECT_EQ(facts.server_hello.frame, 4U);
}

TEST_F(TlsSessionTest, FatalAlertOfTheHandshakeIsKept) {
  client(client_hello());
  EXPECT_EQ(server(alert(2, 70)), Kind::kAlert);
  ASSERT_TRUE(facts.alert.has_value());
  EXPECT_EQ(facts.alert->description, 70);
  EXPECT_EQ(facts.alert->sender, Side::kServer);
  EXPECT_EQ(facts.alert->at.frame, 2U);
}

TEST_F(TlsSessionTest, AlertUnderTls13IsReadWhereItIsDecrypted) {
  hellos13();
  EXPECT_EQ(client(sealed13(2)), Kind::kAlert);
  EXPECT_FALSE(facts.alert.has_value());
  EXPECT_EQ(client_plain("\x02\x30"), Kind::kAlert);
  ASSERT_TRUE(facts.alert.has_value());
  EXPECT_EQ(facts.alert->description, 48);
}

TEST_F(TlsSessionTest, CloseNotifyAfterTheHandshakeIsNoFailure) {
  hellos13();
  server_plain(finished_message());
  client_plain(finished_message());
  client_plain(std::string("\x01\x00", 2));
  EXPECT_FALSE(facts.alert.has_value());
}

TEST_F(TlsSessionTest, KeepsWhatTheClientOffers) {
  client(client_hello());
  EXPECT_EQ(facts.versions_offered.view(), "TLS 1.2");
  EXPECT_EQ(facts.ciphers_offered.view(), "TLS_AES_128_GCM_SHA256");
}

}  // namespace
}  // namespace smtp_session
