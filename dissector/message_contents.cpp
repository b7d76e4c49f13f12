// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/message_contents.h"

#include <utility>

namespace smtp_session {

void MessageContents::on_content(const Session& session, const MessagePart& part) {
  Open& open = open_[session.id];
  if (open.message != part.message) {
    open = {};
    open.message = part.message;
  }
  if (part.chunk) {
    open.text.append(part.bytes);
  } else {
    open.unstuffer.add(part.bytes, open.text);
  }
}

std::string MessageContents::take(const Session& session, Index message) {
  const auto found = open_.find(session.id);
  if (found == open_.end() || found->second.message != message) return {};
  std::string text = std::move(found->second.text);
  open_.erase(found);
  // An end that only a lenient server takes for one (a dot between bare line ends) is in the text.
  const Message& facts = session.message(message);
  if (facts.size_exact && text.size() > facts.size) text.resize(facts.size);
  return text;
}

}  // namespace smtp_session
