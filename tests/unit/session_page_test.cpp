// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/report/session_page.h"

#include <gtest/gtest.h>

#include <deque>
#include <string>
#include <vector>

#include "dissector/outcome.h"
#include "tests/unit/model_builder.h"

namespace smtp_session {
namespace {

using test::ModelBuilder;

std::string order_of(const std::vector<const Session*>& sessions) {
  std::string numbers;
  for (const Session* const session : page_order(sessions)) {
    numbers += std::to_string(session->id) + " ";
  }
  return numbers;
}

TEST(SessionPage, TroubleComesFirst) {
  std::deque<ModelBuilder> models(6);
  std::vector<const Session*> sessions;
  for (std::uint32_t i = 0; i < models.size(); ++i) {
    models[i].session().id = i;
    if (i != 3) models[i].open();
    sessions.push_back(&models[i].session());
  }
  for (const std::size_t i : {0U, 1U, 5U}) models[i].deliver();
  models[2].deliver(452);
  models[3].syn();
  models[4].deliver(554);
  models[1].find(FindingId::kRep04, 1).severity = Severity::kWarn;
  models[5].find(FindingId::kRep04, 1).severity = Severity::kNote;
  ASSERT_EQ(outcome_of(*sessions[2]), Outcome::kDeferred);
  ASSERT_EQ(outcome_of(*sessions[3]), Outcome::kConnectionTimeout);
  ASSERT_EQ(outcome_of(*sessions[4]), Outcome::kRejected);
  // Failed, in doubt, with a warning, the others; each by number.
  EXPECT_EQ(order_of(sessions), "3 4 2 1 0 5 ");
}

TEST(SessionPage, WhatIsLeftOutIsCounted) {
  EXPECT_EQ(page_left_out({{Outcome::kDelivered, 90'000}, {Outcome::kRejected, 2}}),
            ",\n{\"left_out\":{\"delivered\":90000,\"rejected\":2}}");
}

}  // namespace
}  // namespace smtp_session
