// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/transaction.h"

#include <algorithm>
#include <cstddef>

#include "dissector/ascii.h"
#include "dissector/reply_codes.h"

namespace smtp_session {

namespace {

constexpr std::string_view kBlanks = " \t";

/// Where `word` begins in `text` for the last time, in any case; npos when nowhere.
std::size_t find_last_ignoring_case(std::string_view text, std::string_view word) {
  for (std::size_t at = text.size() + 1; at-- > 0;) {
    if (equal_ignoring_case(text.substr(at, word.size()), word)) return at;
  }
  return std::string_view::npos;
}

std::string_view skip_blanks(std::string_view text) {
  return text.substr(find_where(text, [](char c) { return !is_blank(c); }));
}

std::string_view first_word(std::string_view text) {
  return text.substr(0, find_blank(text));
}

std::string_view last_word(std::string_view text) {
  const std::size_t blank = text.find_last_of(kBlanks);
  return blank == std::string_view::npos ? text : text.substr(blank + 1);
}

std::string_view trim(std::string_view text) {
  text = skip_blanks(text);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

/// Where the first character that `is_stop` stands outside of quoted strings (RFC 5321
/// section 4.1.2, Quoted-string) and, where `skip_literals`, of address literals; npos when
/// nowhere. A quote that is never closed quotes nothing.
template <typename Predicate>
std::size_t find_unquoted(std::string_view text, Predicate is_stop, bool skip_literals) {
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (is_stop(text[at])) return at;
    if (text[at] == '"') {
      std::size_t end = at + 1;
      while (end < text.size() && text[end] != '"') end += text[end] == '\\' ? 2U : 1U;
      if (end < text.size()) at = end;
    } else if (skip_literals && text[at] == '[') {
      const std::size_t end = text.find(']', at);
      if (end != std::string_view::npos) at = end;
    }
  }
  return std::string_view::npos;
}

/// RFC 5321 section 4.1.1.3: the source route "@a,@b:" before a mailbox is to be ignored.
std::string_view without_source_route(std::string_view path) {
  if (path.empty() || path.front() != '@') return path;
  const std::size_t colon = find_unquoted(
      path, [](char c) { return c == ':'; }, true);
  return colon == std::string_view::npos ? path : path.substr(colon + 1);
}

struct SplitPath {
  std::string_view address;
  std::string_view rest;  ///< what stands behind the path
};

SplitPath split_path(std::string_view argument) {
  std::string_view text = skip_blanks(argument);
  const std::size_t colon = text.find(':');
  if (colon != std::string_view::npos) {
    const std::string_view keyword = trim(text.substr(0, colon));
    if (equal_ignoring_case(keyword, "FROM") || equal_ignoring_case(keyword, "TO")) {
      text = skip_blanks(text.substr(colon + 1));
    }
  }

  if (!text.empty() && text.front() == '<') {
    const std::string_view inside = text.substr(1);
    const std::size_t end = find_unquoted(
        inside, [](char c) { return c == '>'; }, false);
    if (end != std::string_view::npos) {
      return {without_source_route(inside.substr(0, end)), inside.substr(end + 1)};
    }
    text = inside;
  }
  const std::size_t end = std::min(find_unquoted(text, is_blank, false), text.size());
  return {without_source_route(text.substr(0, end)), text.substr(end)};
}

bool is_id_character(char c) {
  return is_digit(c) || (to_lower(c) >= 'a' && to_lower(c) <= 'z') || c == '-' || c == '_' ||
         c == '.' || c == '+' || c == '=' || c == '/' || c == ':' || c == '@' || c == '~';
}

/// True where `word` looks like an id and not like a word of a sentence.
bool is_id(std::string_view word) {
  return !word.empty() && std::all_of(word.begin(), word.end(), is_id_character);
}

std::string_view id_or_empty(std::string_view word) {
  constexpr std::string_view kAround = "<>()[]{}'\"";
  const auto is_around = [&](char c) {
    return !is_id_character(c) && kAround.find(c) != std::string_view::npos;
  };
  word.remove_prefix(find_where(word, [&](char c) { return !is_around(c); }));
  word = word.substr(
      0, find_where(word, [&](char c) { return is_around(c) || c == ',' || c == ';'; }));
  while (!word.empty() && word.back() == '.') word.remove_suffix(1);
  return is_id(word) ? word : std::string_view{};
}

/// "Ok 0000012345678e09-123a4cdc-b56c-78dd-b90e-d123be456789-000000": the message id of Amazon SES,
/// a run of hexadecimal digits and hyphens behind "Ok".
std::string_view ses_message_id(std::string_view text) {
  /// A UUID alone has 36 characters; the id of SES puts more around it.
  constexpr std::size_t kLeastLength = 36;
  const std::string_view ok = first_word(text);
  if (!equal_ignoring_case(ok, "Ok")) return {};
  const std::string_view id = trim(text.substr(ok.size()));
  const bool hex = std::all_of(id.begin(), id.end(), [](char c) {
    return is_digit(c) || (to_lower(c) >= 'a' && to_lower(c) <= 'f') || c == '-';
  });
  return hex && id.size() >= kLeastLength && id.find('-') != std::string_view::npos
             ? id
             : std::string_view{};
}

/// True where the reply is one recipient's own result after end of data. In LMTP every reply to end
/// of data is (RFC 2033 section 4.2), however many there are.
bool is_recipient_result(const Session& session, const Reply& reply) {
  return reply.kind == ReplyKind::kRecipient || (session.lmtp && reply.kind == ReplyKind::kFinal);
}

/// The recipients' own results of `message`, in order.
std::vector<const Reply*> recipient_results(const Session& session, const Message& message) {
  std::vector<const Reply*> results;
  if (message.end == 0) return results;
  const Command& end = session.command(message.end);
  const std::size_t last = end.reply != 0 ? end.reply : session.replies.size();
  for (std::size_t i = end.reply_before; i < last; ++i) {
    const Reply& reply = session.replies[i];
    if (reply.command == message.end && is_recipient_result(session, reply)) {
      results.push_back(&reply);
    }
  }
  return results;
}

/// RFC 2033 section 4.2: one reply for each accepted recipient, in their order.
void give_results(const std::vector<const Reply*>& results, std::vector<Recipient>& recipients) {
  const auto count = [&](auto predicate) {
    return static_cast<std::size_t>(std::count_if(recipients.begin(), recipients.end(), predicate));
  };
  // Where there are more, replies to RCPT are not in the capture, or RCPT itself: then it is not
  // known whose they are.
  const bool more = results.size() > count([](const Recipient& one) { return one.accepted; });
  const auto has_result = [more](const Recipient& one) {
    return one.accepted || (more && one.code == 0);
  };
  if (results.size() > count(has_result)) return;
  auto result = results.begin();
  for (Recipient& recipient : recipients) {
    if (!has_result(recipient)) continue;
    recipient.accepted = result != results.end() && is_positive((*result)->code);
    if (result == results.end()) continue;
    recipient.final_code = (*result)->code;
    ++result;
  }
}

/// The first command that can belong to `message`: a transaction begins with MAIL, and where the
/// capture does not hold that, behind the transaction before it.
Index first_command_of(const Session& session, Index index) {
  const Message& message = session.message(index);
  if (message.mail != 0) return message.mail;
  if (index == 1) return 1;
  const Message& before = session.message(index - 1);
  return std::max({before.mail, before.data, before.end, Index{1}});
}

}  // namespace

std::string_view path_address(std::string_view argument) {
  return split_path(argument).address;
}

std::vector<Parameter> path_parameters(std::string_view argument) {
  std::vector<Parameter> parameters;
  std::string_view rest = skip_blanks(split_path(argument).rest);
  while (!rest.empty()) {
    const std::string_view word = first_word(rest);
    const std::size_t equals = word.find('=');
    if (equals == std::string_view::npos) {
      parameters.push_back({word, {}});
    } else {
      parameters.push_back({word.substr(0, equals), word.substr(equals + 1)});
    }
    rest = skip_blanks(rest.substr(word.size()));
  }
  return parameters;
}

std::string_view enhanced_code(std::string_view text) {
  // RFC 3463 section 2: class "." subject "." detail, the last two of one to three digits.
  if (text.size() < 5 || (text[0] != '2' && text[0] != '4' && text[0] != '5')) return {};
  std::size_t at = 1;
  for (int part = 0; part < 2; ++part) {
    if (at >= text.size() || text[at] != '.') return {};
    const std::size_t begin = ++at;
    while (at < text.size() && at - begin < 3 && is_digit(text[at])) ++at;
    if (at == begin) return {};
  }
  if (at < text.size() && !is_blank(text[at]) && text[at] != '\n') return {};
  return text.substr(0, at);
}

std::string_view server_message_id(std::string_view text) {
  const std::size_t line = text.rfind('\n');
  if (line != std::string_view::npos) text.remove_prefix(line + 1);
  text = trim(text.substr(enhanced_code(text).size()));

  // Postfix, Haraka behind a gateway and others: "Ok: queued as 7C589AAA09E". A content filter
  // repeats the reply of the server behind it, so the last one counts.
  constexpr std::string_view kQueuedAs = "queued as ";
  const std::size_t queued_as = find_last_ignoring_case(text, kQueuedAs);
  if (queued_as != std::string_view::npos) {
    return id_or_empty(first_word(skip_blanks(text.substr(queued_as + kQueuedAs.size()))));
  }

  // Exchange: "<...> [InternalId=12345, Hostname=...] Queued mail for delivery".
  constexpr std::string_view kInternalId = "[InternalId=";
  const std::size_t internal = find_last_ignoring_case(text, kInternalId);
  if (internal != std::string_view::npos) {
    const std::string_view rest = text.substr(internal + kInternalId.size());
    return id_or_empty(rest.substr(0, rest.find_first_of(",] ")));
  }

  // Haraka: "Message Queued (D1B2...-....1)".
  constexpr std::string_view kMessageQueued = "Message Queued (";
  const std::size_t queued = find_last_ignoring_case(text, kMessageQueued);
  if (queued != std::string_view::npos) {
    const std::string_view rest = text.substr(queued + kMessageQueued.size());
    const std::size_t end = rest.find(')');
    return end == std::string_view::npos ? std::string_view{} : id_or_empty(rest.substr(0, end));
  }

  // Gmail: "OK  1700000000 a1-20020a05600c1d1900b0040b.123 - gsmtp".
  constexpr std::string_view kGmail = " - gsmtp";
  if (text.size() > kGmail.size() && text.substr(text.size() - kGmail.size()) == kGmail) {
    return id_or_empty(last_word(trim(text.substr(0, text.size() - kGmail.size()))));
  }

  // sendmail, OpenSMTPD: "3AN1abc2012345 Message accepted for delivery".
  const std::string_view word = first_word(text);
  if (equal_ignoring_case(trim(text.substr(word.size())), "Message accepted for delivery")) {
    return id_or_empty(word);
  }

  // Exim: "OK id=1xVvIG-0007hQ-12".
  constexpr std::string_view kId = "id=";
  if (equal_ignoring_case(word, "OK")) {
    const std::string_view second = first_word(skip_blanks(text.substr(word.size())));
    if (equal_ignoring_case(second.substr(0, kId.size()), kId)) {
      return id_or_empty(second.substr(kId.size()));
    }
  }
  return ses_message_id(text);
}

std::string_view reply_text(const Reply& reply) {
  const std::string_view lines = reply.lines.view();
  if (reply.kind == ReplyKind::kGreeting) return lines.substr(0, lines.find('\n'));
  const std::size_t last = lines.rfind('\n');
  return last == std::string_view::npos ? lines : lines.substr(last + 1);
}

std::vector<Recipient> recipients_of(const Session& session, Index index) {
  std::vector<Recipient> recipients;
  const Message& message = session.message(index);
  for (std::size_t i = first_command_of(session, index); i <= session.commands.size(); ++i) {
    const Command& command = session.commands[i - 1];
    if (command.message > index) break;
    if (command.message != index || command.verb != "RCPT") continue;
    Recipient recipient;
    recipient.command = static_cast<Index>(i);
    recipient.address = path_address(command.argument.view());
    if (command.reply != 0) recipient.code = session.reply(command.reply).code;
    recipient.accepted = is_positive(recipient.code);
    recipients.push_back(recipient);
  }

  const std::vector<const Reply*> results = recipient_results(session, message);
  // Behind end of data LMTP accepts none without its own reply.
  if (!results.empty() || (session.lmtp && message.end != 0)) give_results(results, recipients);
  return recipients;
}

bool any_result_refused(const Session& session, Index index) {
  const std::vector<const Reply*> results = recipient_results(session, session.message(index));
  return std::any_of(results.begin(), results.end(), [](const Reply* result) {
    return is_transient(result->code) || is_permanent(result->code);
  });
}

std::string_view recipient_of(const Session& session, const Reply& reply) {
  // Where a RCPT, or the reply to one, is not in the capture, it is not sure whose this is.
  if (reply.command == 0 || !is_recipient_result(session, reply) || session.desynchronised)
    return {};
  const Command& end = session.command(reply.command);
  if (end.message == 0 || session.message(end.message).end != reply.command) return {};
  const std::vector<const Reply*> results =
      recipient_results(session, session.message(end.message));
  const std::vector<Recipient> recipients = recipients_of(session, end.message);
  const bool reply_lost = std::any_of(recipients.begin(), recipients.end(),
                                      [](const Recipient& one) { return one.code == 0; });
  if (reply_lost) return {};
  auto result = results.begin();
  for (const Recipient& recipient : recipients) {
    if (recipient.final_code == 0) continue;
    if (result == results.end()) break;
    if (*result == &reply) return recipient.address;
    ++result;
  }
  return {};
}

bool follows_from_refusals(const Session& session, Index index) {
  const auto refused = [](std::uint16_t code) { return is_transient(code) || is_permanent(code); };
  const Command& command = session.command(index);
  const Text verb = command.verb;
  if (command.message == 0 || (verb != "RCPT" && verb != "DATA" && verb != "BDAT")) return false;
  const Index mail = session.message(command.message).mail;
  if (mail != 0 && session.command(mail).reply != 0 &&
      refused(session.reply(session.command(mail).reply).code)) {
    return true;
  }
  if (verb == "RCPT") return false;
  const std::vector<Recipient> recipients = recipients_of(session, command.message);
  return !recipients.empty() &&
         std::all_of(recipients.begin(), recipients.end(),
                     [&](const Recipient& recipient) { return refused(recipient.code); });
}

bool can_be_accepted(const Session& session, Index index) {
  if (session.tcp.mid_stream || session.tcp.gaps != 0 || session.desynchronised ||
      session.server_silent || session.client_silent) {
    return true;
  }
  const auto code_of = [&](const Command& command) {
    return command.reply == 0 ? std::uint16_t{0} : session.reply(command.reply).code;
  };
  const auto refused = [](std::uint16_t code) { return is_transient(code) || is_permanent(code); };
  const Message& message = session.message(index);
  if (message.mail == 0 || refused(code_of(session.command(message.mail)))) return false;
  const std::vector<Recipient> recipients = recipients_of(session, index);
  if (std::all_of(recipients.begin(), recipients.end(),
                  [&](const Recipient& recipient) { return refused(recipient.code); })) {
    return false;
  }
  if (message.data == 0 || session.command(message.data).verb != "DATA") return true;
  return code_of(session.command(message.data)) == kStartMailInput;
}

const Reply* final_reply_of(const Session& session, Index index) {
  const Message& message = session.message(index);
  if (message.end == 0) return nullptr;
  const Command& end = session.command(message.end);
  return end.reply == 0 ? nullptr : &session.reply(end.reply);
}

Acceptance acceptance_of(const Session& session, Index index) {
  if (message_accepted(session, index)) return Acceptance::kAccepted;
  const Message& message = session.message(index);
  const Reply* const final_reply = final_reply_of(session, index);
  if (final_reply != nullptr && !final_reply->opaque) return Acceptance::kNotAccepted;
  const bool over = session.tcp.close != CloseKind::kNone;
  if (message.end != 0) {
    // The reply may have been there, though the capture does not hold it.
    const bool may_be_lost =
        session.tcp.gaps != 0 || session.server_silent || final_reply != nullptr;
    return over && !may_be_lost ? Acceptance::kNotAccepted : Acceptance::kUnknown;
  }
  if (message.data == 0 && session.desynchronised) return Acceptance::kUnknown;
  const bool left = message.reset || index < session.messages.size();
  const auto refused = [&](Index command) {
    if (command == 0 || session.command(command).reply == 0) return false;
    const std::uint16_t code = session.reply(session.command(command).reply).code;
    return is_transient(code) || is_permanent(code);
  };
  return over || left || refused(message.mail) || refused(message.data) ? Acceptance::kNotAccepted
                                                                        : Acceptance::kUnknown;
}

bool message_accepted(const Session& session, Index index) {
  const Reply* const final_reply = final_reply_of(session, index);
  if (final_reply == nullptr) return false;
  const std::vector<const Reply*> results = recipient_results(session, session.message(index));
  const bool any = std::any_of(results.begin(), results.end(),
                               [](const Reply* reply) { return is_positive(reply->code); });
  if (is_recipient_result(session, *final_reply)) return any;
  // PRDR ends with a reply for the message as a whole.
  return is_positive(final_reply->code) && (results.empty() || any);
}

}  // namespace smtp_session
