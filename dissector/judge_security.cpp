// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/judge_security.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "dissector/ascii.h"
#include "dissector/command_line.h"
#include "dissector/hello_reply.h"
#include "dissector/judge_auth.h"
#include "dissector/judge_message.h"
#include "dissector/reply_codes.h"
#include "dissector/reply_words.h"
#include "dissector/transaction.h"

namespace smtp_session {

namespace {

/// Control characters of one session that are told.
constexpr std::size_t kMaxControl = 10;

constexpr std::string_view kStarttls = "STARTTLS";

/// Message submission: RFC 6409 section 3.1, RFC 8314 section 3.3, and the second ports of Amazon
/// SES.
bool is_submission_port(std::uint16_t port) {
  return port == 587 || port == 465 || port == 2587 || port == 2465;
}

/// Addresses that the Internet carries: not those that RFC 6890 and its registry set apart.
bool is_public(const Address& address) {
  const auto& b = address.bytes;
  if (address.family == 4) {
    return !(b[0] == 0 || b[0] == 10 || b[0] == 127 || b[0] >= 224 ||
             (b[0] == 100 && (b[1] & 0xC0U) == 64) || (b[0] == 169 && b[1] == 254) ||
             (b[0] == 172 && (b[1] & 0xF0U) == 16) || (b[0] == 192 && b[1] == 168) ||
             (b[0] == 192 && b[1] == 0 && (b[2] == 0 || b[2] == 2)) ||
             (b[0] == 198 && (b[1] & 0xFEU) == 18) || (b[0] == 198 && b[1] == 51 && b[2] == 100) ||
             (b[0] == 203 && b[1] == 0 && b[2] == 113));
  }
  if (address.family != 6) return false;
  const bool global = (b[0] & 0xE0U) == 0x20;
  const bool documentation = (b[0] == 0x20 && b[1] == 0x01 && b[2] == 0x0D && b[3] == 0xB8) ||
                             (b[0] == 0x3F && b[1] == 0xFF && (b[2] & 0xF0U) == 0);
  return global && !documentation;
}

/// "XXXXXXXX", "XXXXXXXA": what a firewall leaves of an EHLO keyword that it does not know.
bool is_overwritten(std::string_view keyword) {
  constexpr std::size_t kLeast = 4;  // the shortest keywords in use: SIZE, AUTH, HELP
  if (keyword.size() < kLeast) return false;
  const std::size_t x = std::min(keyword.find_first_not_of('X'), keyword.size());
  return x == keyword.size() || (x + 1 == keyword.size() && keyword.back() == 'A');
}

/// STARTTLS with one or two letters changed.
bool is_altered_starttls(std::string_view keyword) {
  constexpr std::size_t kMostChanged = 2;
  if (keyword.size() != kStarttls.size()) return false;
  std::size_t changed = 0;
  for (std::size_t i = 0; i < keyword.size(); ++i) changed += keyword[i] != kStarttls[i] ? 1 : 0;
  return changed > 0 && changed <= kMostChanged;
}

/// An encoded line end in an address: what a web form passes on to forge commands.
bool has_encoded_line_end(std::string_view address) {
  const auto encodes = [](char c) { return c == '%' || c == '\\'; };
  if (find_where(address, encodes) == address.size()) return false;
  return contains_words(address, "%0d") || contains_words(address, "%0a") ||
         contains_words(address, "\\r\\n");
}

/// The words of injected bytes that can be shown: of a known command the verb, and its argument
/// unless it may be a secret.
std::string shown_injection(std::string_view bytes) {
  const CommandLine line = parse_command_line(bytes.substr(0, bytes.find_first_of("\r\n")));
  if (!is_known_verb(line.verb)) return "bytes that are no command";
  std::string text = line.verb;
  if (line.argument.empty()) return "\"" + text + "\"";
  text += ' ';
  text += is_auth(line.verb) ? line.argument.substr(0, line.argument.find_first_of(" \t"))
                             : line.argument;
  return "\"" + shown(text) + "\"";
}

}  // namespace

void JudgeSecurity::on_flawed_line(const LineFlaws& flaws) {
  flaws_.push_back(flaws);
}

void JudgeSecurity::on_command(Index index) {
  const Command& command = scene_.session.command(index);
  const Text verb = command.verb;
  while (!flaws_.empty() && flaws_.front().command <= index) {
    if (flaws_.front().command == index) judge_flaws(index, flaws_.front());
    flaws_.erase(flaws_.begin());
  }
  if (verb == "MAIL") judge_clear_mail(index);
  if (verb == "MAIL" || verb == "RCPT") judge_address(index);
  if (is_hello(verb) || verb == kStarttls) starttls_reply_ = 0;
}

void JudgeSecurity::judge_clear_mail(Index index) {
  const Session& session = scene_.session;
  const Command& command = session.command(index);
  if (clear_raised_ || command.encrypted) return;
  const bool submission = is_submission_port(session.server.port);
  const bool internet = is_public(session.client.address) && is_public(session.server.address);
  if (!submission && !internet) return;
  clear_raised_ = true;
  scene_.raise(FindingId::kSec01, command.frame,
               submission
                   ? "Mail in clear text on submission port " + std::to_string(session.server.port)
                   : std::string("Mail in clear text between public addresses"),
               index);
}

void JudgeSecurity::judge_flaws(Index index, const LineFlaws& flaws) {
  const Session& session = scene_.session;
  const Command& command = session.command(index);
  if (session.desynchronised || !command.exact) return;
  const std::string verb = shown(name_of_command(command.verb.view()));
  if ((flaws.bare_lf || flaws.bare_cr) && !bare_raised_) {
    bare_raised_ = true;
    scene_.raise(FindingId::kSec06, command.frame,
                 flaws.bare_cr ? "A bare CR within the line of " + verb
                               : "The line of " + verb + " ends with a bare LF",
                 index);
  }
  if ((flaws.control || flaws.bare_cr) && control_ < kMaxControl) {
    ++control_;
    scene_.raise(FindingId::kSec07, command.frame,
                 flaws.bare_cr ? "A CR within the line of " + verb
                               : "A control character in the line of " + verb,
                 index);
  }
  if (flaws.eight_bit && command.verb != "[REDACTED]") {
    const bool declared =
        command.message != 0 && mail_declares(session, command.message, "SMTPUTF8");
    if (!declared) {
      scene_.raise(FindingId::kCmd07, command.frame,
                   "8-bit bytes in the line of " + verb + ", without SMTPUTF8", index);
    }
  }
}

void JudgeSecurity::judge_address(Index index) {
  const Command& command = scene_.session.command(index);
  const std::string_view address = path_address(command.argument.view());
  if (!has_encoded_line_end(address) || control_ >= kMaxControl) return;
  ++control_;
  scene_.raise(FindingId::kSec07, command.frame,
               "An encoded line end in the address of " + std::string(command.verb.view()) + ": " +
                   shown(address),
               index);
}

void JudgeSecurity::on_reply(Index index) {
  const Session& session = scene_.session;
  const Reply& reply = session.reply(index);
  judge_response_injection(index);
  if (reply.command == 0) return;
  const Text verb = session.command(reply.command).verb;
  if (is_auth(verb) && reply.code == kAuthenticated) authenticated_ = true;
  if (is_hello(verb) && is_positive(reply.code)) judge_hello_reply(index);
  if (verb == kStarttls) judge_starttls_reply(index);
  if (verb == "RCPT") judge_relay(index);
}

void JudgeSecurity::judge_hello_reply(Index index) {
  const Session& session = scene_.session;
  const Reply& reply = session.reply(index);
  if (stripped_raised_ || !reply.exact) return;
  std::string_view rest = reply.lines.view();
  rest.remove_prefix(std::min(rest.size(), rest.find('\n')));
  while (!rest.empty()) {
    rest.remove_prefix(1);
    const std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(line.size());
    const std::string keyword =
        to_upper(line.substr(0, find_where(line, [](char c) { return is_blank(c) || c == '='; })));
    const bool overwritten = is_overwritten(keyword);
    if (!overwritten && !is_altered_starttls(keyword)) continue;
    stripped_raised_ = true;
    scene_.raise(FindingId::kSec02, reply.frame,
                 "The EHLO reply has the line \"" + shown(line) + "\"" +
                     (overwritten ? ", overwritten on the way" : " in the place of STARTTLS"),
                 reply.command, index);
    return;
  }
}

void JudgeSecurity::judge_starttls_reply(Index index) {
  const Session& session = scene_.session;
  const Reply& reply = session.reply(index);
  if (reply.code == kServiceReady) {
    starttls_reply_ = index;
    return;
  }
  constexpr std::uint16_t kUnknown = 500;
  constexpr std::uint16_t kNotImplemented = 502;
  if ((reply.code != kUnknown && reply.code != kNotImplemented) || stripped_raised_) return;
  const OfferedExtensions offer(session, scene_.hello);
  if (!offer.known() || !offer.has(kStarttls)) return;
  stripped_raised_ = true;
  scene_.raise(FindingId::kSec02, reply.frame,
               "STARTTLS was offered, but answered " + refusal_text(session, reply), reply.command,
               index);
}

void JudgeSecurity::judge_response_injection(Index index) {
  const Session& session = scene_.session;
  const Reply& reply = session.reply(index);
  if (starttls_reply_ == 0 || index <= starttls_reply_ || response_injection_raised_) return;
  if (reply.encrypted || reply.opaque || session.tcp.gaps > 0) return;
  if (session.tls != nullptr && session.tls->server_hello.known()) return;
  // Commands in clear mean that TLS did not begin: TLS-04 tells.
  if (session.commands.size() > session.reply(starttls_reply_).command) return;
  // A server that waited in vain for TLS may say good-bye.
  const bool same_flight = reply.frame == session.reply(starttls_reply_).frame;
  if (reply.code == kServiceNotAvailable && !same_flight) return;
  response_injection_raised_ = true;
  scene_.raise(FindingId::kSec04, reply.frame,
               "Behind the 220 to STARTTLS, before TLS: " + std::to_string(reply.code) + " " +
                   joined_lines(reply),
               session.reply(starttls_reply_).command, index);
}

void JudgeSecurity::judge_relay(Index index) {
  const Session& session = scene_.session;
  const Reply& reply = session.reply(index);
  // 454 is Postfix's answer where it is set to defer (defer_unauth_destination).
  constexpr std::uint16_t kDeferred = 454;
  if (authenticated_ || (!is_permanent(reply.code) && reply.code != kDeferred)) return;
  if (!contains_words(reply.lines.view(), "relay")) return;
  scene_.raise(FindingId::kSec08, reply.frame,
               shown(path_address(session.command(reply.command).argument.view())) +
                   " without AUTH: " + refusal_text(session, reply),
               reply.command, index);
}

void JudgeSecurity::on_segment(const Segment& segment) {
  const Session& session = scene_.session;
  if (command_injection_raised_ || session.behind_starttls.empty()) return;
  command_injection_raised_ = true;
  Index starttls = 0;
  for (std::size_t i = session.commands.size(); i > 0 && starttls == 0; --i) {
    if (session.commands[i - 1].verb.view() == kStarttls) starttls = static_cast<Index>(i);
  }
  scene_.raise(FindingId::kSec03, segment.frame,
               "Behind STARTTLS, before TLS: " + shown_injection(session.behind_starttls.view()),
               starttls);
}

}  // namespace smtp_session
