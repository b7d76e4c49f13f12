// SPDX-License-Identifier: GPL-2.0-or-later
//
// A list that most owners leave empty: one pointer then, where a std::vector takes three. The
// interface is that of std::vector, as far as it is used.
#pragma once

#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

namespace smtp_session {

template <typename T>
class RareList {
 public:
  bool empty() const { return size() == 0; }
  std::size_t size() const { return items_ == nullptr ? 0 : items_->size(); }

  T* begin() { return items_ == nullptr ? nullptr : items_->data(); }
  T* end() { return begin() + size(); }
  const T* begin() const { return items_ == nullptr ? nullptr : items_->data(); }
  const T* end() const { return begin() + size(); }

  T* data() { return begin(); }
  const T* data() const { return begin(); }

  T& operator[](std::size_t at) { return (*items_)[at]; }
  const T& operator[](std::size_t at) const { return (*items_)[at]; }
  T& front() { return items_->front(); }
  const T& front() const { return items_->front(); }
  T& back() { return items_->back(); }
  const T& back() const { return items_->back(); }

  void push_back(T item) { items().push_back(std::move(item)); }
  T& emplace_back() { return items().emplace_back(); }
  void insert(const T* place, T item) {
    const auto at = place - begin();
    items().insert(items().begin() + at, std::move(item));
  }
  /// From `first` to the end.
  void erase_from(const T* first) {
    if (items_ != nullptr) items_->erase(items_->begin() + (first - begin()), items_->end());
  }

 private:
  std::vector<T>& items() {
    if (items_ == nullptr) items_ = std::make_unique<std::vector<T>>();
    return *items_;
  }

  std::unique_ptr<std::vector<T>> items_;
};

}  // namespace smtp_session
