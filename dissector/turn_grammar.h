// SPDX-License-Identifier: GPL-2.0-or-later
//
// The grammar of SMTP as a Markov chain: what a client says next, given what it said and what came
// of it (RFC 5321 section 4.1.4, RFC 2920, RFC 3030, RFC 4954). A state is a turn together with its
// result, since the result decides what may follow.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace smtp_session {

/// What a turn was. A group bears each of its commands once, however many recipients it has.
enum class TurnKind : std::uint8_t {
  kEhlo,
  kAuth,
  kAuthResponse,  ///< a later line of AUTH (RFC 4954 section 4)
  kMail,
  kRcpt,
  kData,
  kMessage,  ///< the message and its end
  kBdat,
  kRset,
  kNoop,
  kOther,  ///< VRFY, HELP, EXPN, XCLIENT and the like
  kQuit,
  kMailRcpt,
  kMailRcptData,
  kRcptData,
  kRsetMailRcptData,
  kMailRcptBdat,
  kMessageQuit,
  kBdatQuit,
};

/// The commands in the order of the turn, joined by "+"; "." for the message, as in Command::verb.
const char* name_of(TurnKind kind);

enum class TurnState : std::uint8_t {
  kHello,
  kAuthPrompted,  ///< AUTH, answered 334
  kAuthAccepted,  ///< AUTH with its response in the same line, answered 235
  kAuthRefused,
  kResponsePrompted,
  kResponseAccepted,
  kResponseRefused,
  kMailAccepted,
  kMailRefused,
  kRcptAccepted,
  kRcptRefused,       ///< and none was accepted before
  kRcptRefusedOther,  ///< another one was accepted before
  kDataAccepted,      ///< 354
  kDataRefused,
  kMessage,
  kBdat,
  kBdatLast,
  kRset,
  kNoop,
  kOther,
  kQuit,
  kMailRcpt,
  kMailRcptRefused,
  kMailRcptData,
  kMailRcptDataRefused,
  kRcptData,
  kRcptDataRefused,
  kRsetMailRcptData,
  kMailRcptBdat,
  kMessageQuit,
  kBdatQuit,
};

constexpr std::size_t kTurnStates = static_cast<std::size_t>(TurnState::kBdatQuit) + 1;

/// One value for each state.
using StateVector = std::array<double, kTurnStates>;

TurnKind kind_of(TurnState state);

/// Whether the first reply to a turn in `state` can bear `code`; 0: any, it could not be read.
bool fits_code(TurnState state, std::uint16_t code);

/// What is known of the session that makes some ways through the grammar more likely. Each is a
/// factor on the share of the turns that need it: 1 where nothing is known.
struct GrammarHints {
  double auth = 1;  ///< AUTH is offered, or customary on this port
  double pipelining = 1;
  double chunking = 1;
  bool begins_inside = false;  ///< the capture does not hold the first turns
};

class TurnGrammar {
 public:
  explicit TurnGrammar(const GrammarHints& hints);

  /// Probabilities of the first turn.
  const StateVector& first() const { return first_; }
  /// Probabilities of the turn after one in `state`, if there is one.
  const StateVector& after(std::size_t state) const { return after_[state]; }
  /// Probability that the connection ends after a turn in `state`.
  static double ends_after(std::size_t state);

 private:
  StateVector first_{};
  std::array<StateVector, kTurnStates> after_{};
};

}  // namespace smtp_session
