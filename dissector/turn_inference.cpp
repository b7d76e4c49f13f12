// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/turn_inference.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "dissector/tls_text_length.h"
#include "dissector/turn_lengths.h"

namespace smtp_session {

namespace {

/// A line of AUTH in a reply to EHLO is at least "250-AUTH " with one mechanism and its end.
constexpr std::uint32_t kLeastAuthLine = 12;

bool is_submission_port(std::uint16_t port) {
  return port == 465 || port == 587 || port == 2465 || port == 2587;  // RFC 8314 section 3.3
}

class Inference {
 public:
  explicit Inference(const Session& session) : session_(session), clear_(clear_part_of(session)) {
    for (Index i = 1; i <= session.commands.size() && turns_.size() < kMaxInferredTurns; ++i) {
      if (session.command(i).opaque && session.command(i).encrypted) turns_.push_back(i);
    }
  }

  std::vector<InferredTurn> run() {
    std::vector<InferredTurn> result;
    if (turns_.empty() || session_.tls == nullptr) return result;
    const TurnGrammar grammar(hints());
    for (const Index turn : turns_) lengths_.push_back(lengths_of(turn));
    std::vector<StateVector> seen(turns_.size());
    for (std::size_t i = 0; i < turns_.size(); ++i) seen[i] = evidence(i);
    std::vector<StateVector> forward = seen;
    for (std::size_t state = 0; state < kTurnStates; ++state) {
      forward[0][state] *= grammar.first()[state];
    }
    normalise(forward[0]);
    for (std::size_t i = 1; i < turns_.size(); ++i) step_forward(grammar, i, forward);

    StateVector backward;
    backward.fill(1);
    result.resize(turns_.size());
    for (std::size_t i = turns_.size(); i-- > 0;) {
      StateVector posterior = forward[i];
      for (std::size_t state = 0; state < kTurnStates; ++state) posterior[state] *= backward[state];
      normalise(posterior);
      result[i] = likeliest(turns_[i], posterior);
      if (i != 0) backward = step_back(grammar, i, seen[i], backward);
    }
    return result;
  }

 private:
  TextLength text_of(std::uint32_t bytes, std::uint16_t records) const {
    return tls_text_length(session_.tls->version, session_.tls->cipher, bytes, records);
  }

  GrammarHints hints() const {
    GrammarHints hints;
    const bool submission = is_submission_port(session_.server.port);
    hints.begins_inside = session_.tcp.mid_stream;
    hints.auth = submission ? 2.0 : 0.5;
    if (clear_.hello_reply == 0) return hints;
    hints.pipelining = clear_.pipelining ? 1.5 : 0.01;
    hints.chunking = clear_.chunking ? 1.5 : 0.005;
    if (clear_.auth) return hints;
    // AUTH was not offered in clear; whether it is under TLS shows in the length of the new reply.
    const Command& first = session_.command(turns_.front());
    if (first.reply == 0) return hints;
    const Reply& reply = session_.reply(first.reply);
    const TextLength length =
        reply.opaque ? text_of(reply.bytes, reply.records) : TextLength{reply.bytes, reply.bytes};
    if (length.max < clear_.hello_reply + kLeastAuthLine) {
      hints.auth = 0.001;
    } else if (length.min >= clear_.hello_reply + kLeastAuthLine) {
      hints.auth = submission ? 4.0 : 1.0;
    }
    return hints;
  }

  /// The lengths of a turn; `known` is false where a gap in the capture touched it.
  struct Turn {
    TurnLengths lengths;
    bool known = true;
    std::uint16_t code = 0;  ///< of the reply, where that could be read
  };

  Turn lengths_of(Index index) const {
    const Command& command = session_.command(index);
    Turn turn;
    turn.lengths.request = text_of(command.bytes, command.records);
    turn.lengths.request_records = command.records;
    turn.lengths.answered = command.reply != 0;
    turn.known = command.exact;
    if (turn.lengths.answered) {
      const Reply& reply = session_.reply(command.reply);
      turn.lengths.reply =
          reply.opaque ? text_of(reply.bytes, reply.records) : TextLength{reply.bytes, reply.bytes};
      turn.code = reply.code;
      turn.known = turn.known && reply.exact;
    }
    return turn;
  }

  StateVector evidence(std::size_t turn) const {
    const bool last = turn + 1 == turns_.size();
    const bool closed = session_.tcp.close != CloseKind::kNone;
    StateVector result;
    for (std::size_t state = 0; state < kTurnStates; ++state) {
      const double ends = TurnGrammar::ends_after(state);
      result[state] = !last ? 1 - ends : closed ? ends : 1;
      if (lengths_[turn].known) {
        result[state] *= likelihood(static_cast<TurnState>(state), lengths_[turn].lengths, clear_);
      }
      if (!fits_code(static_cast<TurnState>(state), lengths_[turn].code)) {
        result[state] *= kContradiction;
      }
    }
    return result;
  }

  /// The share of the turns in `from` that are followed by one in `to`, with these replies.
  double step(const TurnGrammar& grammar, std::size_t turn, std::size_t from,
              std::size_t to) const {
    const double usual = grammar.after(from)[to] + kSurprise;
    const Turn& before = lengths_[turn - 1];
    const Turn& now = lengths_[turn];
    if (!before.known || !now.known) return usual;
    return usual * reply_affinity(static_cast<TurnState>(from), static_cast<TurnState>(to),
                                  before.lengths, now.lengths);
  }

  /// Brought to a sum of 1, so that long sessions do not run out of the range of a double.
  static void normalise(StateVector& vector) {
    double sum = 0;
    for (const double value : vector) sum += value;
    if (!(sum > 0)) {
      vector.fill(1.0 / static_cast<double>(kTurnStates));
      return;
    }
    for (double& value : vector) value /= sum;
  }

  /// `forward[turn]` holds likelihoods and becomes the probabilities given all turns up to it.
  void step_forward(const TurnGrammar& grammar, std::size_t turn,
                    std::vector<StateVector>& forward) const {
    for (std::size_t to = 0; to < kTurnStates; ++to) {
      double expected = 0;
      for (std::size_t from = 0; from < kTurnStates; ++from) {
        expected += forward[turn - 1][from] * step(grammar, turn, from, to);
      }
      forward[turn][to] *= expected;
    }
    normalise(forward[turn]);
  }

  /// What `turn`, with these likelihoods, and all behind it say of the state before it.
  StateVector step_back(const TurnGrammar& grammar, std::size_t turn, const StateVector& seen,
                        const StateVector& backward) const {
    StateVector result{};
    for (std::size_t from = 0; from < kTurnStates; ++from) {
      for (std::size_t to = 0; to < kTurnStates; ++to) {
        result[from] += step(grammar, turn, from, to) * seen[to] * backward[to];
      }
    }
    normalise(result);
    return result;
  }

  static InferredTurn likeliest(Index command, const StateVector& posterior) {
    std::array<double, static_cast<std::size_t>(TurnKind::kBdatQuit) + 1> kinds{};
    for (std::size_t state = 0; state < kTurnStates; ++state) {
      kinds[static_cast<std::size_t>(kind_of(static_cast<TurnState>(state)))] += posterior[state];
    }
    // The shapes of lengths are kept wide for servers that nobody has seen, which leaves the sums
    // too modest: on known servers (tests/inference) more turns are right than they promise. The
    // power of 3/2 makes up for it; of square roots, too, there is but one result (IEEE 754).
    double sum = 0;
    for (double& kind : kinds) {
      kind *= std::sqrt(kind);
      sum += kind;
    }
    for (double& kind : kinds) kind /= sum;
    const auto best = std::max_element(kinds.begin(), kinds.end());
    InferredTurn turn;
    turn.command = command;
    turn.kind = static_cast<TurnKind>(best - kinds.begin());
    turn.confidence = static_cast<std::uint16_t>(
        std::min(*best * 1000 + 0.5, static_cast<double>(kMostConfidence)));
    return turn;
  }

  /// A step that the grammar does not foresee.
  static constexpr double kSurprise = 1e-5;
  /// A reply whose code could be read, and is not one of the state's.
  static constexpr double kContradiction = 1e-12;
  /// Nothing is certain that was not read.
  static constexpr int kMostConfidence = 999;

  const Session& session_;
  ClearPart clear_;
  std::vector<Index> turns_;
  std::vector<Turn> lengths_;
};

}  // namespace

std::vector<InferredTurn> infer_turns(const Session& session) {
  return Inference(session).run();
}

}  // namespace smtp_session
