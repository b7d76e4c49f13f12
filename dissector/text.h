// SPDX-License-Identifier: GPL-2.0-or-later
//
// Text of the capture, kept once. Sessions of one server repeat the same words (greeting, EHLO
// lines, "2.1.0 Ok"), so every text is interned: a Text is one pointer, equal texts are the same
// pointer, and it stays valid as long as its pool.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace smtp_session {

/// A NUL-terminated, valid UTF-8 text owned by a TextPool. Trivially copyable.
class Text {
 public:
  constexpr Text() = default;

  const char* c_str() const { return data_ == nullptr ? "" : data_; }
  std::string_view view() const { return {c_str()}; }
  bool empty() const { return data_ == nullptr; }

  friend bool operator==(Text a, Text b) { return a.data_ == b.data_; }
  friend bool operator!=(Text a, Text b) { return a.data_ != b.data_; }

 private:
  friend class TextPool;
  explicit constexpr Text(const char* data) : data_(data) {}

  const char* data_ = nullptr;
};

class TextPool {
 public:
  TextPool() = default;
  TextPool(const TextPool&) = delete;
  TextPool& operator=(const TextPool&) = delete;

  /// The one copy of `bytes` as valid UTF-8: a byte that is not part of a well-formed sequence
  /// (RFC 3629 section 4) becomes U+FFFD, and a NUL becomes U+2400. The empty text is Text{}.
  Text intern(std::string_view bytes);

  /// Forgets every text. All Text handles of this pool become invalid.
  void clear();

  /// How many different texts are held.
  std::size_t size() const { return used_slots_; }

  /// How many bytes they take.
  std::size_t bytes() const { return bytes_; }

 private:
  const char* store(std::string_view text);
  std::size_t slot_of(std::string_view text) const;
  void grow();

  std::vector<const char*> slots_;  ///< open addressing; the size is a power of two
  std::size_t used_slots_ = 0;
  std::size_t bytes_ = 0;
  std::vector<std::unique_ptr<char[]>> blocks_;
  std::size_t used_ = 0;
  std::size_t capacity_ = 0;
};

/// `bytes` as valid UTF-8, see TextPool::intern.
std::string to_valid_utf8(std::string_view bytes);

/// True where `bytes` is well-formed UTF-8 without NUL.
bool is_valid_utf8(std::string_view bytes);

}  // namespace smtp_session
