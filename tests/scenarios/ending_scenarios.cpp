// SPDX-License-Identifier: GPL-2.0-or-later
//
// How sessions end.
#include <string>

#include "dialogue.h"
#include "scenario.h"

namespace smtp_session::scenarios {

void add_ending_scenarios(ScenarioList& list) {
  const std::string to_data =
      "greeting 220 1ms\nEHLO 250 500us\nMAIL 250 600us\nRCPT 250 700us\nDATA 354 550us\n";

  list.push_back({"no_mail_quit", "EHLO and QUIT, no mail",
                  "session outcome=no_mail messages=- tcp.close=fin tcp.closed_by=client\n"
                  "greeting 220 1ms\nEHLO 250 500us\nQUIT 221 450us\n",
                  [](Capture& capture) {
                    Conversation c(capture, kClient, kServer);
                    begin(c);
                    leave(c);
                  }});

  list.push_back({"client_closes_without_quit", "A mail is accepted; the client closes, no QUIT",
                  "session outcome=delivered tcp.close=fin tcp.closed_by=client\n" + to_data +
                      ". 250 2ms\nmessage 250 to=bob@example.test:250 size=190\n",
                  [](Capture& capture) {
                    Conversation c(capture, kClient, kServer);
                    begin(c);
                    deliver(c);
                    c.close_by_client(kThink);
                  }});

  list.push_back({"client_closes_after_rcpt", "The client closes between RCPT and DATA",
                  "session outcome=aborted_by_client tcp.close=fin tcp.closed_by=client\n"
                  "greeting 220 1ms\nEHLO 250 500us\nMAIL 250 600us\nRCPT 250 700us\n"
                  "message - to=bob@example.test:250 accepted=false\n",
                  [](Capture& capture) {
                    Conversation c(capture, kClient, kServer);
                    begin(c);
                    mail(c);
                    rcpt(c);
                    c.close_by_client(kThink);
                  }});

  list.push_back({"client_rst_in_data", "The client resets the connection within the message",
                  "session outcome=aborted_by_client tcp.close=rst tcp.closed_by=client\n" +
                      to_data + "message * to=bob@example.test:250 accepted=false\n",
                  [](Capture& capture) {
                    Conversation c(capture, kClient, kServer);
                    begin(c);
                    mail(c);
                    rcpt(c);
                    data(c);
                    c.client(kMessage.substr(0, 120), kThink);
                    c.rst(Side::kClient, 5ms);
                  }});

  list.push_back({"server_rst_after_dot", "The server resets after the dot, before its reply",
                  "session outcome=delivery_unknown tcp.close=rst tcp.closed_by=server\n" +
                      to_data +
                      ". - -\nmessage - to=bob@example.test:250 size=190 accepted=false\n",
                  [](Capture& capture) {
                    Conversation c(capture, kClient, kServer);
                    begin(c);
                    mail(c);
                    rcpt(c);
                    data(c);
                    c.client(std::string(kMessage) + ".\r\n", kThink);
                    c.rst(Side::kServer, 5s);
                  }});

  list.push_back(
      {"delivery_unknown_fin", "The client gives up 60 s after the dot, before its reply",
       "session outcome=delivery_unknown tcp.close=fin tcp.closed_by=client\n" + to_data +
           ". - -\nmessage - to=bob@example.test:250 size=190 accepted=false\n",
       [](Capture& capture) {
         Conversation c(capture, kClient, kServer);
         begin(c);
         mail(c);
         rcpt(c);
         data(c);
         c.client(std::string(kMessage) + ".\r\n", kThink);
         c.fin(Side::kClient, 60s);
         c.ack(Side::kServer, kRttServer);
         c.fin(Side::kServer, 200us);
         c.ack(Side::kClient, kRttClient);
       }});

  list.push_back({"server_421_mid_session", "RCPT is answered with 421, the server closes",
                  "session outcome=deferred tcp.close=fin tcp.closed_by=server\n"
                  "greeting 220 1ms\nEHLO 250 500us\nMAIL 250 600us\n"
                  "RCPT 421 700us enhanced=4.3.2\n"
                  "message * to=bob@example.test:421 accepted=false\nfinding REP-05\n",
                  [](Capture& capture) {
                    Conversation c(capture, kClient, kServer);
                    begin(c);
                    mail(c);
                    ask(c, "RCPT TO:<bob@example.test>\r\n",
                        "421 4.3.2 mx.example.test Service shutting down\r\n", kRcpt);
                    c.close_by_server(10us);
                  }});

  list.push_back({"deferred_greylisted", "The only recipient is greylisted with 450",
                  "session outcome=deferred\ngreeting 220 1ms\nEHLO 250 500us\nMAIL 250 600us\n"
                  "RCPT 450 700us enhanced=4.7.1\nRSET 250 200us\nQUIT 221 450us\n"
                  "message * to=bob@example.test:450 accepted=false\n",
                  [](Capture& capture) {
                    Conversation c(capture, kClient, kServer);
                    begin(c);
                    mail(c);
                    ask(c, "RCPT TO:<bob@example.test>\r\n",
                        "450 4.7.1 <bob@example.test>: Greylisted, try again in 300 seconds\r\n",
                        kRcpt);
                    ask(c, "RSET\r\n", "250 2.0.0 Ok\r\n", 200us);
                    leave(c);
                  }});

  list.push_back({"simultaneous_close", "Both sides send FIN before they see the other's",
                  "session outcome=delivered tcp.close=fin\n" + to_data +
                      ". 250 2ms\nQUIT 221 450us\nmessage 250 to=bob@example.test:250\n",
                  [](Capture& capture) {
                    Conversation c(capture, kClient, kServer);
                    begin(c);
                    deliver(c);
                    quit(c);
                    c.crossing_fins(50us, 20us);
                  }});
}

}  // namespace smtp_session::scenarios
