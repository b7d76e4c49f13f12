// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/report/sessions_table.h"

#include <array>
#include <cstddef>

#include "dissector/metrics.h"
#include "dissector/names.h"
#include "dissector/outcome.h"
#include "dissector/report/duration_text.h"
#include "dissector/report/endpoint_text.h"
#include "dissector/report/layout.h"

namespace smtp_session {

namespace {

enum class Align : std::uint8_t { kLeft, kRight };

struct Column {
  const char* name;
  std::size_t width;
  Align align;
};

/// Widths fit IPv4; a longer address moves the rest of its line.
constexpr std::array<Column, 10> kColumns{{
    {"session", 7, Align::kRight},
    {"stream", 6, Align::kRight},
    {"client", 21, Align::kLeft},
    {"server", 21, Align::kLeft},
    {"tls", 16, Align::kLeft},
    {"outcome", 18, Align::kLeft},
    {"handshake", 10, Align::kRight},
    {"greeting", 10, Align::kRight},
    {"slowest command", 21, Align::kLeft},
    {"total", 10, Align::kRight},
}};

/// A verb of the capture is as long as the client likes; this much of it is enough.
constexpr std::size_t kMaxVerb = 10;

using Cells = std::array<std::string, kColumns.size()>;

std::string line_of(const Cells& cells) {
  std::string line;
  for (std::size_t i = 0; i < kColumns.size(); ++i) {
    if (i > 0) line += "  ";
    line += kColumns[i].align == Align::kRight ? pad_left(cells[i], kColumns[i].width)
                                               : pad_right(cells[i], kColumns[i].width);
  }
  return line + "\n";
}

/// "RCPT 700.512 ms".
std::string slowest_text(const Session& session) {
  const std::string verb = slowest_verb(session);
  return slowest_command(session) == 0 ? verb
                                       : verb + " " + duration_text(slowest_latency(session));
}

}  // namespace

std::string sessions_header() {
  Cells cells;
  for (std::size_t i = 0; i < kColumns.size(); ++i) cells[i] = kColumns[i].name;
  return line_of(cells);
}

std::string session_row(const Session& session) {
  return line_of({std::to_string(session.id), std::to_string(session.stream),
                  endpoint_text(session.client), endpoint_text(session.server), tls_column(session),
                  name_of(outcome_of(session)), duration_text(handshake(session)),
                  duration_text(greeting_delay(session)), slowest_text(session),
                  duration_text(duration(session))});
}

std::string tls_column(const Session& session) {
  if (session.tls == nullptr || session.tls->mode == TlsMode::kNone) return "-";
  const std::string mode = name_of(session.tls->mode);
  return session.tls->version == 0 ? mode : mode + " " + tls_version_name(session.tls->version);
}

std::string slowest_verb(const Session& session) {
  const Index slowest = slowest_command(session);
  if (slowest == 0) return "-";
  const Command& command = session.command(slowest);
  return command.opaque ? "encrypted" : cut(printable(command.verb.view()), kMaxVerb);
}

TimeNs slowest_latency(const Session& session) {
  const Index slowest = slowest_command(session);
  if (slowest == 0) return kNoTime;
  return latency(session, session.reply(session.command(slowest).reply));
}

}  // namespace smtp_session
