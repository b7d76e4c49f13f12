// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/report/session_csv.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "tests/unit/model_builder.h"

namespace smtp_session {
namespace {

using test::kMs;
using test::ModelBuilder;

/// The cells of one line without its end, as RFC 4180 reads them.
std::vector<std::string> cells_of(const std::string& line) {
  std::vector<std::string> cells(1);
  bool quoted = false;
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (line[i] == '"' && quoted && i + 1 < line.size() && line[i + 1] == '"') {
      cells.back() += line[++i];
    } else if (line[i] == '"') {
      quoted = !quoted;
    } else if (line[i] == ',' && !quoted) {
      cells.emplace_back();
    } else {
      cells.back() += line[i];
    }
  }
  return cells;
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::size_t begin = 0;
  for (std::size_t end = text.find("\r\n"); end != std::string::npos;
       end = text.find("\r\n", begin)) {
    lines.push_back(text.substr(begin, end - begin));
    begin = end + 2;
  }
  EXPECT_EQ(begin, text.size()) << "the last line has no end";
  return lines;
}

/// The line of a command, by column.
std::map<std::string, std::string> row(const Session& session, Index command) {
  const std::vector<std::string> names = cells_of(lines_of(csv_header()).at(0));
  const std::vector<std::string> cells = cells_of(lines_of(csv_rows(session)).at(command - 1));
  EXPECT_EQ(names.size(), cells.size());
  std::map<std::string, std::string> result;
  for (std::size_t i = 0; i < std::min(names.size(), cells.size()); ++i)
    result[names[i]] = cells[i];
  return result;
}

TEST(SessionCsv, HasALineForEachCommandAndOneHeader) {
  ModelBuilder model;
  model.open();
  model.deliver();
  model.quit();
  EXPECT_EQ(lines_of(csv_header()).size(), 1U);
  EXPECT_EQ(lines_of(csv_rows(model.session())).size(), model.session().commands.size());
}

TEST(SessionCsv, LineTellsTheCommandAndItsReply) {
  ModelBuilder model;
  model.session().id = 3;
  model.session().stream = 7;
  model.open();
  const Index mail = model.send("MAIL", "FROM:<alice@example.test>");
  model.after(700 * kMs).answer(mail, 250, "2.1.0 Sender, ok");
  auto cells = row(model.session(), mail);
  EXPECT_EQ(cells["session"], "3");
  EXPECT_EQ(cells["index"], "2");
  EXPECT_EQ(cells["verb"], "MAIL");
  EXPECT_EQ(cells["argument"], "FROM:<alice@example.test>");
  EXPECT_EQ(cells["frame"], "7");
  EXPECT_EQ(cells["reply_frame"], "8");
  EXPECT_EQ(cells["code"], "250");
  EXPECT_EQ(cells["enhanced"], "2.1.0");
  EXPECT_EQ(cells["text"], "2.1.0 Sender, ok");
  EXPECT_EQ(cells["latency_ns"], "700000000");
  EXPECT_EQ(cells["service_ns"], "700000000");
  EXPECT_EQ(cells["think_ns"], "1000000");
  EXPECT_EQ(cells["idle_ns"], "1000000");
  EXPECT_EQ(cells["pipelined"], "false");
  EXPECT_EQ(cells["encrypted"], "false");
  EXPECT_EQ(cells["exact"], "true");
  EXPECT_EQ(cells["message"], "1");
  EXPECT_EQ(cells["inferred"], "");
  EXPECT_EQ(cells["time"], "2026-11-24T17:34:22.859724000Z");
  EXPECT_EQ(cells["tcp_stream"], "7");
  EXPECT_EQ(cells["client_address"], "192.0.2.1");
  EXPECT_EQ(cells["client_port"], "46672");
  EXPECT_EQ(cells["server_address"], "192.0.2.25");
  EXPECT_EQ(cells["server_port"], "25");
}

TEST(SessionCsv, CellOfWhatIsNotKnownIsEmpty) {
  ModelBuilder model;
  model.open();
  auto cells = row(model.session(), model.send("NOOP"));
  for (const char* name : {"argument", "reply_frame", "code", "enhanced", "text", "latency_ns",
                           "service_ns", "message", "request_bytes", "reply_bytes"}) {
    EXPECT_EQ(cells[name], "") << name;
  }
}

TEST(SessionCsv, EncryptedTurnHasSizesAndWhatItProbablyWas) {
  ModelBuilder model;
  model.open();
  model.client_hello(TlsMode::kStarttls);
  model.finish_tls();
  const Index turn = model.send("");
  model.answer(turn, 0, "");
  Command& command = model.session().command(turn);
  command.opaque = true;
  command.bytes = 44;
  command.records = 1;
  Reply& reply = model.session().reply(command.reply);
  reply.opaque = true;
  reply.bytes = 120;
  reply.records = 1;
  auto cells = row(model.session(), turn);
  EXPECT_EQ(cells["verb"], "");
  EXPECT_EQ(cells["encrypted"], "true");
  EXPECT_EQ(cells["request_bytes"], "44");
  EXPECT_EQ(cells["reply_bytes"], "120");
  EXPECT_NE(cells["inferred"], "");
  EXPECT_EQ(cells["confidence"].find("0."), 0U) << cells["confidence"];
}

TEST(SessionCsv, CellIsQuotedWhereItHasACommaOrAQuote) {
  EXPECT_EQ(csv_cell("a"), "a");
  EXPECT_EQ(csv_cell("a,b"), "\"a,b\"");
  EXPECT_EQ(csv_cell("say \"b\""), "\"say \"\"b\"\"\"");
}

TEST(SessionCsv, CellIsNeverAFormula) {
  EXPECT_EQ(csv_cell("=1+1"), "'=1+1");
  EXPECT_EQ(csv_cell("+1"), "'+1");
  EXPECT_EQ(csv_cell("-1"), "'-1");
  EXPECT_EQ(csv_cell("@SUM(A1)"), "'@SUM(A1)");
  EXPECT_EQ(csv_cell("\xEF\xBC\x9D"
                     "1"),
            "'\xEF\xBC\x9D"
            "1");
  EXPECT_EQ(csv_cell("  =1"), "\"'  =1\"");
  EXPECT_EQ(csv_cell("\t=1"), "'\\u0009=1");
}

TEST(SessionCsv, ApostropheOfTheTextIsToldFromTheOneThatIsPutBeforeIt) {
  EXPECT_EQ(csv_cell("'=1"), "''=1");
  EXPECT_EQ(csv_cell("it's"), "it's");
}

TEST(SessionCsv, CellIsNoFormulaWhereSemicolonsSeparateCellsEither) {
  EXPECT_EQ(csv_cell("a;=1"), "a\\u003b=1");
  EXPECT_EQ(csv_cell("a; \"=1"), "\"a\\u003b \"\"=1\"");
  EXPECT_EQ(csv_cell("blocked; see"), "\"blocked; see\"");
}

TEST(SessionCsv, ControlCharactersAndBackslashesAreEscaped) {
  EXPECT_EQ(csv_cell("a\r\nb"), "a\\u000d\\u000ab");
  EXPECT_EQ(csv_cell("\x1B[31m"), "'\\u001b[31m");
  EXPECT_EQ(csv_cell("C:\\u0041"), "C:\\\\u0041");
  EXPECT_EQ(csv_cell("\xE2\x80\xAE"
                     "x"),
            "\\u202ex");
}

}  // namespace
}  // namespace smtp_session
