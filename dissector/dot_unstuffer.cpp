// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/dot_unstuffer.h"

namespace smtp_session {

void DotUnstuffer::add(std::string_view bytes, std::string& out) {
  while (!bytes.empty() && state_ != State::kDone) {
    if (state_ == State::kText) {
      // Most bytes of a message pass here: go from line end to line end.
      const std::size_t end = bytes.find('\r');
      out.append(bytes.substr(0, end));
      if (end == std::string_view::npos) return;
      bytes.remove_prefix(end);
    }
    add(bytes.front(), out);
    bytes.remove_prefix(1);
  }
}

void DotUnstuffer::add(char c, std::string& out) {
  switch (state_) {
    case State::kLineStart:
      if (c == '.') {
        state_ = State::kDot;
        return;
      }
      break;
    case State::kDot:
      if (c == '\r') {
        state_ = State::kDotCr;
        return;
      }
      state_ = State::kText;
      out += c;
      return;
    case State::kDotCr:
      if (c == '\n') {
        state_ = State::kDone;
        return;
      }
      out += '\r';
      break;
    case State::kTextCr:
      if (c == '\n') {
        state_ = State::kLineStart;
        out += c;
        return;
      }
      break;
    case State::kText:
    case State::kDone:
      break;
  }
  state_ = c == '\r' ? State::kTextCr : State::kText;
  out += c;
}

}  // namespace smtp_session
