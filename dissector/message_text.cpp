// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/message_text.h"

#include <algorithm>
#include <array>
#include <utility>

namespace smtp_session {

void MessageText::add(std::string_view bytes, std::size_t limit) {
  if (!whole_) return;
  limit = std::min(limit, kMaxMessageText);
  const std::size_t room = limit - std::min(limit, text_.size());
  text_ += bytes.substr(0, room);
  whole_ = bytes.size() <= room;
}

std::string MessageText::take(bool dots) {
  std::string text = std::exchange(text_, {});
  if (!std::exchange(whole_, true)) {
    const std::size_t end = text.rfind('\n');
    if (end != std::string::npos) text.resize(end + 1);
    return text;
  }
  if (!dots) return text;
  // Lenient servers take a mark with a bare line feed.
  constexpr std::array<std::string_view, 2> kMarks{".\r\n", ".\n"};
  for (const std::string_view mark : kMarks) {
    const std::size_t before = text.size() - std::min(text.size(), mark.size());
    const bool begins_line = before == 0 || text[before - 1] == '\n';
    if (begins_line && text.compare(before, std::string::npos, mark) == 0) {
      text.resize(before);
      break;
    }
  }
  return text;
}

}  // namespace smtp_session
