// SPDX-License-Identifier: GPL-2.0-or-later
//
// Which tcp.stream the four-tuple of a packet belongs to. Wireshark knows, but tells it only
// through a field, and a field costs a tree for every packet; so the number is kept here as well.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <vector>

#include "dissector/types.h"

namespace smtp_session::ws {

class ConnectionTable {
 public:
  static constexpr std::uint32_t kNone = 0xffffffffU;

  /// The stream that was last set for the two end points, in either order, or kNone.
  std::uint32_t find(const Endpoint& a, const Endpoint& b) const;

  /// Sets the stream of the two end points; a reused port gives them a new one.
  void set(const Endpoint& a, const Endpoint& b, std::uint32_t stream);

 private:
  struct Entry {
    Endpoint a;
    Endpoint b;
    std::uint32_t stream = kNone;
  };

  std::size_t slot_of(const Endpoint& a, const Endpoint& b) const;
  void grow();

  std::deque<Entry> entries_;
  /// Positions in entries_, from 1; 0 marks a free slot. Open addressing; the size is a power of
  /// two.
  std::vector<std::uint32_t> slots_;
};

}  // namespace smtp_session::ws
