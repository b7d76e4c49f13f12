// SPDX-License-Identifier: GPL-2.0-or-later
//
// One session told in full: its verdict, its steps in order of time, where the time went, its
// messages, and the findings with the next step to take. Fits a terminal of 100 columns.
#pragma once

#include <cstddef>
#include <string>

#include "dissector/report/text_style.h"
#include "dissector/session.h"

namespace smtp_session {

inline constexpr std::size_t kStoryWidth = 100;

std::string story(const Session& session, const TextStyle& style);

}  // namespace smtp_session
