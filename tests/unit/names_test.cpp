// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/names.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "tests/unit/model_builder.h"

namespace smtp_session {
namespace {

using test::ModelBuilder;

Address ipv6(std::initializer_list<std::uint16_t> groups) {
  Address address;
  address.family = 6;
  std::size_t at = 0;
  for (const std::uint16_t group : groups) {
    address.bytes[at++] = static_cast<std::uint8_t>(group >> 8U);
    address.bytes[at++] = static_cast<std::uint8_t>(group & 0xFFU);
  }
  return address;
}

TEST(AddressText, Ipv4HasDots) {
  EXPECT_EQ(to_string(test::ipv4(192, 0, 2, 1)), "192.0.2.1");
}

TEST(AddressText, Ipv6FollowsRfc5952) {
  EXPECT_EQ(to_string(ipv6({0x2001, 0xdb8, 0, 0, 0, 0, 0, 1})), "2001:db8::1");
  EXPECT_EQ(to_string(ipv6({0x2001, 0xdb8, 0, 1, 1, 1, 1, 1})), "2001:db8:0:1:1:1:1:1");
  EXPECT_EQ(to_string(ipv6({0x2001, 0xdb8, 0, 0, 1, 0, 0, 1})), "2001:db8::1:0:0:1");
  EXPECT_EQ(to_string(ipv6({0x2001, 0, 0, 1, 0, 0, 0, 1})), "2001:0:0:1::1");
  EXPECT_EQ(to_string(ipv6({0x2001, 0xDB8, 0xA, 0xBC, 0xDEF, 0, 0, 0})), "2001:db8:a:bc:def::");
  EXPECT_EQ(to_string(ipv6({0, 0, 0, 0, 0, 0, 0, 0})), "::");
  EXPECT_EQ(to_string(ipv6({0, 0, 0, 0, 0, 0, 0, 1})), "::1");
  EXPECT_EQ(to_string(ipv6({0, 0, 0, 0, 0, 0xFFFF, 0xC000, 0x0201})), "::ffff:192.0.2.1");
}

TEST(AddressText, NoAddressIsEmpty) {
  EXPECT_EQ(to_string(Address{}), "");
}

TEST(TlsNames, KnownValuesHaveTheirRegisteredName) {
  EXPECT_EQ(tls_version_name(0x0300), "SSL 3.0");
  EXPECT_EQ(tls_version_name(0x0303), "TLS 1.2");
  EXPECT_EQ(tls_version_name(0x0304), "TLS 1.3");
  EXPECT_EQ(tls_cipher_name(0x1301), "TLS_AES_128_GCM_SHA256");
  EXPECT_EQ(tls_alert_name(0), "close_notify");
  EXPECT_EQ(tls_alert_name(40), "handshake_failure");
  EXPECT_EQ(tls_alert_name(70), "protocol_version");
}

TEST(TlsNames, UnknownValuesAreShownAsNumbers) {
  EXPECT_EQ(tls_version_name(0x7f1c), "0x7f1c");
  EXPECT_EQ(tls_cipher_name(0xc0ff), "0xc0ff");
  EXPECT_EQ(tls_cipher_name(0x0a0a), "0x0a0a");
  EXPECT_EQ(tls_alert_name(255), "255");
}

TEST(Names, OutcomesAreThoseOfTheContract) {
  std::set<std::string> names;
  for (int i = 0; i <= static_cast<int>(Outcome::kIncomplete); ++i) {
    names.insert(name_of(static_cast<Outcome>(i)));
  }
  const std::set<std::string> contract{"connection_refused", "connection_timeout",
                                       "no_greeting",        "greeting_rejected",
                                       "tls_failed",         "auth_failed",
                                       "delivered",          "partial",
                                       "rejected",           "deferred",
                                       "delivery_unknown",   "aborted_by_client",
                                       "aborted_by_server",  "no_mail",
                                       "encrypted",          "incomplete"};
  EXPECT_EQ(names, contract);
}

TEST(Names, PhasesAreThoseOfTheContract) {
  std::set<std::string> names;
  for (int i = 0; i <= static_cast<int>(Phase::kClose); ++i) {
    names.insert(name_of(static_cast<Phase>(i)));
  }
  const std::set<std::string> contract{"connect",  "proxy", "greeting", "hello",
                                       "starttls", "tls",   "auth",     "envelope",
                                       "data",     "idle",  "quit",     "close"};
  EXPECT_EQ(names, contract);
}

TEST(Names, OtherWordsAreThoseOfTheContract) {
  EXPECT_STREQ(name_of(Side::kClient), "client");
  EXPECT_STREQ(name_of(Side::kServer), "server");
  EXPECT_STREQ(name_of(TlsMode::kNone), "none");
  EXPECT_STREQ(name_of(TlsMode::kStarttls), "starttls");
  EXPECT_STREQ(name_of(TlsMode::kImplicit), "implicit");
  EXPECT_STREQ(name_of(CloseKind::kFin), "fin");
  EXPECT_STREQ(name_of(CloseKind::kRst), "rst");
  EXPECT_STREQ(name_of(CloseKind::kNone), "none");
  EXPECT_STREQ(name_of(CapturePoint::kMiddle), "middle");
  std::set<std::string> states;
  for (int i = 0; i <= static_cast<int>(DecryptState::kHandshakeFailed); ++i) {
    states.insert(name_of(static_cast<DecryptState>(i)));
  }
  EXPECT_EQ(states,
            (std::set<std::string>{"not_tls", "decrypted", "no_key", "rsa_key_useless",
                                   "client_hello_missing", "resumed_unknown", "handshake_failed"}));
}

std::string roles(const Session& session, FrameNumber frame, std::uint32_t bits) {
  FrameRecord record{};
  record.frame = frame;
  record.roles = bits & 0xFFFFFFU;
  return role_names(session, record);
}

TEST(RoleNames, FlagsHaveTheirNames) {
  const Session session;
  EXPECT_EQ(roles(session, 1, kRoleSyn), "SYN");
  EXPECT_EQ(roles(session, 1, kRoleSynAck), "SYN-ACK");
  EXPECT_EQ(roles(session, 1, kRoleAck), "ACK");
  EXPECT_EQ(roles(session, 1, kRoleMessageData), "message data");
  EXPECT_EQ(roles(session, 1, kRoleClientHello), "ClientHello");
  EXPECT_EQ(roles(session, 1, 0), "");
}

TEST(RoleNames, AcknowledgementIsNamedOnlyWhereItIsAllThereIs) {
  const Session session;
  EXPECT_EQ(roles(session, 1, kRoleFin | kRoleAck), "FIN");
  EXPECT_EQ(roles(session, 1, kRoleAck | kRoleMessageData), "message data");
  EXPECT_EQ(roles(session, 1, kRoleAck | kRoleZeroWindow), "ACK, zero window");
}

TEST(RoleNames, SeveralAreJoinedInFixedOrder) {
  const Session session;
  EXPECT_EQ(roles(session, 1, kRoleServerHello | kRoleRetransmission),
            "retransmission, ServerHello");
}

TEST(RoleNames, CommandsAndRepliesAreNamedOnTheFrameThatCompletesThem) {
  ModelBuilder model;
  model.session().tcp.ack = model.tick();
  model.greet();
  model.ask("EHLO", "client.example", 250);
  model.envelope();
  model.ask("DATA", "", 354);
  const Index end = model.send_message();
  model.answer(end, 250);
  const Session& session = model.session();
  const auto of = [&](FrameNumber frame) { return roles(session, frame, kRoleAck); };
  EXPECT_EQ(of(1), "ACK");
  EXPECT_EQ(of(session.reply(1).frame), "greeting");
  EXPECT_EQ(of(session.command(1).frame), "EHLO");
  EXPECT_EQ(of(session.reply(2).frame), "reply to EHLO");
  EXPECT_EQ(of(session.command(end).frame), "end of data");
  EXPECT_EQ(of(session.reply(session.command(end).reply).frame), "reply to end of data");
}

TEST(RoleNames, FrameWithSeveralCommandsNamesAllInOrder) {
  ModelBuilder model;
  model.send("MAIL", "FROM:<alice@example.test>");
  model.send("RCPT", "TO:<bob@example.test>");
  model.send("DATA");
  for (Command& command : model.session().commands) command.frame = 7;
  EXPECT_EQ(roles(model.session(), 7, 0), "MAIL, RCPT, DATA");
}

TEST(RoleNames, OtherRepliesAreTold) {
  ModelBuilder model;
  const Index auth = model.send("AUTH", "LOGIN");
  const Index challenge = model.answer(auth, 334, "VXNlcm5hbWU6", ReplyKind::kIntermediate);
  const Index unsolicited = model.unsolicited(421, "timeout");
  const Session& session = model.session();
  EXPECT_EQ(roles(session, session.reply(challenge).frame, 0), "AUTH challenge");
  EXPECT_EQ(roles(session, session.reply(unsolicited).frame, 0), "unsolicited reply");
}

TEST(RoleNames, TurnUnderTlsWithoutKeysIsEncryptedDataOnly) {
  ModelBuilder model;
  const Index turn = model.send("");
  model.session().command(turn).opaque = true;
  const Index reply = model.answer(turn, 0, "");
  model.session().reply(reply).opaque = true;
  const Session& session = model.session();
  EXPECT_EQ(roles(session, session.command(turn).frame, kRoleEncryptedData), "encrypted data");
  EXPECT_EQ(roles(session, session.reply(reply).frame, kRoleEncryptedData), "encrypted data");
}

TEST(RoleNames, ReplyToAnUnreadableCommandIsToldFromOneToAnEmptyLine) {
  ModelBuilder model;
  const Index line = model.send("");
  const Index refusal = model.answer(line, 500, "5.5.2 Error: bad syntax");
  const Index turn = model.send("");
  model.session().command(turn).opaque = true;
  const Index reply = model.answer(turn, 221, "2.0.0 Bye");
  const Session& session = model.session();
  EXPECT_EQ(roles(session, session.reply(refusal).frame, 0), "reply to empty command");
  EXPECT_EQ(roles(session, session.reply(reply).frame, 0), "reply to unreadable command");
}

}  // namespace
}  // namespace smtp_session
