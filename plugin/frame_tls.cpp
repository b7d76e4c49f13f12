// SPDX-License-Identifier: GPL-2.0-or-later
#include "plugin/frame_tls.h"

#include <epan/uat-int.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>

#include "dissector/decrypt_state.h"

namespace smtp_session::ws {
namespace {

constexpr FrameNumber kNever = std::numeric_limits<FrameNumber>::max();

/// The user gave a private RSA key (Preferences, RSA Keys).
bool rsa_key_loaded() {
  const uat_t* table = uat_get_table_by_name("RSA Private Keys");
  return table != nullptr && table->nrows_p != nullptr && *table->nrows_p > 0;
}

bool known_at(FrameNumber event, FrameNumber frame) {
  return event != 0 && event <= frame;
}

struct EncryptedEvents {
  FrameNumber readable = kNever;    ///< frame of the first one that was read
  FrameNumber unreadable = kNever;  ///< frame of the first one that was not
};

/// Events under TLS follow all those in clear text, so that their first is found by bisection.
template <class List, class IsOpaque>
void note_first(const List& events, IsOpaque is_opaque, EncryptedEvents& found) {
  auto event = std::partition_point(events.begin(), events.end(),
                                    [](const auto& each) { return !each.encrypted; });
  if (event == events.end() || event->frame == 0) return;
  FrameNumber& frame = is_opaque(*event) ? found.unreadable : found.readable;
  frame = std::min(frame, event->frame);
}

EncryptedEvents encrypted_events(const Session& session) {
  EncryptedEvents found;
  note_first(session.commands, [](const Command& command) { return command.opaque; }, found);
  note_first(
      session.replies,
      [](const Reply& reply) { return reply.code == 0 && reply.lines.empty(); }, found);
  return found;
}

}  // namespace

bool clear_text_seen(const Session& session, FrameNumber frame) {
  return (!session.replies.empty() && !session.replies.front().encrypted &&
          known_at(session.replies.front().frame, frame)) ||
         (!session.commands.empty() && !session.commands.front().encrypted &&
          known_at(session.commands.front().frame, frame));
}

std::optional<DecryptState> decrypt_state_at(const Session& session, FrameNumber frame) {
  const TlsFacts* tls = session.tls.get();
  if (tls != nullptr && tls->mode != TlsMode::kNone) {
    const EncryptedEvents events = encrypted_events(session);
    if (events.readable <= frame) return DecryptState::kDecrypted;
    if (events.unreadable <= frame) return decrypt_state(session, rsa_key_loaded());
    if (!tls->complete && tls->alert && known_at(tls->alert->at.frame, frame)) {
      return DecryptState::kHandshakeFailed;
    }
    if (known_at(tls->client_hello.frame, frame)) return std::nullopt;
  }
  if (clear_text_seen(session, frame)) return DecryptState::kNotTls;
  return std::nullopt;
}

}  // namespace smtp_session::ws
