// SPDX-License-Identifier: GPL-2.0-or-later
#include "plugin/tree_tls.h"

#include <optional>

#include "dissector/names.h"
#include "plugin/fields.h"
#include "plugin/frame_tls.h"
#include "plugin/pool_text.h"

namespace smtp_session::ws {
namespace {

bool known_at(FrameNumber event, FrameNumber frame) {
  return event != 0 && event <= frame;
}

const char* version_text(wmem_allocator_t* pool, std::uint16_t version) {
  return pool_text(pool, tls_version_name(version));
}

const char* cipher_text(wmem_allocator_t* pool, std::uint16_t cipher) {
  return pool_text(pool, tls_cipher_name(cipher));
}

const char* alert_text(wmem_allocator_t* pool, std::uint8_t description) {
  return pool_text(pool, tls_alert_name(description));
}

void show_handshake(const Branch& branch, const TlsFacts& tls, FrameNumber frame) {
  if (known_at(tls.client_hello.frame, frame)) {
    branch.add_known_text(fields.tls_sni, tls.sni.view());
  }
  // Long: on the frame of the ClientHello alone.
  if (tls.client_hello.frame == frame) {
    branch.add_lines(fields.tls_versions_offered, tls.versions_offered.view());
    branch.add_lines(fields.tls_ciphers_offered, tls.ciphers_offered.view());
  }
  if (known_at(tls.server_hello.frame, frame)) {
    if (tls.version != 0) {
      branch.add_text(fields.tls_version, version_text(branch.pool, tls.version));
    }
    branch.add_text(fields.tls_cipher, cipher_text(branch.pool, tls.cipher));
  }
  // TLS 1.3 sends ALPN encrypted, and a ticket shows as resumption by what follows ServerHello.
  if (known_at(tls.finished.frame, frame)) {
    branch.add_known_text(fields.tls_alpn, tls.alpn.view());
    branch.add_bool(fields.tls_resumed, tls.resumed);
  }
  if (tls.alert && known_at(tls.alert->at.frame, frame)) {
    branch.add_text(fields.tls_alert, alert_text(branch.pool, tls.alert->description));
  }
}

}  // namespace

void show_tls(const Branch& branch, const Session& session, FrameNumber frame) {
  const std::optional<TlsMode> mode = tls_mode_at(session, frame);
  if (!mode) return;
  const Branch below = branch.titled("TLS", subtrees.tls);
  below.add_text(fields.tls_mode, name_of(*mode));
  if (session.tls) show_handshake(below, *session.tls, frame);
  const std::optional<DecryptState> state = decrypt_state_at(session, frame);
  if (!state) return;
  if (*state != DecryptState::kNotTls) {
    below.add_bool(fields.tls_decrypted, *state == DecryptState::kDecrypted);
  }
  below.add_text(fields.tls_decrypt_state, name_of(*state));
}

}  // namespace smtp_session::ws
