// SPDX-License-Identifier: GPL-2.0-or-later
//
// The steps that most conversations share, each with its fixed time, so that a scenario spells out
// only what it is about.
#pragma once

#include <string>
#include <string_view>

#include "conversation.h"

namespace smtp_session::scenarios {

extern const Host kClient;  ///< 192.0.2.10:40001
extern const Host kServer;  ///< 198.51.100.25:25

/// The message of most scenarios: 191 bytes as sent, 190 without its stuffed dot.
extern const std::string_view kMessage;
inline constexpr std::string_view kEndOfData = ".\r\n";

// A command and its reply. Each begins `kThink` after the step before; the reply to X comes k<X>
// later.
inline constexpr Nanoseconds kThink = 100us;
inline constexpr Nanoseconds kGreeting = 1ms;  ///< from the ACK of the handshake
inline constexpr Nanoseconds kEhlo = 500us;
inline constexpr Nanoseconds kMail = 600us;
inline constexpr Nanoseconds kRcpt = 700us;
inline constexpr Nanoseconds kData = 550us;
inline constexpr Nanoseconds kDot = 2ms;
inline constexpr Nanoseconds kQuit = 450us;

/// Handshake, greeting 220 and its acknowledgement.
void open(Conversation& c);
/// EHLO with PIPELINING, SIZE, 8BITMIME and ENHANCEDSTATUSCODES.
void ehlo(Conversation& c);
/// EHLO with these lines after the server's name.
void ehlo(Conversation& c, const std::vector<std::string>& extensions);
void mail(Conversation& c);                               ///< 250
void rcpt(Conversation& c);                               ///< bob@example.test, 250
void data(Conversation& c);                               ///< DATA, 354
void content(Conversation& c, Nanoseconds reply = kDot);  ///< kMessage, the dot and 250
void quit(Conversation& c);                               ///< QUIT, 221
/// QUIT, 221, and the client closes.
void leave(Conversation& c);
/// A command that is answered.
void ask(Conversation& c, std::string_view command, std::string_view reply, Nanoseconds latency);
/// MAIL, RCPT, DATA, message and its reply.
void deliver(Conversation& c);
/// open(), ehlo().
void begin(Conversation& c);

/// Lines joined, each ended by CRLF.
std::string lines(const std::vector<std::string>& each);

}  // namespace smtp_session::scenarios
