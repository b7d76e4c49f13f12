// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/dot_scanner.h"

#include <algorithm>

namespace smtp_session {

std::size_t DotScanner::scan(std::string_view bytes) {
  std::size_t at = 0;
  while (at < bytes.size() && state_ != State::kDone) {
    const char c = bytes[at];
    switch (state_) {
      case State::kLineStart:
        if (c == '.') {
          state_ = State::kDot;
        } else {
          state_ = c == '\r' ? State::kTextCr : State::kText;
          ++size_;
        }
        ++at;
        break;
      case State::kDot:
        if (c == '\r') {
          state_ = State::kDotCr;
        } else {  // the dot was stuffed, or stands alone before a bare line feed
          state_ = State::kText;
          ++size_;
        }
        ++at;
        break;
      case State::kDotCr:
        if (c == '\n') {
          state_ = State::kDone;
        } else {
          state_ = c == '\r' ? State::kTextCr : State::kText;
          size_ += 2;
        }
        ++at;
        break;
      case State::kTextCr:
        state_ = c == '\n' ? State::kLineStart : c == '\r' ? State::kTextCr : State::kText;
        ++size_;
        ++at;
        break;
      case State::kText: {
        // Most bytes of a message pass here: go from line end to line end.
        const auto cr = bytes.find('\r', at);
        if (cr == std::string_view::npos) {
          size_ += bytes.size() - at;
          at = bytes.size();
        } else {
          size_ += cr + 1 - at;
          at = cr + 1;
          state_ = State::kTextCr;
        }
        break;
      }
      case State::kDone:
        break;
    }
  }
  wire_size_ += at;
  remember_tail(bytes.substr(0, at));
  return at;
}

void DotScanner::remember_tail(std::string_view bytes) {
  tail_.append(bytes.substr(bytes.size() - std::min(bytes.size(), kTail)));
  if (tail_.size() > kTail) tail_.erase(0, tail_.size() - kTail);
}

std::uint64_t DotScanner::lenient_excess() const {
  const auto ends_with = [this](std::string_view mark) {
    return tail_.size() >= mark.size() &&
           std::string_view(tail_).substr(tail_.size() - mark.size()) == mark;
  };
  // A dot after <CRLF> was taken for a stuffed one and not counted.
  if (ends_with("\r\n.\n") || (wire_size_ == 2 && ends_with(".\n"))) return 1;
  if (ends_with("\n.\n")) return 2;
  if (ends_with("\n.\r\n")) return 3;
  return 0;
}

void DotScanner::skip(std::uint64_t size) {
  size_ += size;
  wire_size_ += size;
  state_ = State::kText;
  tail_.clear();
  skipped_ = true;
}

void DotScanner::accept_end() {
  // Where the end mark begins in what is missing, its rest was counted, and so was that.
  constexpr std::string_view kEndMark = "\r\n.\r\n";
  constexpr std::uint64_t kDotLine = 3;
  const bool cut = skipped_ && tail_.size() <= kEndMark.size() &&
                   kEndMark.substr(kEndMark.size() - tail_.size()) == tail_;
  size_ -= std::min(size_, cut ? kDotLine : lenient_excess());
  state_ = State::kDone;
}

}  // namespace smtp_session
