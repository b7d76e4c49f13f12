// SPDX-License-Identifier: GPL-2.0-or-later
//
// What the encrypted turns of a session probably were. TLS hides the words but not the lengths, and
// SMTP is a stiff dialogue: lengths, order and the part seen in clear mostly leave one reading. The
// result is an inference and is to be shown as one.
//
// Method: a hidden Markov model. The hidden states are the turns of SMTP with their results
// (turn_grammar.h), what is seen are the lengths of the text (turn_lengths.h); the forward-backward
// algorithm gives for each turn the probability of each state with all turns, before and after, in
// view. A turn's label is the likeliest kind, its confidence that kind's probability. There are
// only sums, products, quotients and square roots, so that every machine gives the same numbers.
#pragma once

#include <cstdint>
#include <vector>

#include "dissector/session.h"
#include "dissector/turn_grammar.h"

namespace smtp_session {

struct InferredTurn {
  Index command = 0;
  TurnKind kind = TurnKind::kOther;
  std::uint16_t confidence = 0;  ///< in 1000
};

/// One entry for each opaque command of `session`, in order; at most kMaxInferredTurns. Every turn
/// bears on every other: what it says of a session that still goes on may change with its end.
std::vector<InferredTurn> infer_turns(const Session& session);

/// A session of this many encrypted turns has thousands of messages; more are left unnamed.
inline constexpr std::size_t kMaxInferredTurns = 20'000;

}  // namespace smtp_session
