// SPDX-License-Identifier: GPL-2.0-or-later
//
// The catalogue of findings: what can be wrong with a session, how grave it is, and what to do
// next. The rows are in findings.def; the judges say which one, and where.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "dissector/session.h"

namespace smtp_session {

enum class FindingId : std::uint8_t {
#define FINDING(id, name, severity, also, clause, summary, advice) k##id,
#include "dissector/findings.def"
#undef FINDING
  kCount,
};

inline constexpr std::size_t kFindingCount = static_cast<std::size_t>(FindingId::kCount);
inline constexpr std::size_t kSeverityCount = 4;

struct FindingInfo {
  FindingId id;
  const char* name;         ///< "REP-04"
  Severity severity;        ///< the usual one
  std::uint8_t severities;  ///< all that it can have, one bit each
  const char* clause;       ///< what it rests on, empty where that is experience alone
  const char* summary;
  const char* advice;

  bool can_be(Severity one) const { return (severities >> static_cast<unsigned>(one) & 1U) != 0; }
};

const FindingInfo& info_of(FindingId id);

/// "chat", "note", "warn", "error".
const char* name_of(Severity severity);

/// What was seen, with its figures, in one line.
std::string finding_text(const Session& session, const Finding& finding);

/// What to do next, in one line.
std::string finding_advice(const Session& session, const Finding& finding);

struct FindingRange {
  const Finding* first = nullptr;
  const Finding* last = nullptr;

  const Finding* begin() const { return first; }
  const Finding* end() const { return last; }
};

/// The findings of one frame: a session has them in order of frame.
FindingRange findings_of(const Session& session, FrameNumber frame);

}  // namespace smtp_session
