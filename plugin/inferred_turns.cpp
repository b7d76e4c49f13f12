// SPDX-License-Identifier: GPL-2.0-or-later
#include "plugin/inferred_turns.h"

#include <algorithm>
#include <tuple>
#include <utility>
#include <vector>

namespace smtp_session::ws {
namespace {

/// Changes with every frame that a session gains, and from file to file.
auto key_of(const Session& session) {
  return std::make_tuple(session.id, session.tcp.first_seq, session.first.time, session.last.frame,
                         session.last.time, session.commands.size(), session.replies.size());
}

using Key = decltype(key_of(std::declval<const Session&>()));

struct Kept {
  Key key{};
  std::vector<InferredTurn> turns;
};

}  // namespace

InferredTurn inferred_turn(const Session& session, Index command) {
  static Kept kept;
  const Key key = key_of(session);
  if (kept.key != key) {
    kept.turns = infer_turns(session);
    kept.key = key;
  }
  const auto found = std::lower_bound(
      kept.turns.begin(), kept.turns.end(), command,
      [](const InferredTurn& turn, Index wanted) { return turn.command < wanted; });
  const bool known = found != kept.turns.end() && found->command == command;
  return known ? *found : InferredTurn{};
}

}  // namespace smtp_session::ws
