// SPDX-License-Identifier: GPL-2.0-or-later
#include "plugin/tree_branch.h"

#include "plugin/pool_text.h"

namespace smtp_session::ws {
namespace {

constexpr TimeNs kNanosecondsPerSecond = 1000000000;

}  // namespace

void Branch::add_uint(int field, std::uint32_t value) const {
  proto_item_set_generated(proto_tree_add_uint(tree, field, tvb, 0, 0, value));
}

void Branch::add_uint64(int field, std::uint64_t value) const {
  proto_item_set_generated(proto_tree_add_uint64(tree, field, tvb, 0, 0, value));
}

void Branch::add_bool(int field, bool value) const {
  proto_item_set_generated(proto_tree_add_boolean(tree, field, tvb, 0, 0, value ? 1 : 0));
}

void Branch::add_text(int field, const char* text) const {
  proto_item_set_generated(proto_tree_add_string(tree, field, tvb, 0, 0, text));
}

void Branch::add_known_text(int field, std::string_view text) const {
  if (!text.empty()) add_text(field, pool_text(pool, text));
}

void Branch::add_lines(int field, std::string_view text) const {
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    add_known_text(field, line);
    text.remove_prefix(line.size() < text.size() ? line.size() + 1 : line.size());
  }
}

void Branch::add_time(int field, TimeNs time) const {
  if (time == kNoTime) return;
  nstime_t value;
  value.secs = static_cast<time_t>(time / kNanosecondsPerSecond);
  value.nsecs = static_cast<int>(time % kNanosecondsPerSecond);
  proto_item_set_generated(proto_tree_add_time(tree, field, tvb, 0, 0, &value));
}

void Branch::add_frame(int field, FrameNumber frame) const {
  if (frame == 0) return;
  proto_item_set_generated(proto_tree_add_uint(tree, field, tvb, 0, 0, frame));
}

Branch Branch::below(proto_item* item, int subtree) const {
  proto_item_set_generated(item);
  return {proto_item_add_subtree(item, subtree), tvb, pool};
}

Branch Branch::titled(const char* title, int subtree) const {
  proto_item* item = nullptr;
  proto_tree* child = proto_tree_add_subtree(tree, tvb, 0, 0, subtree, &item, title);
  proto_item_set_generated(item);
  return {child, tvb, pool};
}

}  // namespace smtp_session::ws
