// SPDX-License-Identifier: GPL-2.0-or-later
//
// Sessions: which connections are SMTP, what each frame is.
#include <gtest/gtest.h>

#include "dissector/names.h"
#include "tests/unit/support/talk.h"

namespace smtp_session::test {
namespace {

TEST(Engine, RecognisesSmtpOnAnyPortAndKeepsItsHandshake) {
  Talk talk(10025);
  talk.hello().quit();
  const Session& session = talk.session();
  EXPECT_EQ(summary(session), "EHLO:250 QUIT:221");
  EXPECT_EQ(session.tcp.first_syn.frame, 1U);
  EXPECT_EQ(session.tcp.ack.frame, 3U);
  EXPECT_EQ(session.first.frame, 1U);
  EXPECT_TRUE(talk.engine().frames().find(1));
}

TEST(Engine, RecognisesAGreetingAndAHelloInPieces) {
  Talk talk(10025);
  talk.handshake();
  for (const std::string_view piece : {"2", "20", " mx.example.test", "\r\n"}) talk.server(piece);
  for (const std::string_view piece : {"E", "HLO ", "client.example\r", "\n"}) talk.client(piece);
  talk.server("250 mx.example.test\r\n").quit();
  ASSERT_EQ(talk.engine().sessions().size(), 1U);
  EXPECT_EQ(summary(talk.session()), "EHLO:250 QUIT:221");
}

TEST(Engine, RecognisesAGreetingAndAHelloOutOfOrder) {
  Talk talk(10025);
  talk.handshake();
  talk.at(Side::kServer, 9, "example.test\r\n").at(Side::kServer, 0, "220 mx.ex");
  talk.skip(Side::kServer, 23);
  talk.at(Side::kClient, 3, "O client.example\r\n").at(Side::kClient, 0, "EHL");
  talk.skip(Side::kClient, 21);
  talk.server("250 mx.example.test\r\n").quit();
  ASSERT_EQ(talk.engine().sessions().size(), 1U);
  EXPECT_EQ(summary(talk.session()), "EHLO:250 QUIT:221");
  EXPECT_EQ(talk.session().greeting, 1U);
}

TEST(Engine, TellsCopiesOfTheLastPacketsOfASession) {
  Talk talk;
  talk.hello().quit();
  const FrameNumber last = talk.frame();
  talk.wait(3us).same_packet(true).ack(Side::kServer);
  EXPECT_EQ(talk.session().tcp.duplicates, 1);
  EXPECT_EQ(talk.engine().frames().find(last + 1)->roles, std::uint32_t{kRoleDuplicate});
}

TEST(Engine, LeavesFtpAlone) {
  Talk talk(21);
  talk.handshake().server("220 ftp.example.test FTP server\r\n").client("USER anonymous\r\n");
  EXPECT_TRUE(talk.engine().sessions().empty());
  EXPECT_FALSE(talk.engine().wants(0));
}

TEST(Engine, LeavesHttpAloneAtItsFirstBytes) {
  Talk talk(80);
  talk.handshake().client("GET / HTTP/1.1\r\n");
  EXPECT_FALSE(talk.engine().wants(0));
}

TEST(Engine, TakesAnyPortThatIsForced) {
  Talk talk(4711);
  talk.handshake();
  talk.engine().watch(0);
  talk.client("NOOP\r\n").server("250 Ok\r\n");
  EXPECT_EQ(talk.session().tcp.first_syn.frame, 1U);
}

TEST(Engine, NamesWhatEachFrameIs) {
  Talk talk;
  talk.hello();
  talk.client("MAIL FROM:<a@x.example>\r\n").server("250 Ok\r\n");
  talk.client("DATA\r\n").server("354 go\r\n");
  talk.client("text\r\n").client(".\r\n").server("250 Ok\r\n").quit();
  const Session& session = talk.session();
  const auto role = [&](FrameNumber frame) {
    return role_names(session, *talk.engine().frames().find(frame));
  };
  EXPECT_EQ(role(1), "SYN");
  EXPECT_EQ(role(2), "SYN-ACK");
  EXPECT_EQ(role(3), "ACK");
  EXPECT_EQ(role(4), "greeting");
  EXPECT_EQ(role(5), "EHLO");
  EXPECT_EQ(role(6), "reply to EHLO");
  EXPECT_EQ(role(11), "message data");
  EXPECT_EQ(role(12), "end of data");
  EXPECT_EQ(role(13), "reply to end of data");
  EXPECT_EQ(role(16), "FIN");
}

TEST(Engine, GivesEachFrameItsPhase) {
  Talk talk;
  talk.hello().client("MAIL FROM:<a@x.example>\r\n").server("250 Ok\r\n").quit();
  const auto phase = [&](FrameNumber frame) {
    return std::string(name_of(talk.engine().frames().find(frame)->phase_at()));
  };
  talk.session();
  EXPECT_EQ(phase(1), "connect");
  EXPECT_EQ(phase(4), "greeting");
  EXPECT_EQ(phase(5), "hello");
  EXPECT_EQ(phase(7), "envelope");
  EXPECT_EQ(phase(9), "quit");
  EXPECT_EQ(phase(12), "close");
}

TEST(Engine, ReadsTheProxyHeaderBeforeTheGreeting) {
  Talk talk;
  talk.handshake();
  talk.client("PROXY TCP4 203.0.113.7 192.0.2.25 14659 25\r\n");
  talk.server("220 mx.example.test\r\n").client("QUIT\r\n").server("221 Bye\r\n");
  const Session& session = talk.session();
  ASSERT_NE(session.proxy, nullptr);
  EXPECT_EQ(session.proxy->source.port, 14659);
  EXPECT_EQ(summary(session), "QUIT:221");
}

TEST(Engine, ReadsTheProxyHeaderWhereTheCaptureBeginsWithIt) {
  Talk talk;
  talk.client("PROXY TCP4 203.0.113.7 192.0.2.25 14659 25\r\n");
  talk.server("220 mx.example.test\r\n").client("QUIT\r\n").server("221 Bye\r\n");
  ASSERT_NE(talk.session().proxy, nullptr);
  EXPECT_EQ(summary(talk.session()), "QUIT:221");
}

TEST(Engine, BytesThatTurnOutToBeNoProxyHeaderKeepTheirTime) {
  Talk talk;
  talk.handshake().server("220 mx.example.test\r\n");
  talk.wait(1ms).client("\r\n");
  const TimeNs sent = talk.now();
  talk.wait(1s).client("QUIT\r\n").wait(1ms).server("221 Bye\r\n");
  const Session& session = talk.session();
  ASSERT_EQ(session.commands.size(), 2U);
  EXPECT_EQ(session.command(1).time, sent);
  EXPECT_EQ(session.command(2).verb.view(), "QUIT");
}

TEST(Engine, BytesThatWaitForAProxyHeaderAreReadAtAGap) {
  Talk talk;
  talk.handshake().server("220 mx.example.test\r\n");
  talk.client("\r\n").lost(Side::kClient, "EHLO client.example\r\n");
  talk.server("500 What?\r\n250 mx.example.test\r\n").client("QUIT\r\n").server("221 Bye\r\n");
  EXPECT_EQ(talk.session().commands.front().verb.view(), "");
  EXPECT_EQ(talk.session().commands.back().verb.view(), "QUIT");
}

TEST(Engine, BytesThatWaitForAProxyHeaderAreReadAtTheEnd) {
  Talk talk;
  talk.handshake().server("220 mx.example.test\r\n").client("\r\n");
  EXPECT_EQ(talk.session().commands.size(), 1U);
}

}  // namespace
}  // namespace smtp_session::test
