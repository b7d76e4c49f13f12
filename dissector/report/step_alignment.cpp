// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/report/step_alignment.h"

#include <algorithm>
#include <cstdint>
#include <utility>

namespace smtp_session {

namespace {

/// The table of lengths has a cell for each pair of steps: 16 MB at most.
constexpr std::size_t kMaxCells = 4'000'000;
/// Beyond it: how far ahead the next common step is looked for.
constexpr std::size_t kLookAhead = 100;

class Aligner {
 public:
  Aligner(const std::vector<ComparedStep>& a, const std::vector<ComparedStep>& b) : a_(a), b_(b) {}

  std::vector<StepPair> take() {
    while (i_ < a_.size() && j_ < b_.size() && same(i_, j_)) pair();
    const std::size_t rows = a_.size() - i_ + 1;
    const std::size_t columns = b_.size() - j_ + 1;
    if (rows <= kMaxCells / columns) {
      align_exactly(rows, columns);
    } else {
      align_nearly();
    }
    only_a_until(a_.size());
    only_b_until(b_.size());
    return std::move(pairs_);
  }

 private:
  bool same(std::size_t i, std::size_t j) const { return a_[i].kind == b_[j].kind; }
  void pair() { pairs_.push_back({i_++, j_++}); }
  void only_a_until(std::size_t end) {
    while (i_ < end) pairs_.push_back({i_++, std::nullopt});
  }
  void only_b_until(std::size_t end) {
    while (j_ < end) pairs_.push_back({std::nullopt, j_++});
  }

  void align_exactly(std::size_t rows, std::size_t columns) {
    const std::size_t first_a = i_;
    const std::size_t first_b = j_;
    // lengths[r * columns + c]: of the longest common subsequence of what follows r and c.
    std::vector<std::uint32_t> lengths(rows * columns);
    const auto at = [&](std::size_t r, std::size_t c) -> std::uint32_t& {
      return lengths[r * columns + c];
    };
    for (std::size_t r = rows - 1; r-- > 0;) {
      for (std::size_t c = columns - 1; c-- > 0;) {
        at(r, c) = same(first_a + r, first_b + c) ? at(r + 1, c + 1) + 1
                                                  : std::max(at(r + 1, c), at(r, c + 1));
      }
    }
    while (i_ < a_.size() && j_ < b_.size()) {
      const std::size_t r = i_ - first_a;
      const std::size_t c = j_ - first_b;
      if (same(i_, j_)) {
        pair();
      } else if (at(r + 1, c) >= at(r, c + 1)) {
        only_a_until(i_ + 1);
      } else {
        only_b_until(j_ + 1);
      }
    }
  }

  /// The nearest common step ahead, again and again.
  void align_nearly() {
    while (i_ < a_.size() && j_ < b_.size()) {
      const auto [skip_a, skip_b] = nearest();
      only_a_until(std::min(i_ + skip_a, a_.size()));
      only_b_until(std::min(j_ + skip_b, b_.size()));
      if (i_ < a_.size() && j_ < b_.size() && same(i_, j_)) pair();
    }
  }

  std::pair<std::size_t, std::size_t> nearest() const {
    for (std::size_t distance = 0; distance <= kLookAhead; ++distance) {
      for (std::size_t skip_a = 0; skip_a <= distance; ++skip_a) {
        const std::size_t skip_b = distance - skip_a;
        if (i_ + skip_a >= a_.size() || j_ + skip_b >= b_.size()) continue;
        if (same(i_ + skip_a, j_ + skip_b)) return {skip_a, skip_b};
      }
    }
    return {kLookAhead, kLookAhead};
  }

  const std::vector<ComparedStep>& a_;
  const std::vector<ComparedStep>& b_;
  std::size_t i_ = 0;
  std::size_t j_ = 0;
  std::vector<StepPair> pairs_;
};

}  // namespace

std::vector<StepPair> align(const std::vector<ComparedStep>& a,
                            const std::vector<ComparedStep>& b) {
  return Aligner(a, b).take();
}

}  // namespace smtp_session
