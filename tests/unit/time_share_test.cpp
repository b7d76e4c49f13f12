// SPDX-License-Identifier: GPL-2.0-or-later
#include <gtest/gtest.h>

#include <memory>
#include <random>

#include "dissector/metrics.h"
#include "tests/unit/model_builder.h"

namespace smtp_session {
namespace {

using test::kMs;
using test::ModelBuilder;

TimeNs sum(const TimeShare& share) {
  return share.network + share.server + share.client + share.tls + share.transfer;
}

/// SYN to ACK in 25 ms: 20 ms to the server, 5 ms to the client.
void shake_hands(ModelBuilder& model) {
  model.syn();
  model.after(20 * kMs).syn_ack();
  model.after(5 * kMs).ack();
}

TEST(TimeShare, HandshakeBelongsToTheNetwork) {
  ModelBuilder model;
  shake_hands(model);
  const TimeShare share = time_share(model.session());
  EXPECT_EQ(share.network, 25 * kMs);
  EXPECT_EQ(sum(share), 25 * kMs);
}

TEST(TimeShare, UnansweredSynsBelongToTheNetwork) {
  ModelBuilder model;
  model.syn();
  model.after(1000 * kMs).syn();
  model.after(2000 * kMs).syn();
  EXPECT_EQ(time_share(model.session()).network, 3000 * kMs);
}

TEST(TimeShare, WaitForTheServerGivesOneRoundTripToTheNetwork) {
  ModelBuilder model;
  shake_hands(model);
  model.after(120 * kMs).greet();
  const TimeShare share = time_share(model.session());
  EXPECT_EQ(share.network, 25 * kMs + 20 * kMs);
  EXPECT_EQ(share.server, 100 * kMs);
  EXPECT_EQ(share.client, 0);
}

TEST(TimeShare, WaitShorterThanTheRoundTripIsAllNetwork) {
  ModelBuilder model;
  shake_hands(model);
  model.after(12 * kMs).greet();
  EXPECT_EQ(time_share(model.session()).network, 37 * kMs);
  EXPECT_EQ(time_share(model.session()).server, 0);
}

TEST(TimeShare, WaitForTheClientGivesItsRoundTripToTheNetwork) {
  ModelBuilder model;
  shake_hands(model);
  model.after(0).greet();
  model.after(65 * kMs).send("EHLO", "client.example");
  const TimeShare share = time_share(model.session());
  EXPECT_EQ(share.network, 25 * kMs + 5 * kMs);
  EXPECT_EQ(share.client, 60 * kMs);
}

/// AUTH LOGIN with a client that takes 300 ms to answer each of two challenges.
Index sign_in_slowly(ModelBuilder& model) {
  const Index auth = model.send("AUTH", "LOGIN");
  model.session().auth.emplace_back().command = auth;
  for (int round = 0; round < 2; ++round) {
    model.after(50 * kMs).answer(auth, 334, "VXNlcm5hbWU6", ReplyKind::kIntermediate);
    const Moment response = model.after(300 * kMs).tick();
    model.session().auth.back().responses.push_back(response);
  }
  return auth;
}

// RFC 4954 section 4: behind a challenge the server waits for the client.
TEST(TimeShare, WaitForTheAnswerToAChallengeBelongsToTheClient) {
  ModelBuilder model;
  shake_hands(model);
  model.after(20 * kMs).greet();
  model.after(5 * kMs);
  const Index auth = sign_in_slowly(model);
  model.after(50 * kMs).answer(auth, 235, "2.7.0 Authentication successful");
  const TimeShare share = time_share(model.session());
  EXPECT_EQ(share.client, 2 * 295 * kMs);
  EXPECT_EQ(share.server, 3 * 30 * kMs);
  EXPECT_EQ(sum(share), duration(model.session()));
}

TEST(TimeShare, ChallengeThatIsNeverAnsweredBelongsToTheClient) {
  ModelBuilder model;
  shake_hands(model);
  model.after(20 * kMs).greet();
  model.after(5 * kMs);
  const Index auth = model.send("AUTH", "LOGIN");
  model.session().auth.emplace_back().command = auth;
  model.after(50 * kMs).answer(auth, 334, "VXNlcm5hbWU6", ReplyKind::kIntermediate);
  model.after(1005 * kMs).fin(Side::kClient);
  EXPECT_EQ(time_share(model.session()).client, 1000 * kMs + kMs);
}

TEST(TimeShare, WaitForTheResultOfTheLastAnswerBelongsToTheServer) {
  ModelBuilder model;
  shake_hands(model);
  model.after(20 * kMs).greet();
  model.after(5 * kMs);
  sign_in_slowly(model);
  model.after(1020 * kMs).fin(Side::kClient);
  EXPECT_EQ(time_share(model.session()).server, 2 * 30 * kMs + 1000 * kMs);
}

TEST(TimeShare, LinesOfAReplyBelongToTheServer) {
  ModelBuilder model;
  shake_hands(model);
  const Index greeting = model.after(120 * kMs).greet();
  model.session().reply(greeting).first_time -= 100 * kMs;
  const TimeShare share = time_share(model.session());
  EXPECT_EQ(share.network, 45 * kMs);
  EXPECT_EQ(share.server, 100 * kMs);
}

TEST(TimeShare, PipelineGivesOneRoundTripOnly) {
  ModelBuilder model;
  shake_hands(model);
  model.after(0).greet();
  const Index first = model.after(0).send("MAIL", "FROM:<alice@example.test>");
  const Index second = model.after(0).send("RCPT", "TO:<bob@example.test>");
  model.after(30 * kMs).answer(first, 250);
  model.after(15 * kMs).answer(second, 250);
  const TimeShare share = time_share(model.session());
  EXPECT_EQ(share.network, 45 * kMs);
  EXPECT_EQ(share.server, 25 * kMs);
}

TEST(TimeShare, EveryCommandInTurnGivesItsRoundTrip) {
  ModelBuilder model;
  shake_hands(model);
  model.after(0).greet();
  for (int i = 0; i < 3; ++i) {
    const Index command = model.after(0).send("NOOP");
    model.after(50 * kMs).answer(command, 250);
  }
  const TimeShare share = time_share(model.session());
  EXPECT_EQ(share.network, 25 * kMs + 3 * 20 * kMs);
  EXPECT_EQ(share.server, 3 * 30 * kMs);
}

TEST(TimeShare, MessageBelongsToTheTransferAndItsReplyToTheServer) {
  ModelBuilder model;
  shake_hands(model);
  model.after(0).greet();
  model.after(0).ask("MAIL", "FROM:<alice@example.test>", 250);
  const TimeShare before = time_share(model.session());
  model.after(0).begin_content();
  const TimeNs first = model.now();
  const Index end = model.after(400 * kMs).send(".");
  model.session().command(end).message = 1;
  model.session().command(end).first_time = first;
  model.session().message(1).end = end;
  model.after(120 * kMs).answer(end, 250);
  const TimeShare share = time_share(model.session());
  EXPECT_EQ(share.transfer, 400 * kMs);
  EXPECT_EQ(share.server - before.server, 100 * kMs);
  EXPECT_EQ(share.network - before.network, 20 * kMs);
}

TEST(TimeShare, PipelinedMessageIsTransferWhileRepliesAreOutstanding) {
  ModelBuilder model;
  shake_hands(model);
  model.after(0).greet();
  const Index mail = model.after(0).send("MAIL", "FROM:<alice@example.test>");
  model.after(0).begin_content();
  const Index chunk = model.after(300 * kMs).send("BDAT", "1000 LAST");
  model.session().message(1).end = chunk;
  model.after(10 * kMs).answer(mail, 250);
  model.after(0).answer(chunk, 250);
  const TimeShare share = time_share(model.session());
  EXPECT_EQ(share.transfer, 300 * kMs);
  EXPECT_EQ(share.network, 25 * kMs + 10 * kMs);
}

TEST(TimeShare, TransferBrokenOffLastsToTheClose) {
  ModelBuilder model;
  shake_hands(model);
  model.after(0).greet();
  model.after(0).ask("MAIL", "FROM:<alice@example.test>", 250);
  model.after(0).ask("DATA", "", 354);
  model.after(0).begin_content();
  model.after(250 * kMs).rst(Side::kServer);
  EXPECT_EQ(time_share(model.session()).transfer, 250 * kMs);
}

TEST(TimeShare, TlsHandshakeBelongsToTls) {
  ModelBuilder model;
  shake_hands(model);
  model.after(0).client_hello(TlsMode::kImplicit);
  model.finish_tls();
  EXPECT_EQ(time_share(model.session()).tls, 2 * kMs);
}

TEST(TimeShare, FailedTlsHandshakeLastsToItsAlert) {
  ModelBuilder model;
  shake_hands(model);
  TlsFacts& tls = model.after(0).client_hello(TlsMode::kImplicit);
  tls.alert = TlsAlert{2, 70, Side::kServer, model.after(8 * kMs).tick()};
  model.after(30 * kMs).fin(Side::kServer);
  EXPECT_EQ(time_share(model.session()).tls, 8 * kMs);
}

TEST(TimeShare, GreetingThatNeverCameIsTheServersUpToTheClose) {
  ModelBuilder model;
  shake_hands(model);
  model.after(520 * kMs).fin(Side::kClient);
  const TimeShare share = time_share(model.session());
  EXPECT_EQ(share.server, 500 * kMs);
}

TEST(TimeShare, UnansweredCommandIsTheServersUpToTheClose) {
  ModelBuilder model;
  shake_hands(model);
  model.after(0).greet();
  model.after(0).send("EHLO", "client.example");
  model.after(320 * kMs).rst(Side::kClient);
  EXPECT_EQ(time_share(model.session()).server, 300 * kMs);
}

TEST(TimeShare, WithoutTheServersSideItsWaitEndsWithTheNextCommand) {
  ModelBuilder model;
  model.mid_stream();
  model.session().server_silent = true;
  model.send("EHLO", "client.example");
  model.after(40 * kMs).send("QUIT");
  model.after(60 * kMs).rst(Side::kClient);
  const TimeShare share = time_share(model.session());
  EXPECT_EQ(share.server, 100 * kMs);
  EXPECT_EQ(sum(share), duration(model.session()));
}

TEST(TimeShare, SmallestAckTimeStandsInForAHandshakeNotSeen) {
  ModelBuilder model;
  model.mid_stream();
  model.session().tcp.min_ack_server = 6 * kMs;
  const Index command = model.send("NOOP");
  model.after(10 * kMs).answer(command, 250);
  const TimeShare share = time_share(model.session());
  EXPECT_EQ(share.network, 6 * kMs);
  EXPECT_EQ(share.server, 4 * kMs);
}

TEST(TimeShare, EmptySessionHasNoTime) {
  EXPECT_EQ(sum(time_share(Session{})), 0);
}

TEST(TimeShare, ClockSetBackStillAddsUp) {
  ModelBuilder model;
  model.handshake();
  model.session().last.time = model.session().first.time - 5 * kMs;
  EXPECT_EQ(sum(time_share(model.session())), -5 * kMs);
}

/// Sessions with times in any order, some of them unknown.
Session random_session(std::mt19937& random) {
  Session session;
  const auto time = [&]() -> TimeNs {
    return random() % 8 == 0 ? kNoTime : static_cast<TimeNs>(random() % 1000);
  };
  const auto moment = [&] {
    return random() % 4 == 0 ? Moment{} : Moment{static_cast<TimeNs>(random() % 1000), 1};
  };
  session.first = {static_cast<TimeNs>(random() % 200), 1};
  session.last = {session.first.time + static_cast<TimeNs>(random() % 1000), 2};
  session.tcp.first_syn = moment();
  session.tcp.answered_syn = session.tcp.first_syn;
  session.tcp.syn_ack = moment();
  session.tcp.ack = moment();
  session.tcp.first_fin = moment();
  session.tcp.first_rst = moment();
  session.tcp.min_ack_client = time();
  session.tcp.min_ack_server = time();
  session.server_silent = random() % 4 == 0;
  if (random() % 2 == 0) {
    session.tls = std::make_unique<TlsFacts>();
    session.tls->mode = static_cast<TlsMode>(random() % 3);
    session.tls->client_hello = moment();
    session.tls->finished = moment();
    session.tls->complete = random() % 2 == 0;
    if (random() % 2 == 0) session.tls->alert = TlsAlert{2, 40, Side::kServer, moment()};
  }
  const std::size_t commands = random() % 6;
  for (std::size_t i = 0; i < commands; ++i) {
    Command command;
    command.first_time = time();
    command.time = time();
    command.pipelined = random() % 2 == 0;
    command.message = random() % 2;
    session.commands.push_back(command);
    if (random() % 4 != 0) {
      Reply reply;
      reply.first_time = time();
      reply.time = time();
      reply.command = static_cast<Index>(i + 1);
      session.replies.push_back(reply);
      session.commands.back().reply = static_cast<Index>(session.replies.size());
    }
  }
  if (commands > 0) {
    Message message;
    message.first_time = time();
    message.data = static_cast<Index>(random() % (commands + 1));
    message.end = static_cast<Index>(random() % (commands + 1));
    session.messages.push_back(message);
  }
  if (!session.replies.empty() && random() % 2 == 0) session.greeting = 1;
  return session;
}

TEST(TimeShare, PartsOfAnySessionAddUpToItsDurationAndNoneIsNegative) {
  std::mt19937 random(5321);  // NOLINT: the same run each time
  for (int run = 0; run < 50'000; ++run) {
    const Session session = random_session(random);
    const TimeShare share = time_share(session);
    ASSERT_EQ(sum(share), duration(session)) << run;
    for (const TimeNs part :
         {share.network, share.server, share.client, share.tls, share.transfer}) {
      ASSERT_GE(part, 0) << run;
    }
  }
}

}  // namespace
}  // namespace smtp_session
