// SPDX-License-Identifier: GPL-2.0-or-later
//
// What is kept for the file that is open: the engine and the table of its connections.
#pragma once

#include <memory>

#include "dissector/config.h"
#include "dissector/engine.h"
#include "plugin/connection_table.h"
#include "plugin/message_replay.h"

namespace smtp_session::ws {

struct Capture {
  explicit Capture(const Config& config) : engine(config) {}

  /// Settles what waits for more frames, once the file has been read: not while a capture runs, for
  /// nothing is settled again.
  void finish_when_read();

  /// The same where a report is drawn: tshark does so at the end alone, the GUI also every few
  /// seconds while it reads or captures.
  void finish_before_drawing();

  Engine engine;
  ConnectionTable connections;
  bool read = false;                      ///< the file has been read
  bool finished = false;                  ///< by finish_when_read()
  std::unique_ptr<MessageReplay> replay;  ///< while messages are exported
};

/// The open file's state; nullptr while there is none, or after give_up().
Capture* capture();

/// Ties the state's life to that of the file.
void register_capture();

/// To be called in the handler of a C++ exception (memory ran out, or a defect): what the engine
/// holds may be half written, so it is dropped for the rest of the file, and the user is told once.
void give_up(const char* where) noexcept;

}  // namespace smtp_session::ws
