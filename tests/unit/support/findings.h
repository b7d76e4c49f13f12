// SPDX-License-Identifier: GPL-2.0-or-later
//
// The findings of a session, for tests: which there are, and what they say. Tests of an id are
// called TEST(<Id>, Raised...) and, for near misses, TEST(<Id>, NotRaised...): docs/findings.py
// checks that each id has both.
#pragma once

#include <string>
#include <string_view>

#include "dissector/finding.h"

namespace smtp_session::test {

/// How often `id` was found.
inline std::size_t count(const Session& session, FindingId id) {
  std::size_t found = 0;
  for (const Finding& finding : session.findings) found += finding.id == id ? 1 : 0;
  return found;
}

inline bool has(const Session& session, FindingId id) {
  return count(session, id) > 0;
}

/// The first finding `id`; one without frame where there is none.
inline Finding first(const Session& session, FindingId id) {
  for (const Finding& finding : session.findings) {
    if (finding.id == id) return finding;
  }
  return {};
}

inline std::string text_of(const Session& session, FindingId id) {
  return has(session, id) ? finding_text(session, first(session, id)) : std::string{};
}

/// "warn 7: the text"; "-" where there is none.
inline std::string shown(const Session& session, FindingId id) {
  if (!has(session, id)) return "-";
  const Finding finding = first(session, id);
  return std::string{name_of(finding.severity)} + " " + std::to_string(finding.frame) + ": " +
         finding_text(session, finding);
}

inline bool contains(const std::string& text, std::string_view words) {
  return text.find(words) != std::string::npos;
}

/// The ids of all findings above chat, in order, for a message of a test.
inline std::string above_chat(const Session& session) {
  std::string names;
  for (const Finding& finding : session.findings) {
    if (finding.severity == Severity::kChat) continue;
    names += (names.empty() ? "" : " ") + std::string(info_of(finding.id).name);
  }
  return names;
}

}  // namespace smtp_session::test
