// SPDX-License-Identifier: GPL-2.0-or-later
//
// The steps of a session in order of time: what its story and its ladder are made of.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "dissector/session.h"

namespace smtp_session {

struct Step {
  Moment at;
  std::optional<Side> sender;  ///< none for what is no packet
  std::string what;
  std::string note;   ///< its time: "latency 0.511 ms"
  bool slow = false;  ///< a finding says that it came late
  // What it is about, where that is one of these.
  Index command = 0;
  Index reply = 0;
  Index message = 0;  ///< whose first byte it is
};

std::vector<Step> steps_of(const Session& session);

/// Those of one frame.
std::vector<Step> steps_at(const Session& session, FrameNumber frame);

}  // namespace smtp_session
