// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/report/waterfall.h"

#include <gtest/gtest.h>

#include <string>

#include "dissector/metrics.h"
#include "dissector/report/session_page.h"
#include "tests/unit/model_builder.h"

namespace smtp_session {
namespace {

using test::kMs;
using test::ModelBuilder;

/// "wait 5-6 #1": kind, start and end in ms, command.
std::string bars_of(const Session& session) {
  std::string words;
  for (const Bar& bar : waterfall_of(session)) {
    words += name_of(bar.kind);
    words += " " + std::to_string(bar.start / kMs) + "-" + std::to_string(bar.end / kMs);
    if (bar.command != 0) words += " #" + std::to_string(bar.command);
    words += "\n";
  }
  return words;
}

TEST(Waterfall, EveryStepHasItsPlaceInTime) {
  ModelBuilder model;
  model.open();
  model.quit();
  EXPECT_EQ(bars_of(model.session()),
            "connect 0-2\ngreeting 2-3\nthink 3-4 #1\nwait 4-5 #1\nthink 5-6 #2\nwait 6-7 #2\n"
            "close 8-8\n");
}

TEST(Waterfall, BarsAreAsLongAsTheMetrics) {
  ModelBuilder model;
  model.open();
  model.deliver();
  const Session& session = model.session();
  std::size_t transfers = 0;
  for (const Bar& bar : waterfall_of(session)) {
    const TimeNs length = bar.end - bar.start;
    if (bar.kind == BarKind::kConnect) {
      EXPECT_EQ(length, handshake(session));
    }
    if (bar.kind == BarKind::kGreeting) {
      EXPECT_EQ(length, greeting_delay(session));
    }
    if (bar.command == 0) continue;
    const Command& command = session.command(bar.command);
    if (bar.kind == BarKind::kWait) {
      EXPECT_EQ(length, latency(session, session.reply(command.reply)));
    }
    if (bar.kind == BarKind::kThink) {
      EXPECT_EQ(length, think_time(session, command));
    }
    if (bar.kind == BarKind::kTransfer) {
      EXPECT_EQ(length, data_transfer(session, 1));
      ++transfers;
    }
  }
  EXPECT_EQ(transfers, 1U);
}

TEST(Waterfall, LongSilenceBeforeMailIsIdle) {
  ModelBuilder model;
  model.open();
  model.deliver();
  model.after(3 * kIdleFrom);
  const Index mail = model.ask("MAIL", "FROM:<a@example.test>", 250);
  std::size_t idle = 0;
  for (const Bar& bar : waterfall_of(model.session())) {
    if (bar.kind != BarKind::kIdle) continue;
    ++idle;
    EXPECT_EQ(bar.command, mail);
    EXPECT_EQ(bar.end - bar.start, idle_before(model.session(), model.session().command(mail)));
  }
  EXPECT_EQ(idle, 1U);
}

TEST(Waterfall, ClientDoesNotThinkWhileTlsIsNegotiated) {
  ModelBuilder model;
  model.handshake();
  model.greet();
  const Index starttls = model.ask("STARTTLS", "", 220);
  model.client_hello(TlsMode::kStarttls).starttls = starttls;
  model.finish_tls();
  model.ask("EHLO", "client.example", 250);
  EXPECT_EQ(bars_of(model.session()),
            "connect 0-2\ngreeting 2-3\nthink 3-4 #1\nwait 4-5 #1\ntls 6-8\nthink 8-9 #2\n"
            "wait 9-10 #2\n");
}

TEST(Waterfall, WhatWasNotAnsweredLastsToTheEnd) {
  ModelBuilder model;
  model.syn();
  model.after(7 * kMs);
  model.syn();
  EXPECT_EQ(bars_of(model.session()), "connect 0-7\n");

  ModelBuilder silent;
  silent.handshake();
  silent.after(30 * kMs);
  silent.fin(Side::kClient);
  EXPECT_EQ(bars_of(silent.session()), "connect 0-2\ngreeting 2-33\nclose 32-32\n");

  ModelBuilder hanging;
  hanging.open();
  hanging.send("MAIL", "FROM:<a@example.test>");
  hanging.after(9 * kMs);
  hanging.fin(Side::kClient);
  EXPECT_NE(bars_of(hanging.session()).find("wait 6-16 #2\n"), std::string::npos)
      << bars_of(hanging.session());
}

TEST(Waterfall, ReplyBeforeItsCommandHasNoLength) {
  ModelBuilder model;
  model.open();
  const Index command = model.ask("NOOP", "", 250);
  model.session().reply(model.session().command(command).reply).time -= 5 * kMs;
  for (const Bar& bar : waterfall_of(model.session())) EXPECT_LE(bar.start, bar.end);
}

TEST(SessionPage, DataIsAListOfSessionsThatCannotEndItsElement) {
  ModelBuilder model;
  model.handshake();
  model.greet(220, "</script><script>alert(1)</script>");
  const std::string first = page_session(model.session(), "1:x", true);
  const std::string second = page_session(model.session(), "1:x", false);
  EXPECT_EQ(first.rfind("\n{\"session\":{\"schema\":\"smtp_session/1\"", 0), 0U);
  EXPECT_EQ(second, "," + first);
  EXPECT_EQ(first.find('<'), std::string::npos);
  const std::string page = std::string{page_head()} + first + std::string{page_tail()};
  EXPECT_NE(page.find("id=\"data\">[\n{"), std::string::npos);
  EXPECT_NE(page.find("}\n]</script>"), std::string::npos);
}

}  // namespace
}  // namespace smtp_session
