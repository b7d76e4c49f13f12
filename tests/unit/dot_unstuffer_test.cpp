// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/dot_unstuffer.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "dissector/dot_scanner.h"

namespace smtp_session {
namespace {

/// Handed over in pieces of `step` bytes.
std::string unstuffed(std::string_view bytes, std::size_t step) {
  DotUnstuffer unstuffer;
  std::string text;
  for (std::size_t at = 0; at < bytes.size(); at += step) {
    unstuffer.add(bytes.substr(at, step), text);
  }
  return text;
}

struct Case {
  const char* sent;
  const char* text;
};

constexpr Case kCases[] = {
    {".\r\n", ""},
    {"a\r\n.\r\n", "a\r\n"},
    {"..a\r\n...\r\n..\r\n.\r\n", ".a\r\n..\r\n.\r\n"},
    {".b\r\n.\r\n", "b\r\n"},
    {"a..b.\r\n.\r\n", "a..b.\r\n"},
    {"a\r\r\n.\r\n", "a\r\r\n"},
    {"a\r\n.\r.\r\n.\r\n", "a\r\n\r.\r\n"},
    {"a\r\n.\r\r\n.\r\n", "a\r\n\r\r\n"},
    {"a\n.\n.\r\n.\r\n", "a\n.\n.\r\n"},
    {"a\rb\r\n.\r\n", "a\rb\r\n"},
    {"a\r\n.\r\nQUIT\r\n", "a\r\n"},
};

TEST(DotUnstuffer, TakesOutStuffedDotsAndTheEndMarkHoweverTheBytesAreCut) {
  for (const Case& one : kCases) {
    const std::string_view sent = one.sent;
    for (std::size_t step = 1; step <= sent.size(); ++step) {
      EXPECT_EQ(unstuffed(sent, step), one.text) << one.sent << " by " << step;
    }
  }
}

TEST(DotUnstuffer, TextHasTheSizeThatTheScannerCounts) {
  for (const Case& one : kCases) {
    DotScanner scanner;
    scanner.scan(one.sent);
    EXPECT_EQ(unstuffed(one.sent, 100).size(), scanner.size()) << one.sent;
  }
}

}  // namespace
}  // namespace smtp_session
