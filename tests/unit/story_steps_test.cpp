// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/report/story_steps.h"

#include <gtest/gtest.h>

#include <vector>

#include "tests/unit/model_builder.h"

namespace smtp_session {
namespace {

using test::ModelBuilder;

TEST(StorySteps, StepsOfAllFramesAreThoseOfEachFrame) {
  ModelBuilder model;
  model.open();
  model.client_hello(TlsMode::kStarttls);
  model.finish_tls();
  model.deliver();
  model.session().command(model.ask("", "", 250)).opaque = true;
  model.quit();
  const Session& session = model.session();
  std::vector<Step> one_by_one;
  for (FrameNumber frame = 1; frame <= session.last.frame; ++frame) {
    for (const Step& step : steps_at(session, frame)) {
      EXPECT_EQ(step.at.frame, frame);
      one_by_one.push_back(step);
    }
  }
  const std::vector<Step> all = steps_of(session);
  ASSERT_EQ(one_by_one.size(), all.size());
  for (std::size_t i = 0; i < all.size(); ++i) {
    EXPECT_EQ(one_by_one[i].what, all[i].what);
    EXPECT_EQ(one_by_one[i].note, all[i].note);
    EXPECT_EQ(one_by_one[i].sender, all[i].sender);
  }
}

}  // namespace
}  // namespace smtp_session
