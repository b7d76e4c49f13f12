// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/frame_index.h"

#include <algorithm>
#include <cstddef>

namespace smtp_session {

namespace {

constexpr unsigned kPhaseShift = 24;
constexpr unsigned kFromServerShift = 28;
constexpr unsigned kEncryptedShift = 29;
constexpr unsigned kLateShift = 30;
constexpr std::uint32_t kRolesMask = 0xFFFFFF;

std::uint32_t part_of(const FrameRecord& record) {
  return record.roles | static_cast<std::uint32_t>(record.phase) << kPhaseShift |
         static_cast<std::uint32_t>(record.from_server) << kFromServerShift |
         static_cast<std::uint32_t>(record.encrypted) << kEncryptedShift |
         static_cast<std::uint32_t>(record.late) << kLateShift;
}

FrameRecord unpacked(FrameNumber frame, std::uint32_t session, std::uint32_t part) {
  FrameRecord record{};
  record.frame = frame;
  record.session = session;
  record.roles = part & kRolesMask;
  record.phase = part >> kPhaseShift & 0xFU;
  record.from_server = part >> kFromServerShift & 1U;
  record.encrypted = part >> kEncryptedShift & 1U;
  record.late = part >> kLateShift & 1U;
  return record;
}

/// The first of `records` that is of `frame` or behind it.
template <typename Records>
auto first_of(const Records& records, FrameNumber frame) {
  return std::lower_bound(
      records.begin(), records.end(), frame,
      [](const auto& record, FrameNumber wanted) { return record.frame < wanted; });
}

}  // namespace

FrameIndex::PartNumber FrameIndex::number_of(Part part) {
  // Nearly every frame plays a part that another played shortly before.
  PartNumber& recent = recent_[(part ^ part >> kPhaseShift) % recent_.size()];
  if (recent < parts_.size() && parts_[recent] == part) return recent;
  const auto known = numbers_.find(part);
  if (known != numbers_.end()) return recent = known->second;
  if (parts_.size() >= kRare) return kRare;
  recent = static_cast<PartNumber>(parts_.size());
  parts_.push_back(part);
  numbers_.emplace(part, recent);
  return recent;
}

void FrameIndex::add(const FrameRecord& record) {
  if (in_order_.empty() || in_order_.back().frame <= record.frame) {
    const bool again = !in_order_.empty() && in_order_.back().frame == record.frame;
    last_nth_ = again ? last_nth_ + 1 : 0;
    const Part part = part_of(record);
    const PartNumber number = number_of(part);
    if (number == kRare) rare_.emplace(in_order_.size(), part);
    parts_in_order_.push_back(number);
    in_order_.push_back({record.frame, record.session});
    return;
  }
  // Held-back frames come in runs that ascend, so the place is nearly always the end.
  const auto place = std::upper_bound(
      late_.begin(), late_.end(), record.frame,
      [](FrameNumber wanted, const FrameRecord& entry) { return wanted < entry.frame; });
  late_.insert(place, record);
}

FrameRecord FrameIndex::record_at(std::size_t at) const {
  const PartNumber number = parts_in_order_[at];
  const Part part = number == kRare ? rare_.at(at) : parts_[number];
  return unpacked(in_order_[at].frame, in_order_[at].session, part);
}

std::optional<FrameRecord> FrameIndex::find(FrameNumber frame, std::size_t nth) const {
  // The frame being read is asked for most.
  if (nth == last_nth_ && !in_order_.empty() && in_order_.back().frame == frame) {
    return record_at(in_order_.size() - 1);
  }
  for (auto at = first_of(in_order_, frame); at != in_order_.end() && at->frame == frame; ++at) {
    if (nth == 0) return record_at(static_cast<std::size_t>(at - in_order_.begin()));
    --nth;
  }
  for (auto at = first_of(late_, frame); at != late_.end() && at->frame == frame; ++at) {
    if (nth == 0) return *at;
    --nth;
  }
  return std::nullopt;
}

void FrameIndex::clear() {
  *this = {};
}

}  // namespace smtp_session
