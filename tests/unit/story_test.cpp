// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/report/story.h"

#include <gtest/gtest.h>

#include <memory>
#include <sstream>
#include <string>

#include "dissector/finding.h"
#include "dissector/report/layout.h"
#include "dissector/report/story_steps.h"
#include "dissector/text.h"
#include "tests/unit/model_builder.h"

namespace smtp_session {
namespace {

using test::kMs;
using test::ModelBuilder;

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

/// The words of all steps, one a line.
std::string words_of(const Session& session) {
  std::string words;
  for (const Step& step : steps_of(session)) words += step.what + "\n";
  return words;
}

void expect_fits(const std::string& text) {
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    EXPECT_LE(width_of(line), kStoryWidth) << line;
  }
  EXPECT_TRUE(is_valid_utf8(text));
}

TEST(StorySteps, AreInOrderOfTime) {
  ModelBuilder model;
  model.open();
  model.deliver();
  model.quit();
  EXPECT_EQ(words_of(model.session()),
            "SYN\nSYN-ACK\nACK\n220 mx.example.test ESMTP\n"
            "EHLO client.example\n250 mx.example.test (3 lines)\n"
            "MAIL FROM:<alice@example.test>\n250 2.1.0 Ok\n"
            "RCPT TO:<bob@example.test>\n250 2.1.5 Ok\n"
            "DATA\n354 End data with <CR><LF>.<CR><LF>\n"
            "message data\nend of data, 1234 bytes\n250 2.0.0 Ok: queued as 7C589AAA09E\n"
            "QUIT\n221 2.0.0 Bye\nFIN\n");
}

TEST(StorySteps, MessageInOneFrameIsOneStep) {
  ModelBuilder model;
  model.open();
  model.envelope();
  model.ask("DATA", "", 354);
  const Index end = model.send_message();
  model.session().message(1).first_frame = model.session().command(end).frame;
  EXPECT_FALSE(has(words_of(model.session()), "message data"));
}

TEST(StorySteps, TlsIsTold) {
  ModelBuilder model;
  model.handshake();
  TlsFacts& tls = model.client_hello(TlsMode::kImplicit);
  tls.sni = model.text("mx.example.test");
  model.finish_tls();
  const std::string words = words_of(model.session());
  EXPECT_TRUE(has(words, "ClientHello for mx.example.test\n"));
  EXPECT_TRUE(has(words, "ServerHello, TLS 1.3, TLS_AES_256_GCM_SHA384\n"));
  EXPECT_TRUE(has(words, "TLS established\n"));
}

TEST(StorySteps, AlertAndResetAreTold) {
  ModelBuilder model;
  model.handshake();
  TlsFacts& tls = model.client_hello(TlsMode::kImplicit);
  tls.alert = TlsAlert{2, 70, Side::kServer, model.tick()};
  model.rst(Side::kServer);
  EXPECT_TRUE(has(words_of(model.session()), "TLS alert protocol_version\nRST\n"));
}

TEST(StorySteps, ProxyLineIsTold) {
  ModelBuilder model;
  model.handshake();
  model.session().proxy = std::make_unique<ProxyHeader>();
  ProxyHeader& proxy = *model.session().proxy;
  proxy.at = model.tick();
  proxy.version = 1;
  proxy.source = {test::ipv4(203, 0, 113, 7), 14659};
  proxy.destination = {test::ipv4(192, 0, 2, 25), 25};
  EXPECT_TRUE(
      has(words_of(model.session()), "PROXY version 1, 203.0.113.7:14659 to 192.0.2.25:25\n"));
}

TEST(StorySteps, ChallengeOfAuthIsNotShown) {
  ModelBuilder model;
  model.open();
  const Index auth = model.send("AUTH", "CRAM-MD5");
  model.answer(auth, 334, "PDEyMzRAbXguZXhhbXBsZT4=", ReplyKind::kIntermediate);
  const std::string words = words_of(model.session());
  EXPECT_TRUE(has(words, "AUTH CRAM-MD5\n334 (challenge)\n"));
  EXPECT_FALSE(has(words, "PDEy"));
}

TEST(StorySteps, TurnsUnderTlsWithoutKeysAreTheirSizes) {
  ModelBuilder model;
  const Index turn = model.send("");
  model.session().command(turn).opaque = true;
  model.session().command(turn).bytes = 57;
  Reply& reply = model.session().reply(model.answer(turn, 0, ""));
  reply.opaque = true;
  reply.bytes = 210;
  EXPECT_EQ(words_of(model.session()), "encrypted, 57 bytes\nencrypted, 210 bytes\n");
}

TEST(StorySteps, NotesBearTheTimes) {
  ModelBuilder model;
  model.open();
  const Index mail = model.send("MAIL", "FROM:<alice@example.test>");
  const Index rcpt = model.send("RCPT", "TO:<bob@example.test>");
  model.after(30 * kMs).answer(mail, 250);
  model.after(7 * kMs).answer(rcpt, 250);
  const auto steps = steps_of(model.session());
  EXPECT_EQ(steps[3].note, "greeting 1.000 ms");
  EXPECT_EQ(steps[5].note, "latency 1.000 ms");
  EXPECT_EQ(steps[7].note, "pipelined");
  EXPECT_EQ(steps[8].note, "latency 31.000 ms");
  EXPECT_EQ(steps[9].note, "service 7.000 ms");
}

TEST(Story, TellsTheWholeSession) {
  ModelBuilder model;
  model.session().id = 4;
  model.open();
  model.ask("MAIL", "FROM:<alice@example.test>", 250);
  model.ask("RCPT", "TO:<bob@example.test>", 250);
  const Index bad = model.ask("RCPT", "TO:<bad@example.test>", 550, "5.1.1 no such user");
  model.ask("DATA", "", 354);
  model.answer(model.send_message(), 250, "2.0.0 Ok: queued as 7C589AAA09E");
  model.quit();
  model.find(FindingId::kRep04, model.session().command(bad).reply, Severity::kError,
             "550 to RCPT: 5.1.1 no such user");
  const std::string text = story(model.session());
  expect_fits(text);
  for (const char* part :
       {"Session 4 (tcp.stream 0): partial\n", "client 192.0.2.1:46672, server 192.0.2.25:25",
        "\xE2\x86\x92 EHLO client.example", "\xE2\x86\x90 250 mx.example.test (3 lines)",
        "Where the time went", "message transfer",
        "Message 1 from <alice@example.test>, 1234 bytes: accepted, 250 2.0.0 Ok: queued as",
        "to <bob@example.test>: 250, accepted\n", "to <bad@example.test>: 550\n",
        "error REP-04, frame 12: 550 to RCPT: 5.1.1 no such user\n",
        "next: Check the local part"}) {
    EXPECT_TRUE(has(text, part)) << part << "\nin\n" << text;
  }
}

TEST(Story, DeltaRunsFromStepToStep) {
  ModelBuilder model;
  model.syn();
  model.after(20 * kMs).syn_ack();
  model.after(5 * kMs).ack();
  EXPECT_TRUE(has(story(model.session()), "       3    25.000 ms     5.000 ms \xE2\x86\x92 ACK"));
}

TEST(Story, SharesAddUpToAHundred) {
  ModelBuilder model;
  model.handshake();
  for (int i = 0; i < 7; ++i) {
    model.after(i * 333'333);
    model.greet();
  }
  std::istringstream lines(story(model.session()));
  int total = 0;
  for (std::string line; std::getline(lines, line);) {
    if (line.size() > 2 && line.substr(line.size() - 2) == " %") {
      total += std::stoi(line.substr(line.size() - 5, 3));
    }
  }
  EXPECT_EQ(total, 100);
}

TEST(Story, WordsOfTheCaptureCannotActOnTheTerminal) {
  ModelBuilder model;
  model.handshake();
  model.greet(220, "mx \x1B[2J\x1B]0;x\x07 ESMTP");
  model.find(FindingId::kRep04, 1, Severity::kWarn, "mx \x1B[2J\x1B]0;x\x07 ESMTP");
  const std::string text = story(model.session());
  EXPECT_FALSE(has(text, "\x1B"));
  EXPECT_FALSE(has(text, "\x07"));
}

TEST(Story, FitsThePageWithLongWords) {
  ModelBuilder model;
  const std::string name(250, 'a');
  model.session().client.address.family = 6;
  model.session().client.address.bytes.fill(0xAB);
  model.session().server.address = model.session().client.address;
  model.handshake();
  model.greet(220, name + " ESMTP");
  model.ask("MAIL", "FROM:<" + name + "@example.test>", 250);
  model.ask("RCPT", "TO:<" + name + "@example.test>", 550, "5.1.1 " + name);
  model.find(FindingId::kRep04, 3, Severity::kError, "550 to RCPT: 5.1.1 " + name);
  expect_fits(story(model.session()));
}

TEST(Story, SessionOfOneSynIsTold) {
  ModelBuilder model;
  model.syn();
  const std::string text = story(model.session());
  expect_fits(text);
  EXPECT_TRUE(has(text, "connection_timeout"));
}

}  // namespace
}  // namespace smtp_session
