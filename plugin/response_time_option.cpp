// SPDX-License-Identifier: GPL-2.0-or-later
#include <epan/packet.h>
#include <epan/stat_tap_ui.h>
#include <epan/tap.h>
#include <wsutil/report_message.h>

#include <cstdio>
#include <cstring>
#include <memory>
#include <string>

#include "dissector/report/latency_table.h"
#include "plugin/capture.h"
#include "plugin/response_times.h"
#include "plugin/selection.h"
#include "plugin/session_tap.h"
#include "plugin/taps.h"
#include "plugin/ws_compat.h"

namespace smtp_session::ws {
namespace {

constexpr char kOption[] = "smtp_session,srt";

void reset(void* data) {
  static_cast<Selection*>(data)->clear();
}

tap_packet_status take_frame(void* data, packet_info* /*pinfo*/, epan_dissect_t* /*edt*/,
                             const void* tapped, tap_flags_t /*flags*/) {
  try {
    static_cast<Selection*>(data)->add(*static_cast<const TapFrame*>(tapped));
    return TAP_PACKET_REDRAW;
  } catch (...) {
    report_failure("SMTP Session Analysis: out of memory while selecting frames");
    return TAP_PACKET_FAILED;
  }
}

/// The latencies of the replies that the selection holds.
std::string table_of(const Engine& engine, const Selection& selection) {
  LatencyTable table;
  for (const Session& session : engine.sessions()) {
    if (!selection.has_session(session.id)) continue;
    for (const Command& command : session.commands) {
      if (command.reply == 0) continue;
      const FrameNumber frame = session.reply(command.reply).frame;
      if (selection.has(engine, session, frame)) table.add(session, command);
    }
  }
  return table.text();
}

void draw(void* data) {
  try {
    std::string text = LatencyTable().text();
    if (Capture* state = capture()) {
      state->finish_before_drawing();
      text = table_of(state->engine, *static_cast<const Selection*>(data));
    }
    std::fwrite(text.data(), 1, text.size(), stdout);
    std::fflush(stdout);
  } catch (...) {
    give_up("printing latencies");
  }
}

void finish(void* data) {
  delete static_cast<Selection*>(data);
}

bool start_listening(const char* argument) {
  const char* const rest = argument + std::strlen(kOption);
  if (*rest != '\0' && (*rest != ',' || rest[1] == '\0')) {
    report_failure("invalid \"-z %s\": behind %s there may be a comma and a display filter",
                   argument, kOption);
    return false;
  }
  auto selection = std::make_unique<Selection>();
  GString* error =
      register_tap_listener(kTapName, selection.get(), *rest == '\0' ? nullptr : rest + 1,
                            TL_REQUIRES_NOTHING, reset, take_frame, draw, finish);
  if (error != nullptr) {
    // Wireshark's text may have several lines: the first says what.
    g_strdelimit(error->str, "\n", '\0');
    report_failure("invalid display filter of \"-z %s\": %s", kOption, error->str);
    g_string_free(error, TRUE);
    return false;
  }
  static_cast<void>(selection.release());  // now the listener's, until finish()
  return true;
}

}  // namespace

void register_response_time_option() {
  register_option("SMTP latency by command", kOption, start_guarded<start_listening>, nullptr);
}

}  // namespace smtp_session::ws
