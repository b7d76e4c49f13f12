// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/reply_words.h"

#include <algorithm>

#include "dissector/ascii.h"
#include "dissector/transaction.h"

namespace smtp_session {

namespace {

/// Text of a reply that is shown in one line, at the most: a reply line of RFC 5321 section
/// 4.5.3.1.5.
constexpr std::size_t kMaxText = 512;

/// Text of a command or an address that is shown, at the most.
constexpr std::size_t kMaxShown = 80;

constexpr const char* kEllipsis = "\xE2\x80\xA6";

std::string cut(std::string text, std::size_t max) {
  if (text.size() <= max) return text;
  std::size_t end = max;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
  return text.substr(0, end) + kEllipsis;
}

/// The next line of `rest`, which is taken from it.
std::string_view take_line(std::string_view& rest) {
  const std::string_view line = rest.substr(0, rest.find('\n'));
  rest.remove_prefix(line.size() < rest.size() ? line.size() + 1 : line.size());
  return line;
}

}  // namespace

std::string joined_lines(const Reply& reply) {
  std::string_view rest = reply.lines.view();
  const std::string_view code = enhanced_code(rest);
  std::string text;
  while (!rest.empty()) {
    std::string_view line = take_line(rest);
    if (!text.empty() && !code.empty() && enhanced_code(line) == code) {
      line.remove_prefix(code.size());
      if (!line.empty()) line.remove_prefix(1);
    }
    if (!text.empty() && !line.empty()) text += ' ';
    text += line;
  }
  return cut(std::move(text), kMaxText);
}

std::string plain_words(const Reply& reply) {
  std::string_view rest = reply.lines.view();
  std::string words;
  while (!rest.empty()) {
    std::string_view line = take_line(rest);
    line.remove_prefix(enhanced_code(line).size());
    const auto begin = line.find_first_not_of(" \t");
    if (begin == std::string_view::npos) continue;
    if (!words.empty()) words += ' ';
    words += line.substr(begin, line.find_last_not_of(" \t") + 1 - begin);
  }
  return words;
}

std::string_view name_of_command(std::string_view verb) {
  if (verb == ".") return "end of data";
  return verb.empty() ? std::string_view{"an empty line"} : verb;
}

std::string refusal_text(const Session& session, const Reply& reply) {
  std::string text = std::to_string(reply.code);
  if (reply.kind == ReplyKind::kGreeting) {
    text += " as greeting";
  } else if (reply.command != 0) {
    text += " to ";
    text += shown(name_of_command(session.command(reply.command).verb.view()));
    const std::string_view recipient = recipient_of(session, reply);
    if (!recipient.empty()) text += " for <" + std::string{recipient} + ">";
  } else {
    text += " that answers no command";
  }
  const std::string lines = joined_lines(reply);
  return lines.empty() ? text : text + ": " + lines;
}

ServerNames names_of_server(const Session& session, Index hello) {
  ServerNames names;
  if (session.greeting != 0) names[0] = session.reply(session.greeting).lines.view();
  if (hello != 0 && session.command(hello).reply != 0) {
    std::string_view lines = session.reply(session.command(hello).reply).lines.view();
    names[1] = take_line(lines);
  }
  if (session.tls != nullptr) names[2] = session.tls->sni.view();
  return names;
}

std::string server_names(const Session& session, Index hello) {
  std::string text;
  for (const std::string_view name : names_of_server(session, hello)) {
    if (!text.empty()) text += '\n';
    text += name;
  }
  return text;
}

bool contains_words(std::string_view text, std::string_view lower_words) {
  return std::search(text.begin(), text.end(), lower_words.begin(), lower_words.end(),
                     [](char have, char want) { return to_lower(have) == want; }) != text.end();
}

std::string shown(std::string_view text) {
  std::string result = cut(std::string(text), kMaxShown);
  for (char& c : result) {
    if (static_cast<unsigned char>(c) < 0x20U || c == 0x7F) c = '?';
  }
  return result;
}

}  // namespace smtp_session
