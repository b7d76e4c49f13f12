// SPDX-License-Identifier: GPL-2.0-or-later
//
// A subtree being built: every item that this plugin adds is generated, and absent where unknown.
#pragma once

#include <epan/packet.h>

#include <cstdint>
#include <string_view>

#include "dissector/types.h"

namespace smtp_session::ws {

struct Branch {
  proto_tree* tree = nullptr;
  tvbuff_t* tvb = nullptr;
  wmem_allocator_t* pool = nullptr;

  void add_uint(int field, std::uint32_t value) const;
  void add_uint64(int field, std::uint64_t value) const;
  void add_bool(int field, bool value) const;
  void add_text(int field, const char* text) const;
  /// Absent when empty.
  void add_known_text(int field, std::string_view text) const;
  /// One for each line of `text`.
  void add_lines(int field, std::string_view text) const;
  /// Absent when kNoTime.
  void add_time(int field, TimeNs time) const;
  /// Absent when 0.
  void add_frame(int field, FrameNumber frame) const;

  /// A subtree below `item`, which becomes generated.
  Branch below(proto_item* item, int subtree) const;
  /// A subtree with a title only.
  Branch titled(const char* title, int subtree) const;
};

}  // namespace smtp_session::ws
