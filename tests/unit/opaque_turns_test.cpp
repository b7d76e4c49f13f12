// SPDX-License-Identifier: GPL-2.0-or-later
//
// TLS 1.3 without keys: session tickets look like text, and the client's Finished like anything.
#include "dissector/opaque_turns.h"

#include <gtest/gtest.h>

#include "dissector/metrics.h"
#include "tests/unit/support/talk.h"
#include "tests/unit/support/tls_bytes.h"

namespace smtp_session {
namespace {

using namespace test;

constexpr std::size_t kTicket = 233;  // a message of OpenSSL
constexpr std::uint32_t kSealing = 17;
constexpr std::size_t kHello = 21;

/// The handshake; the client's flight is one record of `flight` octets of text.
Talk& shake(Talk& talk, std::size_t flight) {
  talk.wait(1ms).client(client_hello());
  talk.wait(1ms).server(server_hello13() + ccs() + sealed13(900));
  return talk.wait(1ms).client(ccs() + sealed13(flight));
}

Talk& shake(Talk& talk) {
  return shake(talk, finished_message().size());
}

/// The text of the reply to the first encrypted turn, in octets.
std::uint32_t first_reply(const Session& session) {
  for (const Command& command : session.commands) {
    if (command.opaque)
      return command.reply == 0 ? 0 : session.reply(command.reply).bytes - kSealing;
  }
  return 0;
}

TEST(OpaqueTurns, GreetingIsTheLastRecordBeforeTheClients) {
  Talk talk(465);
  shake(talk.handshake());
  talk.wait(1ms).server(sealed13(kTicket) + sealed13(kTicket));
  talk.wait(1ms).server(sealed13(60));
  talk.wait(1ms).client(sealed13(kHello));
  talk.wait(1ms).server(sealed13(200));
  const Session& session = talk.session();
  ASSERT_NE(session.greeting, 0U);
  EXPECT_EQ(session.reply(session.greeting).bytes - kSealing, 60U);
  EXPECT_EQ(first_reply(session), 200U);
}

TEST(OpaqueTurns, GreetingMayBeAsLongAsATicket) {
  Talk talk(465);
  shake(talk.handshake());
  talk.wait(1ms).server(sealed13(kTicket) + sealed13(kTicket));
  talk.wait(1ms).server(sealed13(190));
  const FrameNumber greeting = talk.frame();
  talk.wait(1ms).client(sealed13(kHello)).wait(1ms).server(sealed13(200));
  const Session& session = talk.session();
  ASSERT_NE(session.greeting, 0U);
  EXPECT_EQ(session.reply(session.greeting).frame, greeting);
}

TEST(OpaqueTurns, TicketsAloneAreNoGreeting) {
  Talk talk(465);
  shake(talk.handshake());
  talk.wait(1ms).server(sealed13(kTicket) + sealed13(kTicket));
  // A client that does not wait.
  talk.wait(1ms).client(sealed13(kHello)).wait(1ms).server(sealed13(200));
  EXPECT_EQ(talk.session().greeting, 0U);
}

TEST(OpaqueTurns, ReplyAfterAnEncryptedGreetingIsNoTicketThoughItIsAsLong) {
  // Exim without resumption sends no tickets; its reply to EHLO is longer than many a ticket.
  Talk talk(465);
  shake(talk.handshake());
  talk.wait(1ms).server(sealed13(71)).wait(1ms).client(sealed13(kHello));
  talk.wait(1ms).server(sealed13(204));
  talk.wait(1ms).client(sealed13(45)).wait(1ms).server(sealed13(30));
  const Session& session = talk.session();
  EXPECT_EQ(first_reply(session), 204U);
  EXPECT_EQ(session.commands.size(), 2U);
}

TEST(OpaqueTurns, TicketsBehindTheFirstCommandAreNoReply) {
  Talk talk(587);
  talk.hello();
  talk.wait(1ms).client("STARTTLS\r\n").wait(1ms).server("220 2.0.0 Ready\r\n");
  shake(talk);
  talk.wait(1ms).client(sealed13(kHello));
  talk.wait(1ms).server(sealed13(kTicket) + sealed13(kTicket)).wait(1ms).server(sealed13(53));
  talk.wait(1ms).client(sealed13(40)).wait(1ms).server(sealed13(14));
  EXPECT_EQ(first_reply(talk.session()), 53U);
}

TEST(OpaqueTurns, FinishedIsFoundBehindTheRecordsOfAClientCertificate) {
  Talk talk(465);
  talk.handshake();
  talk.wait(1ms).client(client_hello());
  talk.wait(1ms).server(server_hello13() + ccs() + sealed13(900));
  talk.wait(1ms).client(ccs() + sealed13(834) + sealed13(264) +
                        sealed13(finished_message().size()));
  const FrameNumber finished = talk.frame();
  talk.wait(1ms).server(sealed13(60));
  EXPECT_EQ(talk.session().tls->finished.frame, finished);
  EXPECT_NE(talk.session().greeting, 0U);
}

TEST(OpaqueTurns, FinishedIsFoundInOneRecordWithAClientCertificate) {
  Talk talk(465);
  shake(talk.handshake(), 834 + 264 + finished_message().size());
  const FrameNumber finished = talk.frame();
  talk.wait(1ms).server(sealed13(60));
  talk.wait(1ms).client(sealed13(kHello)).wait(1ms).server(sealed13(200));
  const Session& session = talk.session();
  EXPECT_TRUE(session.tls->complete);
  EXPECT_EQ(session.tls->finished.frame, finished);
  ASSERT_NE(session.greeting, 0U);
  EXPECT_EQ(first_reply(session), 200U);
}

/// STARTTLS and one exchange under TLS 1.3 without keys.
Talk& say_hello_unread(Talk& talk) {
  talk.hello().wait(1ms).client("STARTTLS\r\n").wait(1ms).server("220 2.0.0 Ready\r\n");
  shake(talk);
  talk.wait(1ms).client(sealed13(kHello));
  return talk.wait(1ms).server(sealed13(120));
}

TEST(OpaqueTurns, ReplyEndsWithTheLastRecordBeforeTheClientsNext) {
  Talk talk(587);
  say_hello_unread(talk);
  talk.wait(1ms).client(sealed13(40));
  talk.wait(2ms).server(sealed13(14)).wait(5ms).server(sealed13(30));
  const FrameNumber end = talk.frame();
  talk.wait(1ms).client(sealed13(6)).wait(1ms).server(sealed13(10));
  const Session& session = talk.session();
  const Reply& reply = session.reply(session.command(4).reply);
  EXPECT_EQ(latency(session, reply), std::chrono::nanoseconds(7ms).count());
  EXPECT_EQ(reply.frame, end);
  EXPECT_EQ(think_time(session, session.command(5)), std::chrono::nanoseconds(1ms).count());
}

TEST(OpaqueTurns, RecordSentBeforeTheServerHadTheClientsNextEndsNoLaterTurn) {
  Talk talk(587);
  say_hello_unread(talk);
  talk.wait(1ms).client(sealed13(40)).wait(1ms).server(sealed13(14));
  const std::uint32_t acked = talk.next(Side::kClient);
  talk.wait(1ms).client(sealed13(300));
  // The server's next record acknowledges the first request alone.
  const std::string late = sealed13(30);
  talk.wait(1ms).send(Side::kServer, TcpFlags::kAck, late, talk.next(Side::kServer), acked);
  talk.skip(Side::kServer, late.size());
  talk.wait(8ms).server(sealed13(20));
  const Session& session = talk.session();
  ASSERT_EQ(session.commands.size(), 5U);
  EXPECT_EQ(session.reply(session.command(4).reply).records, 2);
  EXPECT_EQ(latency(session, session.reply(session.command(5).reply)),
            std::chrono::nanoseconds(9ms).count());
}

TEST(OpaqueTurns, RecordAfterALongSilenceAnswersNothing) {
  Talk talk(587);
  say_hello_unread(talk);
  talk.wait(1ms).client(sealed13(40)).wait(1ms).server(sealed13(14));
  talk.wait(10s).server(sealed13(50)).close(Side::kServer);
  const Session& session = talk.session();
  EXPECT_EQ(session.replies.back().kind, ReplyKind::kUnsolicited);
  EXPECT_EQ(session.replies.back().command, 0U);
  EXPECT_EQ(latency(session, session.reply(session.command(4).reply)),
            std::chrono::nanoseconds(1ms).count());
}

TEST(OpaqueTurns, TurnEndsWithTheClientsLastRecord) {
  Talk talk(587);
  say_hello_unread(talk);
  talk.wait(1ms).client(sealed13(900)).wait(3ms).client(sealed13(40));
  const FrameNumber end = talk.frame();
  talk.wait(2ms).server(sealed13(14));
  const Session& session = talk.session();
  const Command& turn = session.command(4);
  EXPECT_EQ(turn.frame, end);
  EXPECT_EQ(turn.time - turn.first_time, std::chrono::nanoseconds(3ms).count());
  EXPECT_EQ(latency(session, session.reply(turn.reply)), std::chrono::nanoseconds(2ms).count());
}

}  // namespace
}  // namespace smtp_session
