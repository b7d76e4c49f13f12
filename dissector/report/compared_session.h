// SPDX-License-Identifier: GPL-2.0-or-later
//
// What of a session is held against another one: filled from the session's JSON, so that a session
// of the capture and one that was saved earlier are read in the same way.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "dissector/report/json_value.h"
#include "dissector/session.h"

namespace smtp_session {

/// One step of a session that can take time: the TCP handshake, the greeting, the TLS handshake,
/// each command with its reply, the transfer of a message, the close.
struct ComparedStep {
  std::string name;      ///< as shown: "RCPT", "[RCPT]" where that is inferred
  std::string kind;      ///< what is aligned: "RCPT", "EHLO under TLS", "TLS handshake"
  std::string argument;  ///< of a command
  std::string result;    ///< "250", "TLS 1.3", "no reply"
  std::string enhanced;  ///< "5.1.1"
  std::string text;      ///< of the reply
  TimeNs time = kNoTime;
  FrameNumber frame = 0;
  std::uint16_t code = 0;
  bool exact = true;
  bool pipelined = false;
  bool opaque = false;  ///< what was said is not known
  /// Of a hello that was accepted: the lines of its extensions.
  std::optional<std::vector<std::string>> extensions;
};

struct ComparedTls {
  std::string mode;  ///< "none" where there is no TLS
  std::string version;
  std::string cipher;
  std::string sni;
  std::string alpn;
  std::string alert;
  std::string decrypt_state;
  std::vector<std::string> versions_offered;
  std::vector<std::string> ciphers_offered;
  bool resumed = false;
};

struct ComparedFinding {
  std::string id;
  std::string text;
};

struct ComparedShare {
  TimeNs network = kNoTime;
  TimeNs server = kNoTime;
  TimeNs client = kNoTime;
  TimeNs tls = kNoTime;
  TimeNs transfer = kNoTime;
};

struct ComparedSession {
  std::string name;  ///< "session 3", "session 0 of good.json"
  std::string client;
  std::string server;
  std::string outcome;
  std::string verdict;
  std::string greeting;
  TimeNs duration = kNoTime;
  ComparedTls tls;
  ComparedShare share;
  std::vector<ComparedStep> steps;  ///< in order of frames
  std::vector<ComparedFinding> findings;
};

/// True where `json` is an object of the schema "smtp_session/1".
bool is_session_json(const JsonValue& json);

/// `json` as write_json() writes it. `source` names where it comes from, e.g. "good.json".
ComparedSession compared_session(const JsonValue& json, const std::string& source);
ComparedSession compared_session(const Session& session);

}  // namespace smtp_session
