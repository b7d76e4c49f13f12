// SPDX-License-Identifier: GPL-2.0-or-later
#include "scenario.h"

namespace smtp_session::scenarios {

std::vector<Scenario> all_scenarios() {
  ScenarioList list;
  add_transaction_scenarios(list);
  add_command_scenarios(list);
  add_auth_scenarios(list);
  add_opening_scenarios(list);
  add_ending_scenarios(list);
  add_tcp_scenarios(list);
  add_partial_scenarios(list);
  add_link_scenarios(list);
  add_port_scenarios(list);
  add_text_scenarios(list);
  return list;
}

}  // namespace smtp_session::scenarios
