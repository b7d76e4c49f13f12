// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/decrypt_state.h"

#include <gtest/gtest.h>

#include "tests/unit/model_builder.h"

namespace smtp_session {
namespace {

using test::ModelBuilder;

class DecryptStateTest : public ::testing::Test {
 protected:
  /// A TLS session whose content could not be read.
  TlsFacts& unreadable() {
    model.handshake();
    TlsFacts& tls = model.client_hello(TlsMode::kImplicit);
    model.finish_tls();
    tls.undecrypted = true;
    return tls;
  }

  ModelBuilder model;
};

TEST_F(DecryptStateTest, SessionInClearIsNotTls) {
  model.open();
  EXPECT_EQ(decrypt_state(model.session()), DecryptState::kNotTls);
}

TEST_F(DecryptStateTest, DecryptedRecordsAreDecrypted) {
  unreadable().decrypted = true;
  EXPECT_EQ(decrypt_state(model.session()), DecryptState::kDecrypted);
}

TEST_F(DecryptStateTest, UnreadableContentHasNoKey) {
  unreadable();
  EXPECT_EQ(decrypt_state(model.session()), DecryptState::kNoKey);
}

TEST_F(DecryptStateTest, RsaKeyIsUselessForTls13AndForEphemeralKeys) {
  TlsFacts& tls = unreadable();
  model.session().rsa_key_loaded = true;
  EXPECT_EQ(decrypt_state(model.session()), DecryptState::kRsaKeyUseless);
  tls.version = 0x0303;
  tls.cipher = 0xc02f;
  EXPECT_EQ(decrypt_state(model.session()), DecryptState::kRsaKeyUseless);
}

TEST_F(DecryptStateTest, RsaKeyThatFitsTheKeyExchangeIsTheWrongKey) {
  TlsFacts& tls = unreadable();
  model.session().rsa_key_loaded = true;
  tls.version = 0x0303;
  tls.cipher = 0x002f;
  EXPECT_EQ(decrypt_state(model.session()), DecryptState::kNoKey);
}

TEST_F(DecryptStateTest, MissingClientHelloIsNamed) {
  unreadable().client_hello = {};
  EXPECT_EQ(decrypt_state(model.session()), DecryptState::kClientHelloMissing);
}

TEST_F(DecryptStateTest, ResumedTls12IsNamedAndTls13IsNot) {
  TlsFacts& tls = unreadable();
  tls.resumed = true;
  EXPECT_EQ(decrypt_state(model.session()), DecryptState::kNoKey);
  tls.version = 0x0303;
  EXPECT_EQ(decrypt_state(model.session()), DecryptState::kResumedUnknown);
}

TEST_F(DecryptStateTest, HandshakeThatEndedInAnAlertOrACloseFailed) {
  model.handshake();
  TlsFacts& tls = model.client_hello(TlsMode::kImplicit);
  EXPECT_EQ(decrypt_state(model.session()), DecryptState::kNoKey);
  tls.alert = TlsAlert{2, 40, Side::kServer, model.tick()};
  EXPECT_EQ(decrypt_state(model.session()), DecryptState::kHandshakeFailed);
  tls.alert.reset();
  model.fin(Side::kServer);
  EXPECT_EQ(decrypt_state(model.session()), DecryptState::kHandshakeFailed);
}

}  // namespace
}  // namespace smtp_session
