// SPDX-License-Identifier: GPL-2.0-or-later
#include "plugin/report_option.h"

#include <epan/packet.h>
#include <wsutil/report_message.h>

#include <cstdio>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "dissector/report/servers_table.h"
#include "dissector/report/session_csv.h"
#include "dissector/report/sessions_table.h"
#include "dissector/report/story.h"
#include "dissector/report/transcript.h"
#include "plugin/compare_option.h"
#include "plugin/html_option.h"
#include "plugin/json_option.h"
#include "plugin/session_tap.h"
#include "plugin/taps.h"
#include "plugin/terminal.h"
#include "plugin/ws_compat.h"

namespace smtp_session::ws {
namespace {

using Selection = SessionSelection;

struct ReportKind {
  const char* option;
  const char* title;
  void (*print)(const Selection& sessions);
};

void put(const std::string& text) {
  std::fwrite(text.data(), 1, text.size(), stdout);
}

void print_sessions(const Selection& sessions) {
  put(sessions_header());
  for (const Session* session : sessions) put(session_row(*session));
}

void print_stories(const Selection& sessions) {
  const TextStyle style = text_style();
  bool first = true;
  for (const Session* session : sessions) {
    if (!first) put("\n");
    first = false;
    put(story(*session, style));
  }
}

void print_csv(const Selection& sessions) {
  put(csv_header());
  for (const Session* session : sessions) put(csv_rows(*session));
}

void print_servers(const Selection& sessions) {
  put(servers_table(sessions));
}

void print_transcripts(const Selection& sessions) {
  const TextStyle style = text_style();
  bool first = true;
  for (const Session* session : sessions) {
    if (!first) put("\n");
    first = false;
    put(transcript(*session, style));
  }
}

const ReportKind kKinds[] = {
    {"smtp_session,sessions", "SMTP sessions", print_sessions},
    {"smtp_session,report", "SMTP session report", print_stories},
    {"smtp_session,csv", "SMTP commands as CSV", print_csv},
    {"smtp_session,servers", "SMTP servers", print_servers},
    {"smtp_session,transcript", "SMTP session transcript", print_transcripts},
};

class Report : public SessionReport {
 public:
  explicit Report(const ReportKind& kind) : kind_(kind) {}
  bool print(const Selection& sessions) override {
    kind_.print(sessions);
    return true;
  }

 private:
  const ReportKind& kind_;
};

bool fail(const char* format, const char* detail) {
  report_failure(format, detail);
  return false;
}

/// What follows the option's name: nothing, or "," and a display filter. False where it is neither.
bool find_filter(const char* rest, const char*& filter) {
  filter = nullptr;
  if (*rest == '\0') return true;
  if (*rest != ',' || rest[1] == '\0') return false;
  filter = rest + 1;
  return true;
}

bool start_report(const char* argument, const ReportKind& kind) {
  const char* filter = nullptr;
  const char* const rest = argument + std::strlen(kind.option);
  if (*rest != '\0' && *rest != ',') return reject_option(argument);  // "smtp_session,jsonx"
  if (!find_filter(rest, filter)) {
    return fail("invalid \"-z %s\": after the report there may be a comma and a display filter",
                argument);
  }
  return listen(std::make_unique<Report>(kind), filter);
}

StatInitResult start(const char* argument, void* kind) {
  bool started = false;
  try {
    started = start_report(argument, *static_cast<const ReportKind*>(kind));
  } catch (...) {
    report_failure("SMTP Session Analysis: out of memory");
  }
  return stat_init_result(started);
}

/// Wireshark looks for the longest option that begins the argument: what comes here is no report.
StatInitResult reject(const char* argument, void* /*data*/) {
  try {
    reject_option(argument);
  } catch (...) {
    report_failure("SMTP Session Analysis: out of memory");
  }
  return stat_init_result(false);
}

}  // namespace

void register_report_options() {
  for (const ReportKind& kind : kKinds) register_option(kind.title, kind.option, start, &kind);
  register_compare_option();
  register_html_option();
  register_json_option();
  register_option("SMTP sessions", kTapName, reject, nullptr);
}

}  // namespace smtp_session::ws
