// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/text.h"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <functional>
#include <new>
#include <utility>

namespace smtp_session {

namespace {

/// Texts are packed in blocks of this size; one that needs more than a quarter gets its own block,
/// so that at most a quarter of a block is left unused.
constexpr std::size_t kBlockSize = 65536;
constexpr std::size_t kOwnBlockSize = kBlockSize / 4;

/// What the upper half of a position can number.
constexpr std::size_t kMaxBlocks = 65535;

constexpr std::size_t kFirstSlots = 256;

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";    // U+FFFD
constexpr std::string_view kSymbolForNull = "\xE2\x90\x80";  // U+2400

/// How many bytes the well-formed UTF-8 sequence at the start of `bytes` has, or 0 (RFC 3629
/// section 4, the grammar UTF8-char).
std::size_t sequence_length(std::string_view bytes) {
  const auto byte = [&](std::size_t at) { return static_cast<std::uint8_t>(bytes[at]); };
  const std::uint8_t lead = byte(0);
  if (lead < 0x80) return 1;

  std::size_t length = 0;
  std::uint8_t low = 0x80;  // bounds of the second byte
  std::uint8_t high = 0xBF;
  if (lead >= 0xC2 && lead <= 0xDF) {
    length = 2;
  } else if (lead >= 0xE0 && lead <= 0xEF) {
    length = 3;
    if (lead == 0xE0) low = 0xA0;   // shorter form exists
    if (lead == 0xED) high = 0x9F;  // surrogates
  } else if (lead >= 0xF0 && lead <= 0xF4) {
    length = 4;
    if (lead == 0xF0) low = 0x90;
    if (lead == 0xF4) high = 0x8F;  // beyond U+10FFFF
  } else {
    return 0;
  }

  if (bytes.size() < length || byte(1) < low || byte(1) > high) return 0;
  for (std::size_t i = 2; i < length; ++i) {
    if (byte(i) < 0x80 || byte(i) > 0xBF) return 0;
  }
  return length;
}

}  // namespace

bool is_valid_utf8(std::string_view bytes) {
  // Nearly all of SMTP is ASCII.
  const auto beyond = std::find_if(bytes.begin(), bytes.end(),
                                   [](char c) { return static_cast<signed char>(c) <= 0; });
  bytes.remove_prefix(static_cast<std::size_t>(beyond - bytes.begin()));
  while (!bytes.empty()) {
    const std::size_t length = bytes.front() == '\0' ? 0 : sequence_length(bytes);
    if (length == 0) return false;
    bytes.remove_prefix(length);
  }
  return true;
}

std::string to_valid_utf8(std::string_view bytes) {
  std::string text;
  text.reserve(bytes.size());
  while (!bytes.empty()) {
    if (bytes.front() == '\0') {
      text += kSymbolForNull;
      bytes.remove_prefix(1);
      continue;
    }
    const std::size_t length = sequence_length(bytes);
    text += length == 0 ? kReplacement : bytes.substr(0, length);
    bytes.remove_prefix(std::max<std::size_t>(length, 1));
  }
  return text;
}

Text TextPool::intern(std::string_view bytes) {
  if (bytes.empty()) return Text{};
  if (!is_valid_utf8(bytes)) return intern(to_valid_utf8(bytes));
  // At most two thirds full: a free slot always ends the search.
  if ((used_slots_ + 1) * 3 > slots_.size() * 2) grow();
  Position& slot = slots_[slot_of(bytes)];
  if (slot == 0) {
    slot = store(bytes);
    ++used_slots_;
  }
  return Text{text_at(slot)};
}

const char* TextPool::text_at(Position position) const {
  return blocks_[position / kBlockSize - 1].get() + position % kBlockSize;
}

std::size_t TextPool::slot_of(std::string_view text) const {
  const std::size_t mask = slots_.size() - 1;
  std::size_t slot = std::hash<std::string_view>{}(text)&mask;
  for (; slots_[slot] != 0; slot = (slot + 1) & mask) {
    if (Text{text_at(slots_[slot])}.view() == text) break;
  }
  return slot;
}

void TextPool::grow() {
  std::vector<Position> old(slots_.empty() ? kFirstSlots : slots_.size() * 2);
  old.swap(slots_);
  for (const Position position : old) {
    if (position != 0) slots_[slot_of(Text{text_at(position)}.view())] = position;
  }
}

void TextPool::clear() {
  slots_.clear();
  used_slots_ = 0;
  bytes_ = 0;
  blocks_.clear();
  shared_ = 0;
  used_ = 0;
}

TextPool::Position TextPool::store(std::string_view text) {
  const std::size_t need = text.size() + 2;
  bytes_ += need;
  const bool own = need > kOwnBlockSize;
  if (own || shared_ == 0 || kBlockSize - used_ < need) {
    if (blocks_.size() == kMaxBlocks) throw std::bad_alloc();
    blocks_.push_back(std::make_unique<char[]>(own ? need : kBlockSize));
    if (!own) {
      shared_ = blocks_.size();
      used_ = 0;
    }
  }
  const std::size_t block = own ? blocks_.size() : shared_;
  const std::size_t offset = own ? 0 : used_;
  char* const data = blocks_[block - 1].get() + offset;
  if (!own) used_ += need;
  data[0] = static_cast<char>(std::min<std::size_t>(text.size(), Text::kLong));
  std::memcpy(data + 1, text.data(), text.size());
  data[text.size() + 1] = '\0';
  return static_cast<Position>(block * kBlockSize + offset + 1);
}

}  // namespace smtp_session
