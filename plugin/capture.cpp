// SPDX-License-Identifier: GPL-2.0-or-later
#include "plugin/capture.h"

#include <epan/packet.h>
#include <wsutil/report_message.h>

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

void note_end_of_pass() {
  if (current) current->read = true;
}

}  // namespace

Capture* capture() {
  return current.get();
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
