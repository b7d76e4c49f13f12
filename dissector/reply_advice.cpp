// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/reply_advice.h"

namespace smtp_session {

namespace {

struct EnhancedAdvice {
  std::string_view detail;  ///< subject and detail, whatever the class
  const char* advice;
};

// The IANA registry of enhanced codes (RFC 5248), first filled by RFC 3463 section 3. Added by RFC
// 4954 and RFC 5248: 7.8 to 7.14; RFC 7372: 7.20 to 7.26; RFC 7505: 1.10 and 7.27; RFC 8689: 7.30.
constexpr EnhancedAdvice kByEnhancedCode[] = {
    {"1.0", "Check the address: the server does not accept it."},
    {"1.1", "Check the local part of the recipient: there is no such mailbox at this server."},
    {"1.2", "Check the domain of the recipient: the server finds no system for it."},
    {"1.3", "Correct the syntax of the recipient's address."},
    {"1.6", "Ask for the new address: the mailbox has moved."},
    {"1.7", "Correct the syntax of the sender's address."},
    {"1.8", "Use a sender whose domain resolves: this one does not."},
    {"1.10", "Do not send to this domain: it publishes a null MX and takes no mail (RFC 7505)."},
    {"2.1", "The mailbox is disabled: ask its owner or postmaster."},
    {"2.2", "The mailbox is full: try later or tell the recipient."},
    {"2.3", "Make the message smaller: it is over the limit of this mailbox."},
    {"3.1", "The server's storage is full: its operator must make room; try later."},
    {"3.2", "The server takes no mail at present: try later."},
    {"3.4", "Make the message smaller: compare it with SIZE in the reply to EHLO."},
    {"4.1", "The next server did not answer: its operator must look at the way behind this one."},
    {"4.2", "The connection was dropped for a time limit or fault: look at the idle time before."},
    {"4.3",
     "The server could not look something up (often DNS): try later; check your reverse DNS."},
    {"4.4", "The server finds no route for the domain: check its MX records."},
    {"4.5", "The server is overloaded: lower the rate and try later."},
    {"4.7", "The message waited too long in a queue: look for the first deferral."},
    {"5.0", "The server does not take this command here: check the order of the commands."},
    {"5.1", "Correct the order of the commands: this one was not valid at this point."},
    {"5.2", "Correct the syntax of the command."},
    {"5.3", "Send to fewer recipients in one message."},
    {"5.4", "Leave out the parameter that the server does not support."},
    {"6.0", "The content was refused: look at the server's text and at the message."},
    {"6.7", "Use ASCII addresses: the server does not take SMTPUTF8 for this recipient."},
    {"7.0", "Refused by the server's policy: its text says why; check block lists and sender DNS."},
    {"7.1",
     "Refused by policy: sign in first, or check relay rights, block lists, SPF, DKIM and DMARC."},
    {"7.8", "Check user name and password (and that they are for this server)."},
    {"7.9", "Use a stronger AUTH mechanism: the server does not allow this one for the account."},
    {"7.10", "Start TLS first: the server asks for encryption."},
    {"7.11", "Start TLS before this AUTH mechanism."},
    {"7.12", "Sign in once with a plain-text mechanism under TLS: the server must convert it."},
    {"7.13", "The account is disabled: ask its administrator."},
    {"7.14", "Establish trust between the two servers first (AUTH or certificate)."},
    {"7.20", "Sign the message with DKIM: no signature passed."},
    {"7.23", "Correct the SPF record: the sending address is not allowed by it."},
    {"7.24", "Correct the SPF record: it could not be evaluated."},
    {"7.25", "Give the sending address a reverse DNS name that resolves back to it."},
    {"7.26",
     "Correct SPF and DKIM: the message passed no authentication that the server asks for."},
    {"7.27", "Give the sender's domain an MX: a null MX says that it takes no mail."},
    {"7.28", "The server sees a mail flood: lower the rate."},
    {"7.30", "Deliver under TLS: the message asks for REQUIRETLS and the way cannot keep it."},
};

struct CodeAdvice {
  std::uint16_t code;
  const char* advice;
};

// RFC 5321 section 4.2.3; RFC 4954 section 6 for 432, 454, 530, 534, 535, 538; RFC 5248 for 523;
// RFC 7504 for 521 and 556; RFC 1870 for 452 and 552 to SIZE.
constexpr CodeAdvice kByCode[] = {
    {421, "The server closes the connection: try later, with fewer connections or a shorter idle."},
    {432, "Ask the user to change the password: the server asks for a transition."},
    {450, "Try later: mailbox busy or greylisted. A first deferral of a new sender is usual."},
    {451, "Try later: the server had a local error, or greylists."},
    {452, "Try later or with fewer recipients: the server lacks storage or limits them."},
    {454, "Try later: TLS or AUTH is not available for now."},
    {455, "Leave out the parameters, or try later: the server cannot take them now."},
    {500, "Correct the command: the server does not know it (or a proxy between changed it)."},
    {501, "Correct the arguments of the command."},
    {502, "Do without this command: the server does not implement it."},
    {503, "Correct the order of the commands; an earlier one may have been refused."},
    {504, "Do without this parameter or mechanism: the server does not implement it."},
    {521, "Send elsewhere: this host takes no mail."},
    {523, "Start TLS first: the server asks for encryption."},
    {530, "Sign in first (AUTH), or start TLS first if the text says so."},
    {534, "Use a stronger AUTH mechanism, or an application password."},
    {535, "Check user name and password, and that they are for this server and region."},
    {538, "Start TLS before AUTH."},
    {550, "Check the recipient's address; if it is right, the refusal is by policy."},
    {551, "Send to the address that the reply names."},
    {552, "Make the message smaller, or wait until the mailbox has room."},
    {553, "Correct the address: its form or its sender is not allowed."},
    {554, "The transaction failed: the text names the reason, often policy or reputation."},
    {555, "Leave out the MAIL or RCPT parameters: the server does not take them."},
    {556, "Do not send to this domain: it takes no mail."},
};

}  // namespace

const char* reply_advice(std::uint16_t code, std::string_view enhanced) {
  if (enhanced.size() > 2) {
    for (const EnhancedAdvice& row : kByEnhancedCode) {
      if (row.detail == enhanced.substr(2)) return row.advice;
    }
  }
  for (const CodeAdvice& row : kByCode) {
    if (row.code == code) return row.advice;
  }
  return nullptr;
}

}  // namespace smtp_session
