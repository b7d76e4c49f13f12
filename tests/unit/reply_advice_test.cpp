// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/reply_advice.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace smtp_session {
namespace {

std::vector<AdviceError> errors_of(std::string_view text) {
  std::vector<AdviceError> errors;
  const ReplyAdvice table(text, errors);
  return errors;
}

/// The advice of a table of one row for a reply; empty where it does not fit.
std::string advice(std::string_view columns, const ReplyQuery& query) {
  std::vector<AdviceError> errors;
  const ReplyAdvice table(std::string(columns) + "\t-\tmine\n", errors);
  EXPECT_TRUE(errors.empty());
  const AdviceRow* const row = table.find(query);
  return row != nullptr && row->advice == "mine" ? row->advice : "";
}

TEST(ReplyAdviceTable, EveryLineOfTheBuiltInOneCanBeRead) {
  EXPECT_TRUE(errors_of(kBuiltInReplyAdvice).empty());
  EXPECT_GT(ReplyAdvice::built_in().rows().size(), 200U);
}

TEST(ReplyAdviceTable, HasNoRowThatAnEarlierOneHides) {
  // The same conditions twice: the second can never be reached.
  std::vector<std::string> seen;
  const std::string text = kBuiltInReplyAdvice;
  std::size_t at = 0;
  while (at < text.size()) {
    const std::size_t end = text.find('\n', at);
    const std::string line = text.substr(at, end - at);
    at = end == std::string::npos ? text.size() : end + 1;
    if (line.empty() || line[0] == '#') continue;
    const std::size_t finding = line.rfind('\t', line.rfind('\t') - 1);
    const std::string conditions = line.substr(0, finding);
    EXPECT_EQ(std::count(seen.begin(), seen.end(), conditions), 0) << conditions;
    seen.push_back(conditions);
  }
}

TEST(ReplyAdviceTable, GmailMeansSomethingElseByCodesOfTheRegistry) {
  // Not REQUIRETLS, a null MX or ARC, which RFC 8689, 7505 and 8617 registered these codes for.
  constexpr std::string_view kGmail = "mx.google.com ESMTP a1-20020a05600c gsmtp";
  const auto advice_of = [](std::string_view enhanced, std::string_view server) {
    return ReplyAdvice::built_in().find({550, enhanced, {}, server})->advice;
  };
  EXPECT_NE(advice_of("5.7.30", kGmail).find("DKIM"), std::string::npos);
  EXPECT_NE(advice_of("5.7.27", kGmail).find("SPF"), std::string::npos);
  EXPECT_NE(advice_of("5.7.29", kGmail).find("TLS"), std::string::npos);
  EXPECT_NE(advice_of("5.7.30", "mx.example.test").find("REQUIRETLS"), std::string::npos);
  EXPECT_NE(advice_of("5.7.27", "mx.example.test").find("null MX"), std::string::npos);
  EXPECT_NE(advice_of("5.7.29", "mx.example.test").find("ARC"), std::string::npos);
}

TEST(ReplyAdviceTable, PasswordTransitionAsksForASignInWithAPlainTextMechanism) {
  // RFC 4954 section 6.
  for (const std::string_view enhanced : {"", "4.7.12"}) {
    const std::string advice = ReplyAdvice::built_in().find({432, enhanced, {}, {}})->advice;
    EXPECT_NE(advice.find("plain-text mechanism under TLS"), std::string::npos) << advice;
  }
}

TEST(ReplyAdviceTable, CodesAreOneOrSeveralOrAClass) {
  EXPECT_EQ(advice("450,451\t*\t*\t*", {451, {}, {}, {}}), "mine");
  EXPECT_EQ(advice("450,451\t*\t*\t*", {452, {}, {}, {}}), "");
  EXPECT_EQ(advice("4xx\t*\t*\t*", {499, {}, {}, {}}), "mine");
  EXPECT_EQ(advice("*\t*\t*\t*", {250, {}, {}, {}}), "");
}

TEST(ReplyAdviceTable, EnhancedCodesAreOneOrARangeOrAnyClassOrNone) {
  EXPECT_EQ(advice("*\tx.7.1\t*\t*", {450, "4.7.1", {}, {}}), "mine");
  EXPECT_EQ(advice("*\t5.7.1\t*\t*", {450, "4.7.1", {}, {}}), "");
  EXPECT_EQ(advice("*\t5.7.606-649\t*\t*", {550, "5.7.649", {}, {}}), "mine");
  EXPECT_EQ(advice("*\t5.7.606-649\t*\t*", {550, "5.7.650", {}, {}}), "");
  EXPECT_EQ(advice("*\t-\t*\t*", {550, {}, {}, {}}), "mine");
  EXPECT_EQ(advice("*\t-\t*\t*", {550, "5.1.1", {}, {}}), "");
}

TEST(ReplyAdviceTable, WordsStandAnywhereOrAtTheBeginningOrTheEnd) {
  const ReplyQuery query{550, {}, "The Mailbox of bob is full today", {}};
  EXPECT_EQ(advice("550\t*\t*\tmailbox*full", query), "mine");
  EXPECT_EQ(advice("550\t*\t*\tfull*mailbox", query), "");
  EXPECT_EQ(advice("550\t*\t*\t^the mailbox", query), "mine");
  EXPECT_EQ(advice("550\t*\t*\t^mailbox", query), "");
  EXPECT_EQ(advice("550\t*\t*\ttoday$", query), "mine");
  EXPECT_EQ(advice("550\t*\t*\tfull$", query), "");
}

TEST(ReplyAdviceTable, ServerWordsAreWantedOrUnwanted) {
  const ReplyQuery query{550, {}, {}, "mx.example.test ESMTP Postfix"};
  EXPECT_EQ(advice("550\t*\tExim|postfix\t*", query), "mine");
  EXPECT_EQ(advice("550\t*\tExim\t*", query), "");
  EXPECT_EQ(advice("550\t*\t!Exim\t*", query), "mine");
  EXPECT_EQ(advice("550\t*\t!Exim|Postfix\t*", query), "");
}

TEST(ReplyAdviceTable, RowsOfTheUserComeFirst) {
  std::vector<AdviceError> errors;
  const ReplyAdvice table("550\tx.1.1\t*\t*\t-\tAsk us.\n", errors);
  EXPECT_EQ(table.find({550, "5.1.1", {}, {}})->advice, "Ask us.");
  EXPECT_EQ(table.find({550, "5.2.2", {}, {}})->advice,
            ReplyAdvice::built_in().find({550, "5.2.2", {}, {}})->advice);
}

TEST(ReplyAdviceTable, BadLineIsToldWithItsNumberAndCostsNoOther) {
  std::vector<AdviceError> errors;
  const ReplyAdvice table(
      "# mine\n"
      "550\tx.1.1\t*\t*\t-\tFirst.\r\n"
      "550\tx.1.1\n"
      "\n"
      "55\t*\t*\t*\t-\tx\n"
      "550\t5.x\t*\t*\t-\tx\n"
      "550\t*\t*\t*\tTCP-01\tx\n"
      "550\t*\t*\t\t-\tx\n"
      "550\tx.2.2\t*\t*\t-\tLast.\n",
      errors);
  ASSERT_EQ(errors.size(), 5U);
  EXPECT_EQ(errors[0].line, 3U);
  EXPECT_EQ(errors[0].what, "2 columns, where six are needed, with one tab between them");
  EXPECT_EQ(errors[1].what, "the code \"55\" is not like 454, 450,451, 4xx or *");
  EXPECT_EQ(errors[2].what,
            "the enhanced code \"5.x\" is not like 5.7.1, x.7.1, 5.7.606-649, - or *");
  EXPECT_EQ(errors[3].what, "the finding \"TCP-01\" is not SES-03 to SES-15, SES-17 or -");
  EXPECT_EQ(errors[4].what, "the column text is empty");
  EXPECT_EQ(table.find({550, "5.1.1", {}, {}})->advice, "First.");
  EXPECT_EQ(table.find({550, "5.2.2", {}, {}})->advice, "Last.");
}

TEST(ReplyAdviceTable, AnyBytesAreReadToTheirEnd) {
  EXPECT_EQ(errors_of(std::string("\0\t\xff\n\t\t\t\t\t\n.", 11)).size(), 3U);
}

}  // namespace
}  // namespace smtp_session
