// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/reply_reader.h"

#include <algorithm>

#include "dissector/ascii.h"

namespace smtp_session {

namespace {}  // namespace

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

std::size_t ReplyReader::read(const Chunk& chunk, bool& complete) {
  complete = false;
  std::string_view bytes(reinterpret_cast<const char*>(chunk.data), chunk.size);
  std::size_t used = 0;
  while (!bytes.empty()) {
    if (reply_.bytes == 0) reply_.first = chunk.received;
    const auto end = bytes.find('\n');
    const std::string_view part = bytes.substr(0, end == std::string_view::npos ? end : end + 1);
    const bool whole = line_.empty() && end != std::string_view::npos;
    if (!whole) line_.append(part.substr(0, kMaxText - std::min(kMaxText, line_.size())));
    reply_.bytes += static_cast<std::uint32_t>(part.size());
    used += part.size();
    bytes.remove_prefix(part.size());
    if (end == std::string_view::npos) break;
    reply_.last = chunk.received;
    reply_.peer_acked = chunk.peer_acked;
    complete = end_line(whole ? part.substr(0, kMaxText) : std::string_view(line_));
    line_.clear();
    if (complete) break;
  }
  return used;
}

bool ReplyReader::end_line(std::string_view line) {
  const bool bare_line_end =
      !line.empty() && line.back() == '\n' && (line.size() < 2 || line[line.size() - 2] != '\r');
  while (!line.empty() && (line.back() == '\n' || line.back() == '\r')) line.remove_suffix(1);
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
  reply_ = RawReply{};
  reply_.exact = false;
  after_gap_ = true;
}

}  // namespace smtp_session
