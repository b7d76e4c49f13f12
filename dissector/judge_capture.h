// SPDX-License-Identifier: GPL-2.0-or-later
//
// Findings that only the whole capture shows: EHL-05, AUT-07, DUP-01; what other sessions add to
// TCP-01, CMD-06, REP-04 (tried again), REP-05 (the server's idle limit), REP-06 (accepted in the
// end), LAT-01 (slow by the measure of this capture), SEC-02 and SES-06 (peak rate).
#pragma once

#include <deque>
#include <string>

#include "dissector/config.h"
#include "dissector/session.h"
#include "dissector/text.h"

namespace smtp_session {

/// Looks at all sessions. What an earlier call found is replaced, so that it can be called again
/// when more was captured.
void judge_capture(std::deque<Session>& sessions, TextPool& texts, const Config& config);

/// Adds what other sessions say of one of `sessions`; for the parts of judge_capture().
class CaptureScene {
 public:
  CaptureScene(std::deque<Session>& sessions, TextPool& texts, const Config& config)
      : sessions_(sessions), texts_(texts), config_(config) {}

  std::deque<Session>& sessions() const { return sessions_; }
  const Config& config() const { return config_; }

  void raise(Session& session, FindingId id, Severity severity, FrameNumber frame,
             const std::string& text, Index command = 0, Index reply = 0) const;

 private:
  std::deque<Session>& sessions_;
  TextPool& texts_;
  const Config& config_;
};

/// DUP-01, REP-04, REP-06: the same mail in more than one transaction. In judge_retries.cpp.
void judge_retries(const CaptureScene& scene);

}  // namespace smtp_session
