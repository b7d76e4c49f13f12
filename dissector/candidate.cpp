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

Candidate::Verdict Candidate::add(const Segment& segment) {
  if (kept_.size() >= kMaxSegments || bytes_ + segment.captured > kMaxBytes) {
    return Verdict::kNotSmtp;
  }
  Verdict verdict = Verdict::kUndecided;
  if (segment.captured > 0) {
    if (!spoken_) first_speaker_ = segment.source;
    spoken_ = true;
    if (segment.source == first_speaker_) {
      if (append(first_, segment) && !greeted_) verdict = judge_first_words(segment);
    } else if (append(answer_, segment)) {
      verdict = judge_answer();
    }
  }
  if (verdict == Verdict::kUndecided) keep(segment);
  return verdict;
}

bool Candidate::append(Words& words, const Segment& segment) {
  if (!words.bytes.empty() && segment.seq != words.next) return false;
  words.bytes.append(reinterpret_cast<const char*>(segment.payload), segment.captured);
  words.next = segment.seq + segment.captured;
  return true;
}

Candidate::Verdict Candidate::judge_first_words(const Segment& segment) {
  if (may_be_greeting(first_.bytes)) {
    greeted_ = first_.bytes.size() >= kGreetingStart;
    return Verdict::kUndecided;
  }
  ProxyHeader header;
  std::size_t consumed = 0;
  const ProxyParse parse = parse_proxy(reinterpret_cast<const std::uint8_t*>(first_.bytes.data()),
                                       first_.bytes.size(), header, consumed);
  if (parse == ProxyParse::kNeedMore) return Verdict::kUndecided;
  if (parse != ProxyParse::kHeader) return Verdict::kNotSmtp;
  // The load balancer spoke for the client: the server is still to greet.
  first_speaker_ = segment.destination;
  first_ = {};
  answer_ = {};
  return Verdict::kUndecided;
}

Candidate::Verdict Candidate::judge_answer() {
  if (!greeted_) return Verdict::kNotSmtp;
  if (begins_with_hello(answer_.bytes) && answer_.bytes.find('\n') != std::string::npos) {
    return Verdict::kSmtp;
  }
  return may_be_hello(answer_.bytes) ? Verdict::kUndecided : Verdict::kNotSmtp;
}

void Candidate::keep(const Segment& segment) {
  kept_.push_back(
      {segment, std::string(reinterpret_cast<const char*>(segment.payload), segment.captured)});
  bytes_ += segment.captured;
}

}  // namespace smtp_session
