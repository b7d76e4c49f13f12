// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/metrics.h"

#include <gtest/gtest.h>

#include <memory>

#include "tests/unit/model_builder.h"

namespace smtp_session {
namespace {

using test::kMs;
using test::ModelBuilder;

const Reply& reply_to(const ModelBuilder& model, Index command) {
  return model.session().reply(model.session().command(command).reply);
}

TEST(Metrics, HandshakeRunsFromTheFirstSynAndTheRoundTripFromTheAnsweredOne) {
  ModelBuilder model;
  model.syn();
  model.after(1000 * kMs).syn();
  model.after(20 * kMs).syn_ack();
  model.after(5 * kMs).ack();
  EXPECT_EQ(rtt_server(model.session()), 20 * kMs);
  EXPECT_EQ(rtt_client(model.session()), 5 * kMs);
  EXPECT_EQ(handshake(model.session()), 1025 * kMs);
}

TEST(Metrics, WhatTheCaptureDoesNotHoldIsNotKnown) {
  ModelBuilder model;
  model.mid_stream();
  model.ask("NOOP", "", 250);
  const Session& session = model.session();
  EXPECT_EQ(rtt_server(session), kNoTime);
  EXPECT_EQ(rtt_client(session), kNoTime);
  EXPECT_EQ(handshake(session), kNoTime);
  EXPECT_EQ(greeting_delay(session), kNoTime);
  EXPECT_EQ(client_start(session), kNoTime);
  EXPECT_EQ(tls_handshake(session), kNoTime);
}

TEST(Metrics, EmptySessionHasNoTimes) {
  const Session session;
  EXPECT_EQ(duration(session), kNoTime);
  EXPECT_EQ(slowest_command(session), 0U);
  EXPECT_EQ(capture_point(session), CapturePoint::kUnknown);
}

TEST(Metrics, GreetingIsAwaitedFromTheAck) {
  ModelBuilder model;
  model.handshake();
  model.after(2000 * kMs).greet();
  EXPECT_EQ(greeting_delay(model.session()), 2000 * kMs);
}

TEST(Metrics, GreetingIsAwaitedFromTheProxyLine) {
  ModelBuilder model;
  model.handshake();
  model.session().proxy = std::make_unique<ProxyHeader>();
  model.session().proxy->at = model.after(50 * kMs).tick();
  model.after(3 * kMs).greet();
  EXPECT_EQ(greeting_delay(model.session()), 3 * kMs);
}

TEST(Metrics, GreetingIsAwaitedFromTheEndOfImplicitTls) {
  ModelBuilder model;
  model.handshake();
  model.client_hello(TlsMode::kImplicit);
  model.finish_tls();
  model.after(7 * kMs).greet();
  EXPECT_EQ(greeting_delay(model.session()), 7 * kMs);
  EXPECT_EQ(tls_handshake(model.session()), 2 * kMs);
}

TEST(Metrics, StarttlsDoesNotMoveTheGreeting) {
  ModelBuilder model;
  model.handshake();
  model.after(4 * kMs).greet();
  model.ask("STARTTLS", "", 220);
  model.client_hello(TlsMode::kStarttls);
  model.finish_tls();
  EXPECT_EQ(greeting_delay(model.session()), 4 * kMs);
}

TEST(Metrics, ClientStartRunsFromTheGreetingToTheFirstByte) {
  ModelBuilder model;
  model.handshake();
  model.greet();
  const Index command = model.after(9 * kMs).send("EHLO", "client.example");
  model.session().command(command).first_time -= 2 * kMs;
  EXPECT_EQ(client_start(model.session()), 7 * kMs);
}

TEST(Metrics, ClientThatStartsBeforeTheGreetingIsOverHasNoStart) {
  ModelBuilder model;
  model.handshake();
  model.greet();
  const Index command = model.after(9 * kMs).send("EHLO", "client.example");
  EXPECT_NE(client_start(model.session()), kNoTime);
  model.session().reply(1).frame = model.session().command(command).frame + 1;
  EXPECT_EQ(client_start(model.session()), kNoTime);
}

TEST(Metrics, TlsHandshakeThatDidNotEndHasNoTime) {
  ModelBuilder model;
  model.handshake();
  model.client_hello(TlsMode::kImplicit);
  EXPECT_EQ(tls_handshake(model.session()), kNoTime);
}

TEST(Metrics, LatencyRunsFromLastByteToLastByte) {
  ModelBuilder model;
  model.open();
  const Index command = model.send("MAIL", "FROM:<alice@example.test>");
  const Index reply = model.after(30 * kMs).answer(command, 250);
  model.session().reply(reply).first_time -= 10 * kMs;
  EXPECT_EQ(latency(model.session(), model.session().reply(reply)), 30 * kMs);
}

TEST(Metrics, GreetingAnswersNothingAndHasNoLatency) {
  ModelBuilder model;
  model.handshake();
  model.greet();
  EXPECT_EQ(latency(model.session(), model.session().reply(1)), kNoTime);
  EXPECT_EQ(service_time(model.session(), 1), kNoTime);
}

TEST(Metrics, ServiceTimesOfAPipelineAddUpToItsLastLatency) {
  ModelBuilder model;
  model.open();
  const Index mail = model.after(kMs).send("MAIL", "FROM:<alice@example.test>");
  const Index rcpt = model.after(0).send("RCPT", "TO:<bob@example.test>");
  const Index data = model.after(0).send("DATA");
  model.after(10 * kMs).answer(mail, 250);
  model.after(700 * kMs).answer(rcpt, 250);
  model.after(5 * kMs).answer(data, 354);
  const Session& session = model.session();
  EXPECT_EQ(latency(session, reply_to(model, rcpt)), 710 * kMs);
  EXPECT_EQ(service_time(session, session.command(mail).reply), 10 * kMs);
  EXPECT_EQ(service_time(session, session.command(rcpt).reply), 700 * kMs);
  EXPECT_EQ(service_time(session, session.command(data).reply), 5 * kMs);
  EXPECT_EQ(latency(session, reply_to(model, data)), 715 * kMs);
}

TEST(Metrics, ServiceTimeOfAuthHoldsItsChallenges) {
  ModelBuilder model;
  model.open();
  const Index auth = model.send("AUTH", "LOGIN");
  model.after(2 * kMs).answer(auth, 334, "VXNlcm5hbWU6", ReplyKind::kIntermediate);
  model.after(6 * kMs).answer(auth, 235);
  const Session& session = model.session();
  EXPECT_EQ(latency(session, reply_to(model, auth)), 8 * kMs);
  EXPECT_EQ(service_time(session, session.command(auth).reply), 8 * kMs);
}

TEST(Metrics, ThinkTimeRunsFromTheReplyBeforeToTheFirstByte) {
  ModelBuilder model;
  model.open();
  const Index command = model.after(40 * kMs).send("MAIL", "FROM:<alice@example.test>");
  model.session().command(command).first_time -= 10 * kMs;
  EXPECT_EQ(think_time(model.session(), model.session().command(command)), 30 * kMs);
}

TEST(Metrics, PipelinedCommandHasNoThinkTimeAndNoIdle) {
  ModelBuilder model;
  model.open();
  model.send("MAIL", "FROM:<alice@example.test>");
  const Index command = model.send("QUIT");
  EXPECT_EQ(think_time(model.session(), model.session().command(command)), kNoTime);
  EXPECT_EQ(idle_before(model.session(), model.session().command(command)), kNoTime);
}

TEST(Metrics, IdleIsTheSilenceBeforeCommandsThatBeginSomething) {
  ModelBuilder model;
  model.open();
  for (const char* verb : {"NOOP", "MAIL", "RSET", "QUIT"}) {
    const Index command = model.after(60'000 * kMs).ask(verb, "", 250);
    EXPECT_EQ(idle_before(model.session(), model.session().command(command)), 60'000 * kMs) << verb;
  }
}

TEST(Metrics, OtherCommandsHaveNoIdle) {
  ModelBuilder model;
  model.open();
  for (const char* verb : {"RCPT", "DATA", "EHLO", "AUTH", "VRFY"}) {
    const Index command = model.ask(verb, "", 250);
    EXPECT_EQ(idle_before(model.session(), model.session().command(command)), kNoTime) << verb;
  }
}

TEST(Metrics, MessageIsTimedFromItsFirstByteToItsReply) {
  ModelBuilder model;
  model.open();
  model.envelope();
  model.ask("DATA", "", 354);
  const Index end = model.send_message();
  EXPECT_EQ(data_transfer(model.session(), 1), kMs);
  EXPECT_EQ(end_of_data(model.session(), 1), kNoTime);
  model.after(300 * kMs).answer(end, 250);
  EXPECT_EQ(end_of_data(model.session(), 1), 300 * kMs);
}

TEST(Metrics, MessageWithoutEndHasNoTimes) {
  ModelBuilder model;
  model.open();
  model.envelope();
  EXPECT_EQ(data_transfer(model.session(), 1), kNoTime);
  EXPECT_EQ(end_of_data(model.session(), 1), kNoTime);
}

TEST(Metrics, CapturePointFollowsFromTheTwoRoundTrips) {
  const struct {
    TimeNs server;
    TimeNs client;
    CapturePoint point;
  } cases[] = {
      {20 * kMs, 10'000, CapturePoint::kClient},   {10'000, 20 * kMs, CapturePoint::kServer},
      {20 * kMs, 15 * kMs, CapturePoint::kMiddle}, {20 * kMs, 20 * kMs, CapturePoint::kMiddle},
      {20'000, 15'000, CapturePoint::kUnknown},    {0, 0, CapturePoint::kUnknown},
  };
  for (const auto& one : cases) {
    ModelBuilder model;
    model.syn();
    model.after(one.server).syn_ack();
    model.after(one.client).ack();
    EXPECT_EQ(capture_point(model.session()), one.point) << one.server << ' ' << one.client;
  }
}

TEST(Metrics, SlowestCommandIsTheFirstOfTheLongest) {
  ModelBuilder model;
  model.open();
  const Index mail = model.send("MAIL", "FROM:<alice@example.test>");
  model.after(700 * kMs).answer(mail, 250);
  const Index rcpt = model.send("RCPT", "TO:<bob@example.test>");
  model.after(700 * kMs).answer(rcpt, 250);
  model.send("DATA");
  EXPECT_EQ(slowest_command(model.session()), mail);
}

}  // namespace
}  // namespace smtp_session
