// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/message_inspector.h"

#include <algorithm>
#include <cstring>

#include "dissector/ascii.h"

namespace smtp_session {

namespace {

/// Bytes of a header line that are kept to find the Message-ID: RFC 5322 section 2.1.1 allows 998,
/// an id longer than this names nothing.
constexpr std::size_t kMaxHeaderLine = 998;

/// Beyond this the header is not looked at: no message has so many trace fields.
constexpr std::uint64_t kMaxHeader = std::uint64_t{256} << 10U;

bool starts_with_ignoring_case(std::string_view text, std::string_view lower_prefix) {
  return text.size() >= lower_prefix.size() &&
         std::equal(lower_prefix.begin(), lower_prefix.end(), text.begin(),
                    [](char want, char have) { return want == to_lower(have); });
}

/// A position in `bytes` or its size.
std::size_t find(std::string_view bytes, char c, std::size_t from) {
  return std::min(bytes.find(c, from), bytes.size());
}

}  // namespace

void MessageInspector::add(std::string_view bytes) {
  std::size_t at = 0;
  // Each search goes on where the one before it ended, so that every byte is looked at twice at the
  // most, whatever the bytes are.
  std::size_t lf = find(bytes, '\n', 0);
  std::size_t cr = find(bytes, '\r', 0);
  while (at < bytes.size()) {
    if (cr_pending_) {
      cr_pending_ = false;
      if (bytes[at] == '\n') {
        ++at;
        ++offset_;
        end_line(Ending::kCrLf);
      } else {
        end_line(Ending::kCr);
      }
      continue;
    }
    if (lf < at) lf = find(bytes, '\n', at);
    if (cr < at) cr = find(bytes, '\r', at);
    const std::size_t stop = std::min(lf, cr);
    text(bytes.substr(at, stop - at));
    at = stop;
    if (stop == bytes.size()) return;
    ++at;
    ++offset_;
    if (bytes[stop] == '\r') {
      cr_pending_ = true;
    } else {
      end_line(Ending::kLf);
    }
  }
}

void MessageInspector::text(std::string_view part) {
  if (part.empty()) return;
  if (head_size_ < kHead) {
    const std::size_t more = std::min(kHead - head_size_, part.size());
    std::memcpy(head_ + head_size_, part.data(), more);
    head_size_ += more;
    if (behind_false_end_ && head_size_ == kHead) look_for_command();
  }
  if (in_header_) {
    header_line_.append(
        part.substr(0, kMaxHeaderLine - std::min(kMaxHeaderLine, header_line_.size())));
  }
  if (eight_bit_ == kNowhere) look_for_eight_bit(part);
  length_ += part.size();
  offset_ += part.size();
  longest_ = std::max(longest_, length_);
}

void MessageInspector::look_for_eight_bit(std::string_view part) {
  constexpr std::uint64_t kHighBits = 0x8080808080808080U;
  std::size_t at = 0;
  std::uint64_t word = 0;
  for (; at + sizeof word <= part.size(); at += sizeof word) {
    std::memcpy(&word, part.data() + at, sizeof word);
    if ((word & kHighBits) != 0) break;
  }
  for (; at < part.size(); ++at) {
    if ((static_cast<unsigned char>(part[at]) & 0x80U) == 0) continue;
    eight_bit_ = offset_ + at;
    return;
  }
}

void MessageInspector::end_line(Ending ending) {
  const std::uint64_t end_size = ending == Ending::kCrLf ? 2 : 1;
  // RFC 5321 section 4.5.3.1.6 counts the line end; a bare CR or LF ends no line there, but a
  // receiver that goes by it sees the line so.
  longest_ = std::max(longest_, length_ + end_size);
  if (ending == Ending::kCr && bare_cr_ == kNowhere) bare_cr_ = offset_ - 1;
  if (ending == Ending::kLf && bare_lf_ == kNowhere) bare_lf_ = offset_ - 1;
  if (head_size_ > 0 && head_[0] == '.' && before_ != Ending::kUnknown) end_dot_line(ending);
  if (behind_false_end_ && head_size_ > 0) look_for_command();
  if (in_header_) end_header_line();
  before_ = ending;
  line_at_ = offset_;
  length_ = 0;
  head_size_ = 0;
}

void MessageInspector::end_dot_line(Ending ending) {
  const bool proper_start = before_ == Ending::kCrLf || before_ == Ending::kStart;
  if (length_ == 1) {
    if (proper_start && ending == Ending::kCrLf) {
      // The end of data; in a chunk text, and the work of no program that doubles dots.
      if (chunked_ && single_dot_ == kNowhere) single_dot_ = line_at_;
      return;
    }
    static constexpr const char* kForms[] = {"", "<CR><LF>", "<CR>", "<LF>", ""};
    if (false_end_.at == kNowhere) {
      false_end_.at = line_at_;
      false_end_.form = kForms[static_cast<std::size_t>(before_)];
      false_end_.form += '.';
      false_end_.form += kForms[static_cast<std::size_t>(ending)];
    }
    behind_false_end_ = true;
    // The line itself is behind nothing yet.
    head_size_ = 0;
    return;
  }
  if (!proper_start) return;
  if (head_[1] != '.') {
    if (single_dot_ == kNowhere) single_dot_ = line_at_;
  } else if (double_dot_ == kNowhere && (head_size_ == 2 || head_[2] != '.')) {
    double_dot_ = line_at_;  // three dots are as likely a sentence that goes on
  }
}

void MessageInspector::look_for_command() {
  behind_false_end_ = false;
  static constexpr std::string_view kVerbs[] = {"mail ", "rcpt ", "ehlo ", "helo ", "data",
                                                "bdat ", "rset",  "quit",  "noop"};
  const std::string_view head(head_, head_size_);
  for (const std::string_view verb : kVerbs) {
    if (starts_with_ignoring_case(head, verb)) false_end_.commands_follow = true;
  }
}

void MessageInspector::end_header_line() {
  // RFC 5322 section 2.1: an empty line ends the header.
  if (length_ == 0 || offset_ > kMaxHeader) {
    in_header_ = false;
    header_line_.clear();
    header_line_.shrink_to_fit();
    return;
  }
  constexpr std::string_view kName = "message-id:";
  std::string_view value = header_line_;
  const bool folded = is_blank(value.front());
  if (!folded) {
    in_message_id_ = message_id_.empty() && starts_with_ignoring_case(value, kName);
    if (in_message_id_) value.remove_prefix(kName.size());
  }
  if (in_message_id_ && message_id_.empty()) {
    const std::size_t begin = value.find_first_not_of(" \t");
    if (begin != std::string_view::npos) {
      value.remove_prefix(begin);
      message_id_ = value.substr(0, value.find_last_not_of(" \t") + 1);
    }
  }
  header_line_.clear();
}

void MessageInspector::gap(std::uint64_t size) {
  offset_ += size;
  line_at_ = offset_;
  length_ = 0;
  head_size_ = 0;
  cr_pending_ = false;
  behind_false_end_ = false;
  before_ = Ending::kUnknown;
  in_header_ = false;
}

void MessageInspector::end(bool whole) {
  if (cr_pending_ && whole) end_line(Ending::kCr);
  cr_pending_ = false;
  if (behind_false_end_ && head_size_ > 0) look_for_command();
  behind_false_end_ = false;
}

}  // namespace smtp_session
