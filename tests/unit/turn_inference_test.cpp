// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/turn_inference.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "tests/unit/model_builder.h"

namespace smtp_session {
namespace {

using test::ModelBuilder;

constexpr std::uint32_t kTls13Overhead = 17;

/// A session under TLS 1.3 whose turns are given by the lengths of their texts.
class Dialogue {
 public:
  explicit Dialogue(std::uint16_t port = 25) { model_.session().server.port = port; }

  /// EHLO in clear and its reply, then STARTTLS.
  void starttls(std::string_view extensions) {
    model_.handshake();
    model_.greet();
    const Index hello = model_.ask("EHLO", "client.example.test", 250,
                                   "mx.example.test\nSTARTTLS\n" + std::string{extensions});
    model_.session().command(hello).bytes = kHello;
    model_.session().reply(model_.session().command(hello).reply).bytes = kHelloReply;
    model_.session().tls = nullptr;
    model_.client_hello(TlsMode::kStarttls);
    model_.finish_tls();
  }
  void implicit_tls() {
    model_.handshake();
    model_.client_hello(TlsMode::kImplicit);
    model_.finish_tls();
  }

  void turn(std::uint32_t request, std::uint32_t reply, std::uint16_t records = 1) {
    const Index index = model_.send("");
    Command& command = model_.session().command(index);
    command.opaque = true;
    command.bytes = request + records * kTls13Overhead;
    command.records = records;
    if (reply == 0) return;
    Reply& answer = model_.session().reply(model_.answer(index, 0, ""));
    answer.opaque = true;
    answer.bytes = reply + kTls13Overhead;
    answer.records = 1;
  }

  void close() { model_.fin(Side::kServer); }

  std::string labels() const {
    std::string words;
    for (const InferredTurn& turn : infer_turns(model_.session())) {
      words += (words.empty() ? "" : " ") + std::string{name_of(turn.kind)};
    }
    return words;
  }

  std::vector<InferredTurn> turns() const { return infer_turns(model_.session()); }
  Session& session() { return model_.session(); }

  static constexpr std::uint32_t kHello = 26;
  static constexpr std::uint32_t kHelloReply = 120;
  static constexpr std::uint32_t kTlsHelloReply = kHelloReply - 14;  // "250-STARTTLS"

 private:
  ModelBuilder model_;
};

TEST(TurnInference, NamesTheTurnsOfOneMail) {
  Dialogue dialogue;
  dialogue.starttls("SIZE 33554432\n8BITMIME");
  dialogue.turn(Dialogue::kHello, Dialogue::kTlsHelloReply);
  dialogue.turn(42, 14);
  dialogue.turn(34, 14);
  dialogue.turn(6, 37);
  dialogue.turn(1234, 39);
  dialogue.turn(6, 15);
  dialogue.close();
  EXPECT_EQ(dialogue.labels(), "EHLO MAIL RCPT DATA . QUIT");
  for (const InferredTurn& turn : dialogue.turns()) EXPECT_GE(turn.confidence, 950);
}

TEST(TurnInference, TellsTheCommandsOfSixOctetsByTheirPlace) {
  Dialogue dialogue;
  dialogue.starttls("SIZE\n8BITMIME");
  dialogue.turn(Dialogue::kHello, Dialogue::kTlsHelloReply);
  dialogue.turn(42, 14);
  dialogue.turn(34, 80);  // refused
  dialogue.turn(6, 14);
  dialogue.turn(40, 14);
  dialogue.turn(36, 14);
  dialogue.turn(6, 37);
  dialogue.turn(900, 39);
  dialogue.turn(6, 15);
  dialogue.close();
  EXPECT_EQ(dialogue.labels(), "EHLO MAIL RCPT RSET MAIL RCPT DATA . QUIT");
}

TEST(TurnInference, KnowsAuthLoginByItsPrompts) {
  Dialogue dialogue(587);
  dialogue.implicit_tls();
  dialogue.turn(26, 140);
  dialogue.turn(12, 18);
  dialogue.turn(10, 18);
  dialogue.turn(26, 37);
  dialogue.turn(42, 14);
  dialogue.turn(34, 14);
  dialogue.turn(6, 37);
  dialogue.turn(1234, 39);
  dialogue.turn(6, 15);
  dialogue.close();
  EXPECT_EQ(dialogue.labels(), "EHLO AUTH AUTH response AUTH response MAIL RCPT DATA . QUIT");
}

TEST(TurnInference, KnowsAuthPlainByTheLengthOfBase64) {
  Dialogue dialogue(587);
  dialogue.starttls("PIPELINING\nAUTH PLAIN LOGIN");
  dialogue.turn(Dialogue::kHello, Dialogue::kTlsHelloReply);
  dialogue.turn(13 + 40, 30);
  dialogue.turn(42, 14);
  dialogue.turn(34, 14);
  dialogue.turn(6, 37);
  dialogue.turn(1234, 39);
  dialogue.turn(6, 15);
  dialogue.close();
  EXPECT_EQ(dialogue.labels(), "EHLO AUTH MAIL RCPT DATA . QUIT");
}

TEST(TurnInference, ExpectsNoAuthWhereTheReplyToEhloHasNoRoomForIt) {
  // The same lengths, but the reply under TLS is that in clear without STARTTLS: no AUTH.
  Dialogue dialogue;
  dialogue.starttls("PIPELINING");
  dialogue.turn(Dialogue::kHello, Dialogue::kTlsHelloReply);
  dialogue.turn(13 + 40, 30);
  dialogue.turn(42, 14);
  dialogue.turn(34, 14);
  dialogue.turn(6, 37);
  dialogue.turn(1234, 39);
  dialogue.turn(6, 15);
  dialogue.close();
  EXPECT_EQ(dialogue.labels(), "EHLO MAIL RCPT RCPT DATA . QUIT");
}

TEST(TurnInference, NamesAPipelinedGroup) {
  Dialogue dialogue;
  dialogue.starttls("PIPELINING");
  dialogue.turn(Dialogue::kHello, Dialogue::kTlsHelloReply);
  dialogue.turn(42 + 34 + 6, 14 + 14 + 37);
  dialogue.turn(5000, 39);
  dialogue.turn(6, 15);
  dialogue.close();
  EXPECT_EQ(dialogue.labels(), "EHLO MAIL+RCPT+DATA . QUIT");
}

TEST(TurnInference, ExpectsNoGroupWhereTheServerOffersNoPipelining) {
  Dialogue dialogue;
  dialogue.starttls("8BITMIME");
  dialogue.turn(Dialogue::kHello, Dialogue::kTlsHelloReply);
  dialogue.turn(72, 40);
  dialogue.turn(60, 40);
  dialogue.turn(6, 37);
  dialogue.turn(5000, 39);
  dialogue.turn(6, 15);
  dialogue.close();
  EXPECT_EQ(dialogue.labels(), "EHLO MAIL RCPT DATA . QUIT");
}

TEST(TurnInference, NamesChunksWhereTheyAreOffered) {
  Dialogue dialogue;
  dialogue.starttls("CHUNKING");
  dialogue.turn(Dialogue::kHello, Dialogue::kTlsHelloReply);
  dialogue.turn(42, 14);
  dialogue.turn(34, 14);
  dialogue.turn(30000, 30, 2);
  dialogue.turn(12000, 39);
  dialogue.turn(6, 15);
  dialogue.close();
  EXPECT_EQ(dialogue.labels(), "EHLO MAIL RCPT BDAT BDAT QUIT");
}

TEST(TurnInference, TakesTheLastTurnForQuitOnlyWhereTheConnectionEnds) {
  const auto last = [](bool closed) {
    Dialogue dialogue;
    dialogue.starttls("8BITMIME");
    dialogue.turn(Dialogue::kHello, Dialogue::kTlsHelloReply);
    dialogue.turn(6, 20);
    if (closed) dialogue.close();
    return dialogue.turns().back();
  };
  EXPECT_EQ(last(true).kind, TurnKind::kQuit);
  EXPECT_GT(last(true).confidence, 900);
  // While it goes on, the turn may be RSET or NOOP as well.
  EXPECT_LT(last(false).confidence, 900);
}

TEST(TurnInference, IsLessSureWhereTheCipherPads) {
  // AUTH or MAIL: the length of Base64 tells, where it is known to the octet.
  const auto confidence = [](std::uint16_t version, std::uint16_t cipher, std::uint32_t fixed) {
    Dialogue dialogue(587);
    dialogue.starttls("AUTH PLAIN");
    dialogue.turn(Dialogue::kHello, Dialogue::kTlsHelloReply);
    dialogue.turn(13 + 40, 30);
    dialogue.turn(42, 14);
    dialogue.turn(34, 14);
    dialogue.turn(6, 37);
    dialogue.turn(1234, 39);
    dialogue.turn(6, 15);
    dialogue.close();
    Session& session = dialogue.session();
    session.tls->version = version;
    session.tls->cipher = cipher;
    const auto sealed = [fixed](std::uint32_t bytes) {
      const std::uint32_t text = bytes - kTls13Overhead;
      return fixed == kTls13Overhead ? bytes : (text / 16 + 1) * 16 + fixed;
    };
    for (Command& command : session.commands) {
      if (command.opaque) command.bytes = sealed(command.bytes);
    }
    for (Reply& reply : session.replies) {
      if (reply.opaque) reply.bytes = sealed(reply.bytes);
    }
    EXPECT_EQ(dialogue.labels(), "EHLO AUTH MAIL RCPT DATA . QUIT");
    return dialogue.turns()[1].confidence;
  };
  constexpr std::uint32_t kIvAndMac = 16 + 32;  // AES-CBC with HMAC-SHA256, encrypt then MAC
  EXPECT_LT(confidence(0x0303, 0xc027, kIvAndMac), confidence(0x0304, 0x1301, kTls13Overhead));
}

TEST(TurnInference, SaysOfATurnThatAGapTouchedWhatItsPlaceSays) {
  Dialogue dialogue;
  dialogue.starttls("8BITMIME");
  dialogue.turn(Dialogue::kHello, Dialogue::kTlsHelloReply);
  dialogue.turn(42, 14);
  dialogue.turn(34, 14);
  dialogue.turn(9999, 37);
  dialogue.session().commands.back().exact = false;
  dialogue.turn(1234, 39);
  dialogue.turn(6, 15);
  dialogue.close();
  EXPECT_EQ(dialogue.labels(), "EHLO MAIL RCPT DATA . QUIT");
}

TEST(TurnInference, IsNeverCertainAndAlwaysInRange) {
  Dialogue dialogue;
  dialogue.starttls("PIPELINING");
  const std::uint32_t lengths[] = {0, 1, 5, 6, 12, 18, 100, 1000, 100'000, 0x7fffffff};
  for (const std::uint32_t request : lengths) {
    for (const std::uint32_t reply : lengths) dialogue.turn(request, reply);
  }
  const auto turns = dialogue.turns();
  ASSERT_EQ(turns.size(), 100U);
  for (const InferredTurn& turn : turns) {
    EXPECT_GT(turn.confidence, 0);
    EXPECT_LT(turn.confidence, 1000);
  }
}

TEST(TurnInference, SaysNothingOfWhatWasRead) {
  ModelBuilder model;
  model.open();
  model.deliver();
  model.quit();
  EXPECT_TRUE(infer_turns(model.session()).empty());
}

TEST(TurnInference, EndsAtItsLimit) {
  Dialogue dialogue;
  dialogue.starttls("PIPELINING");
  for (std::size_t i = 0; i < kMaxInferredTurns + 10; ++i) dialogue.turn(6, 14);
  EXPECT_EQ(dialogue.turns().size(), kMaxInferredTurns);
}

TEST(TurnGrammar, AfterEachStateTheProbabilitiesAddUp) {
  GrammarHints hints;
  hints.auth = 0.01;
  hints.pipelining = 0.01;
  hints.chunking = 0.005;
  for (const bool inside : {false, true}) {
    hints.begins_inside = inside;
    const TurnGrammar grammar(hints);
    double sum = 0;
    for (const double value : grammar.first()) sum += value;
    EXPECT_NEAR(sum, 1, 1e-9);
    for (std::size_t state = 0; state < kTurnStates; ++state) {
      sum = 0;
      for (const double value : grammar.after(state)) sum += value;
      EXPECT_NEAR(sum, 1, 1e-9) << state;
    }
  }
}

}  // namespace
}  // namespace smtp_session
