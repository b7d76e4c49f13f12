// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/scene.h"

#include <algorithm>

namespace smtp_session {

void Scene::raise(FindingId id, FrameNumber frame, const std::string& text, Index command,
                  Index reply) const {
  raise(id, info_of(id).severity, frame, text, command, reply);
}

void Scene::raise(FindingId id, Severity severity, FrameNumber frame, const std::string& text,
                  Index command, Index reply) const {
  raise(id, severity, frame, text, {}, command, reply);
}

void Scene::raise(FindingId id, Severity severity, FrameNumber frame, const std::string& text,
                  const std::string& advice, Index command, Index reply) const {
  Finding finding;
  finding.id = id;
  finding.severity = severity;
  finding.frame = frame;
  finding.reply = reply;
  finding.command = command;
  finding.text = texts.intern(text);
  finding.advice = texts.intern(advice);
  // Nearly always the last place: findings come with their frames.
  const auto place = std::upper_bound(
      session.findings.begin(), session.findings.end(), frame,
      [](FrameNumber number, const Finding& other) { return number < other.frame; });
  session.findings.insert(place, finding);
}

}  // namespace smtp_session
