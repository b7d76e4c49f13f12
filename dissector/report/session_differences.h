// SPDX-License-Identifier: GPL-2.0-or-later
//
// In what two sessions differ, in words: steps that one of them lacks, codes, what EHLO offers,
// mechanisms, parameters, TLS. Times are no difference of this kind.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "dissector/report/compared_session.h"
#include "dissector/report/step_alignment.h"

namespace smtp_session {

struct Difference {
  std::size_t first = 0;  ///< position in the list of pairs
  std::size_t end = 0;    ///< behind the last of them; `first` where it belongs to none
  std::string words;      ///< of the capture in part: not yet fit for a terminal
};

/// In order of the steps: the first one is where the sessions part.
std::vector<Difference> differences_of(const ComparedSession& a, const ComparedSession& b,
                                       const std::vector<StepPair>& pairs);

}  // namespace smtp_session
