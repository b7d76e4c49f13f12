// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/message_frames.h"

#include <algorithm>
#include <cstddef>

namespace smtp_session {
namespace {

void widen(FrameRange& range, FrameNumber frame) {
  if (frame == 0) return;
  range.first = range.first == 0 ? frame : std::min(range.first, frame);
  range.last = std::max(range.last, frame);
}

}  // namespace

FrameRange frames_of(const Session& session, Index message) {
  FrameRange range;
  widen(range, session.message(message).first_frame);
  for (const Command& command : session.commands) {
    if (command.message != message) continue;
    widen(range, command.frame);
    if (command.reply != 0) widen(range, session.reply(command.reply).frame);
  }
  return range;
}

Index message_at(const Session& session, FrameNumber frame) {
  const auto has_begun = [&](FrameNumber first) { return first != 0 && first <= frame; };
  Index latest = 0;
  for (const Command& command : session.commands) {
    if (has_begun(command.frame)) latest = std::max(latest, command.message);
  }
  for (std::size_t i = 0; i < session.messages.size(); ++i) {
    if (has_begun(session.messages[i].first_frame)) {
      latest = std::max(latest, static_cast<Index>(i + 1));
    }
  }
  return latest != 0 && frame <= frames_of(session, latest).last ? latest : 0;
}

}  // namespace smtp_session
