// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/frame_index.h"

#include <algorithm>
#include <cstddef>

namespace smtp_session {

namespace {

/// The `nth` record of `frame` in `records`; counts `nth` down by those that it passes.
template <typename Records>
const FrameRecord* find_nth(const Records& records, FrameNumber frame, std::size_t& nth) {
  auto at = std::lower_bound(
      records.begin(), records.end(), frame,
      [](const FrameRecord& record, FrameNumber wanted) { return record.frame < wanted; });
  for (; at != records.end() && at->frame == frame; ++at) {
    if (nth == 0) return &*at;
    --nth;
  }
  return nullptr;
}

}  // namespace

void FrameIndex::add(const FrameRecord& record) {
  if (in_order_.empty() || in_order_.back().frame <= record.frame) {
    in_order_.push_back(record);
    return;
  }
  // Held-back frames come in runs that ascend, so the place is nearly always the end.
  const auto place = std::upper_bound(
      late_.begin(), late_.end(), record.frame,
      [](FrameNumber wanted, const FrameRecord& entry) { return wanted < entry.frame; });
  late_.insert(place, record);
}

const FrameRecord* FrameIndex::find(FrameNumber frame, std::size_t nth) const {
  // The frame being read is asked for most.
  if (nth == 0 && !in_order_.empty() && in_order_.back().frame == frame &&
      (in_order_.size() == 1 || in_order_[in_order_.size() - 2].frame != frame)) {
    return &in_order_.back();
  }
  const FrameRecord* const found = find_nth(in_order_, frame, nth);
  return found != nullptr ? found : find_nth(late_, frame, nth);
}

void FrameIndex::clear() {
  in_order_.clear();
  late_.clear();
}

}  // namespace smtp_session
