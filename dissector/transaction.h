// SPDX-License-Identifier: GPL-2.0-or-later
//
// What the commands and replies of a mail transaction say: addresses, parameters, results.
// RFC 5321 sections 3.3 and 4.1.1, RFC 1869 for parameters.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "dissector/session.h"

namespace smtp_session {

/// The address of "FROM:<a@b> SIZE=1" or "TO:<@relay:a@b>" as sent, without its brackets and
/// without a source route (RFC 5321 section 4.1.2); empty for the null reverse-path.
std::string_view path_address(std::string_view argument);

/// One ESMTP parameter (RFC 5321 section 4.1.2, esmtp-param).
struct Parameter {
  std::string_view keyword;
  std::string_view value;
};

/// False where nothing can stand behind the path of a MAIL or RCPT argument: most have no
/// parameter.
constexpr bool has_parameters(std::string_view argument) {
  return !argument.empty() && argument.back() != '>';
}

/// The parameters behind the path of a MAIL or RCPT argument, in order.
std::vector<Parameter> path_parameters(std::string_view argument);

/// The enhanced status code "x.y.z" that begins `text` (RFC 2034 section 4, RFC 3463), or empty.
std::string_view enhanced_code(std::string_view text);

/// The id that the server gave to an accepted message, from the text of its reply: Amazon SES
/// message id; queue id of Postfix, Exim, sendmail, OpenSMTPD, Exchange, Gmail, Haraka. Else empty.
std::string_view server_message_id(std::string_view text);

/// Text of the reply's last line; of a greeting the first line, which names the host.
std::string_view reply_text(const Reply& reply);

/// One recipient of a message.
struct Recipient {
  Index command = 0;         ///< its RCPT
  std::string_view address;  ///< borrowed from the session's texts
  std::uint16_t code = 0;    ///< of the reply to RCPT, 0 while there is none
  /// LMTP, PRDR: its own result after end of data, else 0.
  std::uint16_t final_code = 0;
  /// 2xx to RCPT and, where there is one, 2xx as its own final result.
  bool accepted = false;
};

std::vector<Recipient> recipients_of(const Session& session, Index message);

/// True when a recipient was refused after end of data (LMTP, PRDR), also where it is not known
/// which one.
bool any_result_refused(const Session& session, Index message);

/// The recipient whose own result after end of data `reply` is (LMTP, PRDR); else empty.
std::string_view recipient_of(const Session& session, const Reply& reply);

/// The reply that decided `message` after its end of data, or nullptr while there is none.
const Reply* final_reply_of(const Session& session, Index message);

/// Whether the server took a message. kUnknown: the capture ends before its reply, or lacks it.
enum class Acceptance : std::uint8_t { kAccepted, kNotAccepted, kUnknown };

Acceptance acceptance_of(const Session& session, Index message);

/// True when the server took the message: 2xx to end of data (LMTP, PRDR: for one recipient at
/// least).
bool message_accepted(const Session& session, Index message);

/// False where the server cannot have taken `message`, whether or not its end was sent: it took no
/// MAIL, no recipient, or did not say 354 to DATA. True where the capture may lack its replies.
bool can_be_accepted(const Session& session, Index message);

/// True where `command` can only be refused: MAIL was refused before it, or every recipient before
/// DATA or BDAT (RFC 5321 section 3.3). A client that pipelines sends it all the same.
bool follows_from_refusals(const Session& session, Index command);

constexpr bool is_positive(std::uint16_t code) {
  return code / 100 == 2;
}
constexpr bool is_transient(std::uint16_t code) {
  return code / 100 == 4;
}
constexpr bool is_permanent(std::uint16_t code) {
  return code / 100 == 5;
}

}  // namespace smtp_session
