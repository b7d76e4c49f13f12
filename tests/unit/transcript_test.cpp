// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/report/transcript.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "tests/unit/model_builder.h"

namespace smtp_session {
namespace {

using test::kMs;
using test::ModelBuilder;

const std::string kToServer = " 192.0.2.1:46672 \xE2\x86\x92 192.0.2.25:25 ";
const std::string kToClient = " 192.0.2.1:46672 \xE2\x86\x90 192.0.2.25:25 ";
const std::string kNobody = " 192.0.2.1:46672 | 192.0.2.25:25 ";
constexpr std::size_t kTimeSize = std::string_view{"2026-11-24T17:34:22.853724Z"}.size();

std::vector<std::string> lines_of(const Session& session, const TextStyle& style = {}) {
  std::vector<std::string> lines;
  const std::string text = transcript(session, style);
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = text.find('\n', begin);
    lines.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return lines;
}

/// Lines without their times, from the one that ends with `first`.
std::vector<std::string> words_from(const Session& session, const std::string& first) {
  std::vector<std::string> lines = lines_of(session);
  const auto begin = std::find_if(lines.begin(), lines.end(), [&](const std::string& line) {
    return line.size() >= first.size() &&
           line.compare(line.size() - first.size(), first.size(), first) == 0;
  });
  std::vector<std::string> words;
  for (auto line = begin; line != lines.end(); ++line) words.push_back(line->substr(kTimeSize));
  return words;
}

using Words = std::vector<std::string>;

TEST(Transcript, IsALineForEachLineWithTimeAddressesAndDirection) {
  ModelBuilder model;
  model.open();
  const Words lines = lines_of(model.session());
  EXPECT_EQ(lines.at(0), "Session 0 (tcp.stream 0): incomplete");
  EXPECT_EQ(lines.at(1), "2026-11-24T17:34:22.853724Z" + kToServer + "[SYN]");
  EXPECT_EQ(words_from(model.session(), "EHLO client.example"),
            (Words{kToServer + "EHLO client.example", kToClient + "250-mx.example.test",
                   kToClient + "250-PIPELINING", kToClient + "250 SIZE 33554432"}));
}

TEST(Transcript, LineOfAReplyBearsTheTimeAtWhichItWasComplete) {
  ModelBuilder model;
  model.greet(220, "one\ntwo");
  Reply& greeting = model.session().reply(1);
  greeting.time = greeting.first_time + 1000 * kMs;
  EXPECT_EQ(lines_of(model.session()).at(1), "2026-11-24T17:34:23.853724Z" + kToClient + "220-one");
  EXPECT_EQ(lines_of(model.session()).at(2), "2026-11-24T17:34:23.853724Z" + kToClient + "220 two");
}

TEST(Transcript, MessageIsOneLineWithItsSize) {
  ModelBuilder model;
  model.open();
  model.deliver();
  EXPECT_EQ(words_from(model.session(), "DATA"),
            (Words{kToServer + "DATA", kToClient + "354 End data with <CR><LF>.<CR><LF>",
                   kToServer + "[message, 1234 bytes]", kToServer + ".",
                   kToClient + "250 2.0.0 Ok: queued as 7C589AAA09E"}));
}

TEST(Transcript, TextOfTheMessageFollowsItsSizeWhereItIsKept) {
  ModelBuilder model;
  model.open();
  model.deliver();
  Message& message = model.session().messages.back();
  message.text = model.text("Subject: x\r\n\r\n[FIN]\r\n");
  message.text_cut = true;
  const Words words = words_from(model.session(), "[message, 1234 bytes]");
  EXPECT_EQ(
      Words(words.begin(), words.begin() + 6),
      (Words{kToServer + "[message, 1234 bytes]", kToServer + "  Subject: x", kToServer + "  ",
             kToServer + "  [FIN]", kToServer + "[the rest of it is not shown]", kToServer + "."}));
}

TEST(Transcript, MessageThatIsCutOffSaysSo) {
  ModelBuilder model;
  model.open();
  model.envelope();
  model.ask("DATA", "", 354, "go");
  model.begin_content();
  model.session().messages.back().size = 70;
  model.rst(Side::kClient);
  EXPECT_EQ(words_from(model.session(), "354 go"),
            (Words{kToClient + "354 go", kToServer + "[message, 70 bytes without its end]",
                   kToServer + "[RST]"}));
}

TEST(Transcript, MessageOfWhichNothingWasReadStandsBeforeItsEnd) {
  ModelBuilder model;
  model.open();
  model.deliver();
  Message& message = model.session().messages.back();
  message.has_content = false;
  message.first_time = kNoTime;
  message.first_frame = 0;
  message.size_exact = false;
  EXPECT_EQ(words_from(model.session(), "DATA"),
            (Words{kToServer + "DATA", kToClient + "354 End data with <CR><LF>.<CR><LF>",
                   kToServer + "[message, 1234 bytes, not exact]", kToServer + ".",
                   kToClient + "250 2.0.0 Ok: queued as 7C589AAA09E"}));
}

TEST(Transcript, ChunkComesBehindItsCommand) {
  ModelBuilder model;
  model.open();
  model.envelope();
  const Index chunk = model.send("BDAT", "1234 LAST");
  Message& message = model.session().messages.back();
  Command& command = model.session().command(chunk);
  message.first_time = command.first_time;
  message.first_frame = command.frame;
  message.has_content = true;
  message.size = 1234;
  message.end = chunk;
  const Moment end = model.tick();
  command.time = end.time;
  command.frame = end.frame;
  model.answer(chunk, 250, "2.0.0 Ok");
  EXPECT_EQ(words_from(model.session(), "BDAT 1234 LAST"),
            (Words{kToServer + "BDAT 1234 LAST", kToServer + "[message, 1234 bytes]",
                   kToClient + "250 2.0.0 Ok"}));
}

TEST(Transcript, SecretsOfAuthAreStars) {
  ModelBuilder model;
  model.open();
  const Index auth = model.send("AUTH", "LOGIN");
  AuthExchange exchange;
  exchange.command = auth;
  exchange.initial_response = true;
  model.answer(auth, 334, "UGFzc3dvcmQ6", ReplyKind::kIntermediate);
  exchange.responses.push_back(model.tick());
  model.session().auth.push_back(exchange);
  model.answer(auth, 235, "2.7.0 ok");
  EXPECT_EQ(words_from(model.session(), "AUTH LOGIN ***"),
            (Words{kToServer + "AUTH LOGIN ***", kToClient + "334 ***", kToServer + "***",
                   kToClient + "235 2.7.0 ok"}));
}

TEST(Transcript, AuthWithoutInitialResponseThatIsCancelled) {
  ModelBuilder model;
  model.open();
  const Index auth = model.send("AUTH", "LOGIN");
  AuthExchange exchange;
  exchange.command = auth;
  exchange.cancelled = true;
  model.answer(auth, 334, "UGFzc3dvcmQ6", ReplyKind::kIntermediate);
  exchange.responses.push_back(model.tick());
  model.session().auth.push_back(exchange);
  EXPECT_EQ(words_from(model.session(), "AUTH LOGIN"),
            (Words{kToServer + "AUTH LOGIN", kToClient + "334 ***", kToServer + "*"}));
}

TEST(Transcript, GoesOnAcrossStarttls) {
  ModelBuilder model;
  model.open();
  model.ask("STARTTLS", "", 220, "go");
  model.client_hello(TlsMode::kStarttls);
  model.finish_tls();
  model.ask("NOOP", "", 250);
  EXPECT_EQ(words_from(model.session(), "STARTTLS"),
            (Words{kToServer + "STARTTLS", kToClient + "220 go", kToServer + "[ClientHello]",
                   kToClient + "[ServerHello, TLS 1.3, TLS_AES_256_GCM_SHA384]",
                   kNobody + "[TLS established, handshake 2.000 ms]", kToServer + "NOOP",
                   kToClient + "250 Ok"}));
}

TEST(Transcript, TurnThatCouldNotBeDecryptedHasItsSizeAndWhatItProbablyWas) {
  ModelBuilder model;
  model.open();
  model.client_hello(TlsMode::kStarttls);
  model.finish_tls();
  const Index turn = model.send("");
  model.session().command(turn).opaque = true;
  model.session().command(turn).bytes = 44;
  model.session().command(turn).records = 1;
  const Index reply = model.answer(turn, 0, "");
  model.session().reply(reply).opaque = true;
  model.session().reply(reply).bytes = 120;
  model.session().reply(reply).records = 1;
  const Words lines = lines_of(model.session());
  const std::string& asked = lines.at(lines.size() - 2);
  EXPECT_NE(asked.find(kToServer + "[encrypted, 44 bytes (probably "), std::string::npos) << asked;
  EXPECT_EQ(lines.back().substr(kTimeSize), kToClient + "[encrypted, 120 bytes]");
}

TEST(Transcript, WordsDoNotPassForALineOfOurs) {
  ModelBuilder model;
  model.open();
  model.send("[FIN]");
  model.unsolicited(0, "\\[FIN]");
  EXPECT_EQ(words_from(model.session(), "\\[FIN]"),
            (Words{kToServer + "\\[FIN]", kToClient + "\\\\[FIN]"}));
}

TEST(Transcript, WordsDoNotActOnTheTerminal) {
  ModelBuilder model;
  model.open();
  model.send("NOOP", "\x1B[31m");
  EXPECT_EQ(words_from(model.session(), "NOOP ?[31m"), (Words{kToServer + "NOOP ?[31m"}));
}

TEST(Transcript, EmptyLineAndEmptyReplyAreShown) {
  ModelBuilder model;
  model.open();
  model.send("");
  model.answer(model.send("NOOP"), 250, "");
  EXPECT_EQ(words_from(model.session(), "[empty line]"),
            (Words{kToServer + "[empty line]", kToServer + "NOOP", kToClient + "250"}));
}

TEST(Transcript, TimesInLocalTimeNameTheirOffset) {
  ModelBuilder model;
  model.syn();
  TextStyle style;
  style.utc_offset = [](TimeNs) { return 3600L; };
  EXPECT_EQ(lines_of(model.session(), style).at(1).substr(0, 32),
            "2026-11-24T18:34:22.853724+01:00");
  style.utc_offset = [](TimeNs) { return -(9 * 60 + 30) * 60L; };
  EXPECT_EQ(lines_of(model.session(), style).at(1).substr(0, 32),
            "2026-11-24T08:04:22.853724-09:30");
}

TEST(Transcript, ColoursTellTheDirection) {
  ModelBuilder model;
  model.open();
  TextStyle style;
  style.colours = true;
  const Words lines = lines_of(model.session(), style);
  EXPECT_NE(lines.at(1).find("\x1B[94m[SYN]\x1B[0m"), std::string::npos);
  EXPECT_NE(lines.at(2).find("\x1B[91m[SYN-ACK"), std::string::npos);
  EXPECT_EQ(transcript(model.session(), {}).find('\x1B'), std::string::npos);
}

TEST(Transcript, HeaderSaysWhatTheCaptureDoesNotHold) {
  ModelBuilder model;
  model.mid_stream();
  model.greet();
  model.session().tcp.gaps = 1;
  EXPECT_NE(lines_of(model.session()).at(0).find("begins before the capture, not all of it is in"),
            std::string::npos);
}

}  // namespace
}  // namespace smtp_session
