// SPDX-License-Identifier: GPL-2.0-or-later
#include "plugin/connection_table.h"

#include <cstring>
#include <utility>

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
  return mixed(mixed(high ^ endpoint.port) + low);
}

}  // namespace

std::size_t ConnectionTable::position_of(const Endpoint& a, const Endpoint& b) const {
  const std::size_t mask = slots_.size() - 1;
  // A sum does not depend on the order of the end points.
  std::size_t position = static_cast<std::size_t>(mixed(hash_of(a) + hash_of(b))) & mask;
  while (true) {
    const Slot& slot = slots_[position];
    if (slot.stream == kNone) return position;
    if ((slot.a == a && slot.b == b) || (slot.a == b && slot.b == a)) return position;
    position = (position + 1) & mask;
  }
}

std::uint32_t ConnectionTable::find(const Endpoint& a, const Endpoint& b) const {
  return slots_.empty() ? kNone : slots_[position_of(a, b)].stream;
}

void ConnectionTable::set(const Endpoint& a, const Endpoint& b, std::uint32_t stream) {
  // At most two thirds full: a free slot always ends the search.
  if ((used_ + 1) * 3 > slots_.size() * 2) grow();
  Slot& slot = slots_[position_of(a, b)];
  if (slot.stream == kNone) {
    slot.a = a;
    slot.b = b;
    ++used_;
  }
  slot.stream = stream;
}

void ConnectionTable::grow() {
  std::vector<Slot> old(slots_.empty() ? kFirstSize : slots_.size() * 2);
  old.swap(slots_);
  for (const Slot& slot : old) {
    if (slot.stream != kNone) slots_[position_of(slot.a, slot.b)] = slot;
  }
}

}  // namespace smtp_session::ws
