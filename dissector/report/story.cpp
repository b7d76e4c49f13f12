// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/report/story.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <string_view>

#include "dissector/decrypt_state.h"
#include "dissector/finding.h"
#include "dissector/metrics.h"
#include "dissector/names.h"
#include "dissector/outcome.h"
#include "dissector/report/duration_text.h"
#include "dissector/report/endpoint_text.h"
#include "dissector/report/layout.h"
#include "dissector/report/story_steps.h"
#include "dissector/transaction.h"
#include "dissector/verdict.h"

namespace smtp_session {

namespace {

constexpr std::size_t kFrameWidth = 7;
constexpr std::size_t kTimeWidth = 11;
constexpr std::size_t kNoteWidth = 25;
constexpr std::string_view kIndent = "    ";
constexpr const char* kSlow = "slow";
constexpr std::size_t kSlowWidth = 4;

std::string counted(std::uint64_t count, const char* noun) {
  return std::to_string(count) + " " + noun + (count == 1 ? "" : "s");
}

/// `text` wrapped into the width of the page.
std::string paragraph(std::string_view text, std::string_view first, std::string_view other) {
  return wrap(printable(text), kStoryWidth, first, other);
}

/// A duration whose unit takes two columns, so that the digits above each other line up.
std::string time_cell(TimeNs time) {
  if (time == kNoTime) return {};
  std::string text = duration_text(time);
  if (text.size() >= 2 && text[text.size() - 2] == ' ') text += ' ';
  return text;
}

std::string title(const Session& session, const TextStyle& style) {
  const std::string text = "Session " + std::to_string(session.id) + " (tcp.stream " +
                           std::to_string(session.stream) + "): " + name_of(outcome_of(session));
  return painted(text, Paint::kTitle, style) + "\n";
}

std::string facts(const Session& session, const TextStyle& style) {
  std::string lines = paragraph(
      "client " + endpoint_text(session.client) + ", server " + endpoint_text(session.server), "  ",
      "  ");
  std::string facts;
  if (session.first.time != kNoTime) facts = time_text(session.first.time, style) + ", ";
  facts += duration_text(duration(session)) + ", frames " + std::to_string(session.first.frame) +
           " to " + std::to_string(session.last.frame);
  if (session.tls != nullptr && session.tls->mode != TlsMode::kNone) {
    facts += std::string{", TLS: "} + name_of(session.tls->mode) + ", " +
             name_of(decrypt_state(session));
  }
  if (session.tcp.mid_stream) facts += ", begins before the capture";
  if (session.tcp.gaps != 0) facts += ", " + counted(session.tcp.gaps, "gap") + " in the capture";
  if (session.tcp.retransmissions != 0) {
    facts += ", " + counted(session.tcp.retransmissions, "retransmission");
  }
  return lines + paragraph(facts, "  ", "  ");
}

struct Rung {
  std::string frame;
  std::string time;
  std::string delta;
  std::string mark;
  std::string arrow;
  std::string what;
  std::string note;
  Paint paint = Paint::kNone;
};

std::string line_of(const Rung& rung, const TextStyle& style) {
  const std::string times = pad_left(rung.frame, kFrameWidth) + " " +
                            pad_left(rung.time, kTimeWidth) + " " +
                            pad_left(rung.delta, kTimeWidth) + " ";
  // A frame number or a time that needs more than its column takes it from the words.
  const std::size_t used = width_of(times) + kSlowWidth + 1 + 2;
  const std::size_t room = kStoryWidth > used ? kStoryWidth - used : 0;
  // Of a note that is too long, what comes behind the time has lines of its own.
  std::string_view note = rung.note;
  std::string_view more;
  if (width_of(note) > kNoteWidth) {
    const std::size_t comma = note.find(", ");
    if (comma != std::string_view::npos) {
      more = note.substr(comma + 2);
      note = note.substr(0, comma);
    }
  }
  std::string what;
  std::string behind;
  if (note.empty() || room < 2 * kNoteWidth) {
    what = cut(rung.what, room);
  } else {
    const std::size_t width = room - kNoteWidth - 1;
    what = pad_right(cut(rung.what, width), width);
    behind = " " + cut(note, kNoteWidth);
  }
  std::string lines = times + painted(pad_right(rung.mark, kSlowWidth), Paint::kCaution, style) +
                      " " + painted(rung.arrow + " " + what, rung.paint, style) + behind + "\n";
  const std::string indent(used, ' ');
  if (!more.empty()) lines += wrap(more, kStoryWidth, indent, indent);
  return lines;
}

std::string ladder(const Session& session, const TextStyle& style) {
  std::string lines =
      line_of({"frame", "time   ", "delta   ", "", " ", "what", "how long", Paint::kNone}, style);
  TimeNs before = kNoTime;
  for (const Step& step : steps_of(session)) {
    lines += line_of(
        {std::to_string(step.at.frame), time_cell(elapsed(session.first.time, step.at.time)),
         time_cell(elapsed(before, step.at.time)), step.slow ? kSlow : "",
         arrow_of(step.sender, " "), printable(step.what), printable(step.note),
         paint_of(step.sender)},
        style);
    before = step.at.time;
  }
  return lines;
}

/// The shares of `parts` in `whole`, rounded so that they add up to it: what rounding down leaves
/// goes to the largest remainders.
template <std::size_t kCount>
std::array<std::size_t, kCount> shares_of(const std::array<TimeNs, kCount>& parts, TimeNs total,
                                          std::size_t whole) {
  std::array<std::size_t, kCount> result{};
  if (total <= 0) return result;
  // Total first made small enough to be multiplied by 100; a share of nanoseconds in years.
  const TimeNs scale = total / 10'000'000'000'000'000 + 1;
  const TimeNs unit = total / scale;
  std::array<TimeNs, kCount> remainders{};
  std::size_t left = whole;
  for (std::size_t i = 0; i < kCount; ++i) {
    const TimeNs multiple = parts[i] / scale * static_cast<TimeNs>(whole);
    result[i] = static_cast<std::size_t>(multiple / unit);
    remainders[i] = multiple % unit;
    left -= result[i];
  }
  for (; left > 0; --left) {
    const auto largest = std::max_element(remainders.begin(), remainders.end());
    if (*largest <= 0) break;
    ++result[static_cast<std::size_t>(largest - remainders.begin())];
    *largest = 0;
  }
  return result;
}

/// A bar in pieces, one a line, each beginning where the one before it ends.
std::string where_the_time_went(const Session& session) {
  const TimeNs total = duration(session);
  if (total == kNoTime) return {};
  const TimeShare share = time_share(session);
  constexpr std::size_t kNameWidth = 18;
  constexpr std::size_t kPercentWidth = 5;
  constexpr std::size_t kBarWidth = 50;
  static_assert(4 + kNameWidth + kTimeWidth + kPercentWidth + 4 + kBarWidth <= kStoryWidth);
  constexpr std::array<const char*, 5> kNames{"network", "server", "client", "TLS handshake",
                                              "message transfer"};
  const std::array<TimeNs, 5> parts{share.network, share.server, share.client, share.tls,
                                    share.transfer};
  const std::array<std::size_t, 5> percents = shares_of(parts, total, 100);
  const std::array<std::size_t, 5> pieces = shares_of(parts, total, kBarWidth);
  std::string lines = "\n  Where the time went\n";
  std::size_t at = 0;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    lines += "    " + pad_right(kNames[i], kNameWidth) + pad_left(time_cell(parts[i]), kTimeWidth) +
             pad_left(std::to_string(percents[i]), kPercentWidth) + " %";
    if (pieces[i] > 0) lines += "  " + std::string(at, ' ') + std::string(pieces[i], '#');
    lines += "\n";
    at += pieces[i];
  }
  return lines + "    " + pad_right("total", kNameWidth) + pad_left(time_cell(total), kTimeWidth) +
         pad_left("100", kPercentWidth) + " %\n";
}

std::string result_text(std::uint16_t code) {
  return code == 0 ? "no reply seen" : std::to_string(code);
}

const char* acceptance_text(Acceptance acceptance) {
  switch (acceptance) {
    case Acceptance::kAccepted:
      return ": accepted";
    case Acceptance::kNotAccepted:
      return ": not accepted";
    case Acceptance::kUnknown:
      break;
  }
  return ": not known whether accepted";
}

std::string message_lines(const Session& session, Index index) {
  const Message& message = session.message(index);
  std::string text = "Message " + std::to_string(index);
  if (message.mail != 0) {
    text +=
        " from <" + std::string{path_address(session.command(message.mail).argument.view())} + ">";
  }
  if (message.has_content) text += ", " + std::to_string(message.size) + " bytes";
  const Reply* const reply = final_reply_of(session, index);
  text += acceptance_text(acceptance_of(session, index));
  if (reply != nullptr) {
    text += ", " + std::to_string(reply->code) + " " + std::string{reply_text(*reply)};
  } else if (message.end != 0) {
    text += ", no reply to end of data seen";
  }
  std::string lines = paragraph(text, "    ", "      ");
  for (const Recipient& recipient : recipients_of(session, index)) {
    std::string line = "<" + std::string{recipient.address} + ">: " + result_text(recipient.code);
    if (recipient.final_code != 0) {
      line += ", at the end " + std::to_string(recipient.final_code);
    }
    line += recipient.accepted ? ", accepted" : "";
    lines += paragraph(line, "      to ", "        ");
  }
  return lines;
}

std::string messages(const Session& session) {
  if (session.messages.empty()) return {};
  std::string lines = "\n  Messages\n";
  for (Index i = 1; i <= session.messages.size(); ++i) lines += message_lines(session, i);
  return lines;
}

Paint paint_of(Severity severity) {
  if (severity == Severity::kError) return Paint::kTrouble;
  return severity == Severity::kWarn ? Paint::kCaution : Paint::kNone;
}

std::string findings(const Session& session, const TextStyle& style) {
  if (session.findings.empty()) return {};
  std::string lines = "\n  Findings\n";
  for (const Finding& finding : session.findings) {
    const std::string kind =
        std::string{name_of(finding.severity)} + " " + info_of(finding.id).name;
    const std::string text = paragraph(
        kind + ", frame " + std::to_string(finding.frame) + ": " + finding_text(session, finding),
        kIndent, "      ");
    // Behind the indent the first line holds the words of its kind whole.
    lines += std::string{kIndent} + painted(kind, paint_of(finding.severity), style) +
             text.substr(kIndent.size() + kind.size());
    lines += paragraph(finding_advice(session, finding), "      next: ", "            ");
  }
  return lines;
}

}  // namespace

std::string story(const Session& session, const TextStyle& style) {
  return title(session, style) + paragraph(verdict(session), "  ", "  ") + facts(session, style) +
         "\n" + ladder(session, style) + where_the_time_went(session) + messages(session) +
         findings(session, style);
}

}  // namespace smtp_session
