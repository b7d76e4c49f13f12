// SPDX-License-Identifier: GPL-2.0-or-later
//
// Captures that do not hold the whole of a session.
#include <string>

#include "dialogue.h"
#include "scenario.h"

namespace smtp_session::scenarios {

void add_partial_scenarios(ScenarioList& list) {
  const std::string opening = "greeting 220 1ms\nEHLO 250 500us\n";

  list.push_back({"gap_in_message", "A segment within the message is not in the capture",
                  "session outcome=delivered capture.gaps=1 complete=false\n" + opening +
                      "MAIL 250 600us\nRCPT 250 700us\nDATA 354 550us\n. 250 2ms\n"
                      "QUIT 221 450us\n"
                      "message 250 from=alice@client.example to=bob@example.test:250 size=*\n",
                  [](Capture& capture) {
                    Conversation c(capture, kClient, kServer);
                    begin(c);
                    mail(c);
                    rcpt(c);
                    data(c);
                    c.client(kMessage.substr(0, 60), kThink);
                    c.lose(Side::kClient, kMessage.substr(60, 70), 50us);
                    c.client(std::string(kMessage.substr(130)) + ".\r\n", 50us);
                    c.server("250 2.0.0 Ok: queued as 4XkZ1n0Q7Rz9sW\r\n", 2ms);
                    leave(c);
                  }});

  list.push_back({"gap_in_command", "The RCPT is not in the capture, its reply is",
                  "session outcome=delivered capture.gaps=1 complete=false\n" + opening +
                      "MAIL 250 600us\n? 250 *\nDATA 354 550us\n. 250 2ms\nQUIT 221 450us\n"
                      "message 250 from=alice@client.example size=190 accepted=true\n",
                  [](Capture& capture) {
                    Conversation c(capture, kClient, kServer);
                    begin(c);
                    mail(c);
                    c.lose(Side::kClient, "RCPT TO:<bob@example.test>\r\n", kThink);
                    c.server("250 2.1.5 Ok\r\n", kRcpt);
                    data(c);
                    content(c);
                    leave(c);
                  }});

  list.push_back({"gap_in_reply", "The reply to RCPT is not in the capture",
                  "session outcome=delivered capture.gaps=1 complete=false\n" + opening +
                      "MAIL 250 600us\nRCPT - -\nDATA 354 550us\n. 250 2ms\nQUIT 221 450us\n"
                      "message 250 from=alice@client.example size=190 accepted=true\n",
                  [](Capture& capture) {
                    Conversation c(capture, kClient, kServer);
                    begin(c);
                    mail(c);
                    c.client("RCPT TO:<bob@example.test>\r\n", kThink);
                    c.lose(Side::kServer, "250 2.1.5 Ok\r\n", kRcpt);
                    data(c);
                    content(c);
                    leave(c);
                  }});

  list.push_back({"snaplen_cut",
                  "Frames cut at 150 bytes: the end of the message is not in the capture",
                  "session outcome=delivered complete=false\n" + opening +
                      "MAIL 250 600us\nRCPT 250 700us\nDATA 354 550us\n. 250 2ms\n"
                      "QUIT 221 450us\n"
                      "message 250 from=alice@client.example to=bob@example.test:250 size=*\n",
                  [](Capture& capture) {
                    capture.use_snaplen(150);
                    Conversation c(capture, kClient, kServer);
                    begin(c);
                    deliver(c);
                    leave(c);
                  }});

  list.push_back({"mid_stream_start", "The capture begins after the reply to EHLO",
                  "session outcome=delivered capture.mid_stream=true complete=false greeting=-\n"
                  "  tcp.handshake_ns=-\n"
                  "MAIL 250 600us\nRCPT 250 700us\nDATA 354 550us\n. 250 2ms\nQUIT 221 450us\n"
                  "message 250 from=alice@client.example to=bob@example.test:250 size=190\n",
                  [](Capture& capture) {
                    Conversation c(capture, kClient, kServer);
                    c.hide_all();
                    begin(c);
                    c.hide_all(false);
                    deliver(c);
                    leave(c);
                  }});

  list.push_back({"mid_stream_in_body", "The capture begins within a message",
                  "session outcome=delivered|incomplete capture.mid_stream=true complete=false\n"
                  "? 250 2ms\n"
                  "MAIL 250 600us\nRCPT 250 700us\nDATA 354 550us\n. 250 2ms\nQUIT 221 450us\n",
                  [](Capture& capture) {
                    Conversation c(capture, kClient, kServer);
                    c.hide_all();
                    begin(c);
                    mail(c);
                    rcpt(c);
                    data(c);
                    c.client(kMessage.substr(0, 90), kThink);
                    c.hide_all(false);
                    c.client(std::string(kMessage.substr(90)) + ".\r\n", 50us);
                    c.server("250 2.0.0 Ok: queued as 4XkZ1n0Q7Rz9sW\r\n", 2ms);
                    deliver(c);
                    leave(c);
                  }});

  list.push_back({"client_side_only", "Only what the client sent was captured",
                  "session outcome=incomplete complete=false greeting=-\n"
                  "EHLO - - argument=client.example\nMAIL - -\nRCPT - -\nDATA - -\n. - -\n"
                  "QUIT - -\n"
                  "message - from=alice@client.example size=190\n",
                  [](Capture& capture) {
                    Conversation c(capture, kClient, kServer);
                    c.hide(Side::kServer);
                    begin(c);
                    deliver(c);
                    leave(c);
                  }});

  list.push_back({"server_side_only", "Only what the server sent was captured",
                  "session outcome=incomplete complete=false\ngreeting 220 *\n"
                  "? 250 *\n? 250 *\n? 250 *\n? 354 *\n? 250 *\n? 221 *\n",
                  [](Capture& capture) {
                    Conversation c(capture, kClient, kServer);
                    c.hide(Side::kClient);
                    begin(c);
                    deliver(c);
                    leave(c);
                  }});
}

}  // namespace smtp_session::scenarios
