// SPDX-License-Identifier: GPL-2.0-or-later
//
// Wireshark prints a statistics tree itself, but takes any words behind the option's name, and ends
// with status 0 where the filter is wrong. So the option is ours, and the tree is Wireshark's.
#include <epan/packet.h>
#include <epan/stats_tree_priv.h>
#include <wsutil/report_message.h>

#include <cstdio>
#include <cstring>

#include "plugin/session_tap.h"
#include "plugin/statistics_tree.h"
#include "plugin/ws_compat.h"

namespace smtp_session::ws {
namespace {

constexpr char kOption[] = "smtp_session,tree";

void draw(void* data) {
  auto* const tree = static_cast<stats_tree*>(data);
  GString* const text =
      stats_tree_format_as_str(tree, ST_FORMAT_PLAIN, stats_tree_get_default_sort_col(tree),
                               stats_tree_is_default_sort_DESC(tree));
  std::fwrite(text->str, 1, text->len, stdout);
  std::fflush(stdout);
  g_string_free(text, TRUE);
}

void finish(void* data) {
  stats_tree_free(static_cast<stats_tree*>(data));
}

bool start_counting(const char* argument) {
  const char* const rest = argument + std::strlen(kOption);
  if (*rest != '\0' && (*rest != ',' || rest[1] == '\0')) {
    report_failure("invalid \"-z %s\": behind %s there may be a comma and a display filter",
                   argument, kOption);
    return false;
  }
  const char* const filter = *rest == '\0' ? nullptr : rest + 1;
  stats_tree_cfg* const kind = stats_tree_get_cfg_by_abbr(kStatisticsTree);
  if (kind == nullptr) return reject_option(argument);
  stats_tree* const tree = stats_tree_new(kind, nullptr, filter);
  if (!register_listener(tree, filter, {stats_tree_reset, stats_tree_packet, draw, finish})) {
    stats_tree_free(tree);
    return false;
  }
  kind->init(tree);
  return true;
}

}  // namespace

void register_statistics_tree_option() {
  register_option("SMTP sessions counted", kOption, start_guarded<start_counting>, nullptr);
}

}  // namespace smtp_session::ws
