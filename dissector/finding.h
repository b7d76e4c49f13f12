// SPDX-License-Identifier: GPL-2.0-or-later
//
// The catalogue of findings: what can be wrong with a session, how grave it is, and what to do
// next. One row for each, in finding.cpp; the engine only says which one, and where.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "dissector/session.h"

namespace smtp_session {

enum class FindingId : std::uint8_t {
  kRep04,  ///< a reply of 4xx or 5xx
  kCount,
};

inline constexpr std::size_t kFindingCount = static_cast<std::size_t>(FindingId::kCount);

/// As in Wireshark, in ascending order.
enum class Severity : std::uint8_t { kChat, kNote, kWarn, kError };

struct FindingInfo {
  FindingId id;
  const char* name;   ///< "REP-04"
  Severity severity;  ///< the usual one; see finding_severity()
  const char* summary;
  const char* advice;
};

const FindingInfo& info_of(FindingId id);

/// "chat", "note", "warn", "error".
const char* name_of(Severity severity);

/// What was seen, with its figures, in one line.
std::string finding_text(const Session& session, const Finding& finding);

/// What to do next, in one line.
std::string finding_advice(const Session& session, const Finding& finding);

Severity finding_severity(const Session& session, const Finding& finding);

}  // namespace smtp_session
