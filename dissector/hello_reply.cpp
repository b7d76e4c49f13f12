// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/hello_reply.h"

#include <algorithm>
#include <iterator>

#include "dissector/address_text.h"
#include "dissector/ascii.h"
#include "dissector/command_line.h"
#include "dissector/transaction.h"

namespace smtp_session {

namespace {

/// "SIZE" of "SIZE 1000"; "AUTH" of the old form "AUTH=LOGIN" as well.
std::string_view keyword_of(std::string_view line) {
  return line.substr(0, find_where(line, [](char c) { return is_blank(c) || c == '='; }));
}

struct Row {
  std::string_view verb;
  std::string_view keyword;
  std::string_view extension;
};

constexpr Row kRows[] = {
    {"MAIL", "SIZE", "SIZE"},                // RFC 1870 section 3
    {"MAIL", "SMTPUTF8", "SMTPUTF8"},        // RFC 6531 section 3.4
    {"MAIL", "RET", "DSN"},                  // RFC 3461 section 4.3
    {"MAIL", "ENVID", "DSN"},                // RFC 3461 section 4.4
    {"MAIL", "AUTH", "AUTH"},                // RFC 4954 section 5
    {"MAIL", "REQUIRETLS", "REQUIRETLS"},    // RFC 8689 section 2
    {"MAIL", "MT-PRIORITY", "MT-PRIORITY"},  // RFC 6710 section 3
    {"MAIL", "BY", "DELIVERBY"},             // RFC 2852 section 4
    {"MAIL", "HOLDFOR", "FUTURERELEASE"},    // RFC 4865 section 3
    {"MAIL", "HOLDUNTIL", "FUTURERELEASE"},  // RFC 4865 section 3
    {"MAIL", "SOLICIT", "NO-SOLICITING"},    // RFC 3865 section 2.3
    {"MAIL", "MTRK", "MTRK"},                // RFC 3885 section 3.1
    {"MAIL", "PRDR", "PRDR"},
    {"RCPT", "NOTIFY", "DSN"},  // RFC 3461 section 4.1
    {"RCPT", "ORCPT", "DSN"},   // RFC 3461 section 4.2
    {"RCPT", "RRVS", "RRVS"},   // RFC 7293 section 3.1
};

}  // namespace

HelloName hello_name(std::string_view argument) {
  if (argument.empty()) return HelloName::kEmpty;
  const std::string_view name = argument.substr(0, find_blank(argument));
  if (name.front() == '[') {
    if (name.size() < 3 || name.back() != ']') return HelloName::kBadLiteral;
    const std::string_view inside = name.substr(1, name.size() - 2);
    const auto colon = inside.find(':');
    if (colon == std::string_view::npos) {
      return is_ipv4_text(inside) ? HelloName::kLiteral : HelloName::kBadLiteral;
    }
    if (to_upper(inside.substr(0, colon)) == "IPV6") {
      return is_ipv6_text(inside.substr(colon + 1)) ? HelloName::kLiteral : HelloName::kBadLiteral;
    }
    // RFC 5321 section 4.1.3, General-address-literal: a registered tag, of which there is no other
    // yet; an IPv6 address without its tag is the usual mistake.
    return is_ipv6_text(inside) || colon == 0 || colon + 1 == inside.size() ? HelloName::kBadLiteral
                                                                            : HelloName::kLiteral;
  }
  if (is_ipv4_text(name) || is_ipv6_text(name)) return HelloName::kBareAddress;
  const std::string upper = to_upper(name);
  if (upper == "LOCALHOST" || upper == "LOCALHOST.LOCALDOMAIN") return HelloName::kLocalhost;
  const auto dot = name.find('.');
  return dot == std::string_view::npos || dot + 1 == name.size() ? HelloName::kNoDot
                                                                 : HelloName::kHost;
}

OfferedExtensions::OfferedExtensions(const Session& session, Index hello) {
  if (hello == 0 || session.command(hello).reply == 0) return;
  const Reply& reply = session.reply(session.command(hello).reply);
  if (!is_positive(reply.code) || !reply.exact || reply.opaque) return;
  known_ = true;
  if (session.command(hello).verb == "HELO") return;
  const std::string_view lines = reply.lines.view();
  const auto end = lines.find('\n');  // the first line names the host
  if (end != std::string_view::npos) lines_ = lines.substr(end + 1);
}

std::vector<std::string_view> OfferedExtensions::lines() const {
  std::vector<std::string_view> lines;
  std::string_view rest = lines_;
  while (!rest.empty()) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    // Amazon SES ends its list with a bare "Ok", which is no extension.
    if (!line.empty() && line != "Ok" && line != "OK") lines.push_back(line);
    rest.remove_prefix(std::min(rest.size(), line.size() + 1));
  }
  return lines;
}

bool OfferedExtensions::has(std::string_view keyword) const {
  std::string_view rest = lines_;
  while (!rest.empty()) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    if (to_upper(keyword_of(line)) == keyword) return true;
    rest.remove_prefix(std::min(rest.size(), line.size() + 1));
  }
  return false;
}

std::string_view OfferedExtensions::parameters(std::string_view keyword) const {
  std::string_view rest = lines_;
  while (!rest.empty()) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    const std::string_view word = keyword_of(line);
    if (to_upper(word) == keyword && word.size() < line.size()) return line.substr(word.size() + 1);
    rest.remove_prefix(std::min(rest.size(), line.size() + 1));
  }
  return {};
}

bool OfferedExtensions::has_word(std::string_view keyword, std::string_view word) const {
  std::string_view rest = lines_;
  while (!rest.empty()) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(rest.size(), line.size() + 1));
    const std::string_view name = keyword_of(line);
    if (to_upper(name) != keyword) continue;
    const std::string words = " " + to_upper(line.substr(name.size())) + " ";
    for (std::size_t at = words.find(word); at != std::string::npos;
         at = words.find(word, at + 1)) {
      const auto is_end = [&](char c) { return c == ' ' || c == '\t' || c == '='; };
      if (is_end(words[at - 1]) && is_end(words[at + word.size()])) return true;
    }
  }
  return false;
}

OfferChange offer_change(const Session& session, Index hello) {
  if (!is_hello(session.command(hello).verb) || !session.command(hello).encrypted) return {};
  Index before = hello - 1;
  while (before != 0 && !is_hello(session.command(before).verb)) --before;
  if (before == 0 || session.command(before).encrypted) return {};
  const OfferedExtensions old_offer(session, before);
  const OfferedExtensions new_offer(session, hello);
  if (!old_offer.known() || !new_offer.known()) return {};
  const std::vector<std::string_view> was = old_offer.lines();
  const std::vector<std::string_view> is = new_offer.lines();
  const auto without = [](const auto& list, const auto& other) {
    std::vector<std::string_view> rest;
    std::copy_if(list.begin(), list.end(), std::back_inserter(rest), [&](std::string_view line) {
      return std::find(other.begin(), other.end(), line) == other.end();
    });
    return rest;
  };
  return {without(was, is), without(is, was)};
}

std::string offer_change_text(const OfferChange& change) {
  std::string text;
  const auto add = [&](const char* word, const std::vector<std::string_view>& lines) {
    for (const std::string_view line : lines) {
      text += line == lines.front() ? (text.empty() ? "" : ", ") + std::string{word} : ", ";
      text += line;
    }
  };
  add("without ", change.lost);
  add("with ", change.gained);
  return text;
}

std::string_view extension_of_parameter(std::string_view verb, std::string_view keyword,
                                        std::string_view value) {
  if (verb == "MAIL" && keyword == "BODY") {
    if (value == "BINARYMIME") return "BINARYMIME";  // RFC 3030 section 3
    return value == "8BITMIME" ? "8BITMIME" : "";    // RFC 6152 section 2; 7BIT needs nothing
  }
  const auto* const row = std::find_if(std::begin(kRows), std::end(kRows), [&](const Row& one) {
    return one.verb == verb && one.keyword == keyword;
  });
  return row == std::end(kRows) ? std::string_view{} : row->extension;
}

}  // namespace smtp_session
