// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/outcome.h"

#include <algorithm>
#include <optional>
#include <string_view>

#include "dissector/transaction.h"
#include "dissector/verbs.h"

namespace smtp_session {

namespace {

bool is_closed(const Session& session) {
  return session.tcp.close != CloseKind::kNone;
}

std::uint16_t reply_code(const Session& session, const Command& command) {
  return command.reply == 0 ? std::uint16_t{0} : session.reply(command.reply).code;
}

std::uint16_t reply_code(const Session& session, Index command) {
  return command == 0 ? std::uint16_t{0} : reply_code(session, session.command(command));
}

bool is_refusal(std::uint16_t code) {
  return is_transient(code) || is_permanent(code);
}

/// Who ended the session. RFC 5321 section 3.8: a server that must stop says 421 first, and the
/// client then closes. A 421 after the client's FIN only answers it.
Outcome aborted(const Session& session) {
  const bool said_421 =
      !session.replies.empty() && session.replies.back().code == 421 &&
      (!session.tcp.first_fin.known() || session.replies.back().time <= session.tcp.first_fin.time);
  return said_421 || ended_by(session) == Side::kServer ? Outcome::kAbortedByServer
                                                        : Outcome::kAbortedByClient;
}

bool has_command(const Session& session, std::string_view verb, Index behind = 0) {
  return std::any_of(session.commands.begin() + behind, session.commands.end(),
                     [&](const Command& command) { return command.verb.view() == verb; });
}

/// True where TLS was spoken, not only meant by the port.
bool has_tls(const Session& session) {
  const TlsFacts* const tls = session.tls.get();
  return tls != nullptr && (tls->client_hello.known() || tls->server_hello.known() ||
                            tls->alert.has_value() || tls->decrypted || tls->undecrypted);
}

// -- Connection and greeting -----------------------------------------------------------------

std::optional<Outcome> connection_outcome(const Session& session) {
  const TcpFacts& tcp = session.tcp;
  if (tcp.refused) return Outcome::kConnectionRefused;
  const bool nothing_said =
      session.commands.empty() && session.replies.empty() && !has_tls(session);
  if (tcp.first_syn.known() && !tcp.syn_ack.known() && !tcp.ack.known() && nothing_said) {
    return Outcome::kConnectionTimeout;
  }

  if (session.greeting != 0) {
    return is_refusal(session.reply(session.greeting).code)
               ? std::optional<Outcome>{Outcome::kGreetingRejected}
               : std::nullopt;
  }
  // Clear text on a port for TLS, to which the server said nothing.
  if (session.implicit_tls_port && !has_tls(session) && !session.commands.empty() &&
      session.replies.empty() && !tcp.mid_stream && is_closed(session)) {
    return Outcome::kTlsFailed;
  }
  // No greeting can be told only where the server's side is in the capture from the start.
  const bool awaited = !has_tls(session) || (session.tls->complete && !session.tls->undecrypted);
  if (tcp.syn_ack.known() && tcp.gaps == 0 && awaited && session.replies.empty() &&
      is_closed(session)) {
    return Outcome::kNoGreeting;
  }
  return std::nullopt;
}

// -- TLS -------------------------------------------------------------------------------------

bool has_fatal_alert(const TlsFacts& tls) {
  // RFC 8446 section 6: close_notify and user_canceled are no errors, whatever their level.
  constexpr std::uint8_t kFatal = 2;
  constexpr std::uint8_t kCloseNotify = 0;
  constexpr std::uint8_t kUserCanceled = 90;
  return tls.alert.has_value() && tls.alert->level == kFatal &&
         tls.alert->description != kCloseNotify && tls.alert->description != kUserCanceled;
}

Index last_starttls(const Session& session) {
  for (auto i = static_cast<Index>(session.commands.size()); i > 0; --i) {
    if (session.command(i).verb == "STARTTLS") return i;
  }
  return 0;
}

std::optional<Outcome> tls_outcome(const Session& session) {
  const TlsFacts* const tls = session.tls.get();
  const Index starttls = last_starttls(session);
  const std::uint16_t starttls_code = reply_code(session, starttls);
  const bool complete = tls != nullptr && tls->complete;
  const bool content = tls != nullptr && (tls->decrypted || tls->undecrypted);
  const bool fatal = tls != nullptr && has_fatal_alert(*tls);
  const bool started = is_positive(starttls_code) || has_tls(session);

  // RFC 3207 section 4: without TLS a client may go on in clear text. Then TLS decided nothing.
  if (has_command(session, "MAIL", starttls)) return std::nullopt;

  if (started && !content && (fatal || (!complete && is_closed(session)))) {
    return Outcome::kTlsFailed;
  }
  if (is_refusal(starttls_code)) return Outcome::kTlsFailed;
  if (tls != nullptr && (complete || tls->undecrypted) && !tls->decrypted) {
    return is_closed(session) ? Outcome::kEncrypted : Outcome::kIncomplete;
  }
  return std::nullopt;
}

// -- AUTH ------------------------------------------------------------------------------------

/// True when the last AUTH failed and the client got no further.
bool auth_failed(const Session& session) {
  bool failed = false;
  for (const Command& command : session.commands) {
    const std::uint16_t code = reply_code(session, command);
    if (command.verb == "AUTH") {
      if (is_positive(code)) return false;  // RFC 4954 section 4: a later one can only get 503
      failed = failed || is_refusal(code);
    } else if (command.verb == "MAIL" && is_positive(code)) {
      failed = false;
    }
  }
  return failed;
}

// -- Hello -----------------------------------------------------------------------------------

/// The refusal of the last EHLO, HELO or LHLO, 0 where one was accepted or none was sent.
std::uint16_t hello_refusal(const Session& session) {
  std::uint16_t refusal = 0;
  for (const Command& command : session.commands) {
    if (!is_hello(command.verb)) continue;
    const std::uint16_t code = reply_code(session, command);
    if (is_positive(code)) return 0;
    if (is_refusal(code)) refusal = code;
  }
  return refusal;
}

// -- Messages --------------------------------------------------------------------------------

/// What became of one mail transaction.
enum class Fate : std::uint8_t {
  kAccepted,         ///< for every recipient
  kPartlyAccepted,   ///< some recipients were refused
  kRejected,         ///< 5xx
  kDeferred,         ///< 4xx and no 5xx
  kDeliveryUnknown,  ///< closed between end of data and its reply
  kNotSeen,          ///< the reply that decided is not in the capture
  kReset,            ///< given up by the client, nothing refused
  kOpen,             ///< neither ended nor refused
};

struct Refusals {
  bool transient = false;
  bool permanent = false;

  void add(std::uint16_t code) {
    transient = transient || is_transient(code);
    permanent = permanent || is_permanent(code);
  }
  bool any() const { return transient || permanent; }
  Fate fate() const { return permanent ? Fate::kRejected : Fate::kDeferred; }
};

bool answered_behind(const Session& session, Index command) {
  return std::any_of(session.commands.begin() + command, session.commands.end(),
                     [](const Command& later) { return later.reply != 0; });
}

Fate fate_of_sent(const Session& session, Index index, const std::vector<Recipient>& recipients) {
  const Message& message = session.message(index);
  const Reply* const final_reply = final_reply_of(session, index);
  if (final_reply == nullptr) {
    const bool lost = session.server_silent || answered_behind(session, message.end);
    if (lost) return Fate::kNotSeen;
    return is_closed(session) ? Fate::kDeliveryUnknown : Fate::kOpen;
  }
  if (message_accepted(session, index)) {
    const bool refused =
        std::any_of(recipients.begin(), recipients.end(), [](const Recipient& recipient) {
          return is_refusal(recipient.code) || is_refusal(recipient.final_code);
        });
    return refused || any_result_refused(session, index) ? Fate::kPartlyAccepted : Fate::kAccepted;
  }
  Refusals refusals;
  refusals.add(final_reply->code);
  for (const Recipient& recipient : recipients) refusals.add(recipient.final_code);
  return refusals.any() ? refusals.fate() : Fate::kNotSeen;
}

Fate fate_of_unsent(const Session& session, Index index, const std::vector<Recipient>& recipients) {
  const Message& message = session.message(index);
  Refusals whole;  // of the transaction as such
  whole.add(reply_code(session, message.mail));
  for (Index i = message.data; i != 0 && i <= session.commands.size(); ++i) {
    const Command& command = session.command(i);
    if (command.message > index) break;
    // What follows from the refusals before it decides nothing: a 554 to DATA, sent in one group
    // with recipients of whom all were answered 450.
    if (command.message == index && !follows_from_refusals(session, i)) {
      whole.add(reply_code(session, command));
    }
  }

  Refusals refusals = whole;
  // QUIT ends the transaction that is open (RFC 5321 section 4.1.1.10).
  const bool given_up = message.reset || has_command(session, "QUIT", message.mail);
  bool usable = recipients.empty();  // a recipient that is accepted, or not yet answered
  for (const Recipient& recipient : recipients) {
    if (!follows_from_refusals(session, recipient.command)) refusals.add(recipient.code);
    usable = usable || !is_refusal(recipient.code);
  }
  if (whole.any() || (refusals.any() && (!usable || given_up))) return refusals.fate();
  // Where DATA and the message may lie in a gap, nothing is known of them.
  if (session.desynchronised && message.data == 0) return Fate::kNotSeen;
  return given_up ? Fate::kReset : Fate::kOpen;
}

Fate fate_of(const Session& session, Index index) {
  const std::vector<Recipient> recipients = recipients_of(session, index);
  const bool sent = session.message(index).end != 0 &&
                    (final_reply_of(session, index) != nullptr || can_be_accepted(session, index));
  return sent ? fate_of_sent(session, index, recipients)
              : fate_of_unsent(session, index, recipients);
}

struct Fates {
  bool accepted = false;
  bool partly = false;
  bool rejected = false;
  bool deferred = false;
  bool delivery_unknown = false;
  bool not_seen = false;
  bool reset = false;
  bool open = false;
};

Fates fates_of(const Session& session) {
  Fates fates;
  for (Index i = 1; i <= session.messages.size(); ++i) {
    switch (fate_of(session, i)) {
      case Fate::kAccepted:
        fates.accepted = true;
        break;
      case Fate::kPartlyAccepted:
        fates.partly = true;
        break;
      case Fate::kRejected:
        fates.rejected = true;
        break;
      case Fate::kDeferred:
        fates.deferred = true;
        break;
      case Fate::kDeliveryUnknown:
        fates.delivery_unknown = true;
        break;
      case Fate::kNotSeen:
        fates.not_seen = true;
        break;
      case Fate::kReset:
        fates.reset = true;
        break;
      case Fate::kOpen:
        fates.open = true;
        break;
    }
  }
  return fates;
}

std::optional<Outcome> message_outcome(const Session& session, const Fates& fates) {
  if (fates.delivery_unknown) return Outcome::kDeliveryUnknown;
  if (fates.open && !is_closed(session)) return Outcome::kIncomplete;
  if (fates.accepted || fates.partly) {
    if (fates.partly || fates.rejected || fates.deferred || fates.open) return Outcome::kPartial;
    // What the server said of one of the messages is not in the capture.
    return fates.not_seen ? Outcome::kIncomplete : Outcome::kDelivered;
  }
  if (auth_failed(session)) return Outcome::kAuthFailed;
  if (fates.rejected) return Outcome::kRejected;
  if (fates.deferred) return Outcome::kDeferred;
  if ((fates.open || fates.reset) && is_closed(session)) {
    // What follows a refused hello in one group came to nothing.
    const std::uint16_t refusal = hello_refusal(session);
    if (refusal != 0) return is_permanent(refusal) ? Outcome::kRejected : Outcome::kDeferred;
  }
  if (fates.open) return aborted(session);
  if (fates.not_seen) return Outcome::kIncomplete;
  if (fates.reset) {
    const bool ended = is_closed(session) || has_command(session, "QUIT");
    return ended ? Outcome::kAbortedByClient : Outcome::kIncomplete;
  }
  return std::nullopt;
}

// -- Sessions without a message --------------------------------------------------------------

/// True where a MAIL may be missing from what is known of the client.
bool may_have_sent_mail(const Session& session) {
  if (session.tcp.mid_stream || session.client_silent || session.desynchronised) return true;
  return std::any_of(session.commands.begin(), session.commands.end(),
                     [](const Command& command) { return command.opaque; });
}

Outcome outcome_without_mail(const Session& session) {
  if (auth_failed(session)) return Outcome::kAuthFailed;
  const std::uint16_t refusal = hello_refusal(session);
  if (refusal != 0 && is_closed(session)) {
    return is_permanent(refusal) ? Outcome::kRejected : Outcome::kDeferred;
  }
  for (const Command& command : session.commands) {
    if (command.verb != "QUIT") continue;
    const bool ended = is_positive(reply_code(session, command)) || is_closed(session);
    return ended && !may_have_sent_mail(session) ? Outcome::kNoMail : Outcome::kIncomplete;
  }
  // What the capture does not hold of the client may have been mail.
  if (session.client_silent && session.tcp.gaps != 0) return Outcome::kIncomplete;
  // 221 answers a QUIT (RFC 5321 section 4.1.1.10). What came before it, or could not be read, may
  // have been mail.
  const bool said_221 = !session.replies.empty() && session.replies.back().code == 221;
  const bool unread = session.tls != nullptr && session.tls->undecrypted;
  if ((said_221 || unread) && may_have_sent_mail(session)) return Outcome::kIncomplete;
  const bool said_anything = !session.commands.empty() || !session.replies.empty();
  if (is_closed(session) && said_anything) return aborted(session);
  return Outcome::kIncomplete;
}

}  // namespace

Outcome outcome_of(const Session& session) {
  if (const auto outcome = connection_outcome(session)) return *outcome;
  const Fates fates = fates_of(session);
  // A session that delivered is not judged by a later STARTTLS or AUTH that failed.
  if (!fates.accepted && !fates.partly) {
    if (const auto outcome = tls_outcome(session)) return *outcome;
  }
  if (const auto outcome = message_outcome(session, fates)) return *outcome;
  return outcome_without_mail(session);
}

Side ended_by(const Session& session) {
  const TlsFacts* const tls = session.tls.get();
  return tls == nullptr ? session.tcp.closed_by : tls->ended_by.value_or(session.tcp.closed_by);
}

bool alert_answers_close(const Session& session) {
  const TlsFacts* const tls = session.tls.get();
  constexpr std::uint8_t kDecodeError = 50;
  return tls != nullptr && tls->alert.has_value() && tls->alert->description == kDecodeError &&
         session.tcp.first_fin.known() && session.tcp.closed_by != tls->alert->sender &&
         session.tcp.first_fin.time < tls->alert->at.time;
}

bool is_complete(const Session& session) {
  const TcpFacts& tcp = session.tcp;
  if (tcp.mid_stream || tcp.gaps != 0 || !tcp.first_syn.known()) return false;
  if (tcp.refused) return true;
  const bool closed = tcp.close == CloseKind::kRst || tcp.both_closed;
  return tcp.syn_ack.known() && closed;
}

}  // namespace smtp_session
