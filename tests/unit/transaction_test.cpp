// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/transaction.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

#include "tests/unit/model_builder.h"

namespace smtp_session {
namespace {

using test::ModelBuilder;

TEST(PathAddress, StandsBetweenTheBrackets) {
  EXPECT_EQ(path_address("FROM:<a@b.example> SIZE=1"), "a@b.example");
  EXPECT_EQ(path_address("TO:<bob@example.test>"), "bob@example.test");
}

TEST(PathAddress, KeywordInAnyCaseWithBlanks) {
  EXPECT_EQ(path_address("from: <a@b.example>"), "a@b.example");
  EXPECT_EQ(path_address("To : \t<a@b.example>"), "a@b.example");
  EXPECT_EQ(path_address(" FROM:<a@b.example>"), "a@b.example");
}

TEST(PathAddress, NullReversePathIsEmpty) {
  EXPECT_EQ(path_address("FROM:<>"), "");
  EXPECT_EQ(path_address("FROM:<> BODY=8BITMIME"), "");
}

TEST(PathAddress, SourceRouteIsLeftOut) {
  EXPECT_EQ(path_address("TO:<@r1.example,@r2.example:a@b.example>"), "a@b.example");
  EXPECT_EQ(path_address("TO:<@[IPv6:2001:db8::1]:a@b.example>"), "a@b.example");
}

TEST(PathAddress, QuotedLocalPartMayHoldBlanksAndBrackets) {
  EXPECT_EQ(path_address("TO:<\"a > b\"@x.example> NOTIFY=NEVER"), "\"a > b\"@x.example");
  EXPECT_EQ(path_address("TO:<\"a \\\" > b\"@x.example>"), "\"a \\\" > b\"@x.example");
}

TEST(PathAddress, QuoteThatIsNeverClosedQuotesNothing) {
  EXPECT_EQ(path_address("TO:<\"a@b.example> X=1"), "\"a@b.example");
}

TEST(PathAddress, AddressLiteralKeepsItsColons) {
  EXPECT_EQ(path_address("TO:<a@[IPv6:2001:db8::1]>"), "a@[IPv6:2001:db8::1]");
}

TEST(PathAddress, MissingBracketsEndAtTheFirstBlank) {
  EXPECT_EQ(path_address("FROM:a@b.example SIZE=1"), "a@b.example");
  EXPECT_EQ(path_address("FROM:<a@b.example SIZE=1"), "a@b.example");
  EXPECT_EQ(path_address("a@b.example"), "a@b.example");
  EXPECT_EQ(path_address(""), "");
}

TEST(PathParameters, AreThoseBehindThePath) {
  const auto parameters = path_parameters("FROM:<a@b.example> SIZE=1000  BODY=8BITMIME SMTPUTF8");
  ASSERT_EQ(parameters.size(), 3U);
  EXPECT_EQ(parameters[0].keyword, "SIZE");
  EXPECT_EQ(parameters[0].value, "1000");
  EXPECT_EQ(parameters[1].value, "8BITMIME");
  EXPECT_EQ(parameters[2].keyword, "SMTPUTF8");
  EXPECT_EQ(parameters[2].value, "");
}

TEST(PathParameters, ValueMayHoldAnEqualsSign) {
  const auto parameters = path_parameters("TO:<a@b.example> ORCPT=rfc822;a=b@c.example");
  ASSERT_EQ(parameters.size(), 1U);
  EXPECT_EQ(parameters[0].value, "rfc822;a=b@c.example");
}

TEST(PathParameters, WithoutBracketsStandBehindTheBlank) {
  const auto parameters = path_parameters("FROM:a@b.example SIZE=1");
  ASSERT_EQ(parameters.size(), 1U);
  EXPECT_EQ(parameters[0].keyword, "SIZE");
}

TEST(PathParameters, NoneMeansNone) {
  EXPECT_TRUE(path_parameters("FROM:<a@b.example> ").empty());
}

TEST(EnhancedCode, BeginsTheText) {
  EXPECT_EQ(enhanced_code("2.1.0 Ok"), "2.1.0");
  EXPECT_EQ(enhanced_code("5.7.1"), "5.7.1");
  EXPECT_EQ(enhanced_code("4.123.456 later"), "4.123.456");
}

TEST(EnhancedCode, OtherFormsAreNone) {
  for (const char* text : {"", "1.0.0 x", "3.1.1 x", "2.1 x", "2..1 x", "2.1.0x", "2.1234.0 x",
                           "2.1.1234 x", "Ok 2.1.0", "250 2.1.0", "2.0.0.1 x", "2.1."}) {
    EXPECT_EQ(enhanced_code(text), "") << text;
  }
}

TEST(ServerMessageId, KnowsTheFormsOfServers) {
  const struct {
    const char* text;
    const char* id;
  } cases[] = {
      {"2.0.0 Ok: queued as 7C589AAA09E", "7C589AAA09E"},
      {"2.0.0 Ok: queued as 4Zh3kM1Bq2z9sVx", "4Zh3kM1Bq2z9sVx"},
      {"2.0.0 from MTA(smtp:[127.0.0.1]:10025): 250 2.0.0 Ok: queued as 4ZABC", "4ZABC"},
      {"2.0.0 Ok: 188 bytes queued as 5A2ADAAA0BD", "5A2ADAAA0BD"},
      {"OK id=1xVvIG-0007hQ-12", "1xVvIG-0007hQ-12"},
      {"OK id=1rAbCd-00000001234-0aBc", "1rAbCd-00000001234-0aBc"},
      {"Ok 0000012345678e09-123a4cdc-b56c-78dd-b90e-d123be456789-000000",
       "0000012345678e09-123a4cdc-b56c-78dd-b90e-d123be456789-000000"},
      {"2.0.0 OK  1700000000 a1-20020a05600c1d1900b0040b.123 - gsmtp",
       "a1-20020a05600c1d1900b0040b.123"},
      {"2.6.0 <id@x.example> [InternalId=12345, Hostname=H] 1234 bytes in 0.1, 12 KB/sec Queued "
       "mail for delivery",
       "12345"},
      {"2.0.0 3AN1abc2012345 Message accepted for delivery", "3AN1abc2012345"},
      {"2.0.0 1a2b3c4d Message accepted for delivery", "1a2b3c4d"},
      {"Message Queued (D1B2E3F4-5678-4ABC-9DEF-0123456789AB.1)",
       "D1B2E3F4-5678-4ABC-9DEF-0123456789AB.1"},
  };
  for (const auto& one : cases) EXPECT_EQ(server_message_id(one.text), one.id) << one.text;
}

TEST(ServerMessageId, TextWithoutIdHasNone) {
  for (const char* text :
       {"", "OK", "Ok", "2.0.0 Ok", "2.0.0 Ok: queued", "Ok: queued as", "Ok: queued as ",
        "OK: message queued", "Message accepted for delivery",
        "2.0.0 Message accepted for delivery", "Message Queued", "Ok dead-beef",
        "2.6.0 Queued mail for delivery", "2.1.5 bob delivered", "Message Queued ()", "OK id="}) {
    EXPECT_EQ(server_message_id(text), "") << text;
  }
}

TEST(ServerMessageId, StandsInTheLastLine) {
  EXPECT_EQ(server_message_id("2.0.0 first\n2.0.0 Ok: queued as ABC123"), "ABC123");
}

TEST(ReplyText, IsTheLastLine) {
  ModelBuilder model;
  const Index command = model.ask("EHLO", "c.example", 250, "mx.example.test\nSIZE\nHELP");
  EXPECT_EQ(reply_text(model.session().reply(model.session().command(command).reply)), "HELP");
}

TEST(ReplyText, OfAGreetingIsTheHostLine) {
  ModelBuilder model;
  const Index greeting = model.greet(220, "mx.example.test ESMTP\nno UCE please");
  EXPECT_EQ(reply_text(model.session().reply(greeting)), "mx.example.test ESMTP");
}

TEST(Recipients, BearTheCodeOfTheirReply) {
  ModelBuilder model;
  model.open();
  model.ask("MAIL", "FROM:<alice@example.test>", 250);
  model.ask("RCPT", "TO:<bob@example.test>", 250);
  model.ask("RCPT", "TO:<bad@example.test>", 550);
  model.send("RCPT", "TO:<carol@example.test>");
  const auto recipients = recipients_of(model.session(), 1);
  ASSERT_EQ(recipients.size(), 3U);
  EXPECT_EQ(recipients[0].address, "bob@example.test");
  EXPECT_TRUE(recipients[0].accepted);
  EXPECT_EQ(recipients[1].code, 550);
  EXPECT_FALSE(recipients[1].accepted);
  EXPECT_EQ(recipients[2].code, 0);
  EXPECT_FALSE(recipients[2].accepted);
}

TEST(Recipients, BelongToTheirOwnMessage) {
  ModelBuilder model;
  model.open();
  model.deliver();
  model.ask("MAIL", "FROM:<alice@example.test>", 250);
  model.ask("RCPT", "TO:<dave@example.test>", 250);
  ASSERT_EQ(recipients_of(model.session(), 1).size(), 1U);
  ASSERT_EQ(recipients_of(model.session(), 2).size(), 1U);
  EXPECT_EQ(recipients_of(model.session(), 2)[0].address, "dave@example.test");
}

TEST(Recipients, AreFoundWhereTheCaptureBeginsAfterMail) {
  ModelBuilder model;
  model.mid_stream();
  model.session().messages.emplace_back();
  model.ask("RCPT", "TO:<bob@example.test>", 250);
  ASSERT_EQ(recipients_of(model.session(), 1).size(), 1U);
}

/// LMTP: bob accepted, nobody refused at RCPT, carol and dave accepted; `last` is dave's result.
Index deliver_by_lmtp(ModelBuilder& model, std::uint16_t bob, std::uint16_t carol,
                      std::uint16_t dave) {
  model.session().lmtp = true;
  model.handshake();
  model.greet();
  model.ask("LHLO", "client.example", 250);
  model.ask("MAIL", "FROM:<alice@example.test>", 250);
  model.ask("RCPT", "TO:<bob@example.test>", 250);
  model.ask("RCPT", "TO:<nobody@example.test>", 550);
  model.ask("RCPT", "TO:<carol@example.test>", 250);
  model.ask("RCPT", "TO:<dave@example.test>", 250);
  model.ask("DATA", "", 354);
  const Index end = model.send_message();
  model.answer(end, bob, "2.1.5 bob", ReplyKind::kRecipient);
  model.answer(end, carol, "5.2.2 carol", ReplyKind::kRecipient);
  model.answer(end, dave, "2.1.5 dave", ReplyKind::kRecipient);
  return end;
}

TEST(Recipients, OfLmtpGetTheirOwnResultInOrder) {
  ModelBuilder model;
  deliver_by_lmtp(model, 250, 552, 250);
  const auto recipients = recipients_of(model.session(), 1);
  ASSERT_EQ(recipients.size(), 4U);
  EXPECT_EQ(recipients[0].final_code, 250);
  EXPECT_EQ(recipients[1].final_code, 0);
  EXPECT_EQ(recipients[1].code, 550);
  EXPECT_EQ(recipients[2].final_code, 552);
  EXPECT_FALSE(recipients[2].accepted);
  EXPECT_EQ(recipients[3].final_code, 250);
  EXPECT_TRUE(recipients[3].accepted);
}

TEST(MessageAccepted, ByLmtpWhereOneRecipientIs) {
  ModelBuilder model;
  deliver_by_lmtp(model, 250, 552, 552);
  EXPECT_TRUE(message_accepted(model.session(), 1));
  EXPECT_EQ(final_reply_of(model.session(), 1)->code, 552);
}

TEST(MessageAccepted, NotByLmtpWhereNoRecipientIs) {
  ModelBuilder model;
  deliver_by_lmtp(model, 452, 552, 552);
  EXPECT_FALSE(message_accepted(model.session(), 1));
}

TEST(MessageAccepted, ByPrdrAsTheLastReplySays) {
  for (const std::uint16_t last : {std::uint16_t{250}, std::uint16_t{550}}) {
    ModelBuilder model;
    model.open();
    model.ask("MAIL", "FROM:<alice@example.test> PRDR", 250);
    model.ask("RCPT", "TO:<bob@example.test>", 250);
    model.ask("RCPT", "TO:<carol@example.test>", 250);
    model.ask("DATA", "", 354);
    const Index end = model.send_message();
    model.answer(end, 353, "PRDR", ReplyKind::kIntermediate);
    model.answer(end, 250, "bob", ReplyKind::kRecipient);
    model.answer(end, 550, "carol", ReplyKind::kRecipient);
    model.answer(end, last, "OK id=1xVvIG-0007hQ-12");
    EXPECT_EQ(message_accepted(model.session(), 1), last == 250);
    const auto recipients = recipients_of(model.session(), 1);
    EXPECT_EQ(recipients[0].final_code, 250);
    EXPECT_EQ(recipients[1].final_code, 550);
    EXPECT_FALSE(recipients[1].accepted);
  }
}

TEST(MessageAccepted, NeedsTheReplyToEndOfData) {
  ModelBuilder model;
  model.open();
  model.envelope();
  model.ask("DATA", "", 354);
  EXPECT_EQ(final_reply_of(model.session(), 1), nullptr);
  const Index end = model.send_message();
  EXPECT_FALSE(message_accepted(model.session(), 1));
  model.answer(end, 250);
  EXPECT_TRUE(message_accepted(model.session(), 1));
}

TEST(AcceptanceOf, IsUnknownWhereTheCaptureEndsBeforeTheReply) {
  ModelBuilder model;
  model.open();
  model.envelope();
  EXPECT_EQ(acceptance_of(model.session(), 1), Acceptance::kUnknown);
  model.ask("DATA", "", 354);
  EXPECT_EQ(acceptance_of(model.session(), 1), Acceptance::kUnknown);
  const Index end = model.send_message();
  EXPECT_EQ(acceptance_of(model.session(), 1), Acceptance::kUnknown);
  model.answer(end, 250);
  EXPECT_EQ(acceptance_of(model.session(), 1), Acceptance::kAccepted);
}

TEST(AcceptanceOf, IsNotWhereTheClientGaveUpTheServerRefusedOrTheConnectionEnded) {
  ModelBuilder refused;
  refused.open();
  refused.envelope();
  refused.ask("DATA", "", 451);
  EXPECT_EQ(acceptance_of(refused.session(), 1), Acceptance::kNotAccepted);

  ModelBuilder given_up;
  given_up.open();
  given_up.envelope();
  given_up.ask("RSET", "", 250);
  EXPECT_EQ(acceptance_of(given_up.session(), 1), Acceptance::kNotAccepted);

  ModelBuilder closed;
  closed.open();
  closed.envelope();
  closed.ask("DATA", "", 354);
  closed.send_message();
  closed.fin(Side::kServer);
  EXPECT_EQ(acceptance_of(closed.session(), 1), Acceptance::kNotAccepted);
  closed.session().tcp.gaps = 1;  // the reply may lie in it
  EXPECT_EQ(acceptance_of(closed.session(), 1), Acceptance::kUnknown);
}

TEST(Transaction, AnyTextGivesADefinedResultThatIsPartOfIt) {
  std::mt19937 random(20261124);  // NOLINT: the same run each time
  const std::string alphabet = "<>@:\"\\[](), =.aT2-\n \tqueued as OK id";
  for (int run = 0; run < 20'000; ++run) {
    std::string text;
    for (std::size_t i = random() % 24; i > 0; --i) text += alphabet[random() % alphabet.size()];
    const auto inside = [&](std::string_view part) {
      return part.empty() ||
             (part.data() >= text.data() && part.data() + part.size() <= text.data() + text.size());
    };
    ASSERT_TRUE(inside(path_address(text))) << text;
    ASSERT_TRUE(inside(enhanced_code(text))) << text;
    ASSERT_TRUE(inside(server_message_id(text))) << text;
    for (const Parameter& parameter : path_parameters(text)) {
      ASSERT_TRUE(inside(parameter.keyword) && inside(parameter.value)) << text;
    }
  }
}

// RFC 2033 section 4.2.
TEST(Recipients, OfLmtpWithoutAResultOfTheirOwnAreNotAccepted) {
  ModelBuilder model;
  model.session().lmtp = true;
  model.envelope();
  model.ask("RCPT", "TO:<carol@example.test>", 250);
  model.ask("DATA", "", 354);
  model.answer(model.send_message(), 250, "2.1.5 Ok", ReplyKind::kRecipient);
  const auto recipients = recipients_of(model.session(), 1);
  ASSERT_EQ(recipients.size(), 2U);
  EXPECT_TRUE(recipients[0].accepted);
  EXPECT_FALSE(recipients[1].accepted);
}

}  // namespace
}  // namespace smtp_session
