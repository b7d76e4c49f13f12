// SPDX-License-Identifier: GPL-2.0-or-later
//
// The first lines of a message as sent, kept where the user wants to read them.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace smtp_session {

/// More of one message is not kept, whatever the user asks for.
inline constexpr std::size_t kMaxMessageText = std::size_t{64} << 10U;

/// Where the texts of the capture take more bytes than this, the messages that follow are not kept.
inline constexpr std::size_t kMaxTextWithMessages = std::size_t{64} << 20U;

class MessageText {
 public:
  /// The bytes that follow, of which `limit` are kept in all.
  void add(std::string_view bytes, std::size_t limit);

  /// Bytes are missing: what follows them is not kept.
  void stop() { whole_ = false; }

  /// Nothing is left out.
  bool whole() const { return whole_; }

  /// The text, without the end mark of DATA (`dots`), where it is whole; else its whole lines, or
  /// what there is of the first one.
  std::string take(bool dots);

 private:
  std::string text_;
  bool whole_ = true;
};

}  // namespace smtp_session
