// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/report/message_file_name.h"

#include <algorithm>

#include "dissector/ascii.h"

namespace smtp_session {

namespace {

/// A header of this size has its subject long before its end.
constexpr std::size_t kMaxHeader = std::size_t{64} << 10U;
constexpr std::size_t kMaxSubject = 60;

bool is_subject_field(std::string_view line) {
  constexpr std::string_view kName = "subject:";
  return line.size() >= kName.size() &&
         std::equal(kName.begin(), kName.end(), line.begin(),
                    [](char want, char have) { return want == to_lower(have); });
}

/// The value of the header field Subject, its lines joined (RFC 5322 section 2.2.3).
std::string subject_of(std::string_view text) {
  text = text.substr(0, kMaxHeader);
  std::string subject;
  bool in_subject = false;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    std::string_view line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    if (line.empty()) break;
    const bool folded = line.front() == ' ' || line.front() == '\t';
    if (in_subject && !folded) break;
    if (is_subject_field(line)) {
      in_subject = true;
      subject = line.substr(line.find(':') + 1);
    } else if (in_subject) {
      subject += line;
    }
  }
  return subject;
}

bool is_safe(char c) {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '-';
}

/// Runs of other characters become one "_"; none at the ends.
std::string safe(std::string_view text) {
  std::string name;
  for (const char c : text) {
    if (is_safe(c)) {
      name += c;
    } else if (!name.empty() && name.back() != '_') {
      name += '_';
    }
    if (name.size() == kMaxSubject) break;
  }
  if (!name.empty() && name.back() == '_') name.pop_back();
  return name;
}

}  // namespace

std::string message_file_name(const Session& session, Index message, std::string_view text) {
  std::string name =
      "session-" + std::to_string(session.id) + "_message-" + std::to_string(message);
  const std::string subject = safe(subject_of(text));
  if (!subject.empty()) name += "_" + subject;
  const Message& facts = session.message(message);
  if (!facts.size_exact || text.size() != facts.size) name += "_incomplete";
  return name + ".eml";
}

}  // namespace smtp_session
