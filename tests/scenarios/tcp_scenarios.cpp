// SPDX-License-Identifier: GPL-2.0-or-later
//
// What TCP does to a conversation: loss, order, overlap, probes, windows, reuse of ports.
#include <string>

#include "dialogue.h"
#include "scenario.h"

namespace smtp_session::scenarios {

void add_tcp_scenarios(ScenarioList& list) {
  const std::string opening = "greeting 220 1ms\nEHLO 250 500us\n";
  const std::string one_mail =
      opening +
      "MAIL 250 600us\nRCPT 250 700us\nDATA 354 550us\n. 250 2ms\nQUIT 221 450us\n"
      "message 250 from=alice@client.example to=bob@example.test:250 size=190\n";

  list.push_back(
      {"retransmissions", "MAIL, a reply and a part of the message are sent again", R"(
session outcome=delivered tcp.retransmissions=3 tcp.out_of_order=0 capture.gaps=0
  capture.duplicates=0
greeting 220 1ms
EHLO 250 500us
MAIL 250 200500us
RCPT 250 700us
DATA 354 550us think_ns=250100us
. 250 302ms
QUIT 221 450us
message 250 to=bob@example.test:250 size=190 transfer_ns=100us
)",
       [](Capture& capture) {
         Conversation c(capture, kClient, kServer);
         begin(c);
         const Sent mail_command =
             c.send_unheard(Side::kClient, "MAIL FROM:<alice@client.example>\r\n", kThink);
         c.put(mail_command, 200ms);
         c.server("250 2.1.0 Ok\r\n", 500us);
         c.client("RCPT TO:<bob@example.test>\r\n", kThink);
         const Sent rcpt_reply = c.send_unheard(Side::kServer, "250 2.1.5 Ok\r\n", kRcpt);
         c.put(rcpt_reply, 250ms);
         data(c);
         const Sent first = c.send_unheard(Side::kClient, kMessage.substr(0, 100), kThink);
         c.send_unheard(Side::kClient, std::string(kMessage.substr(100)) + ".\r\n", 100us);
         c.put(first, 300ms);
         c.server("250 2.0.0 Ok: queued as 4XkZ1n0Q7Rz9sW\r\n", 2ms);
         leave(c);
       }});

  list.push_back({"reordered", "Segments of a reply and of the message arrive in another order", R"(
session outcome=delivered tcp.retransmissions=0 tcp.out_of_order=2 capture.gaps=0
greeting 220 1ms
EHLO 250 500us
MAIL 250 600us
RCPT 250 700us
DATA 354 550us
. 250 2050us
QUIT 221 450us
message 250 to=bob@example.test:250 size=190 transfer_ns=50us
)",
                  [](Capture& capture) {
                    Conversation c(capture, kClient, kServer);
                    open(c);
                    c.client("EHLO client.example\r\n", kThink);
                    const Sent reply =
                        c.reserve(Side::kServer, "250-mx.example.test\r\n250 PIPELINING\r\n");
                    c.put(reply.part(12, 100), 400us);
                    c.put(reply.part(0, 12), 100us);
                    mail(c);
                    rcpt(c);
                    data(c);
                    const Sent message = c.reserve(Side::kClient, std::string(kMessage) + ".\r\n");
                    c.put(message.part(0, 80), kThink);
                    c.put(message.part(160, 100), 50us);
                    c.put(message.part(80, 80), 50us);
                    c.server("250 2.0.0 Ok: queued as 4XkZ1n0Q7Rz9sW\r\n", 2ms);
                    leave(c);
                  }});

  list.push_back({"overlapping_segments", "Segments that repeat a part of the one before", R"(
session outcome=delivered capture.gaps=0
greeting 220 1ms
EHLO 250 500us
MAIL 250 600us argument=FROM:<alice@client.example>
RCPT 250 700us
DATA 354 550us
. 250 2ms
QUIT 221 450us
message 250 from=alice@client.example to=bob@example.test:250 size=190 transfer_ns=100us
)",
                  [](Capture& capture) {
                    Conversation c(capture, kClient, kServer);
                    begin(c);
                    const Sent command =
                        c.reserve(Side::kClient, "MAIL FROM:<alice@client.example>\r\n");
                    c.put(command.part(0, 20), kThink);
                    c.put(command.part(10, 100), 50us);
                    c.server("250 2.1.0 Ok\r\n", kMail);
                    rcpt(c);
                    data(c);
                    const Sent message = c.reserve(Side::kClient, std::string(kMessage) + ".\r\n");
                    c.put(message.part(0, 100), kThink);
                    c.put(message.part(60, 80), 50us);
                    c.put(message.part(0, 300), 50us);
                    c.server("250 2.0.0 Ok: queued as 4XkZ1n0Q7Rz9sW\r\n", 2ms);
                    leave(c);
                  }});

  list.push_back({"duplicates_any",
                  "Linux cooked v2, interface \"any\": every packet was captured on two interfaces",
                  "session outcome=delivered tcp.retransmissions=0 capture.duplicates=20\n"
                  "  tcp.syn_count=1 tcp.rtt_server_ns=400us\n" +
                      one_mail,
                  [](Capture& capture) {
                    capture.use_link(Link::kCooked2);
                    Path path;
                    path.interfaces = {2, 5};
                    Conversation c(capture, kClient, kServer, path);
                    begin(c);
                    deliver(c);
                    leave(c);
                  }});

  list.push_back({"keepalives", "Keep-alive probes, with no and with one old byte, between mails",
                  "session outcome=delivered tcp.retransmissions=0\n" + opening +
                      "MAIL 250 600us\nRCPT 250 700us\nDATA 354 550us\n. 250 2ms\n"
                      "MAIL 250 600us idle_ns=30000420us\nRCPT 250 700us\nDATA 354 550us\n"
                      ". 250 2ms\nQUIT 221 450us\n"
                      "message 250 size=190\nmessage 250 size=190\n",
                  [](Capture& capture) {
                    Conversation c(capture, kClient, kServer);
                    begin(c);
                    deliver(c);
                    c.keep_alive(Side::kClient, 0, 10s);
                    c.keep_alive(Side::kServer, 1, 10s);
                    c.wait(10s - kThink);
                    deliver(c);
                    leave(c);
                  }});

  list.push_back({"zero_window", "The server closes its window for 2 s within a message",
                  "session outcome=delivered tcp.zero_windows=1\n" + opening +
                      "MAIL 250 600us\nRCPT 250 700us\nDATA 354 550us\n. 250 2ms\n"
                      "QUIT 221 450us\n"
                      "message 250 to=bob@example.test:250 size=190 transfer_ns=2000700us\n",
                  [](Capture& capture) {
                    Conversation c(capture, kClient, kServer);
                    begin(c);
                    mail(c);
                    rcpt(c);
                    data(c);
                    c.client(kMessage.substr(0, 100), kThink);
                    c.set_window(Side::kServer, 0);
                    c.ack(Side::kServer, 400us);
                    c.set_window(Side::kServer, 502);
                    c.ack(Side::kServer, 2s);
                    c.client(std::string(kMessage.substr(100)) + ".\r\n", 300us);
                    c.server("250 2.0.0 Ok: queued as 4XkZ1n0Q7Rz9sW\r\n", 2ms);
                    leave(c);
                  }});

  list.push_back({"sequence_wraparound", "The sequence numbers of both sides pass 2^32",
                  "session outcome=delivered capture.gaps=0 tcp.retransmissions=0\n"
                  "  tcp.out_of_order=0\n" +
                      one_mail,
                  [](Capture& capture) {
                    Conversation c(capture, kClient, kServer);
                    c.use_first_seq(0xffffff80U, 0xfffffff0U);
                    begin(c);
                    deliver(c);
                    leave(c);
                  }});

  list.push_back({"timestamps", "TCP timestamps in every segment",
                  "session outcome=delivered\n" + one_mail, [](Capture& capture) {
                    Path path;
                    path.timestamps = true;
                    Conversation c(capture, kClient, kServer, path);
                    begin(c);
                    deliver(c);
                    leave(c);
                  }});

  list.push_back({"port_reuse", "The client uses its port again after five seconds",
                  "session outcome=delivered\n" + one_mail +
                      "session outcome=no_mail start=2026-01-05T10:00:05.000000000Z\n" + opening +
                      "QUIT 221 450us\n",
                  [](Capture& capture) {
                    Conversation first(capture, kClient, kServer);
                    begin(first);
                    deliver(first);
                    leave(first);
                    Conversation second(capture, kClient, kServer);
                    second.start_at(5s);
                    second.use_first_seq(1500000000U, 3500000000U);
                    begin(second);
                    leave(second);
                  }});

  list.push_back({"two_sessions_interleaved", "Two clients at the same time",
                  "session outcome=delivered client.port=40001\n" + one_mail +
                      "session outcome=delivered client.port=40002 "
                      "start=2026-01-05T10:00:00.000777000Z\n" +
                      one_mail,
                  [](Capture& capture) {
                    Conversation first(capture, kClient, kServer);
                    begin(first);
                    deliver(first);
                    leave(first);
                    Conversation second(capture, {kClient.address, 40002}, kServer);
                    second.start_at(777us);
                    begin(second);
                    deliver(second);
                    leave(second);
                  }});
}

}  // namespace smtp_session::scenarios
