// SPDX-License-Identifier: GPL-2.0-or-later
#include "plugin/message_replay.h"

#include <utility>

#include "plugin/tree_events.h"

namespace smtp_session::ws {

MessageReplay::MessageReplay(const Config& config) : engine_(config) {
  engine_.set_content_sink(&contents_);
}

std::vector<MessageReplay::Finished> MessageReplay::feed(const Segment& segment,
                                                         const DecryptedRecords& records,
                                                         bool watch) {
  last_ = segment.frame;
  if (watch) engine_.watch(segment.stream);
  if (!engine_.wants(segment.stream)) return {};
  engine_.feed(segment, records);
  return finished_at(segment);
}

std::vector<MessageReplay::Finished> MessageReplay::finished_at(const Segment& segment) {
  std::vector<Finished> finished;
  for (std::size_t nth = 0;; ++nth) {
    const std::optional<FrameRecord> record = engine_.frames().find(segment.frame, nth);
    if (!record) return finished;
    const Session& session = engine_.sessions()[record->session];
    if (session.stream != segment.stream) continue;
    const EventRange commands = commands_of(session, segment.frame);
    for (Index i = commands.first; i < commands.last; ++i) {
      const Index message = session.command(i).message;
      if (message == 0 || session.message(message).end != i) continue;
      finished.push_back({message, contents_.take(session, message)});
    }
    return finished;
  }
}

}  // namespace smtp_session::ws
