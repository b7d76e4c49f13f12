// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/report/sessions_table.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/unit/model_builder.h"

namespace smtp_session {
namespace {

using test::kMs;
using test::ModelBuilder;

std::string delivered_row() {
  ModelBuilder model;
  model.session().id = 3;
  model.session().stream = 7;
  model.open();
  const Index mail = model.send("MAIL", "FROM:<alice@example.test>");
  model.after(700 * kMs + 512'000).answer(mail, 250);
  model.ask("RCPT", "TO:<bob@example.test>", 250);
  model.ask("DATA", "", 354);
  model.answer(model.send_message(), 250);
  model.quit();
  return session_row(model.session());
}

TEST(SessionsTable, RowTellsTheSession) {
  const std::string row = delivered_row();
  for (const char* part : {"      3", "     7", "192.0.2.1:46672", "192.0.2.25:25", "delivered",
                           "2.000 ms", "MAIL 700.512 ms"}) {
    EXPECT_NE(row.find(part), std::string::npos) << part << " in " << row;
  }
}

TEST(SessionsTable, ColumnsStandBelowTheirNames) {
  const std::string header = sessions_header();
  const std::string row = delivered_row();
  EXPECT_EQ(header.size(), row.size());
  EXPECT_EQ(header.find("client"), row.find("192.0.2.1:46672"));
  EXPECT_EQ(header.find("server"), row.find("192.0.2.25:25"));
  EXPECT_EQ(header.find("outcome"), row.find("delivered"));
  EXPECT_EQ(header.find("slowest command"), row.find("MAIL"));
  EXPECT_EQ(header.find("handshake") + 9, row.find("2.000 ms") + 8);
}

TEST(SessionsTable, EveryLineEndsWithALineFeedAndHasNoOther) {
  for (const std::string& line : {sessions_header(), delivered_row()}) {
    EXPECT_EQ(line.find('\n'), line.size() - 1);
  }
}

TEST(SessionsTable, WhatIsNotKnownIsADash) {
  ModelBuilder model;
  model.syn();
  const std::string row = session_row(model.session());
  EXPECT_NE(row.find("connection_timeout"), std::string::npos);
  EXPECT_NE(row.find("         -           -  -"), std::string::npos) << row;
}

TEST(SessionsTable, TlsIsModeAndVersion) {
  ModelBuilder model;
  model.handshake();
  model.client_hello(TlsMode::kImplicit);
  model.finish_tls();
  EXPECT_NE(session_row(model.session()).find("implicit TLS 1.3"), std::string::npos);
}

TEST(SessionsTable, VerbOfAnyLengthKeepsTheLineShort) {
  ModelBuilder model;
  model.open();
  const Index command = model.send(std::string(500, 'X') + "\x1B");
  model.after(900 * kMs).answer(command, 500);
  EXPECT_LT(session_row(model.session()).size(), 200U);
}

}  // namespace
}  // namespace smtp_session
