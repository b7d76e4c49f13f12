// SPDX-License-Identifier: GPL-2.0-or-later
//
// Text of the capture, kept once. Sessions of one server repeat the same words (greeting, EHLO
// lines, "2.1.0 Ok"), so every text is interned: a Text is one pointer, equal texts are the same
// pointer, and it stays valid as long as its pool.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
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
  std::string_view view() const {
    if (data_ == nullptr) return {};
    const auto length = static_cast<unsigned char>(data_[-1]);
    return length == kLong ? std::string_view{data_} : std::string_view{data_, length};
  }
  bool empty() const { return data_ == nullptr; }
  operator std::string_view() const { return view(); }

  /// `literal` is shorter than kLong: its length is told apart first, and without a call.
  template <std::size_t kSize>
  bool equals(const char (&literal)[kSize]) const {
    static_assert(kSize > 1 && kSize <= kLong, "see Text::kLong");
    return data_ != nullptr && static_cast<unsigned char>(data_[-1]) == kSize - 1 &&
           std::memcmp(data_, literal, kSize - 1) == 0;
  }
  template <std::size_t kSize>
  friend bool operator==(Text text, const char (&literal)[kSize]) {
    return text.equals(literal);
  }
  template <std::size_t kSize>
  friend bool operator!=(Text text, const char (&literal)[kSize]) {
    return !text.equals(literal);
  }

  friend bool operator==(Text a, Text b) { return a.data_ == b.data_; }
  friend bool operator!=(Text a, Text b) { return a.data_ != b.data_; }

 private:
  friend class TextPool;
  explicit constexpr Text(const char* data) : data_(data) {}

  /// Before each text stands its length, or this where it does not fit in the byte.
  static constexpr unsigned char kLong = 255;

  const char* data_ = nullptr;
};

class TextPool {
 public:
  TextPool() = default;
  TextPool(const TextPool&) = delete;
  TextPool& operator=(const TextPool&) = delete;

  /// The one copy of `bytes` as valid UTF-8: a byte that is not part of a well-formed sequence
  /// (RFC 3629 section 4) becomes U+FFFD, and a NUL becomes U+2400. The empty text is Text{}.
  /// Throws std::bad_alloc where memory, or the 4 GiB that can be told apart, run out.
  Text intern(std::string_view bytes);

  /// Forgets every text. All Text handles of this pool become invalid.
  void clear();

  /// How many different texts are held.
  std::size_t size() const { return used_slots_; }

  /// How many bytes they take.
  std::size_t bytes() const { return bytes_; }

 private:
  /// Where a text stands: its block, from 1, and the offset in it. 0 is none.
  using Position = std::uint32_t;

  Position store(std::string_view text);
  const char* text_at(Position position) const;
  std::size_t slot_of(std::string_view text) const;
  void grow();

  std::vector<Position> slots_;  ///< open addressing; the size is a power of two
  std::size_t used_slots_ = 0;
  std::size_t bytes_ = 0;
  std::vector<std::unique_ptr<char[]>> blocks_;
  std::size_t shared_ = 0;  ///< the block that is being filled, from 1; 0 is none
  std::size_t used_ = 0;    ///< bytes of it
};

/// `bytes` as valid UTF-8, see TextPool::intern.
std::string to_valid_utf8(std::string_view bytes);

/// True where `bytes` is well-formed UTF-8 without NUL.
bool is_valid_utf8(std::string_view bytes);

}  // namespace smtp_session
