// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/candidate.h"

#include <algorithm>
#include <string_view>

#include "dissector/command_line.h"
#include "dissector/proxy_parser.h"

namespace smtp_session {

namespace {

constexpr std::size_t kGreetingStart = 5;  // "220 " and a letter

bool may_be_greeting(std::string_view bytes) {
  // "220 host ...", "554 ..." or "421 ...": a bare 220 is no SMTP greeting (RFC 5321 section 4.2).
  for (const std::string_view code : {"220", "554", "421"}) {
    const auto common = std::min(bytes.size(), code.size());
    if (bytes.substr(0, common) != code.substr(0, common)) continue;
    return bytes.size() <= code.size() || bytes[code.size()] == ' ' || bytes[code.size()] == '-';
  }
  return false;
}

bool may_be_hello(std::string_view bytes) {
  const std::string start = to_upper(bytes.substr(0, 5));
  for (const std::string_view hello : {"EHLO ", "HELO ", "LHLO "}) {
    if (hello.substr(0, start.size()) == start) return true;
  }
  return false;
}

}  // namespace

Segment Candidate::Kept::view() const {
  Segment with_payload = segment;
  with_payload.payload = reinterpret_cast<const std::uint8_t*>(payload.data());
  return with_payload;
}

Candidate::Verdict Candidate::add(const Segment& segment) {
  if (kept_.size() >= kMaxSegments || bytes_ + segment.captured > kMaxBytes) {
    return Verdict::kNotSmtp;
  }
  keep(segment);
  const Verdict verdict = segment.captured > 0 ? judge(segment) : Verdict::kUndecided;
  if (verdict != Verdict::kUndecided) kept_.pop_back();
  return verdict;
}

Candidate::Verdict Candidate::judge(const Segment& newest) {
  if (!spoken_) first_speaker_ = newest.source;
  spoken_ = true;
  if (!(newest.source == first_speaker_)) return judge_answer(newest.source);
  return greeted_ ? Verdict::kUndecided : judge_first_words(newest.source);
}

std::uint32_t Candidate::start_of(const Endpoint& speaker) const {
  bool known = false;
  std::uint32_t start = 0;
  for (const Kept& kept : kept_) {
    const Segment& segment = kept.segment;
    if (!(segment.source == speaker)) continue;
    if (segment.has(TcpFlags::kSyn)) return segment.seq + 1;
    if (segment.captured == 0) continue;
    // The capture begins later: the lowest is the first that can be read.
    if (!known || static_cast<std::int32_t>(segment.seq - start) < 0) start = segment.seq;
    known = true;
  }
  return start;
}

std::string Candidate::words_of(const Endpoint& speaker, std::uint32_t from) const {
  std::string words;
  for (bool found = true; found;) {
    found = false;
    const std::uint32_t next = from + static_cast<std::uint32_t>(words.size());
    for (const Kept& kept : kept_) {
      if (!(kept.segment.source == speaker) || kept.segment.has(TcpFlags::kSyn)) continue;
      const std::uint32_t skip = next - kept.segment.seq;
      if (skip >= kept.payload.size()) continue;
      words.append(kept.payload, skip);
      found = true;
      break;
    }
  }
  return words;
}

Candidate::Verdict Candidate::judge_first_words(const Endpoint& speaker) {
  const std::uint32_t start = start_of(speaker);
  const std::string words = words_of(speaker, start);
  if (may_be_greeting(words)) {
    greeted_ = words.size() >= kGreetingStart;
    return Verdict::kUndecided;
  }
  if (proxied_) return Verdict::kNotSmtp;
  ProxyHeader header;
  std::size_t consumed = 0;
  const ProxyParse parse = parse_proxy(reinterpret_cast<const std::uint8_t*>(words.data()),
                                       words.size(), header, consumed);
  if (parse == ProxyParse::kNeedMore) return Verdict::kUndecided;
  if (parse != ProxyParse::kHeader) return Verdict::kNotSmtp;
  // The load balancer spoke for the client: the server is still to greet.
  for (const Kept& kept : kept_) {
    if (kept.segment.source == speaker) first_speaker_ = kept.segment.destination;
  }
  behind_proxy_ = start + static_cast<std::uint32_t>(consumed);
  proxied_ = true;
  return Verdict::kUndecided;
}

Candidate::Verdict Candidate::judge_answer(const Endpoint& speaker) const {
  const std::string words = words_of(speaker, proxied_ ? behind_proxy_ : start_of(speaker));
  if (!greeted_) return words.empty() ? Verdict::kUndecided : Verdict::kNotSmtp;
  if (begins_with_hello(words) && words.find('\n') != std::string::npos) return Verdict::kSmtp;
  return may_be_hello(words) ? Verdict::kUndecided : Verdict::kNotSmtp;
}

void Candidate::keep(const Segment& segment) {
  kept_.push_back(
      {segment, std::string(reinterpret_cast<const char*>(segment.payload), segment.captured)});
  bytes_ += segment.captured;
}

}  // namespace smtp_session
