// SPDX-License-Identifier: GPL-2.0-or-later
#include "dialogue.h"

#include <vector>

namespace smtp_session::scenarios {

const Host kClient{"192.0.2.10", 40001};
const Host kServer{"198.51.100.25", 25};

const std::string_view kMessage =
    "From: Alice <alice@client.example>\r\n"
    "To: Bob <bob@example.test>\r\n"
    "Subject: Tomorrow\r\n"
    "Date: Mon, 5 Jan 2026 10:00:00 +0000\r\n"
    "Message-ID: <1@client.example>\r\n"
    "\r\n"
    "Lunch at noon?\r\n"
    "..and then?\r\n"
    "Alice\r\n";

void open(Conversation& c) {
  c.handshake();
  c.server("220 mx.example.test ESMTP Postfix\r\n", kGreeting);
  c.ack(Side::kClient, 20us);
}

void ehlo(Conversation& c) {
  ehlo(c, {"PIPELINING", "SIZE 10240000", "8BITMIME", "ENHANCEDSTATUSCODES"});
}

void ehlo(Conversation& c, const std::vector<std::string>& extensions) {
  std::string reply = extensions.empty() ? "250 mx.example.test\r\n" : "250-mx.example.test\r\n";
  for (std::size_t i = 0; i < extensions.size(); ++i) {
    reply += (i + 1 < extensions.size() ? "250-" : "250 ") + extensions[i] + "\r\n";
  }
  ask(c, "EHLO client.example\r\n", reply, kEhlo);
}

void mail(Conversation& c) {
  ask(c, "MAIL FROM:<alice@client.example>\r\n", "250 2.1.0 Ok\r\n", kMail);
}

void rcpt(Conversation& c) {
  ask(c, "RCPT TO:<bob@example.test>\r\n", "250 2.1.5 Ok\r\n", kRcpt);
}

void data(Conversation& c) {
  ask(c, "DATA\r\n", "354 End data with <CR><LF>.<CR><LF>\r\n", kData);
}

void content(Conversation& c, Nanoseconds reply) {
  c.client(std::string(kMessage) + std::string(kEndOfData), kThink);
  c.server("250 2.0.0 Ok: queued as 4XkZ1n0Q7Rz9sW\r\n", reply);
}

void quit(Conversation& c) {
  ask(c, "QUIT\r\n", "221 2.0.0 Bye\r\n", kQuit);
}

void leave(Conversation& c) {
  quit(c);
  c.close_by_client(kThink);
}

void ask(Conversation& c, std::string_view command, std::string_view reply, Nanoseconds latency) {
  c.client(command, kThink);
  c.server(reply, latency);
}

void deliver(Conversation& c) {
  mail(c);
  rcpt(c);
  data(c);
  content(c);
}

void begin(Conversation& c) {
  open(c);
  ehlo(c);
}

std::string lines(const std::vector<std::string>& each) {
  std::string out;
  for (const std::string& line : each) out += line + "\r\n";
  return out;
}

}  // namespace smtp_session::scenarios
