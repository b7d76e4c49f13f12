// SPDX-License-Identifier: GPL-2.0-or-later
//
// How many columns of a terminal a character takes.
#pragma once

#include <cstddef>
#include <cstdint>

namespace smtp_session {

/// 2 for what is wide or full-width (Unicode Standard Annex 11), 0 for marks that join the
/// character before them, else 1. Where blocks mix widths the larger one counts, so that a line is
/// never longer than it seems.
std::size_t columns_of(std::uint32_t code_point);

}  // namespace smtp_session
