// SPDX-License-Identifier: GPL-2.0-or-later
//
// Unusual bytes in commands, messages and replies, and the words of well known servers.
#include <string>

#include "dialogue.h"
#include "scenario.h"

namespace smtp_session::scenarios {
namespace {

/// A mail whose final reply is `reply`.
void accepted_with(Capture& capture, const std::string& reply) {
  Conversation c(capture, kClient, kServer);
  begin(c);
  mail(c);
  rcpt(c);
  data(c);
  c.client(std::string(kMessage) + ".\r\n", kThink);
  c.server(reply, kDot);
  leave(c);
}

std::string truth_with_id(const std::string& id) {
  return "session outcome=delivered\ngreeting 220 1ms\nEHLO 250 500us\nMAIL 250 600us\n"
         "RCPT 250 700us\nDATA 354 550us\n. 250 2ms\nQUIT 221 450us\n"
         "message 250 to=bob@example.test:250 size=190 id=" +
         id + "\n";
}

}  // namespace

void add_text_scenarios(ScenarioList& list) {
  list.push_back({"long_lines", "A command and a reply of 600 bytes, a text line of 1200",
                  "session outcome=delivered\ngreeting 220 1ms\nEHLO 250 500us\n"
                  "NOOP 250 200us argument=" +
                      std::string(600, 'x') +
                      "\n"
                      "MAIL 250 600us\nRCPT 250 700us\nDATA 354 550us\n. 250 2ms\n"
                      "QUIT 221 450us\nmessage 250 to=bob@example.test:250 size=1202\n",
                  [](Capture& capture) {
                    Conversation c(capture, kClient, kServer);
                    begin(c);
                    ask(c, "NOOP " + std::string(600, 'x') + "\r\n",
                        "250 2.0.0 " + std::string(600, 'y') + "\r\n", 200us);
                    mail(c);
                    rcpt(c);
                    data(c);
                    c.client(std::string(1200, 'z') + "\r\n.\r\n", kThink);
                    c.server("250 2.0.0 Ok\r\n", kDot);
                    leave(c);
                  }});

  list.push_back({"eight_bit_and_nul",
                  "NUL and bytes that are no UTF-8 in a command, UTF-8 in an address, both in the "
                  "message",
                  "session outcome=delivered\ngreeting 220 1ms\nEHLO 250 500us\n"
                  "NOOP 250 200us argument=a\u2400b\ufffdc\n"
                  "MAIL 250 600us argument=FROM:<j\u00f6rg@client.example><SP>SMTPUTF8\n"
                  "RCPT 250 700us\nDATA 354 550us\n. 250 2ms\nQUIT 221 450us\n"
                  "message 250 from=j\u00f6rg@client.example to=bob@example.test:250 size=16\n",
                  [](Capture& capture) {
                    Conversation c(capture, kClient, kServer);
                    open(c);
                    ehlo(c, {"8BITMIME", "SMTPUTF8"});
                    ask(c,
                        {"NOOP a\0b\xff"
                         "c\r\n",
                         12},
                        "250 2.0.0 Ok\r\n", 200us);
                    ask(c, "MAIL FROM:<j\xc3\xb6rg@client.example> SMTPUTF8\r\n",
                        "250 2.1.0 Ok\r\n", kMail);
                    rcpt(c);
                    data(c);
                    c.client({"a\0\0b\r\n\xff\xfe\r\n\xc3\xb6\0\0\r\n.\r\n", 19}, kThink);
                    c.server("250 2.0.0 Ok\r\n", kDot);
                    leave(c);
                  }});

  list.push_back({"bare_line_feeds", "A client that ends its command lines with LF alone",
                  "session outcome=no_mail\ngreeting 220 1ms\n"
                  "EHLO 250 500us argument=client.example\nNOOP 250 200us\nQUIT 221 450us\n",
                  [](Capture& capture) {
                    Conversation c(capture, kClient, kServer);
                    open(c);
                    ask(c, "EHLO client.example\n", "250 mx.example.test\r\n", kEhlo);
                    ask(c, "NOOP\n", "250 2.0.0 Ok\r\n", 200us);
                    ask(c, "QUIT\n", "221 2.0.0 Bye\r\n", kQuit);
                    c.close_by_client(kThink);
                  }});

  list.push_back({"smuggling",
                  "A message holds LF.LF and LF.CRLF with commands behind them: one message",
                  R"(
session outcome=delivered
greeting 220 1ms
EHLO 250 500us
MAIL 250 600us
RCPT 250 700us
DATA 354 550us
. 250 2ms
QUIT 221 450us
message 250 from=alice@client.example to=bob@example.test:250 size=121
finding SEC-05
)",
                  [](Capture& capture) {
                    Conversation c(capture, kClient, kServer);
                    begin(c);
                    mail(c);
                    rcpt(c);
                    data(c);
                    c.client(
                        "Subject: One\r\n\r\nText\n.\nMAIL FROM:<admin@example.test>\r\n"
                        "RCPT TO:<carol@example.test>\r\nDATA\r\nSubject: Two\r\n\r\nText\n.\r\n"
                        "QUIT\r\n.\r\n",
                        kThink);
                    c.server("250 2.0.0 Ok\r\n", kDot);
                    leave(c);
                  }});

  list.push_back(
      {"markup",
       "Words that are HTML, script or line separators, in commands, addresses and replies",
       "session outcome=rejected "
       "greeting.text=mx.example.test<SP><script>alert(1)</script><!--\n"
       "greeting 220 1ms\n"
       "EHLO 250 500us argument=</script><script>document.title='run'</script>\n"
       "NOOP 250 200us argument=\u2028\u2029\u202e&lt;]]>\"'`${1}\\u003c\n"
       "MAIL 250 600us argument=FROM:<\"<img<SP>src=x<SP>onerror=alert(2)>\"@client.example>\n"
       "RCPT 550 700us\nQUIT 221 450us\n"
       "message - from=\"<img<SP>src=x<SP>onerror=alert(2)>\"@client.example "
       "to=\"<b>\"@example.test:550 accepted=false\n",
       [](Capture& capture) {
         Conversation c(capture, kClient, kServer);
         c.handshake();
         c.server("220 mx.example.test <script>alert(1)</script><!--\r\n", kGreeting);
         ask(c, "EHLO </script><script>document.title='run'</script>\r\n",
             "250-mx.example.test\r\n250 </SCRIPT ><svg onload=alert(3)>\r\n", kEhlo);
         ask(c, "NOOP \u2028\u2029\u202e&lt;]]>\"'`${1}\\u003c\r\n", "250 2.0.0 Ok\r\n", 200us);
         ask(c, "MAIL FROM:<\"<img src=x onerror=alert(2)>\"@client.example>\r\n",
             "250 2.1.0 Ok\r\n", kMail);
         ask(c, "RCPT TO:<\"<b>\"@example.test>\r\n",
             "550 5.1.1 <iframe src=javascript:alert(4)></iframe><!--<script>\r\n", kRcpt);
         leave(c);
       }});

  list.push_back({"exchange_reply", "The final reply of Microsoft Exchange",
                  truth_with_id("21474836481"), [](Capture& capture) {
                    accepted_with(capture,
                                  "250 2.6.0 <1@client.example> [InternalId=21474836481, "
                                  "Hostname=EX01.example.test] 1520 bytes in 0.101, 14.695 KB/sec "
                                  "Queued mail for delivery\r\n");
                  }});

  list.push_back({"gmail_reply", "The final reply of Gmail",
                  truth_with_id("d2e1a72fcca58-7a1b2c3d4e5si1234567b3a.12"), [](Capture& capture) {
                    accepted_with(capture,
                                  "250 2.0.0 OK  1767607200 "
                                  "d2e1a72fcca58-7a1b2c3d4e5si1234567b3a.12 - gsmtp\r\n");
                  }});

  list.push_back(
      {"exim_reply", "The final reply of Exim", truth_with_id("1vcX2a-000000001Ab-3Cd4"),
       [](Capture& capture) { accepted_with(capture, "250 OK id=1vcX2a-000000001Ab-3Cd4\r\n"); }});

  list.push_back({"ses_reply", "The final reply of Amazon SES",
                  truth_with_id("0100019b8d5f3c2a-1a2b3c4d-5e6f-7a8b-9c0d-1e2f3a4b5c6d-000000"),
                  [](Capture& capture) {
                    accepted_with(
                        capture,
                        "250 Ok 0100019b8d5f3c2a-1a2b3c4d-5e6f-7a8b-9c0d-1e2f3a4b5c6d-000000\r\n");
                  }});
}

}  // namespace smtp_session::scenarios
