// SPDX-License-Identifier: GPL-2.0-or-later
//
// The words by which values of the model are shown: fixed names of the public contract.
#pragma once

#include <string>
#include <string_view>

#include "dissector/frame_index.h"
#include "dissector/outcome.h"
#include "dissector/session.h"

namespace smtp_session {

const char* name_of(Phase phase);
const char* name_of(Outcome outcome);
const char* name_of(Side side);
const char* name_of(TlsMode mode);
const char* name_of(DecryptState state);
const char* name_of(CloseKind kind);
const char* name_of(CapturePoint point);

/// "TLS 1.2" for 0x0303; "0x7f1c" for what is not in the registry.
std::string tls_version_name(std::uint16_t version);
/// The IANA name ("TLS_AES_128_GCM_SHA256"); "0xc0ff" for what is not in the table.
std::string tls_cipher_name(std::uint16_t cipher);
/// "handshake_failure" for 40 (RFC 8446 section 6).
std::string tls_alert_name(std::uint8_t description);

/// The frame's roles joined by ", ": flags, commands and replies that it completes.
std::string role_names(const Session& session, const FrameRecord& record);

/// "192.0.2.1", "2001:db8::1" (RFC 5952).
std::string to_string(const Address& address);

}  // namespace smtp_session
