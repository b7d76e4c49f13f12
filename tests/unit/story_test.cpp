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
  const std::string text = story(model.session(), {});
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
  EXPECT_TRUE(
      has(story(model.session(), {}), "      3   25.000 ms    5.000 ms      \xE2\x86\x92 ACK"));
}

TEST(Story, BeginsWithTheVerdict) {
  ModelBuilder model;
  model.open();
  model.deliver();
  model.quit();
  const std::string text = story(model.session(), {});
  EXPECT_EQ(text.find("  Delivered: "), text.find('\n') + 1) << text;
}

TEST(Story, SaysWhenTheSessionBegan) {
  ModelBuilder model;
  model.handshake();
  EXPECT_TRUE(has(story(model.session(), {}), "\n  2026-11-24T17:34:22.853724Z, 2.000 ms, frames"));
  TextStyle style;
  style.utc_offset = [](TimeNs) { return 3600L; };
  EXPECT_TRUE(has(story(model.session(), style), "\n  2026-11-24T18:34:22.853724+01:00, "));
}

TEST(Story, UnitsOfTimesStandInOneColumn) {
  ModelBuilder model;
  model.handshake();
  model.after(5'000 * kMs).greet();
  model.ask("EHLO", "client.example", 250);
  const std::string text = story(model.session(), {});
  EXPECT_TRUE(has(text, "      3    2.000 ms    1.000 ms      \xE2\x86\x92 ACK")) << text;
  EXPECT_TRUE(has(text, "      4    5.002 s     5.000 s       \xE2\x86\x90 220")) << text;
}

/// A word of one of the session's findings, raised by hand.
Finding& raise(ModelBuilder& model, FindingId id, FrameNumber frame, Index command, Index reply) {
  Finding& finding = model.session().findings.emplace_back();
  finding.id = id;
  finding.frame = frame;
  finding.command = command;
  finding.reply = reply;
  return finding;
}

/// What the steps say that are marked as slow.
std::string slow_steps(const Session& session) {
  std::string words;
  for (const Step& step : steps_of(session)) words += step.slow ? step.what + "\n" : "";
  return words;
}

TEST(StorySteps, ReplyIsSlowWhereAFindingSaysSo) {
  ModelBuilder model;
  model.open();
  model.after(3'000 * kMs);
  const Index mail = model.ask("MAIL", "FROM:<alice@example.test>", 250, "2.1.0 Ok");
  const Index rcpt = model.ask("RCPT", "TO:<bob@example.test>", 250, "2.1.5 Ok");
  EXPECT_EQ(slow_steps(model.session()), "");
  const Index reply = model.session().command(mail).reply;
  raise(model, FindingId::kLat01, model.session().reply(reply).frame, mail, reply);
  EXPECT_EQ(slow_steps(model.session()), "250 2.1.0 Ok\n");
  raise(model, FindingId::kRep04, model.session().reply(reply + 1).frame, rcpt, reply + 1);
  EXPECT_EQ(slow_steps(model.session()), "250 2.1.0 Ok\n");
}

TEST(StorySteps, OfTwoRepliesInOneFrameTheSlowOneIsMarked) {
  ModelBuilder model;
  model.open();
  const Index mail = model.send("MAIL", "FROM:<alice@example.test>");
  const Index rcpt = model.send("RCPT", "TO:<bob@example.test>");
  model.answer(mail, 250, "2.1.0 Ok");
  const Index second = model.answer(rcpt, 250, "2.1.5 Ok");
  const FrameNumber frame = model.session().reply(second).frame;
  model.session().reply(second - 1).frame = frame;
  raise(model, FindingId::kLat01, frame, rcpt, second);
  EXPECT_EQ(slow_steps(model.session()), "250 2.1.5 Ok\n");
}

TEST(StorySteps, CommandHandshakesAndMessageAreSlowWhereAFindingSaysSo) {
  ModelBuilder model;
  model.handshake();
  raise(model, FindingId::kTcp03, model.session().tcp.ack.frame, 0, 0);
  model.greet();
  model.client_hello(TlsMode::kStarttls);
  model.finish_tls();
  raise(model, FindingId::kTls08, model.session().tls->finished.frame, 0, 0);
  const Index mail = model.ask("MAIL", "FROM:<alice@example.test>", 250);
  raise(model, FindingId::kLat04, model.session().command(mail).frame, mail, 0);
  model.ask("DATA", "", 354);
  const Index end = model.send_message();
  raise(model, FindingId::kDat03, model.session().command(end).frame, 0, 0);
  model.answer(end, 250);
  EXPECT_EQ(slow_steps(model.session()),
            "ACK\nTLS established\nMAIL FROM:<alice@example.test>\nend of data, 1234 bytes\n");
}

TEST(StorySteps, CloseThatEndsAWaitInVainIsSlow) {
  ModelBuilder model;
  model.open();
  model.envelope();
  model.ask("DATA", "", 354);
  const Index end = model.send_message();
  model.after(20'000 * kMs).fin(Side::kClient);
  EXPECT_EQ(slow_steps(model.session()), "");
  raise(model, FindingId::kDat02, model.session().tcp.first_fin.frame, end, 0);
  EXPECT_EQ(slow_steps(model.session()), "FIN\n");
}

TEST(Story, SlowStepsAreMarkedInWords) {
  ModelBuilder model;
  model.handshake();
  const Index greeting = model.after(9'000 * kMs).greet();
  raise(model, FindingId::kGrt01, model.session().reply(greeting).frame, 0, greeting);
  const std::string text = story(model.session(), {});
  EXPECT_TRUE(has(text, " s  slow \xE2\x86\x90 220 mx.example.test ESMTP")) << text;
  EXPECT_EQ(text.find(" slow "), text.rfind(" slow ")) << text;
}

TEST(Story, ColoursAreThereOnlyIfAskedFor) {
  ModelBuilder model;
  model.open();
  raise(model, FindingId::kGrt01, model.session().reply(1).frame, 0, 1);
  model.session().findings.front().severity = Severity::kError;
  const std::string plain = story(model.session(), {});
  EXPECT_FALSE(has(plain, "\x1B"));
  TextStyle style;
  style.colours = true;
  std::string text = story(model.session(), style);
  for (const char* part :
       {"\x1B[1mSession 0", "\x1B[93mslow\x1B[0m", "\x1B[94m\xE2\x86\x92 SYN",
        "\x1B[91m\xE2\x86\x90 220", "    \x1B[1;91merror GRT-01\x1B[0m, frame"}) {
    EXPECT_TRUE(has(text, part)) << part;
  }
  // Without the colours it is the same text.
  for (std::size_t at = text.find('\x1B'); at != std::string::npos; at = text.find('\x1B')) {
    text.erase(at, text.find('m', at) - at + 1);
  }
  EXPECT_EQ(text, plain);
}

TEST(Story, SharesAndTheirBarAddUpToTheWhole) {
  ModelBuilder model;
  model.handshake();
  for (int i = 0; i < 7; ++i) {
    model.after(i * 333'333);
    model.greet();
  }
  model.after(40 * kMs).ask("EHLO", "client.example", 250);
  std::istringstream lines(story(model.session(), {}));
  int total = 0;
  std::size_t cells = 0;
  std::size_t next = 0;
  for (std::string line; std::getline(lines, line);) {
    const std::size_t sign = line.find(" %");
    if (sign == std::string::npos || line.find("total") != std::string::npos) continue;
    total += std::stoi(line.substr(sign - 3, 3));
    const std::size_t begin = line.find('#');
    if (begin == std::string::npos) continue;
    // Each piece begins where the one before it ends.
    EXPECT_TRUE(next == 0 || begin == next) << line;
    next = line.size();
    cells += line.size() - begin;
    EXPECT_EQ(line.find_first_not_of('#', begin), std::string::npos);
  }
  EXPECT_EQ(total, 100);
  EXPECT_EQ(cells, 50U);
}

TEST(Story, SessionOfNoTimeHasAnEmptyBar) {
  ModelBuilder model;
  model.syn();
  EXPECT_FALSE(has(story(model.session(), {}), "#"));
}

TEST(Story, ExtensionsCannotActOnTheTerminal) {
  ModelBuilder model;
  model.open();
  model.client_hello(TlsMode::kStarttls);
  model.finish_tls();
  model.ask("EHLO", "client.example", 250, "mx.example.test\nPIPELINING\n\x1B[2J");
  const std::string text = story(model.session(), {});
  EXPECT_TRUE(
      has(text, "latency 1.000 ms\n" + std::string(39, ' ') + "without SIZE 33554432, with ?[2J\n"))
      << text;
  EXPECT_FALSE(has(text, "\x1B"));
}

TEST(Story, WordsOfTheCaptureCannotActOnTheTerminal) {
  ModelBuilder model;
  model.handshake();
  model.greet(220, "mx \x1B[2J\x1B]0;x\x07 ESMTP");
  model.find(FindingId::kRep04, 1, Severity::kWarn, "mx \x1B[2J\x1B]0;x\x07 ESMTP");
  const std::string text = story(model.session(), {});
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
  expect_fits(story(model.session(), {}));
}

TEST(Story, FitsThePageWithWideWordsAndLargeNumbers) {
  ModelBuilder model;
  std::string wide;
  for (int i = 0; i < 60; ++i) wide += "\xE9\x83\xB5";  // U+90F5, two columns
  model.handshake();
  model.greet(220, wide + " ESMTP");
  model.ask("MAIL", "FROM:<" + wide + "@example.test>", 250);
  model.ask("RCPT", "TO:<" + wide + "@example.test>", 550, "5.1.1 " + wide);
  model.find(FindingId::kRep04, 3, Severity::kError);
  model.session().command(1).frame = 4'294'967'290;
  model.after(TimeNs{40} * 365 * 86'400 * 1'000 * kMs);
  model.quit();
  const std::string text = story(model.session(), {});
  expect_fits(text);
  EXPECT_TRUE(has(text, "4294967290 "));
}

TEST(Story, SessionOfOneSynIsTold) {
  ModelBuilder model;
  model.syn();
  const std::string text = story(model.session(), {});
  expect_fits(text);
  EXPECT_TRUE(has(text, "connection_timeout"));
}

}  // namespace
}  // namespace smtp_session
