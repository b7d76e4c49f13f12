// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/report/session_json.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "dissector/finding.h"
#include "tests/unit/model_builder.h"

namespace smtp_session {
namespace {

using test::kMs;
using test::kStart;
using test::ModelBuilder;

/// Writes plain JSON and counts what breaks its grammar: a value of an object without a key, a key
/// outside of an object, an end without its begin.
class TextWriter : public JsonWriter {
 public:
  void begin_object() override { begin('{'); }
  void end_object() override { end('{', '}'); }
  void begin_array() override { begin('['); }
  void end_array() override { end('[', ']'); }
  void key(const char* name) override {
    if (levels_.empty() || levels_.back().kind != '{' || keyed_) ++errors_;
    separate();
    text_ += '"' + std::string{name} + "\":";
    keyed_ = true;
  }
  void string(const std::string& value) override { put('"' + value + '"'); }
  void integer(std::int64_t value) override { put(std::to_string(value)); }
  void thousandths(int value) override {
    const std::string digits = std::to_string(1000 + value % 1000);
    put(std::to_string(value / 1000) + '.' + digits.substr(1));
  }
  void boolean(bool value) override { put(value ? "true" : "false"); }
  void null() override { put("null"); }

  const std::string& text() const { return text_; }
  int errors() const { return errors_ + (levels_.empty() ? 0 : 1); }

 private:
  struct Level {
    char kind;
    bool any;
  };

  void separate() {
    if (levels_.empty()) return;
    if (levels_.back().any) text_ += ',';
    levels_.back().any = true;
  }
  void value() {
    const bool in_object = !levels_.empty() && levels_.back().kind == '{';
    if (in_object != keyed_) ++errors_;
    if (!in_object) separate();
    keyed_ = false;
  }
  void put(const std::string& token) {
    value();
    text_ += token;
  }
  void begin(char kind) {
    value();
    text_ += kind;
    levels_.push_back({kind, false});
  }
  void end(char kind, char mark) {
    if (levels_.empty() || levels_.back().kind != kind || keyed_) {
      ++errors_;
      return;
    }
    levels_.pop_back();
    text_ += mark;
  }

  std::string text_;
  std::vector<Level> levels_;
  bool keyed_ = false;
  int errors_ = 0;
};

std::string json_of(const Session& session, const std::string& community_id = {}) {
  TextWriter writer;
  write_json(session, writer, community_id);
  EXPECT_EQ(writer.errors(), 0) << writer.text();
  return writer.text();
}

/// The value of the first member `key`, up to where it ends at its own level.
std::string member(const std::string& json, const std::string& key) {
  const std::size_t at = json.find('"' + key + "\":");
  if (at == std::string::npos) return "(absent)";
  const std::size_t begin = at + key.size() + 3;
  int depth = 0;
  bool quoted = false;
  for (std::size_t i = begin; i < json.size(); ++i) {
    if (json[i] == '"') quoted = !quoted;
    if (quoted) continue;
    if (json[i] == '{' || json[i] == '[') ++depth;
    if (json[i] == '}' || json[i] == ']') --depth;
    if (depth < 0 || (depth == 0 && json[i] == ',')) return json.substr(begin, i - begin);
  }
  return json.substr(begin);
}

TEST(SessionJson, WholeSessionAsInTheContract) {
  ModelBuilder model;
  model.session().stream = 5;
  model.open();
  model.deliver();
  model.quit();
  const std::string json = json_of(model.session(), "1:abc=");
  EXPECT_EQ(member(json, "schema"), "\"smtp_session/1\"");
  EXPECT_EQ(member(json, "session"), "0");
  EXPECT_EQ(member(json, "community_id"), "\"1:abc=\"");
  EXPECT_EQ(member(json, "tcp_stream"), "5");
  EXPECT_EQ(member(json, "client"), "{\"address\":\"192.0.2.1\",\"port\":46672}");
  EXPECT_EQ(member(json, "server"), "{\"address\":\"192.0.2.25\",\"port\":25}");
  EXPECT_EQ(member(json, "start"), "\"2026-11-24T17:34:22.853724000Z\"");
  EXPECT_EQ(member(json, "duration_ns"), "18000000");
  EXPECT_EQ(member(json, "first_frame"), "1");
  EXPECT_EQ(member(json, "last_frame"), "19");
  EXPECT_EQ(member(json, "outcome"), "\"delivered\"");
  EXPECT_EQ(member(json, "complete"), "true");
  EXPECT_EQ(member(json, "capture"),
            "{\"point\":\"middle\",\"mid_stream\":false,\"gaps\":0,\"duplicates\":0}");
  EXPECT_EQ(member(json, "tcp"),
            "{\"syn_frame\":1,\"synack_frame\":2,\"ack_frame\":3,\"syn_count\":1,"
            "\"handshake_ns\":2000000,\"rtt_server_ns\":1000000,\"rtt_client_ns\":1000000,"
            "\"retransmissions\":0,\"out_of_order\":0,\"zero_windows\":0,\"fin_frame\":18,"
            "\"closed_by\":\"server\",\"close\":\"fin\"}");
  EXPECT_EQ(member(json, "greeting"),
            "{\"frame\":4,\"code\":220,\"text\":\"mx.example.test ESMTP\",\"delay_ns\":1000000}");
  EXPECT_EQ(member(json, "hellos"),
            "[{\"verb\":\"EHLO\",\"argument\":\"client.example\",\"frame\":5,\"reply_frame\":6,"
            "\"code\":250,\"encrypted\":false,\"extensions\":[\"PIPELINING\",\"SIZE 33554432\"]}]");
  EXPECT_EQ(member(json, "messages"),
            "[{\"index\":1,\"from\":\"alice@example.test\",\"recipients\":[{\"address\":"
            "\"bob@example.test\",\"code\":250,\"accepted\":true}],\"size\":1234,"
            "\"transfer_ns\":1000000,\"end_of_data_ns\":1000000,\"code\":250,"
            "\"id\":\"7C589AAA09E\",\"accepted\":true}]");
  EXPECT_EQ(member(json, "unsolicited_replies"), "[]");
  EXPECT_EQ(member(json, "uncaptured_replies"), "[]");
  EXPECT_EQ(member(json, "findings"), "[]");
}

TEST(SessionJson, CommandBearsItsReplyAndTimes) {
  ModelBuilder model;
  model.open();
  model.after(60'000).ask("MAIL", "FROM:<alice@example.test>", 250, "2.1.0 Ok");
  const std::string json = json_of(model.session());
  EXPECT_NE(
      json.find("{\"index\":2,\"verb\":\"MAIL\",\"argument\":\"FROM:<alice@example.test>\","
                "\"frame\":7,\"reply_frame\":8,\"code\":250,\"enhanced\":\"2.1.0\","
                "\"text\":\"2.1.0 Ok\",\"latency_ns\":1000000,\"service_ns\":1000000,"
                "\"think_ns\":60000,\"idle_ns\":60000,\"pipelined\":false,\"encrypted\":false,"
                "\"exact\":true,\"message\":1}"),
      std::string::npos)
      << json;
}

TEST(SessionJson, IdleIsOnlyOnCommandsThatBeginSomething) {
  ModelBuilder model;
  model.open();
  EXPECT_EQ(member(json_of(model.session()), "idle_ns"), "(absent)");
  model.ask("NOOP", "", 250);
  EXPECT_EQ(member(json_of(model.session()), "idle_ns"), "1000000");
}

TEST(SessionJson, CommandWithoutReplyHasNoneOfItsFields) {
  ModelBuilder model;
  model.mid_stream();
  model.send("DATA");
  EXPECT_EQ(member(json_of(model.session()), "commands"),
            "[{\"index\":1,\"verb\":\"DATA\",\"argument\":\"\",\"frame\":1,\"pipelined\":false,"
            "\"encrypted\":false,\"exact\":true}]");
}

TEST(SessionJson, InexactReplyMakesItsCommandInexact) {
  ModelBuilder model;
  const Index command = model.ask("NOOP", "", 250);
  model.session().reply(model.session().command(command).reply).exact = false;
  EXPECT_EQ(member(json_of(model.session()), "exact"), "false");
}

TEST(SessionJson, WhatTheCaptureDoesNotHoldIsAbsent) {
  ModelBuilder model;
  model.mid_stream();
  model.ask("NOOP", "", 250);
  const std::string json = json_of(model.session());
  for (const char* key :
       {"syn_frame", "synack_frame", "ack_frame", "syn_count", "handshake_ns", "rtt_server_ns",
        "rtt_client_ns", "greeting", "tls", "proxy", "auth", "messages", "community_id"}) {
    EXPECT_EQ(member(json, key), "(absent)") << key;
  }
  EXPECT_EQ(member(json, "closed_by"), "\"none\"");
  EXPECT_EQ(member(json, "close"), "\"none\"");
}

TEST(SessionJson, HeloAndRefusedEhloAreHellosToo) {
  ModelBuilder model;
  model.ask("EHLO", "client.example", 502, "what");
  model.ask("HELO", "client.example", 250, "mx.example.test");
  EXPECT_EQ(member(json_of(model.session()), "hellos"),
            "[{\"verb\":\"EHLO\",\"argument\":\"client.example\",\"frame\":1,\"reply_frame\":2,"
            "\"code\":502,\"encrypted\":false},"
            "{\"verb\":\"HELO\",\"argument\":\"client.example\",\"frame\":3,\"reply_frame\":4,"
            "\"code\":250,\"encrypted\":false,\"extensions\":[]}]");
}

TEST(SessionJson, BareOkIsNoExtension) {
  ModelBuilder model;
  model.ask("EHLO", "client.example", 250, "mx.example.test\n8BITMIME\nOk");
  EXPECT_EQ(member(json_of(model.session()), "extensions"), "[\"8BITMIME\"]");
}

TEST(SessionJson, WhatTheClientOffersIsToldInItsOrder) {
  ModelBuilder model;
  model.open();
  TlsFacts& tls = model.client_hello(TlsMode::kImplicit);
  tls.versions_offered = model.text("TLS 1.3\nTLS 1.2");
  tls.ciphers_offered = model.text("TLS_AES_256_GCM_SHA384");
  tls.hello_retry = true;
  const std::string json = json_of(model.session());
  EXPECT_EQ(member(json, "versions_offered"), "[\"TLS 1.3\",\"TLS 1.2\"]");
  EXPECT_EQ(member(json, "ciphers_offered"), "[\"TLS_AES_256_GCM_SHA384\"]");
  EXPECT_EQ(member(json, "hello_retry"), "true");
}

TEST(SessionJson, HelloUnderTlsTellsWhatTlsChanged) {
  ModelBuilder model;
  model.open();
  model.ask("EHLO", "client.example", 250, "mx.example.test\nSTARTTLS\nSIZE 10");
  model.ask("STARTTLS", "", 220);
  model.client_hello(TlsMode::kStarttls);
  model.finish_tls();
  model.ask("EHLO", "client.example", 250, "mx.example.test\nSIZE 10\nAUTH PLAIN");
  const std::string json = json_of(model.session());
  EXPECT_EQ(member(json, "extensions_lost"), "[\"STARTTLS\"]");
  EXPECT_EQ(member(json, "extensions_gained"), "[\"AUTH PLAIN\"]");
}

TEST(SessionJson, TlsIsTold) {
  ModelBuilder model;
  model.open();
  const Index starttls = model.ask("STARTTLS", "", 220);
  TlsFacts& tls = model.client_hello(TlsMode::kStarttls);
  tls.starttls = starttls;
  tls.sni = model.text("mx.example.test");
  model.finish_tls();
  tls.decrypted = true;
  EXPECT_EQ(member(json_of(model.session()), "tls"),
            "{\"mode\":\"starttls\",\"starttls_frame\":7,\"starttls_reply_frame\":8,"
            "\"client_hello_frame\":9,\"server_hello_frame\":10,\"finished_frame\":11,"
            "\"version\":\"TLS 1.3\",\"cipher\":\"TLS_AES_256_GCM_SHA384\","
            "\"sni\":\"mx.example.test\",\"resumed\":false,\"handshake_ns\":2000000,"
            "\"server_hello_ns\":1000000,\"decrypted\":true,\"decrypt_state\":\"decrypted\"}");
}

TEST(SessionJson, FailedTlsHasItsAlertAndNoHandshakeTime) {
  ModelBuilder model;
  model.handshake();
  TlsFacts& tls = model.client_hello(TlsMode::kImplicit);
  tls.alert = TlsAlert{2, 70, Side::kServer, model.tick()};
  EXPECT_EQ(member(json_of(model.session()), "tls"),
            "{\"mode\":\"implicit\",\"client_hello_frame\":4,\"decrypted\":false,"
            "\"decrypt_state\":\"handshake_failed\",\"alert\":{\"description\":"
            "\"protocol_version\",\"level\":2,\"sender\":\"server\",\"frame\":5}}");
}

TEST(SessionJson, ProxyIsTold) {
  ModelBuilder model;
  model.session().proxy = std::make_unique<ProxyHeader>();
  ProxyHeader& proxy = *model.session().proxy;
  proxy.at = model.tick();
  proxy.version = 1;
  proxy.source = {test::ipv4(203, 0, 113, 7), 14659};
  proxy.destination = {test::ipv4(192, 0, 2, 25), 465};
  EXPECT_EQ(member(json_of(model.session()), "proxy"),
            "{\"version\":1,\"frame\":1,\"source\":{\"address\":\"203.0.113.7\",\"port\":14659},"
            "\"destination\":{\"address\":\"192.0.2.25\",\"port\":465}}");
  proxy.local = true;
  EXPECT_EQ(member(json_of(model.session()), "proxy"),
            "{\"version\":1,\"frame\":1,\"local\":true}");
}

TEST(SessionJson, AuthHasUserAndResultAndNoSecret) {
  ModelBuilder model;
  const Index command = model.send("AUTH", "LOGIN");
  model.answer(command, 334, "VXNlcm5hbWU6", ReplyKind::kIntermediate);
  model.answer(command, 334, "UGFzc3dvcmQ6", ReplyKind::kIntermediate);
  model.answer(command, 235, "2.7.0 ok");
  AuthExchange auth;
  auth.command = command;
  auth.mechanism = model.text("LOGIN");
  auth.user = model.text("alice");
  auth.rounds = 2;
  model.session().auth.push_back(auth);
  const std::string json = json_of(model.session());
  EXPECT_EQ(member(json, "auth"),
            "[{\"mechanism\":\"LOGIN\",\"user\":\"alice\",\"frame\":1,\"result_frame\":4,"
            "\"code\":235,\"rounds\":2,\"total_ns\":3000000}]");
  EXPECT_EQ(json.find("UGFz"), std::string::npos);
}

TEST(SessionJson, TurnUnderTlsWithoutKeysHasSizesAndNoVerb) {
  ModelBuilder model;
  const Index turn = model.send("");
  Command& command = model.session().command(turn);
  command.opaque = true;
  command.encrypted = true;
  command.bytes = 57;
  Reply& reply = model.session().reply(model.answer(turn, 0, ""));
  reply.opaque = true;
  reply.bytes = 210;
  EXPECT_EQ(member(json_of(model.session()), "commands"),
            "[{\"index\":1,\"verb\":null,\"frame\":1,\"reply_frame\":2,\"latency_ns\":1000000,"
            "\"service_ns\":1000000,\"pipelined\":false,\"encrypted\":true,\"exact\":true,"
            "\"request_bytes\":57,\"reply_bytes\":210}]");
}

TEST(SessionJson, LmtpRecipientHasItsFinalCode) {
  ModelBuilder model;
  model.session().lmtp = true;
  model.envelope();
  model.ask("RCPT", "TO:<carol@example.test>", 250);
  model.ask("DATA", "", 354);
  const Index end = model.send_message();
  model.answer(end, 250, "2.0.0 Ok: queued as ABC123", ReplyKind::kRecipient);
  model.answer(end, 552, "5.2.2 full", ReplyKind::kRecipient);
  const std::string messages = member(json_of(model.session()), "messages");
  EXPECT_EQ(member(messages, "recipients"),
            "[{\"address\":\"bob@example.test\",\"code\":250,\"final_code\":250,\"accepted\":true},"
            "{\"address\":\"carol@example.test\",\"code\":250,\"final_code\":552,"
            "\"accepted\":false}]");
  EXPECT_EQ(member(messages, "id"), "\"ABC123\"");
  EXPECT_NE(messages.find("\"code\":552,\"id\""), std::string::npos) << messages;
}

TEST(SessionJson, RefusedMessageHasNoId) {
  ModelBuilder model;
  model.open();
  model.deliver(554, "5.7.1 queued as ABC123");
  const std::string messages = member(json_of(model.session()), "messages");
  EXPECT_EQ(member(messages, "id"), "(absent)");
  EXPECT_NE(messages.find("\"code\":554,\"accepted\":false"), std::string::npos) << messages;
}

TEST(SessionJson, RepliesWithoutCommandAreListed) {
  ModelBuilder model;
  model.unsolicited(421, "4.4.2 timeout");
  Reply uncaptured = model.session().reply(1);
  uncaptured.kind = ReplyKind::kUncaptured;
  uncaptured.code = 250;
  model.session().replies.push_back(uncaptured);
  const std::string json = json_of(model.session());
  EXPECT_EQ(member(json, "unsolicited_replies"),
            "[{\"frame\":1,\"code\":421,\"text\":\"4.4.2 timeout\"}]");
  EXPECT_EQ(member(json, "uncaptured_replies"),
            "[{\"frame\":1,\"code\":250,\"text\":\"4.4.2 timeout\"}]");
}

TEST(SessionJson, FindingsHaveTextAndAdvice) {
  ModelBuilder model;
  const Index command = model.ask("RCPT", "TO:<bad@example.test>", 550, "5.1.1 no such user");
  model.find(FindingId::kRep04, model.session().command(command).reply, Severity::kError,
             "550 to RCPT: 5.1.1 no such user");
  const std::string findings = member(json_of(model.session()), "findings");
  EXPECT_EQ(findings.rfind("[{\"id\":\"REP-04\",\"severity\":\"error\",\"frame\":2,\"text\":"
                           "\"550 to RCPT: 5.1.1 no such user\",\"advice\":\"Check",
                           0),
            0U)
      << findings;
}

TEST(SessionJson, SharesAreThoseOfTheMetrics) {
  ModelBuilder model;
  model.handshake();
  EXPECT_EQ(member(json_of(model.session()), "share"),
            "{\"network_ns\":2000000,\"server_ns\":0,\"client_ns\":0,\"tls_ns\":0,"
            "\"transfer_ns\":0}");
}

TEST(SessionId, IsHexAndTheSameInEveryCopy) {
  ModelBuilder model;
  model.open();
  const std::string id = session_id(model.session());
  EXPECT_EQ(id.size(), 16U);
  EXPECT_EQ(id.find_first_not_of("0123456789abcdef"), std::string::npos);
  // Cut behind, renumbered, or written with microseconds: the same session.
  model.quit();
  model.session().stream = 99;
  model.session().id = 12;
  model.session().tcp.first_syn.frame = 500;
  EXPECT_EQ(session_id(model.session()), id);
  model.session().tcp.first_syn.time += 999;
  EXPECT_EQ(session_id(model.session()), id);
}

TEST(SessionId, ChangesWithEachOfItsParts) {
  ModelBuilder model;
  model.open();
  Session& session = model.session();
  const std::string id = session_id(session);
  std::swap(session.client, session.server);
  EXPECT_NE(session_id(session), id);
  std::swap(session.client, session.server);
  ++session.client.port;
  EXPECT_NE(session_id(session), id);
  --session.client.port;
  ++session.tcp.first_seq;
  EXPECT_NE(session_id(session), id);
  --session.tcp.first_seq;
  session.tcp.first_syn.time += 1000;
  EXPECT_NE(session_id(session), id);
}

TEST(SessionId, HasAKnownValue) {
  // FNV-1a over 04 c0000201 b650 04 c0000219 0019 000003e8 and 1795541662853724 as eight bytes,
  // computed apart from this code.
  ModelBuilder model;
  model.open();
  EXPECT_EQ(session_id(model.session()), "c32f6f905b4f9693");
}

TEST(Rfc3339, IsComputedByTheCalendar) {
  constexpr TimeNs kSecond = 1'000'000'000;
  EXPECT_EQ(rfc3339(kStart), "2026-11-24T17:34:22.853724000Z");
  EXPECT_EQ(rfc3339(0), "1970-01-01T00:00:00.000000000Z");
  EXPECT_EQ(rfc3339(-1), "1969-12-31T23:59:59.999999999Z");
  EXPECT_EQ(rfc3339(951'782'400 * kSecond), "2000-02-29T00:00:00.000000000Z");
  EXPECT_EQ(rfc3339(1'709'251'199 * kSecond + 7), "2024-02-29T23:59:59.000000007Z");
  EXPECT_EQ(rfc3339(4'107'542'400 * kSecond), "2100-03-01T00:00:00.000000000Z");
}

TEST(Rfc3339, HoldsForTheFirstAndLastInstant) {
  EXPECT_EQ(rfc3339(std::numeric_limits<TimeNs>::max()), "2262-04-11T23:47:16.854775807Z");
  EXPECT_EQ(rfc3339(std::numeric_limits<TimeNs>::min()), "1677-09-21T00:12:43.145224192Z");
}

}  // namespace
}  // namespace smtp_session
