// SPDX-License-Identifier: GPL-2.0-or-later
//
// What every judge works with: the session, the limits, and the list that its findings go to.
#pragma once

#include <string>

#include "dissector/config.h"
#include "dissector/finding.h"
#include "dissector/session.h"
#include "dissector/text.h"
#include "dissector/thresholds.h"

namespace smtp_session {

struct Scene {
  Session& session;
  TextPool& texts;
  const Config& config;
  const Thresholds& thresholds;
  /// The last EHLO, HELO or LHLO that was accepted and still holds: what was said in clear does not
  /// under TLS (RFC 3207 section 4.2). See OfferedExtensions.
  Index hello = 0;

  /// Adds a finding of the usual severity. `text` says what was seen, with its figures; empty means
  /// the summary of the catalogue.
  void raise(FindingId id, FrameNumber frame, const std::string& text, Index command = 0,
             Index reply = 0) const;
  void raise(FindingId id, Severity severity, FrameNumber frame, const std::string& text,
             Index command = 0, Index reply = 0) const;
  /// With advice of its own.
  void raise(FindingId id, Severity severity, FrameNumber frame, const std::string& text,
             const std::string& advice, Index command, Index reply) const;
};

}  // namespace smtp_session
