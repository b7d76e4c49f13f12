// SPDX-License-Identifier: GPL-2.0-or-later
//
// Mail transactions: DATA, BDAT, LMTP, PRDR, pipelines (RFC 5321, 2920, 3030, 2033).
#include <string>

#include "dialogue.h"
#include "scenario.h"

namespace smtp_session::scenarios {
namespace {

/// kMessage as BDAT carries it: no dot is stuffed (RFC 3030 section 2). 190 bytes.
std::string unstuffed_message() {
  std::string out(kMessage);
  return out.erase(out.find("\r\n..") + 2, 1);
}

const char* const kFour = "MAIL FROM:<alice@client.example>\r\nRCPT TO:<bob@example.test>\r\n";

/// "CRLF.CRLF" in the segments that `cuts` tells: a bit for each place between two of its bytes.
void send_end_of_data(Conversation& c, unsigned cuts) {
  const std::string_view end = "\r\n.\r\n";
  std::size_t from = 0;
  for (std::size_t at = 1; at <= end.size(); ++at) {
    if (at < end.size() && (cuts >> (at - 1) & 1U) == 0) continue;
    c.client(end.substr(from, at - from), 10us);
    from = at;
  }
}

std::string repeated(int times, const std::string& text) {
  std::string out;
  for (int i = 0; i < times; ++i) out += text;
  return out;
}

}  // namespace

void add_transaction_scenarios(ScenarioList& list) {
  list.push_back({"plain", "One mail to one recipient, each command after the reply before it",
                  R"(
session outcome=delivered complete=true tcp.syn_count=1 tcp.handshake_ns=420us
  tcp.rtt_server_ns=400us tcp.rtt_client_ns=20us tcp.closed_by=client tcp.close=fin
  tcp.retransmissions=0 tcp.out_of_order=0 capture.gaps=0 capture.duplicates=0
  capture.mid_stream=false capture.point=client duration_ns=9380us
  client.address=192.0.2.10 client.port=40001 server.address=198.51.100.25 server.port=25
  community_id=1:qd49kQW7x1acVJHd5XUdzuOvP9Q= share.network_ns=3360us share.server_ns=3ms
  share.tls_ns=0ns share.transfer_ns=0ns start=2026-01-05T10:00:00.000000000Z tls=- auth=- proxy=-
greeting 220 1ms
EHLO 250 500us think_ns=120us pipelined=false argument=client.example
MAIL 250 600us think_ns=2120us idle_ns=2120us enhanced=2.1.0 argument=FROM:<alice@client.example>
RCPT 250 700us think_ns=100us idle_ns=- enhanced=2.1.5 argument=TO:<bob@example.test>
DATA 354 550us think_ns=100us service_ns=550us
. 250 2ms service_ns=2ms enhanced=2.0.0
QUIT 221 450us think_ns=100us idle_ns=100us
message 250 from=alice@client.example to=bob@example.test:250 size=190 id=4XkZ1n0Q7Rz9sW
  transfer_ns=0ns end_of_data_ns=2ms accepted=true
)",
                  [](Capture& capture) {
                    Conversation c(capture, kClient, kServer);
                    begin(c);
                    c.ack(Side::kClient, 20us);
                    c.wait(2ms);
                    deliver(c);
                    leave(c);
                  }});

  list.push_back({"multi_recipient_one_refused", "Three recipients, one refused with 550", R"(
session outcome=partial
greeting 220 1ms
EHLO 250 500us
MAIL 250 600us
RCPT 250 700us
RCPT 550 900us enhanced=5.1.1
RCPT 250 700us
DATA 354 550us
. 250 2ms
QUIT 221 450us
message 250 from=alice@client.example to=bob@example.test:250 to=nobody@example.test:550
  to=carol@example.test:250 size=190 accepted=true
)",
                  [](Capture& capture) {
                    Conversation c(capture, kClient, kServer);
                    begin(c);
                    mail(c);
                    rcpt(c);
                    ask(c, "RCPT TO:<nobody@example.test>\r\n",
                        "550 5.1.1 <nobody@example.test>: Recipient address rejected: User "
                        "unknown in local recipient table\r\n",
                        900us);
                    ask(c, "RCPT TO:<carol@example.test>\r\n", "250 2.1.5 Ok\r\n", kRcpt);
                    data(c);
                    content(c);
                    leave(c);
                  }});

  list.push_back({"pipelined", "MAIL, two RCPT and DATA in one segment; replies one after another",
                  R"(
session outcome=delivered
greeting 220 1ms
EHLO 250 500us
MAIL 250 600us service_ns=600us pipelined=false
RCPT 250 800us service_ns=200us pipelined=true think_ns=-
RCPT 250 1050us service_ns=250us pipelined=true
DATA 354 1150us service_ns=100us pipelined=true
. 250 2ms pipelined=false
QUIT 221 2010us service_ns=10us pipelined=true
message 250 from=alice@client.example to=bob@example.test:250 to=carol@example.test:250 size=190
)",
                  [](Capture& capture) {
                    Conversation c(capture, kClient, kServer);
                    begin(c);
                    c.client(std::string(kFour) + "RCPT TO:<carol@example.test>\r\nDATA\r\n",
                             kThink);
                    c.server("250 2.1.0 Ok\r\n", 600us);
                    c.server("250 2.1.5 Ok\r\n", 200us);
                    c.server("250 2.1.5 Ok\r\n", 250us);
                    c.server("354 End data with <CR><LF>.<CR><LF>\r\n", 100us);
                    c.client(std::string(kMessage) + ".\r\nQUIT\r\n", kThink);
                    c.server("250 2.0.0 Ok: queued as 4XkZ1n0Q7Rz9sW\r\n", 2ms);
                    c.server("221 2.0.0 Bye\r\n", 10us);
                    c.close_by_server(0us);
                  }});

  list.push_back({"pipelined_all_refused",
                  "Pipelines whose recipients are all refused: DATA refused with 554, and 354 "
                  "answered with a lone dot",
                  R"(
session outcome=rejected
greeting 220 1ms
EHLO 250 500us
MAIL 250 800us
RCPT 550 800us
RCPT 550 800us
DATA 554 800us
RSET 250 300us
MAIL 250 800us
RCPT 550 800us
DATA 354 800us
. 554 400us
QUIT 221 450us
message - to=bob@example.test:550 to=carol@example.test:550 accepted=false size=-
message 554 to=bob@example.test:550 accepted=false size=0
)",
                  [](Capture& capture) {
                    Conversation c(capture, kClient, kServer);
                    begin(c);
                    const std::string refused = "550 5.1.1 User unknown\r\n";
                    c.client(std::string(kFour) + "RCPT TO:<carol@example.test>\r\nDATA\r\n",
                             kThink);
                    c.server("250 2.1.0 Ok\r\n" + refused + refused +
                                 "554 5.5.1 Error: no valid recipients\r\n",
                             800us);
                    ask(c, "RSET\r\n", "250 2.0.0 Ok\r\n", 300us);
                    c.client(std::string(kFour) + "DATA\r\n", kThink);
                    c.server("250 2.1.0 Ok\r\n" + refused + "354 Enter mail\r\n", 800us);
                    ask(c, ".\r\n", "554 5.5.1 No valid recipients\r\n", 400us);
                    leave(c);
                  }});

  list.push_back({"data_refused_503", "DATA answered with 503: what follows is a command again", R"(
session outcome=rejected
greeting 220 1ms
EHLO 250 500us
MAIL 250 600us
RCPT 554 700us enhanced=5.7.1
DATA 503 550us enhanced=5.5.1
QUIT 221 450us
message - to=bob@example.test:554 accepted=false
)",
                  [](Capture& capture) {
                    Conversation c(capture, kClient, kServer);
                    begin(c);
                    mail(c);
                    ask(c, "RCPT TO:<bob@example.test>\r\n",
                        "554 5.7.1 <bob@example.test>: Relay access denied\r\n", kRcpt);
                    ask(c, "DATA\r\n", "503 5.5.1 Error: need RCPT command\r\n", kData);
                    leave(c);
                  }});

  list.push_back({"dot_split_over_segments",
                  "Sixteen mails: the five bytes CRLF.CRLF in every way to cut them",
                  "session outcome=delivered\ngreeting 220 1ms\nEHLO 250 500us\n" +
                      repeated(16,
                               "MAIL 250 600us\nRCPT 250 600us\nDATA 354 600us\n"
                               ". 250 2ms\n") +
                      "QUIT 221 450us\n" +
                      repeated(16, "message 250 to=bob@example.test:250 size=25 accepted=true\n"),
                  [](Capture& capture) {
                    Conversation c(capture, kClient, kServer);
                    begin(c);
                    for (unsigned cuts = 0; cuts < 16; ++cuts) {
                      c.client(std::string(kFour) + "DATA\r\n", kThink);
                      c.server("250 Ok\r\n250 Ok\r\n354 Go\r\n", 600us);
                      c.client("Subject: Split\r\n\r\nHello", kThink);
                      send_end_of_data(c, cuts);
                      c.server("250 Ok\r\n", 2ms);
                    }
                    leave(c);
                  }});

  list.push_back({"command_after_dot_same_segment",
                  "The segment that ends a message goes on with the next MAIL", R"(
session outcome=delivered
greeting 220 1ms
EHLO 250 500us
MAIL 250 600us
RCPT 250 700us
DATA 354 550us
. 250 2ms
MAIL 250 2300us service_ns=300us pipelined=true argument=FROM:<carol@client.example>
RCPT 250 700us
DATA 354 550us
. 250 2ms
QUIT 221 450us
message 250 from=alice@client.example size=190
message 250 from=carol@client.example size=190
)",
                  [](Capture& capture) {
                    Conversation c(capture, kClient, kServer);
                    begin(c);
                    mail(c);
                    rcpt(c);
                    data(c);
                    c.client(std::string(kMessage) + ".\r\nMAIL FROM:<carol@client.example>\r\n",
                             kThink);
                    c.server("250 2.0.0 Ok: queued as 4XkZ1n0Q7Rz9sW\r\n", 2ms);
                    c.server("250 2.1.0 Ok\r\n", 300us);
                    rcpt(c);
                    data(c);
                    content(c);
                    leave(c);
                  }});

  list.push_back({"bdat_chunks", "A mail in two chunks of BDAT, the first over two segments", R"(
session outcome=delivered
greeting 220 1ms
EHLO 250 500us
MAIL 250 600us
RCPT 250 700us
BDAT 250 300us argument=100
BDAT 250 2ms argument=90<SP>LAST
QUIT 221 450us
message 250 from=alice@client.example to=bob@example.test:250 size=190 transfer_ns=450us
  end_of_data_ns=2ms id=4XkZ1n0Q7Rz9sW
)",
                  [](Capture& capture) {
                    Conversation c(capture, kClient, kServer);
                    open(c);
                    ehlo(c, {"SIZE 10240000", "CHUNKING", "BINARYMIME"});
                    mail(c);
                    rcpt(c);
                    const std::string message = unstuffed_message();
                    c.client("BDAT 100\r\n" + message.substr(0, 60), kThink);
                    c.client(message.substr(60, 40), 50us);
                    c.server("250 2.0.0 Ok: 100 bytes\r\n", 300us);
                    c.client("BDAT 90 LAST\r\n" + message.substr(100), kThink);
                    c.server("250 2.0.0 Ok: queued as 4XkZ1n0Q7Rz9sW\r\n", 2ms);
                    leave(c);
                  }});

  list.push_back({"bdat_zero_last", "BDAT with the message, then BDAT 0 LAST", R"(
session outcome=delivered
greeting 220 1ms
EHLO 250 500us
MAIL 250 600us
RCPT 250 700us
BDAT 250 300us argument=190
BDAT 250 2ms argument=0<SP>LAST
QUIT 221 450us
message 250 to=bob@example.test:250 size=190 accepted=true transfer_ns=400us
)",
                  [](Capture& capture) {
                    Conversation c(capture, kClient, kServer);
                    open(c);
                    ehlo(c, {"SIZE 10240000", "CHUNKING"});
                    mail(c);
                    rcpt(c);
                    c.client("BDAT 190\r\n" + unstuffed_message(), kThink);
                    c.server("250 2.0.0 Ok: 190 bytes\r\n", 300us);
                    ask(c, "BDAT 0 LAST\r\n", "250 2.0.0 Ok: queued as 4XkZ1n0Q7Rz9sW\r\n", 2ms);
                    leave(c);
                  }});

  list.push_back({"bdat_failed_chunk",
                  "Pipelined chunks; the first fails, the bytes of the second still follow it", R"(
session outcome=rejected
greeting 220 1ms
EHLO 250 500us
MAIL 250 900us
RCPT 250 900us
BDAT 552 900us argument=100
BDAT 503 1ms argument=90<SP>LAST service_ns=100us
RSET 250 300us
QUIT 221 450us
message * to=bob@example.test:250 accepted=false
)",
                  [](Capture& capture) {
                    Conversation c(capture, kClient, kServer);
                    open(c);
                    ehlo(c, {"PIPELINING", "SIZE 10240000", "CHUNKING"});
                    // The chunk holds lines that would be commands, were they not content.
                    const std::string first =
                        "Subject: Trap\r\n\r\nQUIT\r\nRSET\r\n" + std::string(69, 'x') + "\r\n";
                    c.client(std::string(kFour) + "BDAT 100\r\n" + first + "BDAT 90 LAST\r\n" +
                                 std::string(88, 'y') + "\r\n",
                             kThink);
                    c.server(
                        "250 2.1.0 Ok\r\n250 2.1.5 Ok\r\n"
                        "552 5.3.4 Message size exceeds fixed limit\r\n",
                        900us);
                    c.server("503 5.5.1 Error: previous BDAT failed\r\n", 100us);
                    ask(c, "RSET\r\n", "250 2.0.0 Ok\r\n", 300us);
                    leave(c);
                  }});

  list.push_back({"several_messages",
                  "Three mails in one session: accepted, refused after the dot, accepted", R"(
session outcome=partial
greeting 220 1ms
EHLO 250 500us
MAIL 250 600us
RCPT 250 700us
DATA 354 550us
. 250 2ms
MAIL 250 600us idle_ns=300ms
RCPT 250 700us
DATA 354 550us
. 554 3ms enhanced=5.7.1
MAIL 250 600us idle_ns=100us
RCPT 250 700us
DATA 354 550us
. 250 2ms
QUIT 221 450us
message 250 size=190 accepted=true
message 554 size=190 accepted=false
message 250 size=190 accepted=true
)",
                  [](Capture& capture) {
                    Conversation c(capture, kClient, kServer);
                    begin(c);
                    deliver(c);
                    c.wait(300ms - kThink);
                    mail(c);
                    rcpt(c);
                    data(c);
                    c.client(std::string(kMessage) + ".\r\n", kThink);
                    c.server("554 5.7.1 Message content rejected\r\n", 3ms);
                    deliver(c);
                    leave(c);
                  }});

  list.push_back({"lmtp_three_recipients",
                  "LMTP on port 24: one reply to the dot for each recipient, one of them 452", R"(
session outcome=partial server.port=24
greeting 220 1ms
LHLO 250 500us
MAIL 250 600us
RCPT 250 700us
RCPT 250 700us
RCPT 250 700us
DATA 354 550us
. 250 2500us
QUIT 221 450us
message 250 to=bob@example.test:250:250 to=carol@example.test:250:452
  to=dave@example.test:250:250 size=190
)",
                  [](Capture& capture) {
                    Conversation c(capture, kClient, {kServer.address, 24});
                    c.handshake();
                    c.server("220 mx.example.test LMTP\r\n", kGreeting);
                    ask(c, "LHLO client.example\r\n",
                        "250-mx.example.test\r\n250-PIPELINING\r\n250 8BITMIME\r\n", kEhlo);
                    mail(c);
                    for (const char* name : {"bob", "carol", "dave"}) {
                      ask(c, std::string("RCPT TO:<") + name + "@example.test>\r\n",
                          "250 2.1.5 Ok\r\n", kRcpt);
                    }
                    data(c);
                    c.client(std::string(kMessage) + ".\r\n", kThink);
                    c.server("250 2.0.0 <bob@example.test> Saved\r\n", 2ms);
                    c.server("452 4.2.2 <carol@example.test> Mailbox full\r\n", 300us);
                    c.server("250 2.0.0 <dave@example.test> Saved\r\n", 200us);
                    leave(c);
                  }});

  list.push_back({"prdr", "PRDR: 353, one reply for each recipient, then the final one", R"(
session outcome=partial
greeting 220 1ms
EHLO 250 500us
MAIL 250 600us argument=FROM:<alice@client.example><SP>PRDR
RCPT 250 700us
RCPT 250 700us
DATA 354 550us
. 250 2ms
QUIT 221 450us
message 250 to=bob@example.test:250:250 to=carol@example.test:250:550 size=190
)",
                  [](Capture& capture) {
                    Conversation c(capture, kClient, kServer);
                    open(c);
                    ehlo(c, {"SIZE 10240000", "PRDR", "PIPELINING"});
                    ask(c, "MAIL FROM:<alice@client.example> PRDR\r\n",
                        "250 OK, PRDR Requested\r\n", kMail);
                    rcpt(c);
                    ask(c, "RCPT TO:<carol@example.test>\r\n", "250 Accepted\r\n", kRcpt);
                    data(c);
                    c.client(std::string(kMessage) + ".\r\n", kThink);
                    c.server("353 PRDR content analysis beginning\r\n", 1ms);
                    c.server("250 PRDR R=<bob@example.test> acceptance\r\n", 500us);
                    c.server("550 PRDR R=<carol@example.test> refusal\r\n", 300us);
                    c.server("250 OK id=1vcX2a-000000001Ab-3Cd4\r\n", 200us);
                    leave(c);
                  }});
}

}  // namespace smtp_session::scenarios
