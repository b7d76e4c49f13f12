// SPDX-License-Identifier: GPL-2.0-or-later
//
// What every `-z smtp_session,...` option needs: a tap listener that notes which sessions a display
// filter selects, and a report that is made of them at the end of the capture.
#pragma once

#include <epan/packet.h>
#include <epan/stat_tap_ui.h>

#include <memory>
#include <string>
#include <vector>

#include "dissector/session.h"

namespace smtp_session::ws {

/// In order of their numbers.
using SessionSelection = std::vector<const Session*>;

class SessionReport {
 public:
  virtual ~SessionReport() = default;
  /// Called at the end of the capture (Wireshark: at each redraw). False where it failed and the
  /// user was told.
  virtual bool print(const SessionSelection& sessions) = 0;
};

/// Registers the tap listener; `filter` may be nullptr. False where the filter is wrong; the user
/// was told.
bool listen(std::unique_ptr<SessionReport> report, const char* filter);

/// Registers an option of `-z`; the strings and `data` must last.
void register_option(const char* title, const char* option, stat_tap_init_cb callback,
                     const void* data);

/// The options that are registered: "smtp_session,sessions smtp_session,report ...".
std::string option_names();

}  // namespace smtp_session::ws
