// SPDX-License-Identifier: GPL-2.0-or-later
#include "plugin/session_tap.h"

#include <epan/tap.h>
#include <wsutil/report_message.h>

#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>

#include "plugin/capture.h"
#include "plugin/taps.h"

namespace smtp_session::ws {
namespace {

/// One `-z` option on the command line.
struct Listener {
  std::unique_ptr<SessionReport> report;
  std::vector<bool> selected;  ///< by the session's number
};

/// tshark's exit status does not know of reports, and ending the program from inside one would
/// leave the capture's temporary files behind (and Wireshark's user without a window).
void exit_with_failure() {
  static const bool registered = std::atexit([] {
                                   std::fflush(nullptr);
                                   std::_Exit(EXIT_FAILURE);
                                 }) == 0;
  static_cast<void>(registered);
}

void reset(void* data) {
  static_cast<Listener*>(data)->selected.clear();
}

tap_packet_status take_frame(void* data, packet_info* /*pinfo*/, epan_dissect_t* /*edt*/,
                             const void* tapped, tap_flags_t /*flags*/) {
  try {
    auto& selected = static_cast<Listener*>(data)->selected;
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
    const Listener& listener = *static_cast<const Listener*>(data);
    SessionSelection sessions;
    if (Capture* state = capture()) {
      state->finish_before_drawing();
      for (const Session& session : state->engine.sessions()) {
        if (session.id < listener.selected.size() && listener.selected[session.id]) {
          sessions.push_back(&session);
        }
      }
    }
    const bool good = listener.report->print(sessions);
    std::fflush(stdout);
    if (!good) exit_with_failure();
  } catch (...) {
    give_up("printing a report");
  }
}

void finish(void* data) {
  delete static_cast<Listener*>(data);
}

using Options = std::vector<std::unique_ptr<stat_tap_ui>>;

Options& options() {
  static Options all;  // Wireshark keeps the pointers
  return all;
}

}  // namespace

bool register_listener(void* data, const char* filter, const TapCallbacks& callbacks) {
  GString* error =
      register_tap_listener(kTapName, data, filter, TL_REQUIRES_NOTHING, callbacks.reset,
                            callbacks.packet, callbacks.draw, callbacks.finish);
  if (error == nullptr) return true;
  // The listener was not registered. Wireshark's text may have several lines: the first says what.
  g_strdelimit(error->str, "\n", '\0');
  report_failure("invalid display filter of \"-z smtp_session\": %s", error->str);
  g_string_free(error, TRUE);
  return false;
}

bool listen(std::unique_ptr<SessionReport> report, const char* filter) {
  auto listener = std::make_unique<Listener>();
  listener->report = std::move(report);
  return add_tap_listener(std::move(listener), filter, {reset, take_frame, draw, finish});
}

bool reject_option(const char* argument) {
  report_failure("invalid \"-z %s\": the reports are %s", argument, option_names().c_str());
  return false;
}

void register_option(const char* title, const char* option, stat_tap_init_cb callback,
                     const void* data) {
  auto option_ui = std::make_unique<stat_tap_ui>();
  option_ui->group = REGISTER_STAT_GROUP_GENERIC;
  option_ui->title = title;
  option_ui->cli_string = option;
  option_ui->tap_init_cb = callback;
  options().push_back(std::move(option_ui));
  register_stat_tap_ui(options().back().get(), const_cast<void*>(data));
}

std::string option_names() {
  std::string names;
  for (const auto& option : options()) {
    const std::string_view name = option->cli_string;
    if (name == kTapName) continue;  // it takes what is no option
    if (!names.empty()) names += ' ';
    names += name;
  }
  // Wireshark registers the option of a table itself.
  return names + " smtp_session,table";
}

}  // namespace smtp_session::ws
