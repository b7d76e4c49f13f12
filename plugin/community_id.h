// SPDX-License-Identifier: GPL-2.0-or-later
//
// Community ID version 1: the name by which other tools know the same connection.
#pragma once

#include <string>

#include "dissector/types.h"

namespace smtp_session::ws {

/// "1:..." for a TCP connection with seed 0; empty where an address is not known.
std::string community_id(const Endpoint& a, const Endpoint& b);

}  // namespace smtp_session::ws
