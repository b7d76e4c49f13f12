// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/message_inspector.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace smtp_session {
namespace {

constexpr auto kNowhere = MessageInspector::kNowhere;

/// Everything that was found, in one line.
std::string found(const MessageInspector& inspector) {
  const auto place = [](const char* name, MessageInspector::Offset at) {
    return at == kNowhere ? std::string{} : " " + std::string(name) + "=" + std::to_string(at);
  };
  std::string text = "longest=" + std::to_string(inspector.longest_line());
  text += place("cr", inspector.bare_cr()) + place("lf", inspector.bare_lf());
  text += place("8bit", inspector.eight_bit());
  text += place("single", inspector.single_dot()) + place("double", inspector.double_dot());
  text += place("false_end", inspector.false_end().at);
  if (!inspector.false_end().form.empty()) text += " " + inspector.false_end().form;
  if (inspector.false_end().commands_follow) text += " commands";
  if (!inspector.message_id().empty()) text += " id=" + inspector.message_id();
  return text;
}

std::string inspect(std::string_view bytes, bool chunked = false) {
  MessageInspector inspector(chunked);
  inspector.add(bytes);
  inspector.end();
  return found(inspector);
}

TEST(MessageInspector, FindsNothingInAPlainMessage) {
  EXPECT_EQ(inspect("Subject: x\r\n\r\nHello\r\n..dot\r\n.\r\n"), "longest=12 double=21");
}

TEST(MessageInspector, FindsBareLineEnds) {
  EXPECT_EQ(inspect("a\nb\r\n"), "longest=3 lf=1");
  EXPECT_EQ(inspect("a\rb\r\n"), "longest=3 cr=1");
  EXPECT_EQ(inspect("a\r\rb"), "longest=2 cr=1");
  EXPECT_EQ(inspect("a\r"), "longest=2 cr=1");
}

TEST(MessageInspector, FindsTheFirstEightBitByteWhereverItIs) {
  for (std::size_t at = 0; at < 40; ++at) {
    std::string text(40, 'x');
    text[at] = '\xC3';
    MessageInspector inspector;
    inspector.add(text);
    EXPECT_EQ(inspector.eight_bit(), at);
  }
}

TEST(MessageInspector, CountsLinesWithTheirEnd) {
  EXPECT_EQ(inspect(std::string(998, 'x') + "\r\n"), "longest=1000");
  EXPECT_EQ(inspect(std::string(999, 'x') + "\r\n"), "longest=1001");
}

TEST(MessageInspector, TellsSingleDotsFromDoubledOnesAndFromTheEnd) {
  EXPECT_EQ(inspect("\r\n.x\r\n.\r\n"), "longest=4 single=2");
  EXPECT_EQ(inspect("\r\n..x\r\n.\r\n"), "longest=5 double=2");
  EXPECT_EQ(inspect("\r\n...\r\n", true), "longest=5");
  EXPECT_EQ(inspect("\r\n..\r\n", true), "longest=4 double=2");
}

TEST(MessageInspector, FindsEveryFormOfAFalseEnd) {
  EXPECT_EQ(inspect("a\n.\nb\r\n"), "longest=3 lf=1 false_end=2 <LF>.<LF>");
  EXPECT_EQ(inspect("a\n.\r\nb\r\n"), "longest=3 lf=1 false_end=2 <LF>.<CR><LF>");
  EXPECT_EQ(inspect("a\r\n.\nb\r\n"), "longest=3 lf=4 false_end=3 <CR><LF>.<LF>");
  EXPECT_EQ(inspect("a\r.\rb\r\n"), "longest=3 cr=1 false_end=2 <CR>.<CR>");
  EXPECT_EQ(inspect("a\r\n.\rb\r\n"), "longest=3 cr=4 false_end=3 <CR><LF>.<CR>");
}

TEST(MessageInspector, SaysWhetherCommandsStandBehindAFalseEnd) {
  EXPECT_EQ(inspect("a\n.\nMAIL FROM:<x@y.example>\r\n"),
            "longest=25 lf=1 false_end=2 <LF>.<LF> commands");
  EXPECT_EQ(inspect("a\n.\nquit\r\n"), "longest=6 lf=1 false_end=2 <LF>.<LF> commands");
  EXPECT_EQ(inspect("a\n.\nMailings are\r\n"), "longest=14 lf=1 false_end=2 <LF>.<LF>");
}

TEST(MessageInspector, ReadsTheMessageId) {
  EXPECT_EQ(inspect("Message-ID: <1@client.example>\r\n\r\n"), "longest=32 id=<1@client.example>");
  EXPECT_EQ(inspect("message-id:\r\n <1@client.example>\r\n\r\n"),
            "longest=21 id=<1@client.example>");
  EXPECT_EQ(inspect("Subject: x\r\n\r\nMessage-ID: <1@client.example>\r\n"), "longest=32");
  EXPECT_EQ(inspect("X-Message-ID: <1@client.example>\r\n\r\n"), "longest=34");
}

TEST(MessageInspector, FindsTheSameHoweverTheBytesAreCut) {
  const std::string bytes =
      "Message-ID: <1@client.example>\r\nTo: b\r\n\r\n..dots\r\n.x\r\nline\n.\nRCPT TO:<c@d>\r\n"
      "a\rb\xC3\xB6\r\n" +
      std::string(1001, 'y') + "\r\n.\r\n";
  for (const bool chunked : {false, true}) {
    const std::string whole = inspect(bytes, chunked);
    for (std::size_t step = 1; step < 7; ++step) {
      MessageInspector inspector(chunked);
      for (std::size_t at = 0; at < bytes.size(); at += step) {
        inspector.add(std::string_view(bytes).substr(at, step));
      }
      inspector.end();
      EXPECT_EQ(found(inspector), whole) << step;
    }
  }
}

TEST(MessageInspector, SaysNothingOfALineWhoseBeginningIsMissing) {
  MessageInspector inspector;
  inspector.add("a\r\n");
  inspector.gap(100);
  inspector.add(".\n.x\r\n");
  inspector.end();
  EXPECT_EQ(inspector.false_end().at, kNowhere);
}

}  // namespace
}  // namespace smtp_session
