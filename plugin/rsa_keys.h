// SPDX-License-Identifier: GPL-2.0-or-later
//
// Whether the user gave Wireshark a private RSA key, for decrypt_state.h.
#pragma once

namespace smtp_session::ws {

bool rsa_key_loaded();

}  // namespace smtp_session::ws
