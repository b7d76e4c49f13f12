// SPDX-License-Identifier: GPL-2.0-or-later
#include "plugin/connection_table.h"

#include <cstring>

namespace smtp_session::ws {
namespace {

constexpr std::size_t kFirstSize = 1024;

/// 2^64 divided by the golden ratio: Knuth's multiplicative hashing spreads consecutive values.
constexpr std::uint64_t kGolden = 0x9e3779b97f4a7c15U;

std::uint64_t mixed(std::uint64_t value) {
  value *= kGolden;
  return value ^ (value >> 32U);
}

std::uint64_t hash_of(const Endpoint& endpoint) {
  std::uint64_t high = 0;
  std::uint64_t low = 0;
  std::memcpy(&high, endpoint.address.bytes.data(), sizeof high);
  std::memcpy(&low, endpoint.address.bytes.data() + sizeof high, sizeof low);
  return mixed(high + low * kGolden + (static_cast<std::uint64_t>(endpoint.port) << 40U));
}

}  // namespace

std::size_t ConnectionTable::slot_of(const Endpoint& a, const Endpoint& b) const {
  const std::size_t mask = slots_.size() - 1;
  // A sum does not depend on the order of the end points.
  std::size_t slot = static_cast<std::size_t>(mixed(hash_of(a) + hash_of(b))) & mask;
  while (slots_[slot] != 0) {
    const Entry& entry = entries_[slots_[slot] - 1];
    if ((entry.a == a && entry.b == b) || (entry.a == b && entry.b == a)) break;
    slot = (slot + 1) & mask;
  }
  return slot;
}

std::uint32_t ConnectionTable::find(const Endpoint& a, const Endpoint& b) const {
  if (slots_.empty()) return kNone;
  const std::uint32_t position = slots_[slot_of(a, b)];
  return position == 0 ? kNone : entries_[position - 1].stream;
}

void ConnectionTable::set(const Endpoint& a, const Endpoint& b, std::uint32_t stream) {
  // At most two thirds full: a free slot always ends the search.
  if ((entries_.size() + 1) * 3 > slots_.size() * 2) grow();
  std::uint32_t& position = slots_[slot_of(a, b)];
  if (position == 0) {
    entries_.push_back({a, b, stream});
    position = static_cast<std::uint32_t>(entries_.size());
  } else {
    entries_[position - 1].stream = stream;
  }
}

void ConnectionTable::grow() {
  slots_.assign(slots_.empty() ? kFirstSize : slots_.size() * 2, 0);
  std::uint32_t position = 0;
  for (const Entry& entry : entries_) slots_[slot_of(entry.a, entry.b)] = ++position;
}

}  // namespace smtp_session::ws
