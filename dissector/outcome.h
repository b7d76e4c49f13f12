// SPDX-License-Identifier: GPL-2.0-or-later
//
// How a session ended, in one word.
#pragma once

#include <cstdint>

#include "dissector/session.h"

namespace smtp_session {

enum class Outcome : std::uint8_t {
  kConnectionRefused,
  kConnectionTimeout,
  kNoGreeting,
  kGreetingRejected,
  kTlsFailed,
  kAuthFailed,
  kDelivered,
  kPartial,
  kRejected,
  kDeferred,
  kDeliveryUnknown,
  kAbortedByClient,
  kAbortedByServer,
  kNoMail,
  kEncrypted,
  kIncomplete,
};

/// The outcome from what is known so far; final once the capture or the session has ended.
Outcome outcome_of(const Session& session);

/// Whose doing the end is: of the side that ended TLS first, else of the one that closed first. A
/// server closes at once where the client has ended TLS, and its FIN may be the first.
Side ended_by(const Session& session);

/// True where the alert only says that the other side had closed within the handshake: OpenSSL
/// sends decode_error where the bytes of a handshake end.
bool alert_answers_close(const Session& session);

/// True when the capture holds the session from its first SYN to its close, with no gap.
bool is_complete(const Session& session);

}  // namespace smtp_session
