// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/report/latency_table.h"

#include <gtest/gtest.h>

#include <numeric>
#include <string>
#include <vector>

#include "tests/unit/model_builder.h"

namespace smtp_session {
namespace {

using test::kMs;
using test::ModelBuilder;

std::string table_of(const Session& session) {
  LatencyTable table;
  for (const Command& command : session.commands) table.add(session, command);
  return table.text();
}

/// The line that begins with `name`, its blanks made single.
std::string row(const std::string& text, const std::string& name) {
  const std::size_t begin = text.find("\n" + name + " ");
  if (begin == std::string::npos) return "";
  std::string line;
  for (const char one : text.substr(begin + 1, text.find('\n', begin + 1) - begin - 1)) {
    if (one != ' ' || line.back() != ' ') line += one;
  }
  return line;
}

TEST(LatencyTable, PercentileIsTheNearestRank) {
  std::vector<TimeNs> times(20);
  std::iota(times.begin(), times.end(), 1);
  EXPECT_EQ(percentile(times, 50), 10);
  EXPECT_EQ(percentile(times, 95), 19);
  times.push_back(21);
  EXPECT_EQ(percentile(times, 50), 11);
  EXPECT_EQ(percentile(times, 95), 20);
}

TEST(LatencyTable, PercentileOfOneIsItAndOfNoneIsUnknown) {
  EXPECT_EQ(percentile({7}, 50), 7);
  EXPECT_EQ(percentile({7}, 95), 7);
  EXPECT_EQ(percentile({}, 50), kNoTime);
}

TEST(LatencyTable, RowHasCallsAndAllTimes) {
  ModelBuilder model;
  model.open();
  for (const TimeNs wait : {4 * kMs, 1 * kMs, 2 * kMs}) {
    const Index command = model.send("NOOP");
    model.after(wait).answer(command, 250);
  }
  EXPECT_EQ(row(table_of(model.session()), "NOOP"),
            "NOOP 3 1.000 ms 2.333 ms 2.000 ms 4.000 ms 4.000 ms 7.000 ms");
}

TEST(LatencyTable, EndOfDataAndVerbsOfNoRowAndEncryptedTurnsHaveNames) {
  ModelBuilder model;
  model.open();
  model.deliver();
  model.ask("GET", "/", 500);
  model.session().command(model.ask("", "", 0)).opaque = true;
  const std::string text = table_of(model.session());
  for (const char* name : {"end of data", "other", "encrypted"}) {
    EXPECT_NE(row(text, name).find(" 1 1.000 ms"), std::string::npos) << name << " in " << text;
  }
}

TEST(LatencyTable, CommandWithoutReplyIsNoCall) {
  ModelBuilder model;
  model.open();
  model.send("QUIT");
  EXPECT_EQ(row(table_of(model.session()), "QUIT"), "");
}

TEST(LatencyTable, WhatAGapTouchesIsLeftOutAndSaid) {
  ModelBuilder model;
  model.open();
  model.session().command(model.ask("MAIL", "FROM:<>", 250)).exact = false;
  const Index refused = model.ask("RCPT", "TO:<bob@example.test>", 550);
  model.session().reply(model.session().command(refused).reply).exact = false;
  const std::string text = table_of(model.session());
  EXPECT_EQ(row(text, "MAIL"), "");
  EXPECT_EQ(row(text, "RCPT"), "");
  EXPECT_NE(text.find("touches them: 2\n"), std::string::npos) << text;
}

TEST(LatencyTable, RowsAreInTheOrderOfASession) {
  ModelBuilder model;
  model.open();
  model.deliver();
  model.quit();
  const std::string text = table_of(model.session());
  std::size_t last = 0;
  for (const char* name : {"command", "EHLO", "MAIL", "RCPT", "DATA", "end of data", "QUIT"}) {
    const std::size_t at = text.find(name);
    ASSERT_NE(at, std::string::npos) << name;
    EXPECT_GE(at, last) << name;
    last = at;
  }
}

TEST(LatencyTable, EmptyTableHasItsHeaderAlone) {
  const std::string text = LatencyTable().text();
  EXPECT_EQ(text.find('\n'), text.size() - 1);
  EXPECT_EQ(text.rfind("command", 0), 0U);
}

}  // namespace
}  // namespace smtp_session
