// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/decrypt_state.h"

#include <string_view>

#include "dissector/cipher_names.h"
#include "dissector/tls_versions.h"

namespace smtp_session {

namespace {

bool is_rsa_key_exchange(const TlsFacts& tls) {
  const char* const name = find_cipher_name(tls.cipher);
  return tls.version <= kTls12 && name != nullptr &&
         std::string_view{name}.substr(0, 13) == "TLS_RSA_WITH_";
}

}  // namespace

DecryptState decrypt_state(const Session& session) {
  if (session.tls == nullptr || session.tls->mode == TlsMode::kNone) return DecryptState::kNotTls;
  const TlsFacts& tls = *session.tls;
  if (tls.decrypted) return DecryptState::kDecrypted;
  if (!tls.complete && !tls.undecrypted) {
    if (tls.alert.has_value() || session.tcp.close != CloseKind::kNone) {
      return DecryptState::kHandshakeFailed;
    }
    return tls.client_hello.known() ? DecryptState::kNoKey : DecryptState::kClientHelloMissing;
  }
  // The secrets are found by the random value of the ClientHello.
  if (!tls.client_hello.known()) return DecryptState::kClientHelloMissing;
  // RFC 5246 section 7.3: a resumed session uses the master secret of an earlier one.
  if (tls.resumed && tls.version <= kTls12) return DecryptState::kResumedUnknown;
  if (session.rsa_key_loaded && !is_rsa_key_exchange(tls)) return DecryptState::kRsaKeyUseless;
  return DecryptState::kNoKey;
}

const char* reason_of(DecryptState state) {
  switch (state) {
    case DecryptState::kNoKey:
      return "there is no key for this session";
    case DecryptState::kRsaKeyUseless:
      return "an RSA key is loaded, but it opens neither (EC)DHE nor TLS 1.3";
    case DecryptState::kClientHelloMissing:
      return "the ClientHello, by which the secrets are found, is not in the capture";
    case DecryptState::kResumedUnknown:
      return "it resumes a session that is not in the capture";
    case DecryptState::kHandshakeFailed:
      return "the handshake failed";
    case DecryptState::kDecrypted:
    case DecryptState::kNotTls:
      break;
  }
  return "it was not decrypted";
}

}  // namespace smtp_session
