// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/report/servers_table.h"

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "dissector/report/layout.h"
#include "tests/unit/model_builder.h"

namespace smtp_session {
namespace {

using test::ipv4;
using test::kMs;
using test::ModelBuilder;

constexpr TimeNs kSecond = 1000 * kMs;

class ServersTable : public testing::Test {
 protected:
  /// A session of 192.0.2.`host`, begun `later` after the usual time.
  ModelBuilder& add(std::uint8_t host = 25, TimeNs later = 0) {
    models_.push_back(std::make_unique<ModelBuilder>());
    ModelBuilder& model = *models_.back();
    model.session().server = {ipv4(192, 0, 2, host), 25};
    return model.after(later + kMs);
  }

  std::vector<std::string> lines() const {
    std::vector<const Session*> sessions;
    for (const auto& model : models_) sessions.push_back(&model->session());
    std::vector<std::string> result;
    const std::string table = servers_table(sessions);
    for (std::size_t begin = 0; begin < table.size();) {
      const std::size_t end = table.find('\n', begin);
      result.push_back(table.substr(begin, end - begin));
      begin = end + 1;
    }
    return result;
  }

  /// The cell of one line below `column`: all columns but the first and last are flush right.
  std::string cell(std::size_t line, const std::string& column) const {
    const std::vector<std::string> all = lines();
    if (column == "outcomes") return all.at(line).substr(all[0].find(column));
    const std::size_t end = all[0].find(column) + column.size();
    std::size_t begin = all.at(line).rfind("  ", end - 1);
    return all[line].substr(begin + 2, end - begin - 2);
  }

 private:
  std::vector<std::unique_ptr<ModelBuilder>> models_;
};

TEST_F(ServersTable, HasALineForEachServerTheBusiestFirst) {
  add(7).open();
  add(25).open();
  add(25).open();
  const auto all = lines();
  ASSERT_EQ(all.size(), 3U);
  EXPECT_EQ(all[0].find("server"), 0U);
  EXPECT_EQ(all[1].find("192.0.2.25:25 "), 0U);
  EXPECT_EQ(all[2].find("192.0.2.7:25 "), 0U);
  EXPECT_EQ(cell(1, "sessions"), "2");
  EXPECT_EQ(cell(2, "sessions"), "1");
}

TEST_F(ServersTable, CountsEachOutcomeThatOccurs) {
  add().syn();
  for (int i = 0; i < 2; ++i) {
    ModelBuilder& model = add();
    model.open();
    model.deliver();
    model.quit();
  }
  EXPECT_EQ(cell(1, "outcomes"), "1 connection_timeout, 2 delivered");
}

TEST_F(ServersTable, CountsRefusalsByTheirKind) {
  ModelBuilder& model = add();
  model.open();
  model.ask("MAIL", "FROM:<a@example.test>", 250);
  model.ask("RCPT", "TO:<b@example.test>", 550);
  model.ask("RCPT", "TO:<c@example.test>", 450);
  model.ask("RCPT", "TO:<d@example.test>", 551);
  model.unsolicited(421, "4.3.2 shutting down");
  EXPECT_EQ(cell(1, "4xx"), "2");
  EXPECT_EQ(cell(1, "5xx"), "2");
}

TEST_F(ServersTable, CountsWhatComesAtOnce) {
  for (const TimeNs later : {TimeNs{0}, 5 * kMs, 10 * kSecond}) {
    ModelBuilder& model = add(25, later);
    model.open();
    model.deliver();
    model.quit();
  }
  EXPECT_EQ(cell(1, "at once"), "2");
  EXPECT_EQ(cell(1, "msg/s"), "2");
}

TEST_F(ServersTable, GreetingIsMedianAndNinetyFifthPercentile) {
  for (const TimeNs delay : {30 * kMs, 10 * kMs, 20 * kMs}) {
    ModelBuilder& model = add();
    model.handshake();
    model.after(delay).greet();
  }
  EXPECT_EQ(cell(1, "greeting p50"), "20.000 ms");
  EXPECT_EQ(cell(1, "greeting p95"), "30.000 ms");
}

TEST_F(ServersTable, IdleLimitIsTheLeastSeen) {
  for (const TimeNs idle : {12 * kSecond, 10 * kSecond}) {
    ModelBuilder& model = add();
    model.open();
    model.after(idle).unsolicited(421, "4.4.2 timeout");
  }
  ModelBuilder& told = add();
  told.open();
  told.answer(told.after(5 * kSecond).send("NOOP"), 421, "4.4.2 timeout");
  EXPECT_EQ(cell(1, "idle limit"), "10.000 s");
}

TEST_F(ServersTable, IdleLimitToldToTheNextCommandOnlyIsABound) {
  ModelBuilder& told = add();
  told.open();
  told.answer(told.after(5 * kSecond).send("NOOP"), 421, "4.4.2 timeout");
  EXPECT_NE(lines().at(1).find("<= 5.000 s"), std::string::npos);
}

TEST_F(ServersTable, WhatCouldNotBeReadIsMarked) {
  ModelBuilder& model = add();
  model.open();
  model.client_hello(TlsMode::kStarttls);
  model.finish_tls();
  const Index turn = model.send("");
  model.session().command(turn).opaque = true;
  model.session().reply(model.answer(turn, 0, "")).opaque = true;
  EXPECT_EQ(cell(1, "5xx"), "0+");
  EXPECT_EQ(cell(1, "msg/s"), "0+");
}

TEST_F(ServersTable, WhatIsNotKnownIsADash) {
  add().syn();
  EXPECT_EQ(cell(1, "greeting p50"), "-");
  EXPECT_EQ(cell(1, "idle limit"), "-");
}

TEST_F(ServersTable, ColumnsStandBelowEachOther) {
  add(25).open();
  ModelBuilder& long_address = add();
  Address address;
  address.family = 6;
  address.bytes.fill(0xAB);
  long_address.session().server = {address, 60025};
  long_address.open();
  const auto all = lines();
  const std::size_t outcomes = all[0].find("outcomes");
  for (std::size_t i = 1; i < all.size(); ++i) {
    EXPECT_EQ(all[i].substr(outcomes - 2, 2), "  ");
    EXPECT_NE(all[i][outcomes], ' ');
  }
}

}  // namespace
}  // namespace smtp_session
