// SPDX-License-Identifier: GPL-2.0-or-later
//
// One session told in full: its steps in order of time, where the time went, its messages, and the
// findings with the next step to take. Fits a terminal of 100 columns.
#pragma once

#include <cstddef>
#include <string>

#include "dissector/session.h"

namespace smtp_session {

inline constexpr std::size_t kStoryWidth = 100;

std::string story(const Session& session);

}  // namespace smtp_session
