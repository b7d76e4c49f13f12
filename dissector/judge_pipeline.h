// SPDX-License-Identifier: GPL-2.0-or-later
//
// Findings about pipelining (RFC 2920): PIP-01, PIP-02.
#pragma once

#include <cstddef>

#include "dissector/scene.h"

namespace smtp_session {

class JudgePipeline {
 public:
  explicit JudgePipeline(const Scene& scene) : scene_(scene) {}

  void on_command(Index command);
  void on_reply(Index reply);

 private:
  const Scene& scene_;
  std::size_t early_ = 0;        ///< PIP-01 raised
  std::size_t round_trips_ = 0;  ///< replies in a row that came a round trip behind the one before
  bool one_by_one_raised_ = false;
};

}  // namespace smtp_session
