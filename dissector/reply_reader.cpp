// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/reply_reader.h"

#include <algorithm>
#include <utility>

#include "dissector/ascii.h"
#include "dissector/reply_codes.h"

namespace smtp_session {

namespace {

std::string_view line_end_cut(std::string_view line) {
  while (!line.empty() && (line.back() == '\n' || line.back() == '\r')) line.remove_suffix(1);
  return line;
}

}  // namespace

std::uint16_t reply_code(std::string_view line) {
  // RFC 5321 section 4.2: three digits, the first from 2 to 5; 1 is tolerated (RFC 821).
  constexpr std::size_t kDigits = 3;
  if (line.size() < kDigits || line[0] < '1' || line[0] > '5' || !is_digit(line[1]) ||
      !is_digit(line[2])) {
    return 0;
  }
  if (line.size() > kDigits && line[3] != ' ' && line[3] != '-' && line[3] != '\t') return 0;
  return static_cast<std::uint16_t>((line[0] - '0') * 100 + (line[1] - '0') * 10 + (line[2] - '0'));
}

std::size_t ReplyReader::read(const Chunk& chunk, bool may_break_off, bool& complete) {
  complete = held_ != nullptr && take_held_line();
  std::string_view bytes(reinterpret_cast<const char*>(chunk.data), chunk.size);
  std::size_t used = 0;
  while (!bytes.empty() && !complete) {
    if (reply_.bytes == 0) reply_.first = chunk.received;
    const auto end = bytes.find('\n');
    const std::string_view part = bytes.substr(0, end == std::string_view::npos ? end : end + 1);
    const bool whole = line_.empty() && end != std::string_view::npos;
    if (line_bytes_ == 0) line_first_ = chunk.received;
    line_bytes_ += static_cast<std::uint32_t>(part.size());
    if (!whole) line_.append(part.substr(0, kMaxText - std::min(kMaxText, line_.size())));
    used += part.size();
    bytes.remove_prefix(part.size());
    reply_.bytes += static_cast<std::uint32_t>(part.size());
    if (end == std::string_view::npos) break;
    const std::string_view line = whole ? part.substr(0, kMaxText) : std::string_view(line_);
    if (may_break_off && breaks_off(line)) {
      held_ = std::make_unique<Line>(
          Line{std::string(line), line_first_, chunk.received, chunk.peer_acked, line_bytes_});
      reply_.bytes -= line_bytes_;
      reply_.last.frame = chunk.received.frame;  // no frame before shows that it is complete
      complete = true;
    } else {
      reply_.last = chunk.received;
      reply_.peer_acked = chunk.peer_acked;
      complete = end_line(line);
    }
    line_.clear();
    line_bytes_ = 0;
  }
  return used;
}

/// RFC 5321 section 4.2.1 wants one code in all lines. The first line of a greeting and then, to a
/// client that did not wait, replies to what it sent: so Postfix's postscreen answers. A refusal
/// to serve at all is the end of the greeting itself, and so is what it says when it drops a
/// client.
bool ReplyReader::breaks_off(std::string_view line) const {
  constexpr std::uint16_t kNoService = 554;
  const std::uint16_t code = reply_code(line_end_cut(line));
  return reply_.code == kServiceReady && code != 0 && code != kServiceReady &&
         code != kServiceNotAvailable && code != kHostTakesNoMail && code != kNoService;
}

bool ReplyReader::take_held_line() {
  const std::unique_ptr<Line> held = std::move(held_);
  const Line& line = *held;
  reply_.first = line.first;
  reply_.last = line.last;
  reply_.peer_acked = line.peer_acked;
  reply_.bytes = line.bytes;
  return end_line(line.text);
}

bool ReplyReader::end_line(std::string_view line) {
  const bool bare_line_end =
      !line.empty() && line.back() == '\n' && (line.size() < 2 || line[line.size() - 2] != '\r');
  line = line_end_cut(line);
  const std::uint16_t code = reply_code(line);
  const bool begun = reply_.code != 0;
  if (after_gap_ && code == 0) {  // the rest of a line whose beginning is missing
    after_gap_ = false;
    reply_ = RawReply{};
    reply_.exact = false;
    return false;
  }
  after_gap_ = false;
  if (bare_line_end) reply_.flaws.bare_line_end = true;
  if (begun && code == 0) reply_.flaws.no_code = true;
  if (begun && code != 0 && code != reply_.code) reply_.flaws.other_code = true;
  std::string_view text = line;
  if (code != 0) text.remove_prefix(std::min<std::size_t>(text.size(), 4));
  if (begun) reply_.lines += '\n';
  reply_.lines.append(text.substr(0, kMaxText - std::min(kMaxText, reply_.lines.size())));
  if (code == 0) return !begun;  // within a multi-line reply a line without code is its text
  reply_.code = code;
  return line.size() <= 3 || line[3] != '-';
}

void ReplyReader::next() {
  reply_.lines.clear();
  reply_.first = {};
  reply_.last = {};
  reply_.peer_acked = 0;
  reply_.bytes = 0;
  reply_.code = 0;
  reply_.exact = true;
  reply_.flaws = {};
}

void ReplyReader::gap() {
  line_.clear();
  line_bytes_ = 0;
  held_.reset();
  reply_ = RawReply{};
  reply_.exact = false;
  after_gap_ = true;
}

}  // namespace smtp_session
