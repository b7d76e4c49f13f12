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

constexpr std::size_t kFrameWidth = 8;
constexpr std::size_t kTimeWidth = 12;
constexpr std::size_t kNoteWidth = 22;
/// What the columns before leave of the line: frame, time, delta, arrow, and blanks between them.
constexpr std::size_t kWhatWidth = kStoryWidth - kFrameWidth - 2 * kTimeWidth - kNoteWidth - 1 - 5;

std::string counted(std::uint64_t count, const char* noun) {
  return std::to_string(count) + " " + noun + (count == 1 ? "" : "s");
}

/// `text` wrapped into the width of the page.
std::string paragraph(std::string_view text, std::string_view first, std::string_view other) {
  return wrap(printable(text), kStoryWidth, first, other);
}

std::string header(const Session& session) {
  std::string lines = "Session " + std::to_string(session.id) + " (tcp.stream " +
                      std::to_string(session.stream) + "): " + name_of(outcome_of(session)) + "\n";
  lines += paragraph(
      "client " + endpoint_text(session.client) + ", server " + endpoint_text(session.server), "  ",
      "  ");
  std::string facts = duration_text(duration(session)) + ", frames " +
                      std::to_string(session.first.frame) + " to " +
                      std::to_string(session.last.frame);
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

std::string ladder_line(std::string_view frame, std::string_view time, std::string_view delta,
                        std::string_view arrow, std::string_view what, std::string_view note) {
  std::string line = pad_left(frame, kFrameWidth) + " " + pad_left(time, kTimeWidth) + " " +
                     pad_left(delta, kTimeWidth) + " " + std::string{arrow} + " ";
  if (note.empty()) {
    line += cut(what, kWhatWidth + 1 + kNoteWidth);
  } else {
    line += pad_right(cut(what, kWhatWidth), kWhatWidth) + " " + cut(note, kNoteWidth);
  }
  return line + "\n";
}

std::string ladder(const Session& session) {
  std::string lines = ladder_line("frame", "time", "delta", " ", "what", "");
  TimeNs before = kNoTime;
  for (const Step& step : steps_of(session)) {
    // → from the client, ← from the server.
    const char* arrow = " ";
    if (step.sender.has_value()) {
      arrow = *step.sender == Side::kClient ? "\xE2\x86\x92" : "\xE2\x86\x90";
    }
    lines += ladder_line(
        std::to_string(step.at.frame), duration_text(elapsed(session.first.time, step.at.time)),
        duration_text(elapsed(before, step.at.time)), arrow, printable(step.what), step.note);
    before = step.at.time;
  }
  return lines;
}

/// The shares in per cent, rounded so that they add up to 100: what rounding down leaves goes to
/// the largest remainders.
template <std::size_t kCount>
std::array<int, kCount> per_cent(const std::array<TimeNs, kCount>& parts, TimeNs total) {
  std::array<int, kCount> result{};
  if (total <= 0) return result;
  // Total first made small enough to be multiplied by 100; a share of nanoseconds in years.
  const TimeNs scale = total / 10'000'000'000'000'000 + 1;
  std::array<TimeNs, kCount> remainders{};
  int left = 100;
  for (std::size_t i = 0; i < kCount; ++i) {
    const TimeNs hundredfold = parts[i] / scale * 100;
    const TimeNs whole = total / scale;
    result[i] = static_cast<int>(hundredfold / whole);
    remainders[i] = hundredfold % whole;
    left -= result[i];
  }
  while (left-- > 0) {
    const auto largest = std::max_element(remainders.begin(), remainders.end());
    if (*largest <= 0) break;
    ++result[static_cast<std::size_t>(largest - remainders.begin())];
    *largest = 0;
  }
  return result;
}

std::string where_the_time_went(const Session& session) {
  const TimeNs total = duration(session);
  if (total == kNoTime) return {};
  const TimeShare share = time_share(session);
  constexpr std::array<const char*, 5> kNames{"network", "server", "client", "TLS handshake",
                                              "message transfer"};
  const std::array<TimeNs, 5> parts{share.network, share.server, share.client, share.tls,
                                    share.transfer};
  const std::array<int, 5> shares = per_cent(parts, total);
  std::string lines = "\n  Where the time went\n";
  for (std::size_t i = 0; i < parts.size(); ++i) {
    lines += "    " + pad_right(kNames[i], 18) + pad_left(duration_text(parts[i]), kTimeWidth) +
             pad_left(std::to_string(shares[i]), 5) + " %\n";
  }
  return lines + "    " + pad_right("total", 18) + pad_left(duration_text(total), kTimeWidth) +
         "\n";
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

std::string findings(const Session& session) {
  if (session.findings.empty()) return {};
  std::string lines = "\n  Findings\n";
  for (const Finding& finding : session.findings) {
    const std::string head = std::string{name_of(finding.severity)} + " " +
                             info_of(finding.id).name + ", frame " + std::to_string(finding.frame) +
                             ": ";
    lines += paragraph(head + finding_text(session, finding), "    ", "      ");
    lines += paragraph(finding_advice(session, finding), "      next: ", "            ");
  }
  return lines;
}

}  // namespace

std::string story(const Session& session) {
  return header(session) + paragraph(verdict(session), "  ", "  ") + "\n" + ladder(session) +
         where_the_time_went(session) + messages(session) + findings(session);
}

}  // namespace smtp_session
