// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/report/session_csv.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "dissector/metrics.h"
#include "dissector/names.h"
#include "dissector/report/layout.h"
#include "dissector/report/session_json.h"
#include "dissector/transaction.h"
#include "dissector/turn_inference.h"

namespace smtp_session {

namespace {

constexpr const char* kLineEnd = "\r\n";  // RFC 4180 section 2, rule 1

constexpr std::array<const char*, 28> kColumns{
    "session",        "index",       "verb",           "argument",    "frame",      "reply_frame",
    "code",           "enhanced",    "text",           "latency_ns",  "service_ns", "think_ns",
    "idle_ns",        "pipelined",   "encrypted",      "exact",       "message",    "request_bytes",
    "reply_bytes",    "inferred",    "confidence",     "time",        "tcp_stream", "session_id",
    "client_address", "client_port", "server_address", "server_port",
};

/// What a spreadsheet takes for the begin of a formula; in some locales the full-width forms too
/// (U+FF1D, U+FF0B, U+FF0D, U+FF20).
bool begins_formula(std::string_view text) {
  if (text.empty()) return false;
  if (std::string_view{"=+-@"}.find(text.front()) != std::string_view::npos) return true;
  constexpr std::array<std::string_view, 4> kFullWidth{"\xEF\xBC\x9D", "\xEF\xBC\x8B",
                                                       "\xEF\xBC\x8D", "\xEF\xBC\xA0"};
  return std::any_of(kFullWidth.begin(), kFullWidth.end(), [&](std::string_view character) {
    return text.substr(0, character.size()) == character;
  });
}

bool is_control(char c) {
  return static_cast<std::uint8_t>(c) < 0x20 || c == '\x7F';
}

/// `text` from its first character that is no blank: some programs pass over blanks.
std::string_view without_blanks(std::string_view text) {
  text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
  return text;
}

bool needs_apostrophe(std::string_view text) {
  text = without_blanks(text);
  return begins_formula(text) ||
         (!text.empty() && (text.front() == '\'' || is_control(text.front())));
}

/// `text` with the semicolons escaped that would end a cell where cells are separated by them.
std::string without_false_cells(std::string_view text) {
  std::string result;
  std::size_t at = text.find(';');
  while (at != std::string_view::npos) {
    result += text.substr(0, at);
    text.remove_prefix(at + 1);
    const std::string_view cell = without_blanks(text);
    result += begins_formula(cell) || cell.substr(0, 1) == "\"" ? "\\u003b" : ";";
    at = text.find(';');
  }
  return result.append(text);
}

/// RFC 4180 section 2, rules 5 to 7. Line breaks do not occur.
std::string quoted(std::string_view cell) {
  if (cell.find_first_of(",;\" ") == std::string_view::npos) return std::string{cell};
  std::string result = "\"";
  for (const char c : cell) {
    if (c == '"') result += '"';
    result += c;
  }
  return result += '"';
}

/// One line; a column that gets no value stays empty.
class Row {
 public:
  void add(std::string cell) { cells_[next_++] = std::move(cell); }
  void number(std::int64_t value) { add(std::to_string(value)); }
  void number_if(std::int64_t value) { add(value == 0 ? std::string{} : std::to_string(value)); }
  void duration(TimeNs value) { add(value == kNoTime ? std::string{} : std::to_string(value)); }
  void flag(bool value) { add(value ? "true" : "false"); }
  void text(std::string_view value) { add(csv_cell(value)); }
  void skip(std::size_t columns) { next_ += columns; }

  std::string line() const {
    std::string result;
    for (const std::string& cell : cells_) {
      if (&cell != cells_.data()) result += ',';
      result += cell;
    }
    return result + kLineEnd;
  }

 private:
  std::array<std::string, kColumns.size()> cells_;
  std::size_t next_ = 0;
};

/// "0.970" for 970.
std::string thousandths(int value) {
  std::string digits = std::to_string(value % 1000);
  digits.insert(0, 3 - digits.size(), '0');
  return std::to_string(value / 1000) + "." + digits;
}

void add_reply(Row& row, const Session& session, Index index) {
  if (index == 0) {
    row.skip(6);
    return;
  }
  const Reply& reply = session.reply(index);
  row.number_if(reply.frame);
  row.number_if(reply.code);
  row.text(enhanced_code(reply_text(reply)));
  row.text(reply_text(reply));
  row.duration(latency(session, reply));
  row.duration(service_time(session, index));
}

std::string row_of(const Session& session, Index index, const InferredTurn* inferred) {
  const Command& command = session.command(index);
  const Reply* const reply = command.reply == 0 ? nullptr : &session.reply(command.reply);
  Row row;
  row.number(session.id);
  row.number(index);
  row.text(command.verb.view());
  row.text(command.argument.view());
  row.number_if(command.frame);
  add_reply(row, session, command.reply);
  row.duration(think_time(session, command));
  row.duration(idle_before(session, command));
  row.flag(command.pipelined);
  row.flag(command.encrypted);
  row.flag(command.exact && (reply == nullptr || reply->exact));
  row.number_if(command.message);
  row.add(command.opaque ? std::to_string(command.bytes) : std::string{});
  row.add(command.opaque && reply != nullptr ? std::to_string(reply->bytes) : std::string{});
  row.add(inferred == nullptr ? std::string{} : name_of(inferred->kind));
  row.add(inferred == nullptr ? std::string{} : thousandths(inferred->confidence));
  row.add(command.time == kNoTime ? std::string{} : rfc3339(command.time));
  row.number(session.stream);
  row.add(session_id(session));
  row.add(to_string(session.client.address));
  row.number(session.client.port);
  row.add(to_string(session.server.address));
  row.number(session.server.port);
  return row.line();
}

}  // namespace

std::string csv_cell(std::string_view text) {
  const std::string cell = without_false_cells(escaped(text));
  return quoted(needs_apostrophe(text) ? "'" + cell : cell);
}

std::string csv_header() {
  Row row;
  for (const char* const name : kColumns) row.add(name);
  return row.line();
}

std::string csv_rows(const Session& session) {
  const std::vector<InferredTurn> inferred = infer_turns(session);
  auto next = inferred.begin();
  std::string rows;
  for (Index index = 1; index <= session.commands.size(); ++index) {
    const bool named = next != inferred.end() && next->command == index;
    rows += row_of(session, index, named ? &*next : nullptr);
    if (named) ++next;
  }
  return rows;
}

}  // namespace smtp_session
