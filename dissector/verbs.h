// SPDX-License-Identifier: GPL-2.0-or-later
//
// Verbs that belong together.
#pragma once

#include <string_view>

#include "dissector/text.h"

namespace smtp_session {

/// RFC 5321 section 4.1.1.1; LMTP: RFC 2033 section 4.1.
constexpr bool is_hello(std::string_view verb) {
  return verb == "EHLO" || verb == "HELO" || verb == "LHLO";
}
inline bool is_hello(Text verb) {
  return verb == "EHLO" || verb == "HELO" || verb == "LHLO";
}

/// RFC 4954 section 4; X-EXPS is what Microsoft Exchange had before it.
constexpr bool is_auth(std::string_view verb) {
  return verb == "AUTH" || verb == "X-EXPS";
}
inline bool is_auth(Text verb) {
  return verb == "AUTH" || verb == "X-EXPS";
}

}  // namespace smtp_session
