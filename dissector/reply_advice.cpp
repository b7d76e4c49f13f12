// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/reply_advice.h"

#include <algorithm>
#include <array>

#include "dissector/ascii.h"

namespace smtp_session {

namespace {

constexpr std::size_t kColumns = 6;
using Columns = std::array<std::string_view, kColumns>;

std::string lowered(std::string_view text) {
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(), [](char c) { return to_lower(c); });
  return result;
}

std::string_view trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\r')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\r')) text.remove_suffix(1);
  return text;
}

/// Where `lower_words` begin in `text`, in any case, from `from` on; npos when nowhere.
std::size_t find_words(std::string_view text, std::string_view lower_words, std::size_t from) {
  const auto begin = text.begin() + static_cast<std::ptrdiff_t>(std::min(from, text.size()));
  const auto found = std::search(begin, text.end(), lower_words.begin(), lower_words.end(),
                                 [](char have, char want) { return to_lower(have) == want; });
  return found == text.end() && !lower_words.empty()
             ? std::string_view::npos
             : static_cast<std::size_t>(found - text.begin());
}

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> parts;
  for (;;) {
    const std::size_t end = text.find(separator);
    const std::string_view part = text.substr(0, end);
    if (!part.empty()) parts.push_back(lowered(part));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

/// A number of one to three digits.
bool parse_number(std::string_view text, std::uint16_t& number) {
  constexpr std::size_t kMaxDigits = 3;
  if (text.empty() || text.size() > kMaxDigits) return false;
  number = 0;
  for (const char c : text) {
    if (!is_digit(c)) return false;
    number = static_cast<std::uint16_t>(number * 10 + (c - '0'));
  }
  return true;
}

bool parse_codes(std::string_view text, AdviceRow& row) {
  if (text == "*") {
    row.codes.push_back({400, 599});
    return true;
  }
  for (const std::string& word : split(text, ',')) {
    std::uint16_t code = 0;
    if (word.size() != 3 || word[0] < '2' || word[0] > '5') return false;
    if (word.substr(1) == "xx") {
      code = static_cast<std::uint16_t>((word[0] - '0') * 100);
      row.codes.push_back({code, static_cast<std::uint16_t>(code + 99)});
    } else if (parse_number(word, code)) {
      row.codes.push_back({code, code});
    } else {
      return false;
    }
  }
  return !row.codes.empty();
}

bool parse_enhanced(std::string_view text, AdviceRow& row) {
  if (text == "*") return true;
  if (text == "-") {
    row.enhanced = AdviceRow::Enhanced::kNone;
    return true;
  }
  row.enhanced = AdviceRow::Enhanced::kPattern;
  const std::size_t first_dot = text.find('.');
  const std::size_t second_dot = text.find('.', first_dot + 1);
  if (first_dot != 1 || second_dot == std::string_view::npos) return false;
  const char c = to_lower(text[0]);
  if (c != 'x' && c != '2' && c != '4' && c != '5') return false;
  row.enhanced_class = c == 'x' ? '*' : c;
  if (!parse_number(text.substr(2, second_dot - 2), row.enhanced_subject)) return false;
  const std::string_view detail = text.substr(second_dot + 1);
  const std::size_t dash = detail.find('-');
  if (!parse_number(detail.substr(0, dash), row.enhanced_first)) return false;
  row.enhanced_last = row.enhanced_first;
  return dash == std::string_view::npos ||
         (parse_number(detail.substr(dash + 1), row.enhanced_last) &&
          row.enhanced_last >= row.enhanced_first);
}

void parse_server(std::string_view text, AdviceRow& row) {
  if (text == "*") return;
  row.server_excluded = text.front() == '!';
  if (row.server_excluded) text.remove_prefix(1);
  row.server = split(text, '|');
}

void parse_words(std::string_view text, AdviceRow& row) {
  if (text == "*") return;
  if (text.front() == '^') {
    row.at_begin = true;
    text.remove_prefix(1);
  }
  if (!text.empty() && text.back() == '$') {
    row.at_end = true;
    text.remove_suffix(1);
  }
  row.words = split(text, '*');
}

bool parse_finding(std::string_view text, AdviceRow& row) {
  if (text == "-") return true;
  row.names_finding = true;
  for (auto id = static_cast<std::size_t>(FindingId::kSes03);
       id <= static_cast<std::size_t>(FindingId::kSes17); ++id) {
    row.finding = static_cast<FindingId>(id);
    if (text == info_of(row.finding).name && row.finding != FindingId::kSes16) return true;
  }
  return false;
}

std::string quoted(std::string_view text) {
  return "\"" + std::string(text) + "\"";
}

/// Takes one line; returns what is wrong with it, or nothing.
std::string parse_line(std::string_view line, AdviceRow& row) {
  Columns columns;
  std::size_t count = 0;
  for (;;) {
    const std::size_t end = line.find('\t');
    if (count < kColumns) columns[count] = trim(line.substr(0, end));
    ++count;
    if (end == std::string_view::npos) break;
    line.remove_prefix(end + 1);
  }
  if (count != kColumns) {
    return std::to_string(count) + " columns, where six are needed, with one tab between them";
  }
  static constexpr const char* kNames[kColumns] = {"code", "enhanced", "server",
                                                   "text", "finding",  "advice"};
  for (std::size_t i = 0; i < kColumns; ++i) {
    if (columns[i].empty()) return std::string("the column ") + kNames[i] + " is empty";
  }
  if (!parse_codes(columns[0], row)) {
    return "the code " + quoted(columns[0]) + " is not like 454, 450,451, 4xx or *";
  }
  if (!parse_enhanced(columns[1], row)) {
    return "the enhanced code " + quoted(columns[1]) +
           " is not like 5.7.1, x.7.1, 5.7.606-649, - or *";
  }
  parse_server(columns[2], row);
  parse_words(columns[3], row);
  if (!parse_finding(columns[4], row)) {
    return "the finding " + quoted(columns[4]) + " is not SES-03 to SES-15, SES-17 or -";
  }
  row.advice = columns[5];
  return {};
}

/// Takes the digits at the front of `text`, and the dot behind them.
std::uint16_t take_part(std::string_view& text) {
  const std::size_t end = std::min(text.find('.'), text.size());
  std::uint16_t number = 0;
  parse_number(text.substr(0, end), number);
  text.remove_prefix(std::min(text.size(), end + 1));
  return number;
}

bool fits_enhanced(const AdviceRow& row, std::string_view enhanced) {
  switch (row.enhanced) {
    case AdviceRow::Enhanced::kAny:
      return true;
    case AdviceRow::Enhanced::kNone:
      return enhanced.empty();
    case AdviceRow::Enhanced::kPattern:
      break;
  }
  if (enhanced.size() < 2 || (row.enhanced_class != '*' && row.enhanced_class != enhanced[0])) {
    return false;
  }
  std::string_view rest = enhanced.substr(2);
  if (take_part(rest) != row.enhanced_subject) return false;
  const std::uint16_t detail = take_part(rest);
  return detail >= row.enhanced_first && detail <= row.enhanced_last;
}

bool fits_words(const AdviceRow& row, std::string_view words) {
  words = trim(words);
  // A full stop at the end is written or left out as the server pleases.
  if (row.at_end && !words.empty() && words.back() == '.') words.remove_suffix(1);
  std::size_t at = 0;
  for (std::size_t i = 0; i < row.words.size(); ++i) {
    const std::size_t found = find_words(words, row.words[i], at);
    if (found == std::string_view::npos || (i == 0 && row.at_begin && found != 0)) return false;
    at = found + row.words[i].size();
  }
  if (!row.at_end || row.words.empty()) return true;
  const std::string& last = row.words.back();
  return words.size() >= at && words.size() >= last.size() &&
         find_words(words, last, words.size() - last.size()) != std::string_view::npos;
}

}  // namespace

bool AdviceRow::fits(const ReplyQuery& query) const {
  if (std::none_of(codes.begin(), codes.end(), [&](const Codes& one) {
        return query.code >= one.first && query.code <= one.last;
      })) {
    return false;
  }
  if (!fits_enhanced(*this, query.enhanced)) return false;
  if (!server.empty()) {
    const bool named = std::any_of(server.begin(), server.end(), [&](const std::string& word) {
      return find_words(query.server, word, 0) != std::string_view::npos;
    });
    if (named == server_excluded) return false;
  }
  return fits_words(*this, query.words);
}

ReplyAdvice::ReplyAdvice() {
  std::vector<AdviceError> errors;  // none: a test reads the table
  add(kBuiltInReplyAdvice, errors);
}

ReplyAdvice::ReplyAdvice(std::string_view text, std::vector<AdviceError>& errors) {
  add(text, errors);
  const std::vector<AdviceRow>& others = built_in().rows();
  rows_.insert(rows_.end(), others.begin(), others.end());
}

const ReplyAdvice& ReplyAdvice::built_in() {
  static const ReplyAdvice kTable;
  return kTable;
}

void ReplyAdvice::add(std::string_view text, std::vector<AdviceError>& errors) {
  std::size_t number = 0;
  while (!text.empty()) {
    ++number;
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    if (trim(line).empty() || line.front() == '#') continue;
    AdviceRow row;
    std::string what = parse_line(line, row);
    if (what.empty()) {
      rows_.push_back(std::move(row));
    } else {
      errors.push_back({number, std::move(what)});
    }
  }
}

const AdviceRow* ReplyAdvice::find(const ReplyQuery& query) const {
  const auto row = std::find_if(rows_.begin(), rows_.end(),
                                [&](const AdviceRow& one) { return one.fits(query); });
  return row == rows_.end() ? nullptr : &*row;
}

const AdviceRow* ReplyAdvice::find_finding(const ReplyQuery& query) const {
  const auto row = std::find_if(rows_.begin(), rows_.end(), [&](const AdviceRow& one) {
    return one.names_finding && one.fits(query);
  });
  return row == rows_.end() ? nullptr : &*row;
}

const char* reply_advice(std::uint16_t code, std::string_view enhanced) {
  const AdviceRow* const row = ReplyAdvice::built_in().find({code, enhanced, {}, {}});
  return row == nullptr ? nullptr : row->advice.c_str();
}

}  // namespace smtp_session
