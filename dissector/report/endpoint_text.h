// SPDX-License-Identifier: GPL-2.0-or-later
//
// One end of a connection as people read it.
#pragma once

#include <string>

#include "dissector/types.h"

namespace smtp_session {

/// "192.0.2.1:25", "[2001:db8::1]:25" (RFC 5952 section 6).
std::string endpoint_text(const Endpoint& endpoint);

}  // namespace smtp_session
