// SPDX-License-Identifier: GPL-2.0-or-later
//
// A session as one JSON object of the schema "smtp_session/1". What is not known is left out; it is
// never 0.
#pragma once

#include <cstdint>
#include <string>

#include "dissector/report/json_writer.h"
#include "dissector/session.h"

namespace smtp_session {

/// What of a session is written.
struct JsonContent {
  /// What only the whole capture shows; not while it is still being read.
  bool whole_capture_findings = true;
  /// "header_id" of each message: the value of its header field Message-ID.
  bool header_ids = false;
};

/// `community_id` is Community ID v1 of the flow, left out where empty.
void write_json(const Session& session, JsonWriter& writer, const std::string& community_id,
                const JsonContent& content = {});

/// 16 hexadecimal digits that are the same for the same session in any file that holds it.
std::string session_id(const Session& session);

/// "2026-11-24T17:34:22.853724000Z" (RFC 3339).
std::string rfc3339(TimeNs time);

}  // namespace smtp_session
