// SPDX-License-Identifier: GPL-2.0-or-later
//
// What every `-z smtp_session,...` option needs: a tap listener that notes which sessions a display
// filter selects, and a report that is made of them at the end of the capture.
#pragma once

#include <epan/packet.h>
#include <epan/stat_tap_ui.h>
#include <epan/tap.h>
#include <wsutil/report_message.h>

#include <memory>
#include <string>
#include <vector>

#include "dissector/session.h"
#include "plugin/ws_compat.h"

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

struct TapCallbacks {
  tap_reset_cb reset;
  tap_packet_cb packet;
  tap_draw_cb draw;
  tap_finish_cb finish;
};

/// Registers a listener of the tap that is handed `data`. False where the filter is wrong; the user
/// was told.
bool register_listener(void* data, const char* filter, const TapCallbacks& callbacks);

/// The same, and `data` is the listener's until `callbacks.finish`.
template <typename Data>
bool add_tap_listener(std::unique_ptr<Data> data, const char* filter,
                      const TapCallbacks& callbacks) {
  if (!register_listener(data.get(), filter, callbacks)) return false;
  static_cast<void>(data.release());
  return true;
}

/// Registers the tap listener; `filter` may be nullptr. False where the filter is wrong; the user
/// was told.
bool listen(std::unique_ptr<SessionReport> report, const char* filter);

/// The callback of an option: `kStart` as Wireshark calls it, which no C++ exception may leave.
template <bool (*kStart)(const char* argument)>
StatInitResult start_guarded(const char* argument, void* /*data*/) {
  bool started = false;
  try {
    started = kStart(argument);
  } catch (...) {
    report_failure("SMTP Session Analysis: out of memory");
  }
  return stat_init_result(started);
}

/// Registers an option of `-z`; the strings and `data` must last.
void register_option(const char* title, const char* option, stat_tap_init_cb callback,
                     const void* data);

/// Tells that the argument names no report, and which there are. False.
bool reject_option(const char* argument);

/// The options that are registered: "smtp_session,sessions smtp_session,report ...".
std::string option_names();

}  // namespace smtp_session::ws
