// SPDX-License-Identifier: GPL-2.0-or-later
#include "plugin/report_option.h"

#include <epan/packet.h>
#include <epan/stat_tap_ui.h>
#include <epan/tap.h>
#include <wsutil/report_message.h>

#include <cstdio>
#include <cstring>
#include <iterator>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "dissector/report/servers_table.h"
#include "dissector/report/session_csv.h"
#include "dissector/report/session_json.h"
#include "dissector/report/sessions_table.h"
#include "dissector/report/story.h"
#include "dissector/report/transcript.h"
#include "plugin/capture.h"
#include "plugin/community_id.h"
#include "plugin/json_writer_ws.h"
#include "plugin/taps.h"
#include "plugin/terminal.h"
#include "plugin/ws_compat.h"

namespace smtp_session::ws {
namespace {

using Selection = std::vector<const Session*>;

struct ReportKind {
  const char* option;
  const char* title;
  void (*print)(const Selection& sessions);
};

/// One `-z` option on the command line.
struct Report {
  const ReportKind* kind = nullptr;
  std::vector<bool> selected;  ///< by the session's number
};

void put(const std::string& text) {
  std::fwrite(text.data(), 1, text.size(), stdout);
}

void print_sessions(const Selection& sessions) {
  put(sessions_header());
  for (const Session* session : sessions) put(session_row(*session));
}

void print_stories(const Selection& sessions) {
  bool first = true;
  for (const Session* session : sessions) {
    if (!first) put("\n");
    first = false;
    put(story(*session));
  }
}

void print_json(const Selection& sessions) {
  for (const Session* session : sessions) {
    FileJsonWriter writer(stdout);
    write_json(*session, writer, community_id(session->client, session->server));
    if (!writer.finish()) report_failure("smtp_session,json: session %u is not whole", session->id);
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
  const TranscriptStyle style = transcript_style();
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
    {"smtp_session,json", "SMTP sessions as JSON", print_json},
    {"smtp_session,csv", "SMTP commands as CSV", print_csv},
    {"smtp_session,servers", "SMTP servers", print_servers},
    {"smtp_session,transcript", "SMTP session transcript", print_transcripts},
};

void reset(void* data) {
  static_cast<Report*>(data)->selected.clear();
}

tap_packet_status take_frame(void* data, packet_info* /*pinfo*/, epan_dissect_t* /*edt*/,
                             const void* tapped, tap_flags_t /*flags*/) {
  try {
    auto& selected = static_cast<Report*>(data)->selected;
    const std::uint32_t session = static_cast<const TapFrame*>(tapped)->session;
    if (session >= selected.size()) selected.resize(session + 1);
    if (selected[session]) return TAP_PACKET_DONT_REDRAW;
    selected[session] = true;
    return TAP_PACKET_REDRAW;
  } catch (...) {
    report_failure("SMTP Session Analysis: out of memory while selecting sessions");
    return TAP_PACKET_FAILED;
  }
}

void draw(void* data) {
  try {
    const Report& report = *static_cast<const Report*>(data);
    Selection sessions;
    if (Capture* state = capture()) {
      state->engine.finish();
      for (const Session& session : state->engine.sessions()) {
        if (session.id < report.selected.size() && report.selected[session.id]) {
          sessions.push_back(&session);
        }
      }
    }
    report.kind->print(sessions);
    std::fflush(stdout);
  } catch (...) {
    give_up("printing a report");
  }
}

void finish(void* data) {
  delete static_cast<Report*>(data);
}

bool fail(const char* format, const char* detail) {
  report_failure(format, detail);
  return false;
}

/// "smtp_session,sessions smtp_session,report ...".
std::string report_names() {
  std::string names;
  for (const ReportKind& kind : kKinds) {
    if (!names.empty()) names += ' ';
    names += kind.option;
  }
  return names;
}

bool fail_no_report(const char* argument) {
  report_failure("invalid \"-z %s\": the reports are %s", argument, report_names().c_str());
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
  if (*rest != '\0' && *rest != ',') return fail_no_report(argument);  // "smtp_session,jsonx"
  if (!find_filter(rest, filter)) {
    return fail("invalid \"-z %s\": after the report there may be a comma and a display filter",
                argument);
  }
  auto report = std::make_unique<Report>();
  report->kind = &kind;
  GString* error = register_tap_listener(kTapName, report.get(), filter, TL_REQUIRES_NOTHING, reset,
                                         take_frame, draw, finish);
  if (error != nullptr) {
    // The listener was not registered. Wireshark's text may have several lines: the first says
    // what.
    g_strdelimit(error->str, "\n", '\0');
    fail("invalid display filter of \"-z smtp_session\": %s", error->str);
    g_string_free(error, TRUE);
    return false;
  }
  static_cast<void>(report.release());  // now the listener's, until finish()
  return true;
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
    fail_no_report(argument);
  } catch (...) {
    report_failure("SMTP Session Analysis: out of memory");
  }
  return stat_init_result(false);
}

void register_option(const char* title, const char* option, stat_tap_init_cb callback,
                     const ReportKind* kind) {
  static std::vector<std::unique_ptr<stat_tap_ui>> options;  // Wireshark keeps the pointers
  auto option_ui = std::make_unique<stat_tap_ui>();
  option_ui->group = REGISTER_STAT_GROUP_GENERIC;
  option_ui->title = title;
  option_ui->cli_string = option;
  option_ui->tap_init_cb = callback;
  options.push_back(std::move(option_ui));
  register_stat_tap_ui(options.back().get(), const_cast<ReportKind*>(kind));
}

}  // namespace

void register_report_options() {
  for (const ReportKind& kind : kKinds) register_option(kind.title, kind.option, start, &kind);
  register_option("SMTP sessions", kTapName, reject, nullptr);
}

}  // namespace smtp_session::ws
