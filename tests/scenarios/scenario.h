// SPDX-License-Identifier: GPL-2.0-or-later
//
// A scenario: one function that builds one capture, with what it shows in one line and what really
// happened in it. `truth` is written by hand from the conversation, never from the output of the
// plugin. Its lines:
//
//   session KEY=VALUE...           begins a session; a key is a path in its JSON object
//   greeting CODE DELAY            greeting.code and greeting.delay_ns
//   VERB CODE LATENCY KEY=VALUE... one command, in order; "-" for what must be absent, "*" for what
//                                  the capture cannot tell; a key is a member of the command
//   message CODE KEY=VALUE...      one message, in order; "to=ADDRESS:CODE[:FINAL CODE]" repeats
//   auth MECHANISM CODE KEY=VALUE...
//   finding ID                     a finding that must be there
//   unsolicited CODE
//   secret TEXT                    must be nowhere in what the plugin prints
//
// A line that begins with a space goes on with the one before. <SP> is a space in a value.
// Durations have a unit (ns us ms s); "none" alone means that there is no session.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "capture.h"

namespace smtp_session::scenarios {

struct Scenario {
  std::string name;
  std::string description;
  std::string truth;
  std::function<void(Capture&)> build;
};

/// All scenarios, in the order of the table in sample_pcaps/README.md.
std::vector<Scenario> all_scenarios();

using ScenarioList = std::vector<Scenario>;

// One of each file *_scenarios.cpp.
void add_transaction_scenarios(ScenarioList& list);
void add_command_scenarios(ScenarioList& list);
void add_auth_scenarios(ScenarioList& list);
void add_opening_scenarios(ScenarioList& list);
void add_ending_scenarios(ScenarioList& list);
void add_tcp_scenarios(ScenarioList& list);
void add_partial_scenarios(ScenarioList& list);
void add_link_scenarios(ScenarioList& list);
void add_port_scenarios(ScenarioList& list);
void add_text_scenarios(ScenarioList& list);

}  // namespace smtp_session::scenarios
