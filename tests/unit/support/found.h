// SPDX-License-Identifier: GPL-2.0-or-later
//
// The findings of a session, for tests. The test of an id that is raised is called
// TEST(<Id>, Raised...), that of a near miss TEST(<Id>, Silent...): see
// tests/unit/finding_pairs.py.
#pragma once

#include <string>

#include "dissector/finding.h"

namespace smtp_session::test {

/// The first finding with `id`, or nullptr.
inline const Finding* found(const Session& session, FindingId id) {
  for (const Finding& finding : session.findings) {
    if (finding.id == id) return &finding;
  }
  return nullptr;
}

inline std::size_t count_of(const Session& session, FindingId id) {
  std::size_t count = 0;
  for (const Finding& finding : session.findings) count += finding.id == id ? 1 : 0;
  return count;
}

/// "warn 7: the text"; "-" where there is none.
inline std::string shown(const Session& session, FindingId id) {
  const Finding* const finding = found(session, id);
  if (finding == nullptr) return "-";
  return std::string{name_of(finding->severity)} + " " + std::to_string(finding->frame) + ": " +
         finding_text(session, *finding);
}

/// The ids of all findings above chat, joined by blanks.
inline std::string above_chat(const Session& session) {
  std::string ids;
  for (const Finding& finding : session.findings) {
    if (finding.severity == Severity::kChat) continue;
    if (!ids.empty()) ids += ' ';
    ids += info_of(finding.id).name;
  }
  return ids;
}

}  // namespace smtp_session::test
