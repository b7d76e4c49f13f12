// SPDX-License-Identifier: GPL-2.0-or-later
#include "plugin/selection.h"

#include <optional>

namespace smtp_session::ws {
namespace {

std::optional<FrameRecord> record_of(const Engine& engine, const Session& session,
                                     FrameNumber frame) {
  if (frame == 0) return std::nullopt;
  for (std::size_t nth = 0;; ++nth) {
    const std::optional<FrameRecord> record = engine.frames().find(frame, nth);
    if (!record || record->session == session.id) return record;
  }
}

}  // namespace

bool is_without_frame(const Engine& engine, const Session& session, FrameNumber frame) {
  return !record_of(engine, session, frame).has_value();
}

void Selection::clear() {
  *this = {};
}

bool Selection::add(const TapFrame& tapped) {
  const FrameNumber frame = tapped.record.frame;
  if (frame >= frames_.size()) frames_.resize(std::size_t{frame} + 1);
  frames_[frame] = true;
  if (tapped.first_pass) first_pass_ = true;
  if (tapped.session >= sessions_.size()) sessions_.resize(std::size_t{tapped.session} + 1);
  const bool first = !sessions_[tapped.session];
  sessions_[tapped.session] = true;
  return first;
}

bool Selection::has(const Engine& engine, const Session& session, FrameNumber frame) const {
  if (!has_session(session.id)) return false;
  if (frame < frames_.size() && frames_[frame]) return true;
  const std::optional<FrameRecord> record = record_of(engine, session, frame);
  if (!record) return true;
  // On an odd port the first pass hands out no frame before the one that shows SMTP.
  return first_pass_ && record->late != 0;
}

}  // namespace smtp_session::ws
