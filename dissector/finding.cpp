// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/finding.h"

#include <array>
#include <string_view>

#include "dissector/reply_advice.h"
#include "dissector/transaction.h"

namespace smtp_session {

namespace {

/// In the order of FindingId.
constexpr std::array<FindingInfo, kFindingCount> kFindings{{
    {FindingId::kRep04, "REP-04", Severity::kWarn, "The server refused a command",
     "Read the text of the reply: it names the reason."},
}};

constexpr bool in_order() {
  for (std::size_t i = 0; i < kFindings.size(); ++i) {
    if (kFindings[i].id != static_cast<FindingId>(i)) return false;
  }
  return true;
}
static_assert(in_order(), "info_of() takes the row by its number");

/// Text of a reply that is shown in one line, at the most: a reply line of RFC 5321 section
/// 4.5.3.1.5.
constexpr std::size_t kMaxText = 512;

/// The lines of a reply in one, without an enhanced code that only repeats that of the first.
std::string joined_lines(const Reply& reply) {
  std::string_view rest = reply.lines.view();
  const std::string_view code = enhanced_code(rest);
  std::string text;
  while (!rest.empty()) {
    std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(line.size() < rest.size() ? line.size() + 1 : line.size());
    if (!text.empty() && !code.empty() && enhanced_code(line) == code) {
      line.remove_prefix(code.size());
      if (!line.empty()) line.remove_prefix(1);
    }
    if (!text.empty() && !line.empty()) text += ' ';
    text += line;
  }
  if (text.size() <= kMaxText) return text;
  std::size_t end = kMaxText;
  while ((static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;  // inside a character
  return text.substr(0, end) + "\xE2\x80\xA6";
}

std::string refusal_text(const Session& session, const Reply& reply) {
  std::string text = std::to_string(reply.code);
  if (reply.kind == ReplyKind::kGreeting) {
    text += " as greeting";
  } else if (reply.command != 0) {
    const std::string_view verb = session.command(reply.command).verb.view();
    text += " to ";
    text += verb == "." ? std::string_view{"end of data"} : verb;
  } else {
    text += " that answers no command";
  }
  const std::string lines = joined_lines(reply);
  return lines.empty() ? text : text + ": " + lines;
}

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

std::string finding_text(const Session& session, const Finding& finding) {
  if (finding.id == FindingId::kRep04 && finding.reply != 0) {
    return refusal_text(session, session.reply(finding.reply));
  }
  return info_of(finding.id).summary;
}

std::string finding_advice(const Session& session, const Finding& finding) {
  if (finding.id == FindingId::kRep04 && finding.reply != 0) {
    const Reply& reply = session.reply(finding.reply);
    const char* const advice = reply_advice(reply.code, enhanced_code(reply.lines.view()));
    if (advice != nullptr) return advice;
  }
  return info_of(finding.id).advice;
}

Severity finding_severity(const Session& session, const Finding& finding) {
  if (finding.id == FindingId::kRep04 && finding.reply != 0) {
    return is_permanent(session.reply(finding.reply).code) ? Severity::kError : Severity::kWarn;
  }
  return info_of(finding.id).severity;
}

}  // namespace smtp_session
