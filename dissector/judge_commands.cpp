// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/judge_commands.h"

#include <algorithm>
#include <string>
#include <vector>

#include "dissector/command_line.h"
#include "dissector/hello_reply.h"
#include "dissector/judge_auth.h"
#include "dissector/reply_codes.h"
#include "dissector/reply_words.h"
#include "dissector/transaction.h"

namespace smtp_session {

namespace {

/// Unknown verbs of one session that are told: message text taken for commands has as many as
/// lines.
constexpr std::size_t kMaxUnknownVerbs = 10;

struct Allowance {
  std::string_view verb;
  std::string_view keyword;
  std::uint32_t bytes;
};

// By how much a parameter makes the line longer (RFC 5321 section 4.5.3.1.4 leaves it to the
// extensions).
constexpr Allowance kAllowances[] = {
    {"MAIL", "SIZE", 26},         // RFC 1870 section 3
    {"MAIL", "BODY", 16},         // RFC 3030 section 3: " BODY=BINARYMIME"
    {"MAIL", "SMTPUTF8", 10},     // RFC 6531 section 3.1
    {"MAIL", "AUTH", 500},        // RFC 4954 section 3
    {"MAIL", "RET", 9},           // RFC 3461 section 5.4: " RET=HDRS"
    {"MAIL", "ENVID", 107},       // RFC 3461 section 4.4: up to 100 characters; RFC 3885 section 2
    {"MAIL", "BY", 17},           // RFC 2852 section 2
    {"MAIL", "HOLDFOR", 34},      // RFC 4865 section 3
    {"MAIL", "HOLDUNTIL", 34},    // RFC 4865 section 3
    {"MAIL", "MT-PRIORITY", 15},  // RFC 6710 section 3
    {"MAIL", "REQUIRETLS", 11},   // RFC 8689 section 2
    {"MAIL", "SOLICIT", 1007},    // RFC 3865 section 4.1
    {"MAIL", "MTRK", 40},         // RFC 3885 section 2
    {"RCPT", "NOTIFY", 29},       // RFC 3461 section 5.4: " NOTIFY=SUCCESS,FAILURE,DELAY"
    {"RCPT", "ORCPT", 507},       // RFC 3461 section 5.4: 500 characters; RFC 3885 section 2
    {"RCPT", "RRVS", 33},         // RFC 7293 section 3.1
};

std::uint32_t length_limit(const Command& command, const Thresholds& thresholds) {
  const Text verb = command.verb;
  if (is_auth(verb)) return thresholds.auth_line;
  std::uint32_t limit = thresholds.command_line;
  if (verb != "MAIL" && verb != "RCPT") return limit;
  for (const Parameter& parameter : path_parameters(command.argument.view())) {
    const std::string keyword = to_upper(parameter.keyword);
    for (const Allowance& row : kAllowances) {
      if (row.verb == verb && row.keyword == keyword) limit += row.bytes;
    }
  }
  return limit;
}

/// Exim declares so much more than it has: what it may still add (its option size_addition).
constexpr std::uint64_t kSizeAddition = 1024;

/// The last "@" outside of a quoted local part divides the address (RFC 5321 section 4.1.2).
std::size_t at_sign(std::string_view address) {
  const std::size_t at = address.rfind('@');
  return at == std::string_view::npos ? address.size() : at;
}

bool is_all_x(std::string_view verb) {
  return verb.size() >= 4 && std::all_of(verb.begin(), verb.end(), [](char c) { return c == 'X'; });
}

bool parse_number(std::string_view text, std::uint64_t& number) {
  constexpr std::size_t kMaxDigits = 19;  // always fits
  if (text.empty() || text.size() > kMaxDigits) return false;
  number = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return false;
    number = number * 10 + static_cast<std::uint64_t>(c - '0');
  }
  return true;
}

std::string_view declared_size(const Session& session, Index mail) {
  if (!has_parameters(session.command(mail).argument.view())) return {};
  for (const Parameter& parameter : path_parameters(session.command(mail).argument.view())) {
    if (to_upper(parameter.keyword) == "SIZE") return parameter.value;
  }
  return {};
}

}  // namespace

bool JudgeCommands::certain() const {
  return !scene_.session.tcp.mid_stream && !scene_.session.desynchronised &&
         !scene_.session.client_silent;
}

void JudgeCommands::on_command(Index index) {
  const Command& command = scene_.session.command(index);
  judge_order(index);
  if (command.exact) judge_length(index);
  const Text verb = command.verb;
  if (verb == "MAIL" || verb == "RCPT") judge_path(index);
  if (verb == "MAIL") judge_declared_size(index);
  judge_verb(index);
}

bool JudgeCommands::mail_refused_before(Index index) const {
  const Session& session = scene_.session;
  if (transaction_.mail == 0) return false;
  const Index reply = session.command(transaction_.mail).reply;
  return reply != 0 && reply <= session.command(index).reply_before &&
         !is_positive(session.reply(reply).code);
}

void JudgeCommands::raise_order(Index command, FrameNumber frame, const std::string& text,
                                Index reply) {
  if (order_raised_ == command) return;
  order_raised_ = command;
  scene_.raise(FindingId::kCmd01, frame, text, command, reply);
}

void JudgeCommands::judge_order(Index index) {
  const Session& session = scene_.session;
  const Command& command = session.command(index);
  const Text verb = command.verb;
  Transaction& now = transaction_;
  const bool sure = certain() && command.exact && now.known;
  if (verb == "MAIL") {
    const bool open = now.mail != 0 && !mail_refused_before(index);
    if (sure && open) {
      raise_order(index, command.frame,
                  "MAIL within a mail transaction that MAIL in frame " +
                      std::to_string(session.command(now.mail).frame) + " began");
    }
    // The one in progress goes on where the server takes no second MAIL.
    if (!open) now = {certain(), index, 0, 0};
  } else if (verb == "RCPT") {
    if (sure && now.mail == 0) raise_order(index, command.frame, "RCPT before MAIL");
    if (sure && now.mail != 0 && mail_refused_before(index)) {
      raise_order(index, command.frame, "RCPT though MAIL was refused");
    }
    ++now.recipients;
    if (now.recipients > scene_.thresholds.recipients && !many_recipients_raised_) {
      many_recipients_raised_ = true;
      scene_.raise(FindingId::kCmd04, command.frame,
                   "More than " + std::to_string(scene_.thresholds.recipients) +
                       " recipients for one message",
                   index);
    }
  } else if (verb == "DATA" || verb == "BDAT") {
    const bool continues =
        verb == "BDAT" && command.message != 0 && session.message(command.message).data != index;
    if (sure && !continues && now.recipients == 0) {
      raise_order(index, command.frame,
                  std::string(verb) + (now.mail == 0 ? " before MAIL and RCPT" : " before RCPT"));
    }
    const ChunkSize chunk =
        verb == "BDAT" ? parse_chunk_size(command.argument.view()) : ChunkSize{};
    if (chunk.last) now = {certain(), 0, 0, 0};
  } else if (verb == "." || verb == "RSET" || is_hello(verb) || verb == "STARTTLS") {
    // A rejected EHLO changes nothing, but then no client goes on with the transaction.
    now = {certain(), 0, 0, 0};
    many_recipients_raised_ = false;
  }
}

void JudgeCommands::judge_length(Index index) {
  const Command& command = scene_.session.command(index);
  const Text verb = command.verb;
  if (verb == "." || verb == "BDAT" || command.opaque) return;
  if (command.bytes <= scene_.thresholds.command_line) return;
  const std::uint32_t limit = length_limit(command, scene_.thresholds);
  if (command.bytes <= limit) return;
  scene_.raise(FindingId::kCmd02, command.frame,
               shown(verb) + " with a line of " + std::to_string(command.bytes) + " bytes, " +
                   std::to_string(limit) + " are allowed",
               index);
}

void JudgeCommands::judge_path(Index index) {
  const Command& command = scene_.session.command(index);
  const std::string_view address = path_address(command.argument.view());
  const Thresholds& limits = scene_.thresholds;
  if (address.size() <= std::min({limits.local_part, limits.domain, limits.path}) / 2) return;
  const std::size_t at = at_sign(address);
  const std::size_t domain = address.size() - std::min(address.size(), at + 1);
  const std::size_t path = address.size() + 2;  // with its brackets
  std::string text;
  const auto check = [&](const char* name, std::size_t size, std::uint32_t limit) {
    if (size <= limit) return;
    if (!text.empty()) text += ", ";
    text += std::string(name) + " of " + std::to_string(size) + " bytes, " + std::to_string(limit) +
            " are allowed";
  };
  check("local part", at, limits.local_part);
  check("domain", domain, limits.domain);
  check("path", path, limits.path);
  if (!text.empty()) {
    scene_.raise(FindingId::kCmd03, command.frame, std::string(command.verb.view()) + ": " + text,
                 index);
  }
}

void JudgeCommands::judge_verb(Index index) {
  const Session& session = scene_.session;
  const Command& command = session.command(index);
  const Text verb = command.verb;
  const bool known = is_known_verb(verb);
  if (known) refused_data_ = 0;
  if (known || verb.empty() || verb == "." || verb == "[REDACTED]" || command.opaque) return;
  if (session.desynchronised || !command.exact) return;
  if (refused_data_ != 0) {
    if (!refused_data_raised_) {
      refused_data_raised_ = true;
      scene_.raise(FindingId::kDat01, command.frame,
                   "Message text behind " +
                       refusal_text(session, session.reply(session.command(refused_data_).reply)),
                   index);
    }
    return;
  }
  if (scene_.hello != 0 && OfferedExtensions(session, scene_.hello).has(verb)) return;
  if (++unknown_verbs_ > kMaxUnknownVerbs) return;
  scene_.raise(FindingId::kCmd05, command.frame,
               is_all_x(verb) ? "A verb of X alone: a device on the way overwrites commands"
                              : "Unknown command \"" + shown(verb) + "\"",
               index);
}

void JudgeCommands::judge_declared_size(Index index) {
  const Session& session = scene_.session;
  std::uint64_t size = 0;
  std::uint64_t limit = 0;
  if (scene_.hello == 0 || !parse_number(declared_size(session, index), size)) return;
  const OfferedExtensions offer(session, scene_.hello);
  // RFC 1870 section 3: 0 says that there is no fixed limit, SIZE without a number says nothing.
  if (!offer.known() || !parse_number(offer.parameters("SIZE"), limit) || limit == 0) return;
  if (size <= limit) return;
  scene_.raise(
      FindingId::kCmd08, session.command(index).frame,
      "Declared are " + std::to_string(size) + " bytes, the server takes " + std::to_string(limit),
      index);
}

void JudgeCommands::on_reply(Index index) {
  const Session& session = scene_.session;
  const Reply& reply = session.reply(index);
  judge_reply_length(index);
  if (reply.command == 0 || reply.opaque) return;
  const Command& command = session.command(reply.command);
  const Text verb = command.verb;
  const bool failed = is_transient(reply.code) || is_permanent(reply.code);

  // A second MAIL that the server takes, perhaps in place of one that it refused meanwhile.
  if (verb == "MAIL" && transaction_.mail != 0 && is_positive(reply.code)) {
    transaction_.mail = std::max(transaction_.mail, reply.command);
  }
  if (verb == "RCPT" && failed) {
    ++transaction_.refused_recipients;
    const std::string_view enhanced = enhanced_code(reply.lines.view());
    const bool too_many = (reply.code == 452 || reply.code == 552) &&
                          (enhanced == "4.5.3" || enhanced == "5.5.3" ||
                           contains_words(reply.lines.view(), "too many recipients"));
    if (too_many && !many_recipients_raised_) {
      many_recipients_raised_ = true;
      scene_.raise(FindingId::kCmd04, reply.frame,
                   "The server takes no more than " +
                       std::to_string(transaction_.recipients - transaction_.refused_recipients) +
                       " recipients: " + refusal_text(session, reply),
                   reply.command, index);
    }
  }
  if (verb == "DATA" && failed && reply.exact && reply.command == session.commands.size()) {
    refused_data_ = reply.command;
    refused_data_raised_ = false;
  }

  constexpr std::uint16_t kBadSequence = 503;
  if (reply.code == kBadSequence && !is_auth(verb)) {
    // In a group the client cannot know that a command before was refused (RFC 2920 section 3.1).
    if (!follows_refusal(reply.command)) {
      raise_order(reply.command, reply.frame, refusal_text(session, reply), index);
    }
  }
  judge_probing(index);
  const Message* message = command.message == 0 ? nullptr : &session.message(command.message);
  if (message != nullptr && message->end == reply.command && message->mail != 0 &&
      message->size_exact && message->has_content && command.reply == index) {
    std::uint64_t declared = 0;
    if (!parse_number(declared_size(session, message->mail), declared)) return;
    // Sizes of 19 digits times 100 would not fit: compare shares instead.
    constexpr std::uint64_t kHundred = 100;
    const std::uint64_t allowed =
        declared / kHundred * scene_.thresholds.size_difference +
        declared % kHundred * scene_.thresholds.size_difference / kHundred;
    const bool off = declared > message->size
                         ? declared - message->size > std::max(allowed, kSizeAddition)
                         : message->size - declared > allowed;
    if (off) {
      scene_.raise(FindingId::kCmd08, reply.frame,
                   "Declared were " + std::to_string(declared) + " bytes, sent " +
                       std::to_string(message->size),
                   reply.command, index);
    }
  }
}

bool JudgeCommands::follows_refusal(Index index) const {
  const Session& session = scene_.session;
  const Command& command = session.command(index);
  if (!command.pipelined || command.message == 0) return false;
  for (Index i = index; i-- > 1 && session.command(i).message == command.message;) {
    const Index reply = session.command(i).reply;
    if (reply != 0 && reply > command.reply_before && !is_positive(session.reply(reply).code) &&
        session.reply(reply).code >= 400) {
      return true;
    }
  }
  return false;
}

void JudgeCommands::judge_reply_length(Index index) {
  const Reply& reply = scene_.session.reply(index);
  if (reply.opaque || reply.bytes <= scene_.thresholds.reply_line) return;
  constexpr std::size_t kCodeAndEnd = 6;  // "250-" and CR LF
  std::size_t longest = 0;
  std::string_view rest = reply.lines.view();
  while (!rest.empty()) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(rest.size(), line.size() + 1));
    longest = std::max(longest, line.size() + kCodeAndEnd);
  }
  if (longest <= scene_.thresholds.reply_line) return;
  scene_.raise(FindingId::kCmd02, reply.frame,
               "A reply line of " + std::to_string(longest) + " bytes, " +
                   std::to_string(scene_.thresholds.reply_line) + " are allowed",
               reply.command, index);
}

void JudgeCommands::judge_probing(Index index) {
  const Session& session = scene_.session;
  const Reply& reply = session.reply(index);
  const Text verb = session.command(reply.command).verb;
  if ((verb == "VRFY" || verb == "EXPN") &&
      (reply.code == 250 || reply.code == 251 || reply.code == 252)) {
    scene_.raise(
        FindingId::kCmd06, reply.frame,
        std::string(verb) + " answered: " + std::to_string(reply.code) + " " + joined_lines(reply),
        reply.command, index);
  }
  if (verb != "RCPT" || reply.code != kMailboxUnavailable) return;
  // RFC 3463 section 3.8: subject 7 is policy, and says nothing of the mailbox.
  const std::string_view enhanced = enhanced_code(reply.lines.view());
  if (enhanced.size() > 3 && enhanced[2] == '7') return;
  if (++unknown_recipients_ != scene_.thresholds.unknown_recipients) return;
  scene_.raise(FindingId::kCmd06, reply.frame,
               std::to_string(unknown_recipients_) + " recipients were answered 550", reply.command,
               index);
}

}  // namespace smtp_session
