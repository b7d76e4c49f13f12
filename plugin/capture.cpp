// SPDX-License-Identifier: GPL-2.0-or-later
#include "plugin/capture.h"

#include <cfile.h>
#include <epan/packet.h>
#include <epan/plugin_if.h>
#include <wsutil/report_message.h>

#include <cstdint>
#include <memory>

#include "plugin/preferences.h"

namespace smtp_session::ws {
namespace {

std::unique_ptr<Capture> current;

void open_capture() {
  try {
    current = std::make_unique<Capture>(config_from_preferences());
  } catch (...) {
    give_up("opening a file");
  }
}

void close_capture() {
  current.reset();
}

enum class Reading : std::uint8_t { kNobodyKnows, kGoesOn, kDone };

void* note_state(capture_file* file, void* reading) {
  *static_cast<Reading*>(reading) =
      file->state == FILE_READ_DONE ? Reading::kDone : Reading::kGoesOn;
  return nullptr;
}

/// The GUI knows; elsewhere nobody answers.
Reading reading_in_gui() {
  Reading reading = Reading::kNobodyKnows;
  plugin_if_get_capture_file(note_state, &reading);
  return reading;
}

/// Comes at the end of the first pass, but not where the GUI dissects a file anew.
void note_end_of_pass() {
  if (current) current->read = true;
}

}  // namespace

Capture* capture() {
  return current.get();
}

void Capture::finish_when_read() {
  if (finished || (!read && reading_in_gui() != Reading::kDone)) return;
  finished = true;
  engine.finish();
}

void Capture::finish_before_drawing() {
  if (reading_in_gui() != Reading::kGoesOn) engine.finish();
}

void register_capture() {
  register_init_routine(open_capture);
  register_cleanup_routine(close_capture);
  register_postseq_cleanup_routine(note_end_of_pass);
}

void give_up(const char* where) noexcept {
  current.reset();
  report_failure("SMTP Session Analysis stopped for this file: an internal error while %s", where);
}

}  // namespace smtp_session::ws
