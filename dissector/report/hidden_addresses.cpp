// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/report/hidden_addresses.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <utility>

#include "dissector/transaction.h"

namespace smtp_session {

namespace {

constexpr std::size_t kNone = std::string_view::npos;

// The replies to VRFY and EXPN that name somebody (RFC 5321 section 3.5.3).
constexpr std::int64_t kMailboxNamed = 250;
constexpr std::int64_t kMailboxElsewhere = 251;

bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         static_cast<unsigned char>(c) >= 0x80;  // RFC 6531 section 3.3
}

/// RFC 5322 section 3.2.3 "atext", and the dots between atoms.
bool is_local(char c) {
  constexpr std::string_view kOthers = "!#$%&'*+-/=?^_`{|}~.";
  return is_word(c) || kOthers.find(c) != kNone;
}

bool is_domain(char c) {
  return is_word(c) || c == '-' || c == '.' || c == '_';
}

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

std::string lowered(std::string_view text) {
  std::string result{text};
  std::transform(result.begin(), result.end(), result.begin(), lower);
  return result;
}

struct Span {
  std::size_t begin = 0;
  std::size_t at = 0;      ///< end of the local part
  std::size_t domain = 0;  ///< where the domain begins
  std::size_t end = 0;
};

/// Where a quoted local part begins whose last quote is before `at`.
std::size_t quoted_begin(std::string_view text, std::size_t at) {
  for (std::size_t i = at - 1; i-- > 0;) {
    if (text[i] == '"' && (i == 0 || text[i - 1] != '\\')) return i;
  }
  return at - 1;
}

/// Where the path in angle brackets begins that `at` stands in; kNone where there is none. A source
/// route (RFC 5321 section 4.1.1.3) is no part of the address.
std::size_t bracketed_begin(std::string_view text, std::size_t at) {
  const std::size_t open = text.substr(0, at).find_last_of("<>\n");
  if (open == kNone || text[open] != '<') return kNone;
  const std::size_t begin = open + 1;
  if (text[begin] != '@') return begin;
  const std::size_t colon = text.substr(0, at).rfind(':');
  return colon == kNone || colon < begin ? kNone : colon + 1;
}

/// "auth=alice" of "AUTH=alice@example.test": the name of a value, which is none of the address.
std::size_t after_name(std::string_view text, std::size_t begin, std::size_t at) {
  constexpr std::array<std::string_view, 8> kNames = {"auth",  "from",      "to",     "login",
                                                      "email", "recipient", "sender", "user"};
  const std::string_view local = text.substr(begin, at - begin);
  const std::size_t equals = local.find('=');
  if (equals == kNone || equals + 1 == local.size()) return begin;
  const std::string name = lowered(local.substr(0, equals));
  const bool known = std::find(kNames.begin(), kNames.end(), name) != kNames.end();
  return known ? begin + equals + 1 : begin;
}

std::size_t local_begin(std::string_view text, std::size_t at) {
  if (text[at - 1] == '"' && at > 1) return quoted_begin(text, at);
  const std::size_t bracketed = bracketed_begin(text, at);
  if (bracketed != kNone) return bracketed;
  std::size_t begin = at;
  while (begin > 0 && is_local(text[begin - 1])) --begin;
  // Quotation marks around an address, not of it.
  while (begin < at && (text[begin] == '\'' || text[begin] == '`')) ++begin;
  return after_name(text, begin, at);
}

std::size_t domain_end(std::string_view text, std::size_t begin) {
  if (begin < text.size() && text[begin] == '[') {
    const std::size_t close = text.find(']', begin);
    return close == kNone ? text.size() : close + 1;
  }
  std::size_t end = begin;
  while (end < text.size() && is_domain(text[end])) ++end;
  while (end > begin && (text[end - 1] == '.' || text[end - 1] == '-')) --end;
  return end;
}

/// How many characters at `at` stand for "@"; 0 where none do.
std::size_t at_sign(std::string_view text, std::size_t at) {
  if (text[at] == '@') return 1;
  const std::string_view three = text.substr(at, 3);
  return three == "%40" || three == "+40" ? 3 : 0;
}

std::optional<Span> span_at(std::string_view text, std::size_t at) {
  const std::size_t size = at_sign(text, at);
  if (size == 0 || at == 0) return std::nullopt;
  Span span;
  span.at = at;
  span.domain = at + size;
  span.end = domain_end(text, span.domain);
  // "user+40" is a number behind a plus sign more often than xtext.
  const std::string_view domain = text.substr(span.domain, span.end - span.domain);
  if (size != 1 && domain.find('.') == kNone) return std::nullopt;
  span.begin = local_begin(text, at);
  if (span.begin >= at) return std::nullopt;
  return span;
}

std::vector<Span> find_spans(std::string_view text) {
  std::vector<Span> spans;
  for (std::size_t at = text.find_first_of("@%+"); at != kNone;
       at = text.find_first_of("@%+", at + 1)) {
    std::optional<Span> span = span_at(text, at);
    if (!span) continue;
    // A quoted local part may hold an "@" of its own.
    while (!spans.empty() && spans.back().end > span->begin) {
      span->begin = std::min(span->begin, spans.back().begin);
      spans.pop_back();
    }
    spans.push_back(*span);
  }
  return spans;
}

bool in_word(char c) {
  return is_word(c) || c == '_';
}

/// Where a text was cut short (verdict.h).
constexpr std::string_view kEllipsis = "\xE2\x80\xA6";

std::string hide_names(std::string_view text, const AddressStandIn& style, const NameList& names) {
  if (names.empty()) return std::string{text};
  const std::string folded = lowered(text);
  std::string result;
  for (std::size_t at = 0; at < text.size();) {
    const bool begins = at == 0 || !in_word(text[at - 1]);
    const std::size_t longest =
        begins ? names.longest_at(std::string_view{folded}.substr(at)) : std::size_t{0};
    if (longest == 0) {
      result += text[at++];
    } else {
      result += style.stand_in(text.substr(at, longest), {});
      at += longest;
    }
  }
  return result;
}

/// The member as it can be written; nullptr where there is none.
JsonValue* member(JsonValue& object, std::string_view key) {
  for (std::size_t i = 0; i < object.keys.size(); ++i) {
    if (object.keys[i] == key) return &object.items[i];
  }
  return nullptr;
}

std::vector<JsonValue>& items(JsonValue& object, std::string_view key) {
  static std::vector<JsonValue> none;
  JsonValue* const list = member(object, key);
  return list == nullptr ? none : list->items;
}

/// A value that is an address, or a user's name, as a whole.
std::string hide_whole(std::string_view value, const AddressStandIn& style) {
  if (value.empty()) return {};
  const std::size_t at = value.rfind('@');
  if (at == kNone) return style.stand_in(value, {});
  return style.stand_in(value.substr(0, at), value.substr(at + 1));
}

/// One session's.
class SessionHider {
 public:
  explicit SessionHider(const AddressStandIn& style) : style_(style) {}

  void hide(JsonValue& session) {
    hide_values(session);
    hide_texts(session, NameList(std::move(found_)), NameList());
  }

 private:
  void note(std::string_view address) {
    const std::string local = lowered(address.substr(0, address.rfind('@')));
    if (!local.empty()) found_.push_back(local);
  }

  void hide_value(JsonValue& object, std::string_view key) {
    JsonValue* const value = member(object, key);
    if (value == nullptr || value->kind != JsonValue::Kind::kString) return;
    note(value->text);
    value->text = hide_whole(value->text, style_);
  }

  void hide_values(JsonValue& session) {
    for (JsonValue& message : items(session, "messages")) {
      hide_value(message, "from");
      for (JsonValue& recipient : items(message, "recipients")) hide_value(recipient, "address");
    }
    for (JsonValue& auth : items(session, "auth")) hide_value(auth, "user");
    for (JsonValue& command : items(session, "commands")) note_names(command);
  }

  void note_names(JsonValue& command) {
    const std::string_view verb = command.text_at("verb");
    const std::string_view argument = command.text_at("argument");
    if (verb == "VRFY" || verb == "EXPN") {
      // RFC 5321 section 3.5.1: a user's name, or one of a mailing list. Where the server knows it,
      // the reply may hold the name of the person (section 3.5.2), which nothing else tells.
      hide_value(command, "argument");
      const std::int64_t code = command.integer_at("code").value_or(0);
      const bool names_person = code == kMailboxNamed || code == kMailboxElsewhere;
      JsonValue* const text = member(command, "text");
      if (names_person && text != nullptr) text->text = style_.stand_in(text->text, {});
    } else if (verb == "MAIL" || verb == "RCPT") {
      note(path_address(argument));
      for (const Parameter& parameter : path_parameters(argument)) note_parameter(parameter);
    } else if (verb == "XCLIENT") {
      const std::string path = "<> " + std::string{argument};
      for (const Parameter& parameter : path_parameters(path)) note_parameter(parameter);
    }
  }

  /// AUTH (RFC 4954 section 5), ORCPT (RFC 3461 section 4.2, "rfc822;bob"), XCLIENT's LOGIN.
  void note_parameter(const Parameter& parameter) {
    const std::string keyword = lowered(parameter.keyword);
    if (keyword != "auth" && keyword != "orcpt" && keyword != "login") return;
    const std::string_view value = parameter.value;
    if (value != "<>") note(value.substr(value.find(';') == kNone ? 0 : value.find(';') + 1));
  }

  /// `names` are hidden here, `in_words` in a text that people wrote below.
  void hide_texts(JsonValue& value, const NameList& in_words, const NameList& names) {
    if (value.kind == JsonValue::Kind::kString) {
      value.text = hide_addresses(value.text, style_, names);
    }
    for (std::size_t i = 0; i < value.items.size(); ++i) {
      const bool object = value.kind == JsonValue::Kind::kObject;
      hide_texts(value.items[i], in_words, object && is_words(value.keys[i]) ? in_words : names);
    }
  }

  static bool is_words(std::string_view key) {
    return key == "argument" || key == "text" || key == "verdict" || key == "advice";
  }

  const AddressStandIn& style_;
  std::vector<std::string> found_;
};

}  // namespace

NameList::NameList(std::vector<std::string> names) : names_(std::move(names)) {
  std::sort(names_.begin(), names_.end());
  names_.erase(std::unique(names_.begin(), names_.end()), names_.end());
  for (const std::string& name : names_) sizes_.push_back(name.size());
  std::sort(sizes_.begin(), sizes_.end(), std::greater<>());
  sizes_.erase(std::unique(sizes_.begin(), sizes_.end()), sizes_.end());
}

std::size_t NameList::longest_at(std::string_view text) const {
  const std::string_view word = text.substr(0, text.find(kEllipsis));
  if (!word.empty() && word.size() < text.size()) {
    const auto name = std::lower_bound(names_.begin(), names_.end(), word);
    if (name != names_.end() && name->compare(0, word.size(), word) == 0) return word.size();
  }
  for (const std::size_t size : sizes_) {
    if (size == 0 || size > text.size()) continue;
    const std::string_view behind = text.substr(size);
    const bool ends = behind.empty() || !in_word(behind.front()) ||
                      behind.substr(0, kEllipsis.size()) == kEllipsis;
    if (!ends) continue;
    const std::string_view begin = text.substr(0, size);
    const auto name = std::lower_bound(names_.begin(), names_.end(), begin);
    if (name != names_.end() && *name == begin) return size;
  }
  return 0;
}

std::string DomainOnly::stand_in(std::string_view /*local*/, std::string_view domain) const {
  return domain.empty() ? "*" : "*@" + std::string{domain};
}

std::string folded_address(std::string_view local, std::string_view domain) {
  std::string address = lowered(local);
  if (!domain.empty()) address += '@' + lowered(domain);
  return address;
}

std::string hide_addresses(std::string_view text, const AddressStandIn& style,
                           const NameList& names) {
  std::string result;
  std::size_t done = 0;
  for (const Span& span : find_spans(text)) {
    result += hide_names(text.substr(done, span.begin - done), style, names);
    result += style.stand_in(text.substr(span.begin, span.at - span.begin),
                             text.substr(span.domain, span.end - span.domain));
    done = span.end;
  }
  return result + hide_names(text.substr(done), style, names);
}

void hide_addresses(JsonValue& session, const AddressStandIn& style) {
  SessionHider(style).hide(session);
}

}  // namespace smtp_session
