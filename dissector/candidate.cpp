// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/candidate.h"

#include <string_view>

#include "dissector/command_line.h"
#include "dissector/proxy_parser.h"
#include "dissector/reply_reader.h"

namespace smtp_session {

namespace {

bool looks_like_greeting(std::string_view bytes) {
  // "220 host ...", "554 ..." or "421 ...": a bare 220 is no SMTP greeting (RFC 5321 section 4.2).
  constexpr std::size_t kShortest = 5;
  const std::uint16_t code = reply_code(bytes.substr(0, 4));
  return bytes.size() >= kShortest && (code == 220 || code == 554 || code == 421);
}

}  // namespace

Candidate::Verdict Candidate::add(const Segment& segment) {
  if (kept_.size() >= kMaxSegments || bytes_ + segment.captured > kMaxBytes) {
    return Verdict::kNotSmtp;
  }
  const std::string_view bytes(reinterpret_cast<const char*>(segment.payload), segment.captured);
  if (!bytes.empty()) {
    if (greeted_) {
      if (segment.source != greeter_) {
        if (begins_with_hello(bytes)) return Verdict::kSmtp;
        return Verdict::kNotSmtp;
      }
    } else if (looks_like_greeting(bytes)) {
      greeted_ = true;
      greeter_ = segment.source;
    } else {
      ProxyHeader header;
      std::size_t consumed = 0;
      const ProxyParse parse = parse_proxy(segment.payload, segment.captured, header, consumed);
      if (parse != ProxyParse::kHeader && parse != ProxyParse::kNeedMore) return Verdict::kNotSmtp;
    }
  }
  keep(segment);
  return Verdict::kUndecided;
}

void Candidate::keep(const Segment& segment) {
  kept_.push_back(
      {segment, std::string(reinterpret_cast<const char*>(segment.payload), segment.captured)});
  bytes_ += segment.captured;
}

}  // namespace smtp_session
