// SPDX-License-Identifier: GPL-2.0-or-later
//
// Ports that do not tell what is spoken on them.
#include <string>

#include "dialogue.h"
#include "scenario.h"

namespace smtp_session::scenarios {

void add_port_scenarios(ScenarioList& list) {
  list.push_back({"odd_port_recognised", "SMTP on port 10025, known by its greeting and EHLO", R"(
session outcome=delivered server.port=10025 tcp.handshake_ns=420us tcp.syn_frame=1
  complete=true first_frame=1
greeting 220 1ms
EHLO 250 500us
MAIL 250 600us
RCPT 250 700us
DATA 354 550us
. 250 2ms
QUIT 221 450us
message 250 to=bob@example.test:250 size=190
)",
                  [](Capture& capture) {
                    Conversation c(capture, kClient, {kServer.address, 10025});
                    begin(c);
                    deliver(c);
                    leave(c);
                  }});

  list.push_back({"odd_port_not_smtp", "HTTP on port 8080 and FTP on port 2121: no session",
                  "none\n", [](Capture& capture) {
                    Conversation http(capture, kClient, {kServer.address, 8080});
                    http.handshake();
                    http.client("GET /mail HTTP/1.1\r\nHost: www.example.test\r\n\r\n", kThink);
                    http.server("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nEHLO\r\n", 900us);
                    http.close_by_client(kThink);

                    Conversation ftp(capture, {kClient.address, 40002}, {kServer.address, 2121});
                    ftp.start_at(100ms);
                    ftp.handshake();
                    ftp.server("220 ftp.example.test FTP server ready.\r\n", kGreeting);
                    ask(ftp, "USER anonymous\r\n", "331 Guest login ok, send e-mail address.\r\n",
                        500us);
                    ask(ftp, "PASS guest@client.example\r\n", "230 Logged in.\r\n", 500us);
                    ask(ftp, "HELP\r\n", "214 RETR STOR MAIL QUIT\r\n", 500us);
                    ask(ftp, "QUIT\r\n", "221 Goodbye.\r\n", 500us);
                    ftp.close_by_client(kThink);
                  }});

  list.push_back({"http_on_port_25", "A web browser's request to a mail server", R"(
session outcome=no_mail|aborted_by_server|rejected tcp.closed_by=server
greeting 220 1ms
GET 221 300us argument=/<SP>HTTP/1.1
HOST: - - argument=mx.example.test
)",
                  [](Capture& capture) {
                    Conversation c(capture, kClient, kServer);
                    open(c);
                    c.client("GET / HTTP/1.1\r\nHost: mx.example.test\r\n", kThink);
                    c.server("221 2.7.0 Error: I can break rules, too. Goodbye.\r\n", 300us);
                    c.close_by_server(10us);
                  }});
}

}  // namespace smtp_session::scenarios
