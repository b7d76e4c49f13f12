// SPDX-License-Identifier: GPL-2.0-or-later
//
// First in, first out, in one block of memory: an empty one costs nothing, unlike std::deque, and
// a session has several that are mostly empty.
#pragma once

#include <cstddef>
#include <utility>
#include <vector>

namespace smtp_session {

template <typename T>
class Queue {
 public:
  bool empty() const { return head_ == items_.size(); }
  std::size_t size() const { return items_.size() - head_; }

  T& front() { return items_[head_]; }
  const T& front() const { return items_[head_]; }
  T& back() { return items_.back(); }
  const T& back() const { return items_.back(); }

  auto begin() const { return items_.begin() + static_cast<std::ptrdiff_t>(head_); }
  auto end() const { return items_.end(); }

  void push_back(T item) { items_.push_back(std::move(item)); }

  /// Puts `item` before the first.
  void push_front(T item) {
    if (head_ > 0) {
      items_[--head_] = std::move(item);
    } else {
      items_.insert(items_.begin(), std::move(item));
    }
  }

  void pop_front() {
    ++head_;
    if (empty()) {
      clear();
    } else if (head_ > kCompactAt && head_ > items_.size() / 2) {
      // Half of the block is used up: each item is moved once at the most for each that went.
      items_.erase(items_.begin(), items_.begin() + static_cast<std::ptrdiff_t>(head_));
      head_ = 0;
    }
  }

  void clear() {
    items_.clear();
    head_ = 0;
  }

 private:
  static constexpr std::size_t kCompactAt = 64;

  std::vector<T> items_;
  std::size_t head_ = 0;
};

}  // namespace smtp_session
