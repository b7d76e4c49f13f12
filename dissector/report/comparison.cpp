// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/report/comparison.h"

#include <algorithm>
#include <string_view>
#include <vector>

#include "dissector/report/duration_text.h"
#include "dissector/report/layout.h"
#include "dissector/report/session_differences.h"
#include "dissector/report/step_alignment.h"

namespace smtp_session {

namespace {

constexpr std::size_t kNameWidth = 16;
constexpr std::size_t kFrameWidth = 6;
constexpr std::size_t kResultWidth = 10;
constexpr std::size_t kTimeWidth = 11;
constexpr std::size_t kDifferenceWidth = 12;
constexpr std::size_t kRatioWidth = 7;

std::string paragraph(std::string_view text, std::string_view first, std::string_view other) {
  return wrap(printable(text), kComparisonWidth, first, other);
}

TimeNs difference(TimeNs a, TimeNs b) {
  return a == kNoTime || b == kNoTime ? kNoTime : b - a;
}

std::string signed_duration(TimeNs duration) {
  if (duration == kNoTime) return "-";
  return duration > 0 ? "+" + duration_text(duration) : duration_text(duration);
}

std::string head(const char* letter, const ComparedSession& session) {
  std::string lines = paragraph(std::string{letter} + ": " + session.name + ", " + session.client +
                                    " to " + session.server + ": " + session.outcome,
                                "", "   ");
  if (!session.verdict.empty()) lines += paragraph(session.verdict, "   ", "   ");
  if (!session.greeting.empty())
    lines += paragraph("greeting: " + session.greeting, "   ", "     ");
  return lines;
}

/// One side of a row; empty where the session lacks the step.
std::string cell(const ComparedStep* step) {
  if (step == nullptr) return pad_right("", kFrameWidth + 1 + kResultWidth + 1 + kTimeWidth);
  std::string time = step->time == kNoTime ? std::string{} : duration_text(step->time);
  if (!step->exact && !time.empty()) time += "~";
  return pad_left(std::to_string(step->frame), kFrameWidth) + " " +
         pad_right(cut(printable(step->result), kResultWidth), kResultWidth) + " " +
         pad_left(time, kTimeWidth);
}

std::string line(std::string_view mark, std::string_view name, std::string_view a,
                 std::string_view b, TimeNs time_a, TimeNs time_b) {
  const TimeNs change = difference(time_a, time_b);
  std::string text = pad_right(mark, 2) + pad_right(cut(printable(name), kNameWidth), kNameWidth) +
                     " " + std::string{a} + " " + std::string{b} + " " +
                     pad_left(change == kNoTime ? "" : signed_duration(change), kDifferenceWidth) +
                     " " +
                     pad_left(change == kNoTime ? "" : ratio_text(time_a, time_b), kRatioWidth);
  text.erase(text.find_last_not_of(' ') + 1);
  return text + "\n";
}

std::string table_head() {
  const std::string side_a = pad_left("frame", kFrameWidth) + " " +
                             pad_right("in A", kResultWidth) + " " + pad_left("time", kTimeWidth);
  const std::string side_b = pad_left("frame", kFrameWidth) + " " +
                             pad_right("in B", kResultWidth) + " " + pad_left("time", kTimeWidth);
  return "  " + pad_right("step", kNameWidth) + " " + side_a + " " + side_b + " " +
         pad_left("B - A", kDifferenceWidth) + " " + pad_left("B / A", kRatioWidth) + "\n";
}

class Comparison {
 public:
  Comparison(const ComparedSession& a, const ComparedSession& b)
      : a_(a), b_(b), pairs_(align(a.steps, b.steps)), differences_(differences_of(a, b, pairs_)) {
    differs_.resize(pairs_.size());
    for (const Difference& each : differences_) {
      for (std::size_t i = each.first; i < each.end; ++i) differs_[i] = true;
    }
  }

  std::string text() const {
    return head("A", a_) + head("B", b_) + "\n" + where_they_part() + "\n" + table() +
           where_the_time_went() + other_differences() + findings();
  }

 private:
  const ComparedStep* step_a(const StepPair& pair) const {
    return pair.a ? &a_.steps[*pair.a] : nullptr;
  }
  const ComparedStep* step_b(const StepPair& pair) const {
    return pair.b ? &b_.steps[*pair.b] : nullptr;
  }

  std::string where_they_part() const {
    const std::string first =
        differences_.empty()
            ? paragraph("They do not part: the same steps, codes, extensions and TLS.", "", "")
            : paragraph("They part at " + differences_.front().words, "", "  ");
    return first + largest_difference_in_time();
  }

  std::string largest_difference_in_time() const {
    const ComparedStep* slowest_a = nullptr;
    const ComparedStep* slowest_b = nullptr;
    TimeNs largest = 0;
    for (const StepPair& pair : pairs_) {
      const ComparedStep* const a = step_a(pair);
      const ComparedStep* const b = step_b(pair);
      if (a == nullptr || b == nullptr) continue;
      const TimeNs change = difference(a->time, b->time);
      const TimeNs size = change == kNoTime ? 0 : std::max(change, -change);
      if (size <= largest) continue;
      largest = size;
      slowest_a = a;
      slowest_b = b;
    }
    if (slowest_a == nullptr) return {};
    return paragraph("The largest difference in time is that of " + slowest_a->name + " (frames " +
                         std::to_string(slowest_a->frame) + " and " +
                         std::to_string(slowest_b->frame) + "): " + duration_text(slowest_a->time) +
                         " in A, " + duration_text(slowest_b->time) + " in B.",
                     "", "  ");
  }

  /// "<" and ">" as in diff, "!" where the step differs.
  std::string_view mark(std::size_t pair) const {
    if (!pairs_[pair].b) return "<";
    if (!pairs_[pair].a) return ">";
    return differs_[pair] ? "!" : "";
  }

  std::string table() const {
    std::string lines = table_head();
    for (std::size_t i = 0; i < pairs_.size(); ++i) {
      const ComparedStep* const a = step_a(pairs_[i]);
      const ComparedStep* const b = step_b(pairs_[i]);
      const bool name_of_b = a == nullptr || (b != nullptr && b->opaque);
      const std::string_view name = (name_of_b ? b : a)->name;
      lines += line(mark(i), name, cell(a), cell(b), a != nullptr ? a->time : kNoTime,
                    b != nullptr ? b->time : kNoTime);
    }
    return lines + time_line("whole session", a_.duration, b_.duration);
  }

  static std::string time_line(std::string_view name, TimeNs a, TimeNs b) {
    constexpr std::size_t kWidth = kFrameWidth + 1 + kResultWidth + 1 + kTimeWidth;
    return line("", name, pad_left(duration_text(a), kWidth), pad_left(duration_text(b), kWidth), a,
                b);
  }

  std::string where_the_time_went() const {
    const ComparedShare& a = a_.share;
    const ComparedShare& b = b_.share;
    if (a.network == kNoTime || b.network == kNoTime) return {};
    return "\n  Where the time went\n" + time_line("network", a.network, b.network) +
           time_line("server", a.server, b.server) + time_line("client", a.client, b.client) +
           time_line("TLS handshake", a.tls, b.tls) +
           time_line("message transfer", a.transfer, b.transfer);
  }

  std::string other_differences() const {
    if (differences_.size() < 2) return {};
    std::string lines = "\n  All differences\n";
    for (const Difference& each : differences_) lines += paragraph(each.words, "    ", "      ");
    return lines;
  }

  std::string findings() const {
    return findings_of_one("A", a_, b_) + findings_of_one("B", b_, a_);
  }

  static std::string findings_of_one(const char* letter, const ComparedSession& one,
                                     const ComparedSession& other) {
    std::string lines;
    for (const ComparedFinding& finding : one.findings) {
      const bool in_both =
          std::any_of(other.findings.begin(), other.findings.end(),
                      [&](const ComparedFinding& each) { return each.id == finding.id; });
      if (!in_both) lines += paragraph(finding.id + ": " + finding.text, "    ", "      ");
    }
    return lines.empty() ? lines : std::string{"\n  Found only in "} + letter + "\n" + lines;
  }

  const ComparedSession& a_;
  const ComparedSession& b_;
  const std::vector<StepPair> pairs_;
  const std::vector<Difference> differences_;
  std::vector<bool> differs_;  ///< by pair
};

}  // namespace

std::string ratio_text(TimeNs a, TimeNs b) {
  if (a == kNoTime || b == kNoTime || a <= 0 || b < 0) return "-";
  // Both made small enough for b * 100.
  const TimeNs scale = std::max(a, b) / (TimeNs{1} << 54) + 1;
  const TimeNs base = a / scale;
  if (base == 0) return ">9999x";
  const TimeNs hundredths = (b / scale * 100 + base / 2) / base;
  if (hundredths >= 999'950) return ">9999x";
  if (hundredths >= 10'000) return std::to_string((hundredths + 50) / 100) + "x";
  return std::to_string(hundredths / 100) + "." + std::to_string(100 + hundredths % 100).substr(1) +
         "x";
}

std::string comparison(const ComparedSession& a, const ComparedSession& b) {
  return Comparison(a, b).text();
}

}  // namespace smtp_session
