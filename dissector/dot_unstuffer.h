// SPDX-License-Identifier: GPL-2.0-or-later
//
// The text of a message sent by DATA as its sender had it: without the dots that stuff it and
// without the end mark (RFC 5321 section 4.5.2). It reads what DotScanner counts.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace smtp_session {

class DotUnstuffer {
 public:
  /// Appends the text of `bytes` to `out`.
  void add(std::string_view bytes, std::string& out);

 private:
  enum class State : std::uint8_t { kLineStart, kDot, kDotCr, kText, kTextCr, kDone };

  void add(char c, std::string& out);

  State state_ = State::kLineStart;
};

}  // namespace smtp_session
