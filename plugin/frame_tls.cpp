// SPDX-License-Identifier: GPL-2.0-or-later
#include "plugin/frame_tls.h"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <string_view>

#include "dissector/decrypt_state.h"

namespace smtp_session::ws {
namespace {

constexpr FrameNumber kNever = std::numeric_limits<FrameNumber>::max();

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
  note_first(
      session.commands, [](const Command& command) { return command.opaque; }, found);
  note_first(
      session.replies, [](const Reply& reply) { return reply.code == 0 && reply.lines.empty(); },
      found);
  // Events that could not be read may go on: what counts is where the first one begins.
  if (session.tls != nullptr && session.tls->unread_frame != 0) {
    found.unreadable = session.tls->unread_frame;
  }
  return found;
}

/// The frame with which TLS is known to have begun.
FrameNumber first_tls_frame(const Session& session) {
  if (session.tls->client_hello.known()) return session.tls->client_hello.frame;
  const EncryptedEvents events = encrypted_events(session);
  return std::min(events.readable, events.unreadable);
}

bool goes_on_in_clear(const Command& command) {
  const std::string_view verb = command.verb.view();
  return !command.encrypted && (verb == "MAIL" || verb == "AUTH" || verb == "QUIT");
}

bool clear_text_settled(const Session& session, FrameNumber frame) {
  if (session.replies.empty() && session.commands.empty()) return false;
  if (known_at(session.tcp.first_fin.frame, frame)) return true;
  if (known_at(session.tcp.first_rst.frame, frame)) return true;
  const auto found =
      std::find_if(session.commands.begin(), session.commands.end(), goes_on_in_clear);
  return found != session.commands.end() && known_at(found->frame, frame);
}

}  // namespace

std::optional<TlsMode> tls_mode_at(const Session& session, FrameNumber frame) {
  if (session.tls != nullptr && session.tls->mode != TlsMode::kNone &&
      first_tls_frame(session) <= frame) {
    return session.tls->mode;
  }
  if (clear_text_settled(session, frame)) return TlsMode::kNone;
  return std::nullopt;
}

std::optional<DecryptState> decrypt_state_at(const Session& session, FrameNumber frame) {
  const std::optional<TlsMode> mode = tls_mode_at(session, frame);
  if (!mode) return std::nullopt;
  if (*mode == TlsMode::kNone) return DecryptState::kNotTls;
  const EncryptedEvents events = encrypted_events(session);
  if (events.readable <= frame) return DecryptState::kDecrypted;
  const TlsFacts& tls = *session.tls;
  const bool failed = !tls.complete && tls.alert && known_at(tls.alert->at.frame, frame);
  if (events.unreadable <= frame || failed) return decrypt_state(session);
  return std::nullopt;
}

}  // namespace smtp_session::ws
