// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/finding.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "dissector/reply_advice.h"
#include "dissector/reply_words.h"
#include "dissector/text.h"
#include "tests/unit/model_builder.h"

namespace smtp_session {
namespace {

using test::ModelBuilder;

TEST(Findings, EveryRowIsFilledAndItsNameIsUnique) {
  std::set<std::string> names;
  for (std::size_t i = 0; i < kFindingCount; ++i) {
    const FindingInfo& info = info_of(static_cast<FindingId>(i));
    EXPECT_EQ(info.id, static_cast<FindingId>(i));
    names.insert(info.name);
    EXPECT_NE(std::string{info.summary}, "");
    EXPECT_NE(std::string{info.advice}, "");
  }
  EXPECT_EQ(names.size(), kFindingCount);
  EXPECT_STREQ(info_of(FindingId::kRep04).name, "REP-04");
}

class RefusalTest : public ::testing::Test {
 protected:
  Finding refuse(std::string_view verb, std::uint16_t code, std::string_view lines) {
    const Index command = model.ask(verb, "", code, lines);
    return model.find(FindingId::kRep04, model.session().command(command).reply);
  }
  std::string text(const Finding& finding) {
    return refusal_text(model.session(), model.session().reply(finding.reply));
  }
  std::string advice(const Finding& finding) { return finding_advice(model.session(), finding); }

  ModelBuilder model;
};

TEST_F(RefusalTest, TextHasCodeVerbAndWords) {
  EXPECT_EQ(text(refuse("RCPT", 550, "5.1.1 <bad@example.test>: Recipient address rejected")),
            "550 to RCPT: 5.1.1 <bad@example.test>: Recipient address rejected");
}

TEST_F(RefusalTest, EndOfDataIsNamed) {
  EXPECT_EQ(text(refuse(".", 552, "too big")), "552 to end of data: too big");
}

TEST_F(RefusalTest, GreetingIsNamed) {
  const Index greeting = model.greet(554, "no service");
  EXPECT_EQ(text(model.find(FindingId::kRep04, greeting)), "554 as greeting: no service");
}

TEST_F(RefusalTest, ReplyWithoutCommandIsNamed) {
  const Index reply = model.unsolicited(421, "4.4.2 timeout");
  EXPECT_EQ(text(model.find(FindingId::kRep04, reply)),
            "421 that answers no command: 4.4.2 timeout");
}

TEST_F(RefusalTest, LinesAreJoinedWithoutRepeatedCodes) {
  EXPECT_EQ(text(refuse("RCPT", 550, "5.1.1 The account\n5.1.1 does not exist.\nSee help")),
            "550 to RCPT: 5.1.1 The account does not exist. See help");
}

TEST_F(RefusalTest, ReplyWithoutWordsHasItsCode) {
  EXPECT_EQ(text(refuse("MAIL", 451, "")), "451 to MAIL");
}

TEST_F(RefusalTest, LongTextIsCutBetweenCharacters) {
  std::string words;
  for (int i = 0; i < 400; ++i) words += "\xE2\x82\xAC";
  const std::string shown = text(refuse("RCPT", 550, words));
  EXPECT_LT(shown.size(), 560U);
  EXPECT_TRUE(is_valid_utf8(shown));
  EXPECT_EQ(shown.substr(shown.size() - 3), "\xE2\x80\xA6");
}

TEST_F(RefusalTest, AdviceFollowsFromTheEnhancedCodeBeforeTheCode) {
  const std::string mailbox = advice(refuse("RCPT", 550, "5.1.1 no such user"));
  const std::string policy = advice(refuse("RCPT", 550, "5.7.1 not allowed"));
  const std::string plain = advice(refuse("RCPT", 550, "no"));
  EXPECT_EQ(mailbox, reply_advice(550, "5.1.1"));
  EXPECT_NE(mailbox, policy);
  EXPECT_NE(mailbox, plain);
  EXPECT_EQ(plain, reply_advice(550, ""));
}

TEST_F(RefusalTest, UnknownCodeHasTheGeneralAdvice) {
  EXPECT_EQ(advice(refuse("RCPT", 599, "what")), info_of(FindingId::kRep04).advice);
}

TEST(ReplyAdvice, UnknownEnhancedCodeFallsBackToTheCode) {
  EXPECT_STREQ(reply_advice(450, "4.99.99"), reply_advice(450, ""));
  EXPECT_EQ(reply_advice(250, ""), nullptr);
  EXPECT_EQ(reply_advice(0, "5"), nullptr);
}

TEST(Findings, SeveritiesHaveTheNamesOfTheContract) {
  EXPECT_STREQ(name_of(Severity::kChat), "chat");
  EXPECT_STREQ(name_of(Severity::kNote), "note");
  EXPECT_STREQ(name_of(Severity::kWarn), "warn");
  EXPECT_STREQ(name_of(Severity::kError), "error");
}

}  // namespace
}  // namespace smtp_session
