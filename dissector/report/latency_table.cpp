// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/report/latency_table.h"

#include <algorithm>
#include <array>
#include <numeric>
#include <string_view>

#include "dissector/metrics.h"
#include "dissector/report/duration_text.h"
#include "dissector/report/layout.h"

namespace smtp_session {

namespace {

struct Row {
  std::string_view verb;
  const char* name;
};

constexpr std::array<Row, 21> kRows{{
    {"EHLO", "EHLO"},       {"HELO", "HELO"},         {"LHLO", "LHLO"}, {"STARTTLS", "STARTTLS"},
    {"AUTH", "AUTH"},       {"MAIL", "MAIL"},         {"RCPT", "RCPT"}, {"DATA", "DATA"},
    {"BDAT", "BDAT"},       {".", "end of data"},     {"RSET", "RSET"}, {"NOOP", "NOOP"},
    {"VRFY", "VRFY"},       {"EXPN", "EXPN"},         {"HELP", "HELP"}, {"ETRN", "ETRN"},
    {"XCLIENT", "XCLIENT"}, {"XFORWARD", "XFORWARD"}, {"QUIT", "QUIT"}, {{}, "other"},
    {{}, "encrypted"},
}};
constexpr std::size_t kEncrypted = kRows.size() - 1;
constexpr std::size_t kOther = kRows.size() - 2;

constexpr std::size_t kNameWidth = 11;
constexpr std::size_t kCallsWidth = 7;
constexpr std::size_t kTimeWidth = 11;
constexpr unsigned kMedian = 50;
constexpr unsigned kHigh = 95;

std::string line_of(const std::string& name, const std::string& calls,
                    const std::array<std::string, 6>& times) {
  std::string line = pad_right(name, kNameWidth) + "  " + pad_left(calls, kCallsWidth);
  for (const std::string& time : times) line += "  " + pad_left(time, kTimeWidth);
  return line + "\n";
}

std::string row_text(const char* name, std::vector<TimeNs> times) {
  std::sort(times.begin(), times.end());
  const auto calls = static_cast<TimeNs>(times.size());
  const TimeNs sum = std::accumulate(times.begin(), times.end(), TimeNs{0});
  return line_of(
      name, std::to_string(calls),
      {duration_text(times.front()), duration_text(sum / calls),
       duration_text(percentile(times, kMedian)), duration_text(percentile(times, kHigh)),
       duration_text(times.back()), duration_text(sum)});
}

}  // namespace

std::size_t latency_rows() {
  return kRows.size();
}

const char* latency_row_name(std::size_t row) {
  return kRows[row].name;
}

std::size_t latency_row_of(const Command& command) {
  if (command.opaque) return kEncrypted;
  const auto* const row = std::find_if(kRows.begin(), kRows.begin() + kOther, [&](const Row& one) {
    return one.verb == command.verb.view();
  });
  return static_cast<std::size_t>(row - kRows.begin());
}

bool has_exact_latency(const Session& session, const Command& command) {
  return command.reply != 0 && command.exact && session.reply(command.reply).exact &&
         latency(session, session.reply(command.reply)) != kNoTime;
}

TimeNs percentile(const std::vector<TimeNs>& sorted, unsigned percent) {
  if (sorted.empty()) return kNoTime;
  constexpr std::size_t kHundred = 100;
  const std::size_t rank = (sorted.size() * percent + kHundred - 1) / kHundred;
  return sorted[std::max<std::size_t>(rank, 1) - 1];
}

LatencyTable::LatencyTable() : times_(kRows.size()) {}

void LatencyTable::add(const Session& session, const Command& command) {
  if (command.reply == 0) return;
  if (!has_exact_latency(session, command)) {
    ++inexact_;
    return;
  }
  times_[latency_row_of(command)].push_back(latency(session, session.reply(command.reply)));
}

std::string LatencyTable::text() const {
  std::string text = line_of("command", "calls", {"min", "avg", "p50", "p95", "max", "sum"});
  for (std::size_t row = 0; row < kRows.size(); ++row) {
    if (!times_[row].empty()) text += row_text(kRows[row].name, times_[row]);
  }
  if (inexact_ != 0) {
    text += "Left out, for a gap in the capture touches them: " + std::to_string(inexact_) + "\n";
  }
  return text;
}

}  // namespace smtp_session
