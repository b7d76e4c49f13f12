// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/report/character_width.h"

#include <algorithm>
#include <array>
#include <iterator>

namespace smtp_session {

namespace {

struct Range {
  std::uint32_t first;
  std::uint32_t last;
};

/// In ascending order. Emoji of the astral planes by block.
constexpr std::array kWide{
    Range{0x1100, 0x115F},   Range{0x231A, 0x231B},   Range{0x2329, 0x232A},
    Range{0x23E9, 0x23EC},   Range{0x23F0, 0x23F0},   Range{0x23F3, 0x23F3},
    Range{0x25FD, 0x25FE},   Range{0x2614, 0x2615},   Range{0x2648, 0x2653},
    Range{0x267F, 0x267F},   Range{0x2693, 0x2693},   Range{0x26A1, 0x26A1},
    Range{0x26AA, 0x26AB},   Range{0x26BD, 0x26BE},   Range{0x26C4, 0x26C5},
    Range{0x26CE, 0x26CE},   Range{0x26D4, 0x26D4},   Range{0x26EA, 0x26EA},
    Range{0x26F2, 0x26F3},   Range{0x26F5, 0x26F5},   Range{0x26FA, 0x26FA},
    Range{0x26FD, 0x26FD},   Range{0x2705, 0x2705},   Range{0x270A, 0x270B},
    Range{0x2728, 0x2728},   Range{0x274C, 0x274C},   Range{0x274E, 0x274E},
    Range{0x2753, 0x2755},   Range{0x2757, 0x2757},   Range{0x2795, 0x2797},
    Range{0x27B0, 0x27B0},   Range{0x27BF, 0x27BF},   Range{0x2B1B, 0x2B1C},
    Range{0x2B50, 0x2B50},   Range{0x2B55, 0x2B55},   Range{0x2E80, 0x303E},
    Range{0x3041, 0xA4CF},   Range{0xA960, 0xA97F},   Range{0xAC00, 0xD7A3},
    Range{0xF900, 0xFAFF},   Range{0xFE10, 0xFE19},   Range{0xFE30, 0xFE6F},
    Range{0xFF01, 0xFF60},   Range{0xFFE0, 0xFFE6},   Range{0x16FE0, 0x1B2FF},
    Range{0x1F000, 0x1F64F}, Range{0x1F680, 0x1F6FF}, Range{0x1F7E0, 0x1F7FF},
    Range{0x1F900, 0x1FAFF}, Range{0x20000, 0x3FFFD},
};

/// Combining marks, zero-width characters and variation selectors, in ascending order.
constexpr std::array kJoined{
    Range{0x0300, 0x036F}, Range{0x0483, 0x0489}, Range{0x0591, 0x05BD},   Range{0x0610, 0x061A},
    Range{0x064B, 0x065F}, Range{0x1AB0, 0x1ACE}, Range{0x1DC0, 0x1DFF},   Range{0x200B, 0x200D},
    Range{0x20D0, 0x20F0}, Range{0xFE00, 0xFE0F}, Range{0xE0100, 0xE01EF},
};

template <std::size_t kCount>
bool is_in(const std::array<Range, kCount>& ranges, std::uint32_t code_point) {
  const auto* const range =
      std::lower_bound(ranges.begin(), ranges.end(), code_point,
                       [](const Range& one, std::uint32_t value) { return one.last < value; });
  return range != ranges.end() && range->first <= code_point;
}

}  // namespace

std::size_t columns_of(std::uint32_t code_point) {
  if (code_point < kJoined.front().first) return 1;
  if (is_in(kJoined, code_point)) return 0;
  return is_in(kWide, code_point) ? 2 : 1;
}

}  // namespace smtp_session
