// SPDX-License-Identifier: GPL-2.0-or-later
//
// Commands besides the mail transaction, and replies in odd segments.
#include <string>

#include "dialogue.h"
#include "scenario.h"

namespace smtp_session::scenarios {

void add_command_scenarios(ScenarioList& list) {
  list.push_back({"rset_noop_vrfy_expn_help", "RSET, NOOP, VRFY, EXPN and HELP", R"(
session outcome=no_mail
greeting 220 1ms
EHLO 250 500us
RSET 250 200us idle_ns=100us
NOOP 250 210us idle_ns=100us
VRFY 252 220us argument=bob
EXPN 502 230us argument=staff
HELP 214 240us
QUIT 221 450us
)",
                  [](Capture& capture) {
                    Conversation c(capture, kClient, kServer);
                    begin(c);
                    ask(c, "RSET\r\n", "250 2.0.0 Ok\r\n", 200us);
                    ask(c, "noop\r\n", "250 2.0.0 Ok\r\n", 210us);
                    ask(c, "VRFY bob\r\n", "252 2.0.0 bob\r\n", 220us);
                    ask(c, "EXPN staff\r\n", "502 5.5.2 Error: command not recognized\r\n", 230us);
                    ask(c, "HELP\r\n",
                        "214-Commands supported:\r\n214 AUTH HELO EHLO MAIL RCPT DATA QUIT\r\n",
                        240us);
                    leave(c);
                  }});

  list.push_back({"etrn", "ETRN asks for the queue of a domain (RFC 1985)", R"(
session outcome=no_mail
greeting 220 1ms
EHLO 250 500us
ETRN 253 900us argument=example.test
QUIT 221 450us
)",
                  [](Capture& capture) {
                    Conversation c(capture, kClient, kServer);
                    open(c);
                    ehlo(c, {"SIZE 10240000", "ETRN"});
                    ask(c, "ETRN example.test\r\n",
                        "253 2.0.0 Ok, 3 pending messages for example.test\r\n", 900us);
                    leave(c);
                  }});

  list.push_back({"xclient_restart", "XCLIENT is answered with a new greeting and a new EHLO", R"(
session outcome=delivered
greeting 220 1ms text=mx.example.test<SP>ESMTP<SP>Postfix
EHLO 250 500us
XCLIENT 220 400us argument=NAME=mail.client.example<SP>ADDR=203.0.113.7
EHLO 250 500us
MAIL 250 600us
RCPT 250 700us
DATA 354 550us
. 250 2ms
QUIT 221 450us
message 250 to=bob@example.test:250
)",
                  [](Capture& capture) {
                    Conversation c(capture, kClient, kServer);
                    open(c);
                    ehlo(c, {"SIZE 10240000", "XCLIENT NAME ADDR PROTO HELO"});
                    ask(c, "XCLIENT NAME=mail.client.example ADDR=203.0.113.7\r\n",
                        "220 mx.example.test ESMTP Postfix\r\n", 400us);
                    ehlo(c);
                    deliver(c);
                    leave(c);
                  }});

  list.push_back({"xforward", "XFORWARD tells a content filter where the mail came from", R"(
session outcome=delivered
greeting 220 1ms
EHLO 250 500us
XFORWARD 250 310us argument=NAME=mail.client.example<SP>ADDR=203.0.113.7
XFORWARD 250 320us argument=PROTO=ESMTP<SP>HELO=mail.client.example
MAIL 250 600us
RCPT 250 700us
DATA 354 550us
. 250 2ms
QUIT 221 450us
message 250 to=bob@example.test:250
)",
                  [](Capture& capture) {
                    Conversation c(capture, kClient, kServer);
                    open(c);
                    ehlo(c, {"SIZE 10240000", "XFORWARD NAME ADDR PROTO HELO SOURCE"});
                    ask(c, "XFORWARD NAME=mail.client.example ADDR=203.0.113.7\r\n",
                        "250 2.0.0 Ok\r\n", 310us);
                    ask(c, "XFORWARD PROTO=ESMTP HELO=mail.client.example\r\n", "250 2.0.0 Ok\r\n",
                        320us);
                    deliver(c);
                    leave(c);
                  }});

  list.push_back({"reply_split_mid_line", "Replies cut in the code, in the text and in CRLF", R"(
session outcome=delivered
greeting 220 1ms text=mx.example.test<SP>ESMTP<SP>Postfix
EHLO 250 500us
MAIL 250 700us enhanced=2.1.0
RCPT 250 750us enhanced=2.1.5
DATA 354 550us
. 250 2500us
QUIT 221 450us
message 250 id=4XkZ1n0Q7Rz9sW
)",
                  [](Capture& capture) {
                    Conversation c(capture, kClient, kServer);
                    c.handshake();
                    c.send_cut(Side::kServer, "220 mx.example.test ESMTP Postfix\r\n", {2, 10},
                               kGreeting, 300us);
                    ehlo(c);
                    c.client("MAIL FROM:<alice@client.example>\r\n", kThink);
                    c.send_cut(Side::kServer, "250 2.1.0 Ok\r\n", {3, 6}, 600us, 50us);
                    c.client("RCPT TO:<bob@example.test>\r\n", kThink);
                    c.send_cut(Side::kServer, "250 2.1.5 Ok\r\n", {13}, 700us, 50us);
                    data(c);
                    c.client(std::string(kMessage) + ".\r\n", kThink);
                    c.send_cut(Side::kServer, "250 2.0.0 Ok: queued as 4XkZ1n0Q7Rz9sW\r\n", {30},
                               2ms, 500us);
                    leave(c);
                  }});

  list.push_back({"multiline_reply_many_segments",
                  "An EHLO reply of six lines, each in a segment of its own", R"(
session outcome=delivered hellos.0.code=250 hellos.0.extensions.0=PIPELINING
  hellos.0.extensions.1=SIZE<SP>10240000 hellos.0.extensions.4=HELP
greeting 220 1ms
EHLO 250 1ms
MAIL 250 600us
RCPT 250 700us
DATA 354 550us
. 250 2ms
QUIT 221 450us
message 250 to=bob@example.test:250
)",
                  [](Capture& capture) {
                    Conversation c(capture, kClient, kServer);
                    open(c);
                    c.client("EHLO client.example\r\n", kThink);
                    c.server("250-mx.example.test\r\n", 500us);
                    for (const char* line :
                         {"250-PIPELINING\r\n", "250-SIZE 10240000\r\n", "250-8BITMIME\r\n",
                          "250-ENHANCEDSTATUSCODES\r\n", "250 HELP\r\n"}) {
                      c.server(line, 100us);
                    }
                    deliver(c);
                    leave(c);
                  }});

  list.push_back({"esmtp_parameters", "MAIL and RCPT with SIZE, BODY, SMTPUTF8 and DSN parameters",
                  R"(
session outcome=delivered
greeting 220 1ms
EHLO 250 500us
MAIL 250 600us
RCPT 250 700us
RCPT 250 700us
DATA 354 550us
. 250 2ms
QUIT 221 450us
message 250 from=alice@client.example to=bob@example.test:250 to="carol<SP>x"@example.test:250
)",
                  [](Capture& capture) {
                    Conversation c(capture, kClient, kServer);
                    open(c);
                    ehlo(c, {"SIZE 10240000", "8BITMIME", "SMTPUTF8", "DSN"});
                    ask(c,
                        "MAIL FROM:<alice@client.example> SIZE=190 BODY=8BITMIME SMTPUTF8 RET=HDRS "
                        "ENVID=QQ314159\r\n",
                        "250 2.1.0 Ok\r\n", kMail);
                    ask(c,
                        "RCPT TO:<bob@example.test> NOTIFY=SUCCESS,FAILURE "
                        "ORCPT=rfc822;bob@example.test\r\n",
                        "250 2.1.5 Ok\r\n", kRcpt);
                    ask(c, "RCPT TO:<\"carol x\"@example.test> NOTIFY=NEVER\r\n",
                        "250 2.1.5 Ok\r\n", kRcpt);
                    data(c);
                    content(c);
                    leave(c);
                  }});
}

}  // namespace smtp_session::scenarios
