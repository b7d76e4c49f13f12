// SPDX-License-Identifier: GPL-2.0-or-later
//
// Reports that write each session when it ends, while the capture is still being read.
#pragma once

#include <memory>

#include "plugin/session_tap.h"

namespace smtp_session::ws {

/// As listen(), but `report` is given each session when it ends, and at the end of the capture
/// those still open. A session ends with RST; with the segment that follows the FINs of both sides,
/// which acknowledges the last one (where they crossed, with one of each side); or where none
/// follows, with the first frame a second later.
bool listen_for_ends(std::unique_ptr<SessionReport> report, const char* filter);

}  // namespace smtp_session::ws
