// SPDX-License-Identifier: GPL-2.0-or-later
//
// From the first SYN to the greeting, and servers that take their time.
#include <string>

#include "dialogue.h"
#include "scenario.h"

namespace smtp_session::scenarios {
namespace {

const char* const kOneMail =
    "EHLO 250 500us\nMAIL 250 600us\nRCPT 250 700us\nDATA 354 550us\n. 250 2ms\nQUIT 221 450us\n"
    "message 250 from=alice@client.example to=bob@example.test:250 size=190\n";

/// HAProxy's PROXY protocol, version 2 (section 2.2 of its specification).
Bytes proxy_v2(std::uint8_t command, std::uint8_t family, const Bytes& addresses) {
  Bytes out("\r\n\r\n\0\r\nQUIT\n", 12);
  put8(out, 0x20U | command);
  put8(out, family);
  put16(out, static_cast<std::uint32_t>(addresses.size()));
  return out + addresses;
}

/// A balancer opens the connection, tells `header` and passes the rest on.
void through_balancer(Capture& capture, const Bytes& header) {
  Conversation c(capture, {"192.0.2.80", 40001}, kServer);
  c.handshake();
  c.client(header, 50us);
  c.server("220 mx.example.test ESMTP Postfix\r\n", kGreeting);
  ehlo(c);
  deliver(c);
  leave(c);
}

}  // namespace

void add_opening_scenarios(ScenarioList& list) {
  const std::string one_mail = kOneMail;

  list.push_back({"proxy_v1", "A PROXY line (version 1) before the greeting",
                  "session outcome=delivered proxy.version=1 proxy.source.address=203.0.113.7\n"
                  "  proxy.source.port=41000 proxy.destination.address=198.51.100.25\n"
                  "  proxy.destination.port=25 client.address=192.0.2.80\n"
                  "greeting 220 1ms\n" +
                      one_mail,
                  [](Capture& capture) {
                    through_balancer(capture, "PROXY TCP4 203.0.113.7 198.51.100.25 41000 25\r\n");
                  }});

  list.push_back({"proxy_v2", "A binary PROXY header (version 2) with addresses and a TLV",
                  "session outcome=delivered proxy.version=2 proxy.source.address=203.0.113.7\n"
                  "  proxy.source.port=41000 proxy.destination.address=198.51.100.25\n"
                  "  proxy.destination.port=25\n"
                  "greeting 220 1ms\n" +
                      one_mail,
                  [](Capture& capture) {
                    Bytes addresses = address_bytes("203.0.113.7") + address_bytes("198.51.100.25");
                    put16(addresses, 41000);
                    put16(addresses, 25);
                    put8(addresses, 0x04);  // PP2_TYPE_NOOP, three bytes
                    put16(addresses, 3);
                    addresses += Bytes(3, '\0');
                    through_balancer(capture, proxy_v2(1, 0x11, addresses));
                  }});

  list.push_back({"proxy_v2_local", "A balancer's own check: PROXY version 2, LOCAL",
                  "session outcome=delivered proxy.version=2 proxy.source=- proxy.destination=-\n"
                  "greeting 220 1ms\n" +
                      one_mail,
                  [](Capture& capture) { through_balancer(capture, proxy_v2(0, 0x00, {})); }});

  list.push_back({"slow_greeting", "The greeting comes 6 s after the handshake",
                  "session outcome=delivered\ngreeting 220 6s\nfinding GRT-01\n" + one_mail,
                  [](Capture& capture) {
                    Conversation c(capture, kClient, kServer);
                    c.handshake();
                    c.server("220 mx.example.test ESMTP Postfix\r\n", 6s);
                    ehlo(c);
                    deliver(c);
                    leave(c);
                  }});

  list.push_back({"slow_rcpt", "RCPT is answered after 3 s", R"(
session outcome=delivered
greeting 220 1ms
EHLO 250 500us
MAIL 250 600us
RCPT 250 3s service_ns=3s
DATA 354 550us
. 250 2ms
QUIT 221 450us
message 250 to=bob@example.test:250
finding LAT-01
)",
                  [](Capture& capture) {
                    Conversation c(capture, kClient, kServer);
                    begin(c);
                    mail(c);
                    ask(c, "RCPT TO:<bob@example.test>\r\n", "250 2.1.5 Ok\r\n", 3s);
                    data(c);
                    content(c);
                    leave(c);
                  }});

  list.push_back({"slow_end_of_data", "The reply to the dot comes after 12 s", R"(
session outcome=delivered
greeting 220 1ms
EHLO 250 500us
MAIL 250 600us
RCPT 250 700us
DATA 354 550us
. 250 12s
QUIT 221 450us
message 250 to=bob@example.test:250 end_of_data_ns=12s
finding DAT-02
)",
                  [](Capture& capture) {
                    Conversation c(capture, kClient, kServer);
                    begin(c);
                    mail(c);
                    rcpt(c);
                    data(c);
                    content(c, 12s);
                    leave(c);
                  }});

  list.push_back({"idle_then_451",
                  "Ten idle seconds after a mail; the next MAIL is answered with 451", R"(
session outcome=partial tcp.closed_by=server tcp.close=fin
greeting 220 1ms
EHLO 250 500us
MAIL 250 600us
RCPT 250 700us
DATA 354 550us
. 250 2ms
MAIL 451 600us idle_ns=10s think_ns=10s enhanced=4.4.2
message 250 to=bob@example.test:250 accepted=true
message * accepted=false
)",
                  [](Capture& capture) {
                    Conversation c(capture, kClient, kServer);
                    begin(c);
                    deliver(c);
                    c.wait(10s - kThink);
                    ask(c, "MAIL FROM:<alice@client.example>\r\n",
                        "451 4.4.2 Timeout waiting for data from client.\r\n", kMail);
                    c.close_by_server(10us);
                  }});

  list.push_back({"idle_451_unasked",
                  "Ten idle seconds after a mail; the server says 451 of its own accord and closes",
                  R"(
session outcome=delivered tcp.closed_by=server tcp.close=fin
greeting 220 1ms
EHLO 250 500us
MAIL 250 600us
RCPT 250 700us
DATA 354 550us
. 250 2ms
message 250 to=bob@example.test:250 accepted=true
unsolicited 451
)",
                  [](Capture& capture) {
                    Conversation c(capture, kClient, kServer);
                    begin(c);
                    deliver(c);
                    c.server("451 4.4.2 Timeout waiting for data from client.\r\n", 10s);
                    c.close_by_server(10us);
                  }});

  list.push_back({"greeting_554", "The server greets with 554 and closes", R"(
session outcome=greeting_rejected tcp.closed_by=server
greeting 554 1ms
finding GRT-03
)",
                  [](Capture& capture) {
                    Conversation c(capture, kClient, kServer);
                    c.handshake();
                    c.server("554 5.7.1 mx.example.test: no service for 192.0.2.10\r\n", kGreeting);
                    c.close_by_server(10us);
                  }});

  list.push_back({"greeting_421_multiline", "A greeting of two lines, 421; the client says QUIT",
                  R"(
session outcome=greeting_rejected
greeting 421 1ms
QUIT 221 450us
finding GRT-03
)",
                  [](Capture& capture) {
                    Conversation c(capture, kClient, kServer);
                    c.handshake();
                    c.server(
                        "421-mx.example.test Too many connections\r\n421 4.7.0 Try again later\r\n",
                        kGreeting);
                    leave(c);
                  }});

  list.push_back({"no_greeting",
                  "The server accepts and says nothing; the client leaves after 30 s",
                  R"(
session outcome=no_greeting greeting=- tcp.closed_by=client tcp.close=fin
finding GRT-02
)",
                  [](Capture& capture) {
                    Conversation c(capture, kClient, kServer);
                    c.handshake();
                    c.close_by_client(30s);
                  }});

  list.push_back({"early_talker", "The client says EHLO before the greeting",
                  "session outcome=delivered\ngreeting 220 1ms\nfinding GRT-04\n"
                  "EHLO 250 1300us argument=client.example\n"
                  "MAIL 250 600us\nRCPT 250 700us\nDATA 354 550us\n. 250 2ms\nQUIT 221 450us\n"
                  "message 250 to=bob@example.test:250\n",
                  [](Capture& capture) {
                    Conversation c(capture, kClient, kServer);
                    c.handshake();
                    c.client("EHLO client.example\r\n", 200us);
                    c.server("220 mx.example.test ESMTP Postfix\r\n", 800us);
                    c.server("250-mx.example.test\r\n250 PIPELINING\r\n", 500us);
                    deliver(c);
                    leave(c);
                  }});

  list.push_back(
      {"greeting_broken_off",
       "The client says EHLO within the greeting, which gets no last line, as of postscreen",
       R"(
session outcome=rejected
greeting 220 1ms
EHLO 250 500us
MAIL 250 600us
RCPT 550 700us enhanced=5.5.1
QUIT 221 450us
message - to=bob@example.test:550 accepted=false size=-
finding GRT-04
finding REP-04
)",
       [](Capture& capture) {
         Conversation c(capture, kClient, kServer);
         c.handshake();
         c.server("220-mx.example.test ESMTP Postfix\r\n", kGreeting);
         c.client("EHLO client.example\r\n", 200us);
         c.server("250-mx.example.test\r\n250 SIZE 10240000\r\n", 500us);
         mail(c);
         ask(c, "RCPT TO:<bob@example.test>\r\n", "550 5.5.1 Protocol error\r\n", 700us);
         leave(c);
       }});

  list.push_back({"syn_retry_answered", "The first SYN is lost, the second one is answered",
                  "session outcome=delivered tcp.syn_count=2 tcp.rtt_server_ns=400us\n"
                  "  tcp.handshake_ns=1000420us\ngreeting 220 1ms\n" +
                      one_mail,
                  [](Capture& capture) {
                    Conversation c(capture, kClient, kServer);
                    c.syn(0us);
                    c.wait(1s);
                    open(c);
                    ehlo(c);
                    deliver(c);
                    leave(c);
                  }});

  list.push_back({"syn_unanswered", "Four SYNs in seven seconds, no answer", R"(
session outcome=connection_timeout tcp.syn_count=4 tcp.handshake_ns=- tcp.close=none
  duration_ns=7s greeting=- complete=false
)",
                  [](Capture& capture) {
                    Conversation c(capture, kClient, kServer);
                    c.syn(0s);
                    c.syn(1s);
                    c.syn(2s);
                    c.syn(4s);
                  }});

  list.push_back({"syn_refused", "The SYN is answered by RST", R"(
session outcome=connection_refused tcp.syn_count=1 tcp.close=rst tcp.closed_by=server greeting=-
)",
                  [](Capture& capture) {
                    Conversation c(capture, kClient, kServer);
                    c.syn(0s);
                    c.refuse(400us);
                  }});

  list.push_back({"icmp_unreachable",
                  "ICMP says \"administratively prohibited\" and quotes the SYN, at 8 and at all "
                  "bytes of TCP",
                  R"(
session outcome=connection_timeout tcp.syn_count=2 tcp.close=none last_frame=3
)",
                  [](Capture& capture) {
                    Conversation c(capture, kClient, kServer);
                    c.syn(0s);
                    c.unreachable(13, 8, 400us);
                    c.syn(1s);
                    c.unreachable(13, 32, 400us);
                  }});
}

}  // namespace smtp_session::scenarios
