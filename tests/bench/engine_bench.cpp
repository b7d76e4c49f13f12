// SPDX-License-Identifier: GPL-2.0-or-later
//
// The engine alone: message data in GB/s and commands a second. The segments are made before the
// clock starts; each figure is the best of several runs. Asserts that the engine read what was fed
// and nothing about speed, which depends on the machine.
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "dissector/config.h"
#include "dissector/engine.h"
#include "dissector/segment.h"
#include "dissector/session.h"

namespace {

using smtp_session::Engine;
using smtp_session::Segment;
using smtp_session::TcpFlags;

constexpr std::size_t kMss = 1448;
constexpr smtp_session::TimeNs kStart = 1'700'000'000'000'000'000;
constexpr smtp_session::TimeNs kFrameGap = 10'000;
constexpr int kRuns = 5;

/// Writes one TCP connection as the segments that a capture of it would hold.
class Connection {
 public:
  explicit Connection(std::uint32_t stream) : stream_(stream) {}

  void open() {
    push(true, TcpFlags::kSyn, {});
    client_seq_ = 1;
    push(false, TcpFlags::kSyn | TcpFlags::kAck, {});
    server_seq_ = 1;
    push(true, TcpFlags::kAck, {});
  }
  void client(const std::string& text) { say(true, text); }
  void server(const std::string& text) { say(false, text); }
  void close() {
    push(true, TcpFlags::kFin | TcpFlags::kAck, {});
    client_seq_ += 1;
    push(false, TcpFlags::kFin | TcpFlags::kAck, {});
  }

  /// The segments, with their payloads, valid while this object lives.
  void append_to(std::vector<Segment>& segments, smtp_session::FrameNumber& frame) {
    for (Entry& entry : entries_) {
      frame += 1;
      entry.segment.frame = frame;
      entry.segment.time = kStart + static_cast<smtp_session::TimeNs>(frame) * kFrameGap;
      entry.segment.payload = reinterpret_cast<const std::uint8_t*>(entry.bytes.data());
      segments.push_back(entry.segment);
    }
  }

 private:
  struct Entry {
    Segment segment;
    std::string bytes;
  };

  static smtp_session::Endpoint endpoint(std::uint8_t last, std::uint16_t port) {
    smtp_session::Endpoint end;
    end.address.family = 4;
    end.address.bytes = {192, 0, 2, last};
    end.port = port;
    return end;
  }

  void say(bool from_client, const std::string& text) {
    for (std::size_t at = 0; at < text.size(); at += kMss) {
      const std::string part = text.substr(at, kMss);
      push(from_client, TcpFlags::kAck, part);
      (from_client ? client_seq_ : server_seq_) += static_cast<std::uint32_t>(part.size());
    }
  }

  void push(bool from_client, int flags, std::string bytes) {
    Entry entry;
    const auto client = endpoint(1, static_cast<std::uint16_t>(20000 + stream_ % 40000));
    const auto server = endpoint(25, 25);
    entry.segment.stream = stream_;
    entry.segment.source = from_client ? client : server;
    entry.segment.destination = from_client ? server : client;
    entry.segment.seq = from_client ? client_seq_ : server_seq_;
    entry.segment.ack = (flags & TcpFlags::kAck) == 0 ? 0 : from_client ? server_seq_ : client_seq_;
    entry.segment.window = 65535;
    entry.segment.flags = static_cast<std::uint8_t>(flags);
    ip_id_ = static_cast<std::uint16_t>(ip_id_ + 1);
    entry.segment.ip_id = ip_id_;
    entry.segment.captured = static_cast<std::uint32_t>(bytes.size());
    entry.segment.length = entry.segment.captured;
    entry.bytes = std::move(bytes);
    entries_.push_back(std::move(entry));
  }

  std::uint32_t stream_;
  std::uint32_t client_seq_ = 0;
  std::uint32_t server_seq_ = 0;
  std::uint16_t ip_id_ = 0;
  std::vector<Entry> entries_;
};

struct Workload {
  std::vector<Connection> connections;
  std::vector<Segment> segments;
  std::size_t commands = 0;

  void finish() {
    smtp_session::FrameNumber frame = 0;
    for (Connection& connection : connections) connection.append_to(segments, frame);
  }
};

/// One session that sends one message of `bytes` bytes in lines of 76.
Workload one_large_message(std::size_t bytes) {
  Workload work;
  Connection connection(0);
  connection.open();
  connection.server("220 mx.example.test ESMTP\r\n");
  connection.client("EHLO client.example\r\n");
  connection.server("250 mx.example.test\r\n");
  connection.client("MAIL FROM:<a@client.example>\r\n");
  connection.server("250 2.1.0 Ok\r\n");
  connection.client("RCPT TO:<b@example.test>\r\n");
  connection.server("250 2.1.5 Ok\r\n");
  connection.client("DATA\r\n");
  connection.server("354 go ahead\r\n");
  const std::string line(76, 'x');
  std::string message;
  message.reserve(bytes + 100);
  while (message.size() < bytes) message += line + "\r\n";
  connection.client(message + ".\r\n");
  connection.server("250 2.0.0 Ok\r\n");
  connection.client("QUIT\r\n");
  connection.server("221 2.0.0 Bye\r\n");
  connection.close();
  work.connections.push_back(std::move(connection));
  work.commands = 6;  // EHLO MAIL RCPT DATA . QUIT
  work.finish();
  return work;
}

/// `sessions` sessions of `recipients` recipients each, one command a segment.
Workload many_commands(std::uint32_t sessions, std::size_t recipients) {
  Workload work;
  for (std::uint32_t stream = 0; stream < sessions; ++stream) {
    Connection connection(stream);
    connection.open();
    connection.server("220 mx.example.test ESMTP\r\n");
    connection.client("EHLO client.example\r\n");
    connection.server("250-mx.example.test\r\n250 8BITMIME\r\n");
    connection.client("MAIL FROM:<a@client.example>\r\n");
    connection.server("250 2.1.0 Ok\r\n");
    for (std::size_t recipient = 0; recipient < recipients; ++recipient) {
      connection.client("RCPT TO:<user" + std::to_string(recipient) + "@example.test>\r\n");
      connection.server("250 2.1.5 Ok\r\n");
    }
    connection.client("DATA\r\n");
    connection.server("354 go ahead\r\n");
    connection.client("Subject: x\r\n\r\nx\r\n.\r\n");
    connection.server("250 2.0.0 Ok\r\n");
    connection.client("QUIT\r\n");
    connection.server("221 2.0.0 Bye\r\n");
    connection.close();
    work.connections.push_back(std::move(connection));
    work.commands += 5 + recipients;
  }
  work.finish();
  return work;
}

/// Seconds of the fastest run. Ends the program if the engine did not read every command.
double best_seconds(const Workload& work) {
  double best = 0;
  for (int run = 0; run < kRuns; ++run) {
    Engine engine{smtp_session::Config()};
    const auto begin = std::chrono::steady_clock::now();
    for (const Segment& segment : work.segments) engine.feed(segment);
    engine.finish();
    const auto end = std::chrono::steady_clock::now();
    std::size_t commands = 0;
    for (const auto& session : engine.sessions()) commands += session.commands.size();
    if (engine.sessions().size() != work.connections.size() || commands != work.commands) {
      std::fprintf(stderr, "fed %zu sessions with %zu commands, the engine read %zu with %zu\n",
                   work.connections.size(), work.commands, engine.sessions().size(), commands);
      std::exit(1);
    }
    const double seconds = std::chrono::duration<double>(end - begin).count();
    if (run == 0 || seconds < best) best = seconds;
  }
  return best;
}

}  // namespace

int main() {
  constexpr std::size_t kMessageBytes = 256U << 20U;
  const double data = best_seconds(one_large_message(kMessageBytes));
  std::printf("message data: %.2f GB/s\n", static_cast<double>(kMessageBytes) / data / 1e9);

  const Workload few = many_commands(20'000, 1);
  const double few_seconds = best_seconds(few);
  std::printf("sessions of 6 commands: %.2f million commands/s, %.0f thousand sessions/s\n",
              static_cast<double>(few.commands) / few_seconds / 1e6,
              static_cast<double>(few.connections.size()) / few_seconds / 1e3);

  const Workload many = many_commands(1'000, 100);
  std::printf("sessions of 105 commands: %.2f million commands/s\n",
              static_cast<double>(many.commands) / best_seconds(many) / 1e6);
  return 0;
}
