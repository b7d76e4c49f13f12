// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/finding.h"

#include <algorithm>
#include <array>

#include "dissector/reply_advice.h"
#include "dissector/transaction.h"

namespace smtp_session {

namespace {

constexpr std::uint8_t bit(Severity severity) {
  return static_cast<std::uint8_t>(1U << static_cast<unsigned>(severity));
}

constexpr Severity kChat = Severity::kChat;
constexpr Severity kNote = Severity::kNote;
constexpr Severity kWarn = Severity::kWarn;
constexpr Severity kError = Severity::kError;

// The words of the column `also`.
constexpr std::uint8_t kNoOther = 0;
constexpr std::uint8_t kNoteToo = bit(kNote);
constexpr std::uint8_t kWarnToo = bit(kWarn);
constexpr std::uint8_t kErrorToo = bit(kError);
constexpr std::uint8_t kChatAndWarnToo = bit(kChat) | bit(kWarn);
constexpr std::uint8_t kNoteAndErrorToo = bit(kNote) | bit(kError);

constexpr std::array<FindingInfo, kFindingCount> kFindings{{
#define FINDING(id, name, severity, also, clause, summary, advice)                         \
  {FindingId::k##id, name,    severity, static_cast<std::uint8_t>(bit(severity) | (also)), \
   clause,           summary, advice},
#include "dissector/findings.def"
#undef FINDING
}};

}  // namespace

const FindingInfo& info_of(FindingId id) {
  const auto row = static_cast<std::size_t>(id);
  return kFindings[row < kFindings.size() ? row : 0];
}

const char* name_of(Severity severity) {
  switch (severity) {
    case Severity::kChat:
      return "chat";
    case Severity::kNote:
      return "note";
    case Severity::kWarn:
      return "warn";
    case Severity::kError:
      return "error";
  }
  return "chat";
}

std::string finding_text(const Session& /*session*/, const Finding& finding) {
  if (finding.text.empty()) return info_of(finding.id).summary;
  return std::string{finding.text.view()};
}

std::string finding_advice(const Session& session, const Finding& finding) {
  if (!finding.advice.empty()) return std::string{finding.advice.view()};
  if (finding.id == FindingId::kRep04 && finding.reply != 0) {
    const Reply& reply = session.reply(finding.reply);
    const char* const advice = reply_advice(reply.code, enhanced_code(reply.lines.view()));
    if (advice != nullptr) return advice;
  }
  return info_of(finding.id).advice;
}

FindingRange findings_of(const Session& session, FrameNumber frame) {
  const Finding* const first = session.findings.data();
  const Finding* const last = first + session.findings.size();
  const Finding* const from = std::lower_bound(
      first, last, frame,
      [](const Finding& finding, FrameNumber number) { return finding.frame < number; });
  const Finding* to = from;
  while (to != last && to->frame == frame) ++to;
  return {from, to};
}

}  // namespace smtp_session
