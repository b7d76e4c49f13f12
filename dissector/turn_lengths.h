// SPDX-License-Identifier: GPL-2.0-or-later
//
// How likely the lengths of a turn are, for each state it may be in: from what the protocol fixes
// to the octet (QUIT has six), from what was seen in clear before TLS began (the EHLO line), and
// from the usual wording of replies.
#pragma once

#include "dissector/session.h"
#include "dissector/tls_text_length.h"
#include "dissector/turn_grammar.h"

namespace smtp_session {

/// What the clear part of a session says about its encrypted part.
struct ClearPart {
  /// Length of the EHLO line with its end, 0 where none was seen.
  std::uint32_t hello = 0;
  /// Length that its reply would have without the line STARTTLS, 0 where none was seen.
  std::uint32_t hello_reply = 0;
  bool auth = false;  ///< the reply offers AUTH
  bool pipelining = false;
  bool chunking = false;
};

ClearPart clear_part_of(const Session& session);

/// The text of one turn.
struct TurnLengths {
  TextLength request;
  std::uint32_t request_records = 0;
  bool answered = false;
  TextLength reply;
};

/// Likelihood of these lengths in `state`; never 0, since there are always clients that differ.
double likelihood(TurnState state, const TurnLengths& lengths, const ClearPart& clear);

/// How much likelier (above 1) or unlikelier the reply of a turn in `to` is, now that the turn
/// before it in `from` had the reply `before`: one server words its replies alike.
double reply_affinity(TurnState from, TurnState to, const TurnLengths& before,
                      const TurnLengths& now);

}  // namespace smtp_session
