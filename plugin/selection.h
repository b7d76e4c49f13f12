// SPDX-License-Identifier: GPL-2.0-or-later
//
// What a listener of the tap was handed: the frames that passed its filter, one bit each, and the
// sessions that they belong to. What happened in them is read from the model when it is drawn, so
// that no pass counts anything twice.
#pragma once

#include <vector>

#include "dissector/engine.h"
#include "plugin/taps.h"

namespace smtp_session::ws {

class Selection {
 public:
  void clear();

  /// Returns true for the first frame of a session.
  bool add(const TapFrame& tapped);

  bool has_session(std::uint32_t session) const {
    return session < sessions_.size() && sessions_[session];
  }

  /// True where an event of `session` at `frame` is to be counted.
  bool has(const Engine& engine, const Session& session, FrameNumber frame) const;

 private:
  std::vector<bool> frames_;
  std::vector<bool> sessions_;
  bool first_pass_ = false;
};

/// True where `frame` is none of the session's: the event is not complete, or an ICMP error tells
/// it. It counts with the session itself.
bool is_without_frame(const Engine& engine, const Session& session, FrameNumber frame);

}  // namespace smtp_session::ws
