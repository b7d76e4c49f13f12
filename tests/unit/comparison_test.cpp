// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/report/comparison.h"

#include <gtest/gtest.h>

#include <sstream>
#include <string>

#include "dissector/report/layout.h"
#include "dissector/report/session_differences.h"
#include "tests/unit/model_builder.h"

namespace smtp_session {
namespace {

using test::kMs;
using test::ModelBuilder;

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

std::string words_of(const Session& a, const Session& b) {
  const ComparedSession left = compared_session(a);
  const ComparedSession right = compared_session(b);
  std::string words;
  for (const Difference& each : differences_of(left, right, align(left.steps, right.steps))) {
    words += each.words + "\n";
  }
  return words;
}

void delivered(ModelBuilder& model) {
  model.open();
  model.deliver();
  model.quit();
}

TEST(ComparedSession, HasAStepForAllThatTakesTime) {
  ModelBuilder model;
  model.handshake();
  model.greet();
  model.ask("EHLO", "client.example", 250, "mx.example.test\nSTARTTLS");
  model.session().tls = nullptr;
  const Index starttls = model.ask("STARTTLS", "", 220, "Go");
  model.client_hello(TlsMode::kStarttls).starttls = starttls;
  model.finish_tls();
  model.ask("EHLO", "client.example", 250, "mx.example.test");
  model.deliver();
  model.quit();
  std::string names;
  for (const ComparedStep& step : compared_session(model.session()).steps)
    names += step.name + "\n";
  EXPECT_EQ(names,
            "TCP handshake\ngreeting\nEHLO\nSTARTTLS\nTLS handshake\nEHLO under TLS\nMAIL\nRCPT\n"
            "DATA\nmessage\nend of data\nQUIT\nclose\n");
}

TEST(ComparedSession, TimesOfAFileAreBounded) {
  JsonTreeWriter writer;
  writer.begin_object();
  writer.key("schema");
  writer.string("smtp_session/1");
  writer.key("duration_ns");
  writer.integer(INT64_MAX);
  writer.end_object();
  const JsonValue json = writer.take();
  EXPECT_TRUE(is_session_json(json));
  EXPECT_EQ(compared_session(json, "x").duration, kNoTime);
}

TEST(Differences, EqualSessionsHaveNone) {
  ModelBuilder a;
  ModelBuilder b;
  delivered(a);
  b.after(7 * kMs);
  delivered(b);
  EXPECT_EQ(words_of(a.session(), b.session()), "");
}

TEST(Differences, CodesAreToldWithFramesAndWords) {
  ModelBuilder a;
  ModelBuilder b;
  a.open();
  a.ask("MAIL", "FROM:<a@example.test>", 250, "2.1.0 Ok");
  b.open();
  b.ask("MAIL", "FROM:<b@example.test>", 451, "4.7.1 Greylisted");
  EXPECT_EQ(words_of(a.session(), b.session()),
            "MAIL (frames 7 and 7): 250 2.1.0 Ok in A, 451 4.7.1 Greylisted in B\n");
}

TEST(Differences, ExtensionsAreToldByKeywordAndParameters) {
  ModelBuilder a;
  ModelBuilder b;
  a.ask("EHLO", "x", 250, "mx\nSIZE 1000\nPIPELINING\nAUTH PLAIN LOGIN\n8bitmime");
  b.ask("EHLO", "x", 250, "mx\nSIZE 2000\nSTARTTLS\nAUTH PLAIN LOGIN\n8BITMIME");
  EXPECT_EQ(words_of(a.session(), b.session()),
            "reply to EHLO (frames 1 and 1): SIZE is 1000 in A and 2000 in B; only A offers "
            "PIPELINING; only B offers STARTTLS\n");
}

TEST(Differences, MissingStepsAreOneRunThatNamesItsRefusal) {
  ModelBuilder a;
  ModelBuilder b;
  delivered(a);
  b.open();
  b.ask("MAIL", "FROM:<alice@example.test>", 250, "2.1.0 Ok");
  b.ask("RCPT", "TO:<bob@example.test>", 250, "2.1.5 Ok");
  b.ask("RCPT", "TO:<x@example.test>", 550, "5.1.1 No such user");
  b.quit();
  const std::string words = words_of(a.session(), b.session());
  EXPECT_TRUE(has(words, "DATA, message, end of data only in A (frames 11 to 14)")) << words;
  EXPECT_TRUE(has(words, "RCPT only in B (frame 11): RCPT of frame 11 got 550 5.1.1 No such user"))
      << words;
}

TEST(Differences, MechanismsAndParametersAreTold) {
  ModelBuilder a;
  ModelBuilder b;
  a.ask("AUTH", "PLAIN", 235);
  a.ask("MAIL", "FROM:<a@example.test> SIZE=100 BODY=8BITMIME", 250);
  b.ask("AUTH", "LOGIN", 235);
  b.ask("MAIL", "FROM:<b@example.test> SIZE=200", 250);
  EXPECT_EQ(words_of(a.session(), b.session()),
            "AUTH (frames 1 and 1): PLAIN in A, LOGIN in B\n"
            "MAIL (frames 3 and 3): parameters SIZE, BODY=8BITMIME in A, SIZE in B\n");
}

TEST(Differences, TlsIsToldWhereverTheHandshakesStand) {
  ModelBuilder a;
  ModelBuilder b;
  a.handshake();
  a.client_hello(TlsMode::kImplicit);
  a.finish_tls();
  b.handshake();
  b.client_hello(TlsMode::kImplicit).resumed = true;
  b.finish_tls();
  b.session().tls->version = 0x0303;
  const std::string words = words_of(a.session(), b.session());
  EXPECT_TRUE(has(words, "TLS (frames 4 and 4): version TLS 1.3 in A and TLS 1.2 in B")) << words;
  EXPECT_TRUE(has(words, "resumed no in A and yes in B")) << words;
}

TEST(Differences, WhatTheClientsOfferIsTold) {
  ModelBuilder a;
  ModelBuilder b;
  for (ModelBuilder* model : {&a, &b}) {
    model->handshake();
    model->client_hello(TlsMode::kImplicit);
    model->finish_tls();
  }
  a.session().tls->versions_offered = a.text("TLS 1.3\nTLS 1.2");
  b.session().tls->versions_offered = b.text("TLS 1.2");
  a.session().tls->ciphers_offered = a.text("TLS_AES_256_GCM_SHA384\nTLS_AES_128_GCM_SHA256");
  b.session().tls->ciphers_offered = b.text("TLS_AES_128_GCM_SHA256\nTLS_AES_256_GCM_SHA384");
  const std::string words = words_of(a.session(), b.session());
  EXPECT_TRUE(has(words, "versions offered in A only: TLS 1.3")) << words;
  EXPECT_TRUE(has(words, "ciphers offered in another order")) << words;
}

TEST(Comparison, BeginsWithBothVerdictsAndWhereTheyPart) {
  ModelBuilder a;
  ModelBuilder b;
  delivered(a);
  b.open();
  b.ask("MAIL", "FROM:<alice@example.test>", 550, "5.7.1 \x1b[31mNo");
  b.quit();
  const std::string text = comparison(compared_session(a.session()), compared_session(b.session()));
  EXPECT_EQ(text.rfind("A: session 0, 192.0.2.1:46672 to 192.0.2.25:25: delivered\n", 0), 0U);
  EXPECT_TRUE(has(text, "\nB: session 0, 192.0.2.1:46672 to 192.0.2.25:25: rejected\n"));
  EXPECT_TRUE(
      has(text, "\nThey part at MAIL (frames 7 and 7): 250 2.1.0 Ok in A, 550 5.7.1 ?[31mNo"));
  EXPECT_LT(text.find("They part"), text.find("  step"));
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    EXPECT_LE(width_of(line), kComparisonWidth) << line;
    EXPECT_EQ(printable(line), line);
  }
}

TEST(Comparison, TimesStandSideBySideWithDifferenceAndRatio) {
  ModelBuilder a;
  ModelBuilder b;
  a.ask("EHLO", "x", 250, "mx");
  const Index command = b.send("EHLO", "x");
  b.after(4 * kMs);
  b.answer(command, 250, "mx");
  const std::string text = comparison(compared_session(a.session()), compared_session(b.session()));
  EXPECT_TRUE(has(text,
                  "  EHLO                  1 250           1.000 ms      1 250           4.000 ms"
                  "    +3.000 ms   4.00x\n"))
      << text;
  EXPECT_TRUE(has(text, "They do not part")) << text;
  EXPECT_TRUE(has(text,
                  "The largest difference in time is that of EHLO (frames 1 and 1): 1.000 ms in A, "
                  "4.000 ms in B."))
      << text;
}

TEST(RatioText, IsRoundedAndBounded) {
  EXPECT_EQ(ratio_text(4, 5), "1.25x");
  EXPECT_EQ(ratio_text(3, 1), "0.33x");
  EXPECT_EQ(ratio_text(3, 2), "0.67x");
  EXPECT_EQ(ratio_text(2, 625), "313x");
  EXPECT_EQ(ratio_text(1, TimeNs{1} << 60), ">9999x");
  EXPECT_EQ(ratio_text(TimeNs{1} << 61, TimeNs{1} << 60), "0.50x");
  EXPECT_EQ(ratio_text(0, 5), "-");
  EXPECT_EQ(ratio_text(5, kNoTime), "-");
}

}  // namespace
}  // namespace smtp_session
