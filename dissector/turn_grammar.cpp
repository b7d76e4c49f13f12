// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/turn_grammar.h"

#include <iterator>

#include "dissector/reply_codes.h"

namespace smtp_session {

namespace {

/// Where a dialogue stands. Several states lead to the same place.
enum class Place : std::uint8_t {
  kStart,       ///< greeted, or TLS was just started: EHLO is due (RFC 3207 section 4.2)
  kIntroduced,  ///< after EHLO
  kPrompted,    ///< after 334: a response is due, nothing else may come
  kKnown,       ///< after 235
  kUnknown,     ///< AUTH was refused
  kSender,      ///< after MAIL: recipients are due
  kNoSender,
  kRecipient,    ///< at least one was accepted
  kNoRecipient,  ///< all were refused so far
  kContent,      ///< after 354: the message is due, nothing else may come
  kNoContent,    ///< DATA was refused
  kChunk,        ///< inside a message of BDAT chunks
  kDone,         ///< a message was sent
  kIdle,         ///< after RSET
  kAside,        ///< after a command that changes nothing
  kLeft,         ///< after QUIT
};

constexpr std::size_t kPlaces = static_cast<std::size_t>(Place::kLeft) + 1;

struct StateInfo {
  TurnKind kind;
  Place place;
  /// In 1000: how often the connection ends after this turn.
  int ends;
};

// In the order of TurnState.
constexpr StateInfo kStates[] = {
    {TurnKind::kEhlo, Place::kIntroduced, 20},
    {TurnKind::kAuth, Place::kPrompted, 5},
    {TurnKind::kAuth, Place::kKnown, 10},
    {TurnKind::kAuth, Place::kUnknown, 150},
    {TurnKind::kAuthResponse, Place::kPrompted, 5},
    {TurnKind::kAuthResponse, Place::kKnown, 10},
    {TurnKind::kAuthResponse, Place::kUnknown, 150},
    {TurnKind::kMail, Place::kSender, 10},
    {TurnKind::kMail, Place::kNoSender, 100},
    {TurnKind::kRcpt, Place::kRecipient, 10},
    {TurnKind::kRcpt, Place::kNoRecipient, 50},
    {TurnKind::kRcpt, Place::kRecipient, 10},
    {TurnKind::kData, Place::kContent, 5},
    {TurnKind::kData, Place::kNoContent, 50},
    {TurnKind::kMessage, Place::kDone, 80},
    {TurnKind::kBdat, Place::kChunk, 10},
    {TurnKind::kBdat, Place::kDone, 80},
    {TurnKind::kRset, Place::kIdle, 30},
    {TurnKind::kNoop, Place::kAside, 20},
    {TurnKind::kOther, Place::kAside, 20},
    {TurnKind::kQuit, Place::kLeft, 995},
    {TurnKind::kMailRcpt, Place::kRecipient, 10},
    {TurnKind::kMailRcpt, Place::kNoRecipient, 50},
    {TurnKind::kMailRcptData, Place::kContent, 5},
    {TurnKind::kMailRcptData, Place::kNoContent, 50},
    {TurnKind::kRcptData, Place::kContent, 5},
    {TurnKind::kRcptData, Place::kNoContent, 50},
    {TurnKind::kRsetMailRcptData, Place::kContent, 5},
    {TurnKind::kMailRcptBdat, Place::kDone, 80},
    {TurnKind::kMessageQuit, Place::kLeft, 995},
    {TurnKind::kBdatQuit, Place::kLeft, 995},
};
static_assert(std::size(kStates) == kTurnStates);

struct Step {
  Place from;
  TurnState to;
  int weight;
};

// How often what comes next. The order of commands is that of RFC 5321 section 4.1.4; the weights
// are rough shares of what mail clients and servers do, not counts of any capture. What a server
// would refuse has a small weight, not none: clients do err.
constexpr Step kSteps[] = {
    {Place::kStart, TurnState::kHello, 980},
    {Place::kStart, TurnState::kMailAccepted, 6},
    {Place::kStart, TurnState::kAuthPrompted, 3},
    {Place::kStart, TurnState::kAuthAccepted, 3},
    {Place::kStart, TurnState::kMailRcptData, 2},
    {Place::kStart, TurnState::kNoop, 2},
    {Place::kStart, TurnState::kQuit, 3},
    {Place::kStart, TurnState::kOther, 1},

    {Place::kIntroduced, TurnState::kMailAccepted, 390},
    {Place::kIntroduced, TurnState::kMailRefused, 15},
    {Place::kIntroduced, TurnState::kMailRcpt, 20},
    {Place::kIntroduced, TurnState::kMailRcptRefused, 3},
    {Place::kIntroduced, TurnState::kMailRcptData, 60},
    {Place::kIntroduced, TurnState::kMailRcptDataRefused, 8},
    {Place::kIntroduced, TurnState::kMailRcptBdat, 10},
    {Place::kIntroduced, TurnState::kRsetMailRcptData, 3},
    {Place::kIntroduced, TurnState::kAuthPrompted, 170},
    {Place::kIntroduced, TurnState::kAuthAccepted, 190},
    {Place::kIntroduced, TurnState::kAuthRefused, 30},
    {Place::kIntroduced, TurnState::kRset, 30},
    {Place::kIntroduced, TurnState::kNoop, 20},
    {Place::kIntroduced, TurnState::kQuit, 30},
    {Place::kIntroduced, TurnState::kHello, 8},
    {Place::kIntroduced, TurnState::kOther, 8},

    {Place::kPrompted, TurnState::kResponsePrompted, 350},
    {Place::kPrompted, TurnState::kResponseAccepted, 550},
    {Place::kPrompted, TurnState::kResponseRefused, 100},

    {Place::kKnown, TurnState::kMailAccepted, 680},
    {Place::kKnown, TurnState::kMailRefused, 20},
    {Place::kKnown, TurnState::kMailRcpt, 20},
    {Place::kKnown, TurnState::kMailRcptData, 90},
    {Place::kKnown, TurnState::kMailRcptDataRefused, 8},
    {Place::kKnown, TurnState::kMailRcptBdat, 10},
    {Place::kKnown, TurnState::kRsetMailRcptData, 3},
    {Place::kKnown, TurnState::kQuit, 60},
    {Place::kKnown, TurnState::kRset, 40},
    {Place::kKnown, TurnState::kNoop, 40},
    {Place::kKnown, TurnState::kHello, 15},
    {Place::kKnown, TurnState::kOther, 8},

    {Place::kUnknown, TurnState::kQuit, 600},
    {Place::kUnknown, TurnState::kAuthPrompted, 150},
    {Place::kUnknown, TurnState::kAuthAccepted, 60},
    {Place::kUnknown, TurnState::kAuthRefused, 100},
    {Place::kUnknown, TurnState::kMailAccepted, 30},
    {Place::kUnknown, TurnState::kMailRefused, 30},
    {Place::kUnknown, TurnState::kRset, 20},
    {Place::kUnknown, TurnState::kHello, 10},

    {Place::kSender, TurnState::kRcptAccepted, 780},
    {Place::kSender, TurnState::kRcptRefused, 120},
    {Place::kSender, TurnState::kRcptData, 50},
    {Place::kSender, TurnState::kRcptDataRefused, 10},
    {Place::kSender, TurnState::kRset, 15},
    {Place::kSender, TurnState::kQuit, 15},
    {Place::kSender, TurnState::kNoop, 3},
    {Place::kSender, TurnState::kDataRefused, 4},
    {Place::kSender, TurnState::kOther, 3},

    {Place::kNoSender, TurnState::kQuit, 450},
    {Place::kNoSender, TurnState::kRset, 300},
    {Place::kNoSender, TurnState::kMailAccepted, 120},
    {Place::kNoSender, TurnState::kMailRefused, 60},
    {Place::kNoSender, TurnState::kRcptRefused, 40},
    {Place::kNoSender, TurnState::kAuthPrompted, 10},
    {Place::kNoSender, TurnState::kAuthAccepted, 10},
    {Place::kNoSender, TurnState::kDataRefused, 10},

    {Place::kRecipient, TurnState::kRcptAccepted, 300},
    {Place::kRecipient, TurnState::kRcptRefusedOther, 60},
    {Place::kRecipient, TurnState::kRcptData, 10},
    {Place::kRecipient, TurnState::kDataAccepted, 520},
    {Place::kRecipient, TurnState::kDataRefused, 8},
    {Place::kRecipient, TurnState::kBdat, 30},
    {Place::kRecipient, TurnState::kBdatLast, 40},
    {Place::kRecipient, TurnState::kBdatQuit, 5},
    {Place::kRecipient, TurnState::kRset, 15},
    {Place::kRecipient, TurnState::kQuit, 10},
    {Place::kRecipient, TurnState::kNoop, 3},
    {Place::kRecipient, TurnState::kOther, 2},

    {Place::kNoRecipient, TurnState::kQuit, 330},
    {Place::kNoRecipient, TurnState::kRset, 280},
    {Place::kNoRecipient, TurnState::kRcptAccepted, 190},
    {Place::kNoRecipient, TurnState::kRcptRefused, 100},
    {Place::kNoRecipient, TurnState::kRcptData, 10},
    {Place::kNoRecipient, TurnState::kDataRefused, 30},
    {Place::kNoRecipient, TurnState::kMailAccepted, 50},
    {Place::kNoRecipient, TurnState::kNoop, 5},
    {Place::kNoRecipient, TurnState::kOther, 5},

    {Place::kContent, TurnState::kMessage, 930},
    {Place::kContent, TurnState::kMessageQuit, 70},

    {Place::kNoContent, TurnState::kQuit, 420},
    {Place::kNoContent, TurnState::kRset, 400},
    {Place::kNoContent, TurnState::kMailAccepted, 130},
    {Place::kNoContent, TurnState::kMailRcptData, 30},
    {Place::kNoContent, TurnState::kRcptAccepted, 20},

    {Place::kChunk, TurnState::kBdat, 500},
    {Place::kChunk, TurnState::kBdatLast, 470},
    {Place::kChunk, TurnState::kBdatQuit, 20},
    {Place::kChunk, TurnState::kRset, 10},

    {Place::kDone, TurnState::kQuit, 520},
    {Place::kDone, TurnState::kMailAccepted, 260},
    {Place::kDone, TurnState::kMailRefused, 10},
    {Place::kDone, TurnState::kMailRcpt, 10},
    {Place::kDone, TurnState::kMailRcptData, 50},
    {Place::kDone, TurnState::kMailRcptDataRefused, 4},
    {Place::kDone, TurnState::kMailRcptBdat, 6},
    {Place::kDone, TurnState::kRsetMailRcptData, 6},
    {Place::kDone, TurnState::kRset, 110},
    {Place::kDone, TurnState::kNoop, 15},
    {Place::kDone, TurnState::kHello, 5},
    {Place::kDone, TurnState::kOther, 4},

    {Place::kIdle, TurnState::kMailAccepted, 560},
    {Place::kIdle, TurnState::kMailRefused, 15},
    {Place::kIdle, TurnState::kMailRcpt, 15},
    {Place::kIdle, TurnState::kMailRcptData, 70},
    {Place::kIdle, TurnState::kMailRcptDataRefused, 8},
    {Place::kIdle, TurnState::kMailRcptBdat, 8},
    {Place::kIdle, TurnState::kQuit, 240},
    {Place::kIdle, TurnState::kRset, 30},
    {Place::kIdle, TurnState::kNoop, 30},
    {Place::kIdle, TurnState::kHello, 10},
    {Place::kIdle, TurnState::kAuthAccepted, 7},
    {Place::kIdle, TurnState::kAuthPrompted, 7},

    {Place::kAside, TurnState::kMailAccepted, 400},
    {Place::kAside, TurnState::kMailRcptData, 50},
    {Place::kAside, TurnState::kQuit, 220},
    {Place::kAside, TurnState::kRset, 160},
    {Place::kAside, TurnState::kNoop, 80},
    {Place::kAside, TurnState::kOther, 40},
    {Place::kAside, TurnState::kRcptAccepted, 20},
    {Place::kAside, TurnState::kDataAccepted, 10},
    {Place::kAside, TurnState::kAuthAccepted, 15},
    {Place::kAside, TurnState::kAuthPrompted, 15},

    {Place::kLeft, TurnState::kQuit, 500},
    {Place::kLeft, TurnState::kOther, 500},
};

std::size_t at(TurnState state) {
  return static_cast<std::size_t>(state);
}

double hint_for(TurnState state, const GrammarHints& hints) {
  switch (kind_of(state)) {
    case TurnKind::kAuth:
      return hints.auth;
    case TurnKind::kMailRcpt:
    case TurnKind::kMailRcptData:
    case TurnKind::kRcptData:
    case TurnKind::kRsetMailRcptData:
    case TurnKind::kMessageQuit:
      return hints.pipelining;
    case TurnKind::kBdat:
      return hints.chunking;
    case TurnKind::kMailRcptBdat:
    case TurnKind::kBdatQuit:
      return hints.chunking * hints.pipelining;
    default:
      return 1;
  }
}

void normalise(StateVector& vector) {
  double sum = 0;
  for (const double value : vector) sum += value;
  for (double& value : vector) value /= sum;
}

}  // namespace

const char* name_of(TurnKind kind) {
  constexpr const char* kNames[] = {"EHLO",
                                    "AUTH",
                                    "AUTH response",
                                    "MAIL",
                                    "RCPT",
                                    "DATA",
                                    ".",
                                    "BDAT",
                                    "RSET",
                                    "NOOP",
                                    "other",
                                    "QUIT",
                                    "MAIL+RCPT",
                                    "MAIL+RCPT+DATA",
                                    "RCPT+DATA",
                                    "RSET+MAIL+RCPT+DATA",
                                    "MAIL+RCPT+BDAT",
                                    ".+QUIT",
                                    "BDAT+QUIT"};
  static_assert(std::size(kNames) == static_cast<std::size_t>(TurnKind::kBdatQuit) + 1);
  return kNames[static_cast<std::size_t>(kind)];
}

TurnKind kind_of(TurnState state) {
  return kStates[at(state)].kind;
}

bool fits_code(TurnState state, std::uint16_t code) {
  const bool failure = code >= 400;
  switch (state) {
    case TurnState::kAuthPrompted:
    case TurnState::kResponsePrompted:
      return code == 0 || code == kAuthChallenge;
    case TurnState::kAuthAccepted:
    case TurnState::kResponseAccepted:
      return code == 0 || code == kAuthenticated;
    case TurnState::kDataAccepted:
      return code == 0 || code == kStartMailInput;
    case TurnState::kQuit:
      return code == 0 || code == kServiceClosing || failure;
    case TurnState::kAuthRefused:
    case TurnState::kResponseRefused:
    case TurnState::kMailRefused:
    case TurnState::kRcptRefused:
    case TurnState::kRcptRefusedOther:
    case TurnState::kDataRefused:
      return code == 0 || failure;
    case TurnState::kMailAccepted:
    case TurnState::kRcptAccepted:
      return code == 0 || code / 100 == 2;
    default:
      return code != kServiceClosing && code != kAuthenticated && code != kAuthChallenge &&
             code != kStartMailInput;
  }
}

double TurnGrammar::ends_after(std::size_t state) {
  return kStates[state].ends / 1000.0;
}

TurnGrammar::TurnGrammar(const GrammarHints& hints) {
  std::array<StateVector, kPlaces> from{};
  for (const Step& step : kSteps) {
    from[static_cast<std::size_t>(step.from)][at(step.to)] = step.weight * hint_for(step.to, hints);
  }
  for (StateVector& vector : from) normalise(vector);
  for (std::size_t state = 0; state < kTurnStates; ++state) {
    after_[state] = from[static_cast<std::size_t>(kStates[state].place)];
  }
  if (!hints.begins_inside) {
    first_ = from[static_cast<std::size_t>(Place::kStart)];
    return;
  }
  // Any place is as likely as any other.
  for (const StateVector& vector : from) {
    for (std::size_t state = 0; state < kTurnStates; ++state) first_[state] += vector[state];
  }
  normalise(first_);
}

}  // namespace smtp_session
