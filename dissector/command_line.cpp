// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/command_line.h"

#include <algorithm>
#include <array>

#include "dissector/ascii.h"

namespace smtp_session {

namespace {

std::string_view trim(std::string_view text) {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

/// What must follow a verb for begins_with_command().
enum class Form : std::uint8_t {
  kAlone,     // nothing: DATA (RFC 5321 section 4.1.1.4)
  kArgument,  // a blank and something
  kEither,
  kFrom,  // " FROM:"
  kTo,    // " TO:"
};

struct Verb {
  std::string_view name;
  Form form;
};

// Sorted by name. RFC 5321 (and 821 for SEND, SOML, SAML, TURN), RFC 1985 ETRN, RFC 2033 LHLO,
// RFC 2645 ATRN, RFC 3030 BDAT, RFC 3207 STARTTLS, RFC 4468 BURL, RFC 4954 AUTH; Postfix XCLIENT
// and XFORWARD; sendmail VERB and ONEX; Microsoft Exchange X-...; QHLO of the quick SMTP draft.
constexpr std::array<Verb, 33> kVerbs{{
    {"ATRN", Form::kEither},       {"AUTH", Form::kArgument},
    {"BDAT", Form::kArgument},     {"BURL", Form::kArgument},
    {"DATA", Form::kAlone},        {"EHLO", Form::kArgument},
    {"ETRN", Form::kArgument},     {"EXPN", Form::kArgument},
    {"HELO", Form::kArgument},     {"HELP", Form::kEither},
    {"LHLO", Form::kArgument},     {"MAIL", Form::kFrom},
    {"NOOP", Form::kEither},       {"ONEX", Form::kAlone},
    {"QHLO", Form::kArgument},     {"QUIT", Form::kAlone},
    {"RCPT", Form::kTo},           {"RSET", Form::kAlone},
    {"SAML", Form::kFrom},         {"SEND", Form::kFrom},
    {"SOML", Form::kFrom},         {"STARTTLS", Form::kAlone},
    {"TURN", Form::kAlone},        {"VERB", Form::kEither},
    {"VRFY", Form::kArgument},     {"X-ANONYMOUSTLS", Form::kAlone},
    {"X-EXPS", Form::kArgument},   {"X-LINK2STATE", Form::kArgument},
    {"XCLIENT", Form::kArgument},  {"XEXCH50", Form::kArgument},
    {"XFORWARD", Form::kArgument}, {"XRDST", Form::kArgument},
    {"XSHADOW", Form::kArgument},
}};

constexpr std::size_t kLetters = 26;

/// Where the verbs of each letter begin in kVerbs, and behind the last one its end.
constexpr std::array<std::size_t, kLetters + 1> starts_of_letters() {
  std::array<std::size_t, kLetters + 1> starts{};
  std::size_t at = 0;
  for (std::size_t letter = 0; letter < kLetters; ++letter) {
    starts[letter] = at;
    while (at < kVerbs.size() && kVerbs[at].name[0] == static_cast<char>('A' + letter)) ++at;
  }
  starts[kLetters] = at;
  return starts;
}

constexpr auto kStarts = starts_of_letters();
static_assert(kStarts[kLetters] == kVerbs.size(), "kVerbs is not sorted");

const Verb* find_verb(std::string_view upper_verb) {
  if (upper_verb.empty() || upper_verb[0] < 'A' || upper_verb[0] > 'Z') return nullptr;
  const auto letter = static_cast<std::size_t>(upper_verb[0] - 'A');
  for (std::size_t at = kStarts[letter]; at < kStarts[letter + 1]; ++at) {
    if (kVerbs[at].name == upper_verb) return &kVerbs[at];
  }
  return nullptr;
}

std::string_view first_line(std::string_view bytes) {
  std::string_view line = bytes.substr(0, bytes.find('\n'));
  if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
  return line;
}

bool starts_with_upper(std::string_view text, std::string_view upper_prefix) {
  return text.size() >= upper_prefix.size() &&
         std::equal(upper_prefix.begin(), upper_prefix.end(), text.begin(),
                    [](char want, char have) { return want == to_upper(have); });
}

}  // namespace

CommandLine parse_command_line(std::string_view line) {
  const std::string_view trimmed = trim(line);
  const auto end = find_blank(trimmed);
  return {to_upper(trimmed.substr(0, end)), trim(trimmed.substr(end))};
}

bool is_known_verb(std::string_view upper_verb) {
  return find_verb(upper_verb) != nullptr;
}

bool begins_with_command(std::string_view bytes) {
  const CommandLine line = parse_command_line(first_line(bytes));
  const Verb* verb = find_verb(line.verb);
  if (verb == nullptr || is_blank(bytes.front())) return false;
  switch (verb->form) {
    case Form::kAlone:
      return line.argument.empty();
    case Form::kArgument:
      return !line.argument.empty();
    case Form::kEither:
      return true;
    case Form::kFrom:
      return starts_with_upper(line.argument, "FROM:");
    case Form::kTo:
      return starts_with_upper(line.argument, "TO:");
  }
  return false;
}

bool begins_with_hello(std::string_view bytes) {
  const CommandLine line = parse_command_line(first_line(bytes));
  return (line.verb == "EHLO" || line.verb == "HELO" || line.verb == "LHLO") &&
         !line.argument.empty();
}

ChunkSize parse_chunk_size(std::string_view argument) {
  // RFC 3030 section 2: chunk-size is 1*DIGIT; 19 digits always fit 64 bits.
  constexpr std::size_t kMaxDigits = 19;
  ChunkSize result;
  const auto digits = std::min(argument.find_first_not_of("0123456789"), argument.size());
  if (digits == 0 || digits > kMaxDigits) return result;
  for (const char c : argument.substr(0, digits)) {
    result.size = result.size * 10 + static_cast<std::uint64_t>(c - '0');
  }
  const std::string_view rest = argument.substr(digits);
  const std::string_view word = trim(rest);
  if (word.empty()) {
    result.valid = true;
  } else if (is_blank(rest.front()) && to_upper(word) == "LAST") {
    result.valid = true;
    result.last = true;
  }
  return result;
}

}  // namespace smtp_session
