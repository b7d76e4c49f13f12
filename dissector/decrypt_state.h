// SPDX-License-Identifier: GPL-2.0-or-later
//
// Why the content of a session under TLS is, or is not, readable.
#pragma once

#include "dissector/session.h"

namespace smtp_session {

/// An RSA private key opens sessions with RSA key exchange only (RFC 5246 section 7.4.7.1) and none
/// of TLS 1.3.
DecryptState decrypt_state(const Session& session);

/// Why the content cannot be read, as a clause: "there is no key for this session".
const char* reason_of(DecryptState state);

}  // namespace smtp_session
