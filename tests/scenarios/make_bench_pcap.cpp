// SPDX-License-Identifier: GPL-2.0-or-later
//
// make_bench_pcap web|smtp SESSIONS OUT
//
// Traffic for measuring: web is half HTTP and half TLS records with nothing to read in them; smtp
// is complete sessions of one mail, 31 packets each. Some five sessions are open at any time.
#include <algorithm>
#include <cstdint>
#include <exception>
#include <iostream>
#include <random>
#include <string>

#include "dialogue.h"

namespace {

using namespace smtp_session::scenarios;

/// Sessions that are held in memory at a time.
constexpr unsigned long kBatch = 1000;
constexpr Nanoseconds kSessionEvery = 1ms;
/// Longer than any session, so that no batch reaches into the next.
constexpr Nanoseconds kBatchEvery = kBatch * kSessionEvery + 100ms;
constexpr unsigned long kFirstPort = 10000;
constexpr unsigned long kPorts = 50000;

/// Another address or port for each session, so that none is reused before 12 million.
Host client_of(unsigned long session) {
  return {"192.0.2." + std::to_string(1 + session / kPorts % 254),
          static_cast<std::uint16_t>(kFirstPort + session % kPorts)};
}

void answered(Conversation& c, std::string_view command, std::string_view reply) {
  c.client(command, 80us);
  c.ack(Side::kServer, 100us);
  c.server(reply, 400us);
  c.ack(Side::kClient, 20us);
}

void smtp_session(Conversation& c) {
  c.handshake();
  c.server("220 mx.example.test ESMTP Postfix\r\n", kGreeting);
  c.ack(Side::kClient, 20us);
  answered(c, "EHLO client.example\r\n",
           "250-mx.example.test\r\n250-PIPELINING\r\n250-SIZE 10240000\r\n250 8BITMIME\r\n");
  answered(c, "MAIL FROM:<alice@client.example>\r\n", "250 2.1.0 Ok\r\n");
  answered(c, "RCPT TO:<bob@example.test>\r\n", "250 2.1.5 Ok\r\n");
  answered(c, "DATA\r\n", "354 End data with <CR><LF>.<CR><LF>\r\n");
  answered(c, std::string(kMessage) + ".\r\n", "250 2.0.0 Ok: queued as 4XkZ1n0Q7Rz9sW\r\n");
  c.client("QUIT\r\n", 80us);
  c.ack(Side::kServer, 100us);
  c.server("221 2.0.0 Bye\r\n", 400us);
  c.close_by_client(20us);
}

void http_session(Conversation& c) {
  c.handshake();
  c.client(
      "GET /index.html HTTP/1.1\r\nHost: www.example.test\r\nUser-Agent: bench\r\n"
      "Accept: */*\r\n\r\n",
      80us);
  c.ack(Side::kServer, 100us);
  const std::string body(8000, 'w');
  c.server("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: " +
               std::to_string(body.size()) + "\r\n\r\n" + body,
           400us);
  c.ack(Side::kClient, 20us);
  c.close_by_client(50us);
}

/// One TLS record of application data (RFC 8446 section 5.1), filled at random.
std::string opaque_record(std::mt19937& random, std::size_t size) {
  Bytes out;
  put8(out, 23);
  put16(out, 0x0303);
  put16(out, static_cast<std::uint32_t>(size));
  for (std::size_t i = 0; i < size; ++i) put8(out, static_cast<std::uint32_t>(random()));
  return out;
}

void tls_session(Conversation& c, std::mt19937& random) {
  c.handshake();
  c.client(opaque_record(random, 300), 80us);
  c.ack(Side::kServer, 100us);
  c.server(opaque_record(random, 4000), 400us);
  c.ack(Side::kClient, 20us);
  c.client(opaque_record(random, 200), 80us);
  c.server(opaque_record(random, 4000), 400us);
  c.ack(Side::kClient, 20us);
  c.close_by_client(50us);
}

void write(const std::string& kind, unsigned long sessions, const std::string& path) {
  std::mt19937 random;  // seeded with its default: the same file each time
  PcapFile file(path, Link::kEthernet, kSnaplen);
  for (unsigned long from = 0; from < sessions; from += kBatch) {
    Capture batch;
    for (unsigned long i = from; i < std::min(from + kBatch, sessions); ++i) {
      const bool http = i % 2 == 0;
      const std::uint16_t port = kind == "smtp" ? 25 : http ? 80 : 443;
      Conversation c(batch, client_of(i), {kServer.address, port});
      c.start_at(from / kBatch * kBatchEvery + (i - from) * kSessionEvery);
      if (kind == "smtp") {
        smtp_session(c);
      } else if (http) {
        http_session(c);
      } else {
        tls_session(c, random);
      }
    }
    batch.move_to(file);
  }
  file.finish();
}

}  // namespace

int main(int argc, char** argv) {
  const std::string kind = argc == 4 ? argv[1] : "";
  if (kind != "web" && kind != "smtp") {
    std::cerr << "usage: make_bench_pcap web|smtp SESSIONS OUT\n";
    return 2;
  }
  try {
    write(kind, std::stoul(argv[2]), argv[3]);
  } catch (const std::exception& error) {
    std::cerr << "make_bench_pcap: " << error.what() << "\n";
    return 1;
  }
  return 0;
}
