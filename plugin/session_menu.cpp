// SPDX-License-Identifier: GPL-2.0-or-later
#include "plugin/session_menu.h"

#include <epan/packet.h>
#include <epan/plugin_if.h>
#include <wsutil/report_message.h>

#include <optional>
#include <string>

#include "dissector/message_frames.h"
#include "dissector/metrics.h"
#include "dissector/report/story.h"
#include "plugin/capture.h"
#include "plugin/protocol.h"
#include "plugin/report_window.h"
#include "plugin/temporary_page.h"

namespace smtp_session::ws {
namespace {

/// As the profile's buttons and colours have them.
constexpr char kSlowReplies[] = "smtp_session.latency > 1";
constexpr char kFailures[] =
    "smtp_session.reply.code >= 400 || (smtp_session.finding && _ws.expert.severity == \"Error\")";

/// What the capture holds so far; nullptr where that is no session, and the user was told.
Capture* sessions_of_capture() {
  Capture* state = capture();
  if (state == nullptr) {
    report_warning("SMTP Session: no capture is open.");
    return nullptr;
  }
  if (state->engine.sessions().empty()) {
    report_warning("SMTP Session: this capture holds no SMTP session.");
    return nullptr;
  }
  state->finish_before_drawing();
  return state;
}

void* note_frame(frame_data* frame, void* number) {
  *static_cast<FrameNumber*>(number) = frame->num;
  return nullptr;
}

struct Selected {
  const Session& session;
  FrameNumber frame;
};

/// None where no packet of a session is selected; the user was told. In a tunnel, the outermost
/// session.
std::optional<Selected> selected() {
  const Capture* state = sessions_of_capture();
  if (state == nullptr) return std::nullopt;
  FrameNumber frame = 0;
  plugin_if_get_frame_data(note_frame, &frame);
  if (frame == 0) {
    report_warning("SMTP Session: select a packet first.");
    return std::nullopt;
  }
  const std::optional<FrameRecord> record = state->engine.frames().find(frame);
  if (!record) {
    report_warning("SMTP Session: packet %u is of no SMTP session.", frame);
    return std::nullopt;
  }
  return Selected{state->engine.sessions()[record->session], frame};
}

void report_session() {
  const std::optional<Selected> chosen = selected();
  if (!chosen) return;
  if (!show_text("SMTP Session Report", story(chosen->session, TextStyle{}))) {
    report_warning("SMTP Session: Wireshark has no window for a report.");
  }
}

void report_capture() {
  const Capture* state = sessions_of_capture();
  if (state == nullptr) return;
  SessionSelection all;
  for (const Session& session : state->engine.sessions()) all.push_back(&session);
  const std::optional<std::string> page = temporary_page(all);
  if (page && !open_with_desktop(*page)) {
    report_warning("SMTP Session: Wireshark opens no browser.");
  }
}

void go_to_slowest_reply() {
  const Capture* state = sessions_of_capture();
  if (state == nullptr) return;
  FrameNumber frame = 0;
  TimeNs longest = kNoTime;
  for (const Session& session : state->engine.sessions()) {
    const Index command = slowest_command(session);
    if (command == 0) continue;
    const Reply& reply = session.reply(session.command(command).reply);
    const TimeNs took = latency(session, reply);
    if (took <= longest) continue;
    longest = took;
    frame = reply.frame;
  }
  if (frame == 0) {
    report_warning("SMTP Session: no command of this capture is answered.");
  } else {
    plugin_if_goto_frame(frame);
  }
}

void filter_session() {
  const std::optional<Selected> chosen = selected();
  if (!chosen) return;
  const std::string filter = "smtp_session.id == " + std::to_string(chosen->session.id);
  plugin_if_apply_filter(filter.c_str(), TRUE);
}

void filter_message() {
  const std::optional<Selected> chosen = selected();
  if (!chosen) return;
  const Index message = message_at(chosen->session, chosen->frame);
  if (message == 0) {
    report_warning(
        "SMTP Session: packet %u is of no message. A message is what lies between MAIL and the "
        "reply that ends it.",
        chosen->frame);
    return;
  }
  const FrameRange range = frames_of(chosen->session, message);
  const std::string filter = "smtp_session.id == " + std::to_string(chosen->session.id) +
                             " && frame.number >= " + std::to_string(range.first) +
                             " && frame.number <= " + std::to_string(range.last);
  plugin_if_apply_filter(filter.c_str(), TRUE);
}

void filter_slow_replies() {
  if (sessions_of_capture() != nullptr) plugin_if_apply_filter(kSlowReplies, TRUE);
}

void filter_failures() {
  if (sessions_of_capture() != nullptr) plugin_if_apply_filter(kFailures, TRUE);
}

/// An action as Wireshark calls it; no C++ exception may leave it.
template <void (*kAction)()>
void act(ext_menubar_gui_type /*type*/, void* /*object*/, void* /*data*/) {
  try {
    kAction();
  } catch (...) {
    report_failure("SMTP Session Analysis: out of memory");
  }
}

}  // namespace

void register_session_menu() {
  register_temporary_pages();
  ext_menu_t* menu = ext_menubar_register_menu(protocol_id(), "SMTP Session", TRUE);
  ext_menubar_set_parentmenu(menu, "Tools");
  ext_menubar_add_entry(menu, "Report of This Session",
                        "The story of the selected packet's session: steps, times, findings",
                        act<report_session>, nullptr);
  ext_menubar_add_entry(menu, "HTML Report of the Capture in Browser",
                        "One page with all sessions; it is removed when Wireshark ends",
                        act<report_capture>, nullptr);
  ext_menubar_add_separator(menu);
  ext_menubar_add_entry(menu, "Go to the Slowest Reply", "The longest latency of the capture",
                        act<go_to_slowest_reply>, nullptr);
  ext_menubar_add_separator(menu);
  ext_menubar_add_entry(menu, "Filter This Session", "All packets of the selected packet's session",
                        act<filter_session>, nullptr);
  ext_menubar_add_entry(menu, "Filter This Message",
                        "From MAIL to the reply that ends the selected packet's message",
                        act<filter_message>, nullptr);
  ext_menubar_add_entry(menu, "Filter Slow Replies", kSlowReplies, act<filter_slow_replies>,
                        nullptr);
  ext_menubar_add_entry(menu, "Filter Failures", kFailures, act<filter_failures>, nullptr);
}

}  // namespace smtp_session::ws
