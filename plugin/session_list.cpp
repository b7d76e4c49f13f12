// SPDX-License-Identifier: GPL-2.0-or-later
#include "plugin/session_list.h"

#include <epan/packet.h>
#include <epan/stat_tap_ui.h>
#include <epan/tap.h>
#include <wsutil/report_message.h>

#include <array>
#include <cstddef>
#include <string>
#include <vector>

#include "dissector/metrics.h"
#include "dissector/names.h"
#include "dissector/outcome.h"
#include "dissector/report/endpoint_text.h"
#include "dissector/report/layout.h"
#include "dissector/report/sessions_table.h"
#include "plugin/capture.h"
#include "plugin/end_of_pass.h"
#include "plugin/selection.h"
#include "plugin/session_tap.h"
#include "plugin/taps.h"

namespace smtp_session::ws {
namespace {

constexpr char kTitle[] = "SMTP Session List";
constexpr char kOption[] = "smtp_session,table";

enum Column : unsigned {
  kSession,
  kStream,
  kClient,
  kServer,
  kTls,
  kOutcome,
  kHandshake,
  kGreeting,
  kSlowest,
  kSlowestTime,
  kTotal,
  kColumnCount
};

std::array<stat_tap_table_item, kColumnCount> columns{{
    {TABLE_ITEM_UINT, TAP_ALIGN_RIGHT, "Session", "%u"},
    {TABLE_ITEM_UINT, TAP_ALIGN_RIGHT, "Stream", "%u"},
    {TABLE_ITEM_STRING, TAP_ALIGN_LEFT, "Client", "%s"},
    {TABLE_ITEM_STRING, TAP_ALIGN_LEFT, "Server", "%s"},
    {TABLE_ITEM_STRING, TAP_ALIGN_LEFT, "TLS", "%s"},
    {TABLE_ITEM_STRING, TAP_ALIGN_LEFT, "Outcome", "%s"},
    {TABLE_ITEM_STRING, TAP_ALIGN_RIGHT, "Handshake (ms)", "%s"},
    {TABLE_ITEM_STRING, TAP_ALIGN_RIGHT, "Greeting (ms)", "%s"},
    {TABLE_ITEM_STRING, TAP_ALIGN_LEFT, "Slowest command", "%s"},
    {TABLE_ITEM_STRING, TAP_ALIGN_RIGHT, "Its latency (ms)", "%s"},
    {TABLE_ITEM_STRING, TAP_ALIGN_RIGHT, "Total (ms)", "%s"},
}};

using Row = std::array<stat_tap_table_item_type, kColumnCount>;

/// The one table that Wireshark has of us, whatever the number of its dialogs.
stat_tap_table_ui table_ui;

/// What the table holds now.
struct Filling {
  Selection selection;
  std::vector<std::uint32_t> sessions;  ///< by row
  bool first_pass = false;
};

Filling filling;

/// Rows of before a reset: another dialog may still show and sort them.
std::vector<stat_tap_table_item_type*> old_rows;

stat_tap_table_item_type number(unsigned value) {
  stat_tap_table_item_type cell{};
  cell.type = TABLE_ITEM_UINT;
  cell.value.uint_value = value;
  return cell;
}

/// The text is the table's, until free_cell().
stat_tap_table_item_type words(const std::string& text) {
  stat_tap_table_item_type cell{};
  cell.type = TABLE_ITEM_STRING;
  cell.value.string_value = g_strdup(text.c_str());
  return cell;
}

/// "     700.512", "           -". Words and not a number, for tshark ends a row at the first empty
/// cell; of one width, so that they sort as numbers do. It has room for eleven days.
stat_tap_table_item_type milliseconds(TimeNs time) {
  constexpr TimeNs kNanosecondsPerMicrosecond = 1000;
  constexpr TimeNs kMicrosecondsPerMillisecond = 1000;
  constexpr std::size_t kWidth = 13;
  constexpr std::size_t kDigits = 3;
  if (time < 0) return words(pad_left("-", kWidth));
  const TimeNs rounded = (time + kNanosecondsPerMicrosecond / 2) / kNanosecondsPerMicrosecond;
  const std::string part = std::to_string(rounded % kMicrosecondsPerMillisecond);
  return words(pad_left(std::to_string(rounded / kMicrosecondsPerMillisecond) + "." +
                            std::string(kDigits - part.size(), '0') + part,
                        kWidth));
}

void free_cell(stat_tap_table_item_type& cell) {
  if (cell.type == TABLE_ITEM_STRING) g_free(const_cast<char*>(cell.value.string_value));
  cell = {};
}

Row row_of(const Session& session) {
  return {number(session.id),
          number(session.stream),
          words(endpoint_text(session.client)),
          words(endpoint_text(session.server)),
          words(tls_column(session)),
          words(name_of(outcome_of(session))),
          milliseconds(handshake(session)),
          milliseconds(greeting_delay(session)),
          words(slowest_verb(session)),
          milliseconds(slowest_latency(session)),
          milliseconds(duration(session))};
}

stat_tap_table* table() {
  return stat_tap_find_table(&table_ui, kTitle);
}

void settle(void* /*data*/) {
  Capture* state = capture();
  stat_tap_table* const into = table();
  if (state == nullptr || into == nullptr || !filling.first_pass) return;
  try {
    state->finish_before_drawing();
    for (std::size_t i = 0; i < filling.sessions.size(); ++i) {
      const auto row = static_cast<unsigned>(i);
      for (unsigned column = 0; column < kColumnCount; ++column) {
        free_cell(*stat_tap_get_field_data(into, row, column));
      }
      const Row cells = row_of(state->engine.sessions()[filling.sessions[i]]);
      stat_tap_init_table_row(into, row, kColumnCount, cells.data());
    }
  } catch (...) {
    give_up("listing sessions");
  }
}

/// A first pass knows the values at its end.
void settle_before_drawing() {
  static bool registered = false;
  if (registered) return;
  registered = true;
  call_before_drawing(settle);
}

void add_session(Capture& state, const TapFrame& tapped) {
  Row cells{};
  if (tapped.first_pass) {
    filling.first_pass = true;
    settle_before_drawing();
  } else {
    state.finish_when_read();
    cells = row_of(state.engine.sessions()[tapped.session]);
  }
  filling.sessions.push_back(tapped.session);
  const auto row = static_cast<unsigned>(filling.sessions.size() - 1);
  stat_tap_init_table_row(table(), row, kColumnCount, cells.data());
}

tap_packet_status take_frame(void* /*data*/, packet_info* /*pinfo*/, epan_dissect_t* /*edt*/,
                             const void* tapped, tap_flags_t /*flags*/) {
  Capture* state = capture();
  if (state == nullptr || table() == nullptr) return TAP_PACKET_DONT_REDRAW;
  try {
    const auto& frame = *static_cast<const TapFrame*>(tapped);
    if (!filling.selection.add(frame)) return TAP_PACKET_DONT_REDRAW;
    add_session(*state, frame);
    return TAP_PACKET_REDRAW;
  } catch (...) {
    report_failure("SMTP Session Analysis: out of memory while listing sessions");
    return TAP_PACKET_FAILED;
  }
}

void free_row(stat_tap_table_item_type* row) {
  for (unsigned column = 0; column < kColumnCount; ++column) free_cell(row[column]);
  g_free(row);
}

void reset(stat_tap_table* into) {
  try {
    filling = {};
    old_rows.insert(old_rows.end(), into->elements, into->elements + into->num_elements);
    into->num_elements = 0;
  } catch (...) {
    report_failure("SMTP Session Analysis: out of memory while listing sessions");
  }
}

void begin(stat_tap_table_ui* ui) {
  stat_tap_table* const into = stat_tap_find_table(ui, kTitle);
  if (into != nullptr) {
    reset(into);
    return;
  }
  // The last dialog is gone, and its table with it.
  for (stat_tap_table_item_type* row : old_rows) free_row(row);
  old_rows.clear();
  filling = {};
  stat_tap_add_table(ui, stat_tap_init_table(kTitle, kColumnCount, 0, nullptr));
}

void free_item(stat_tap_table* /*from*/, guint /*row*/, guint /*column*/,
               stat_tap_table_item_type* cell) {
  free_cell(*cell);
}

/// What follows the option's name: nothing, or "," and a display filter.
void check_argument(const char* argument, const char** filter, char** error) {
  const char* const rest = argument + sizeof kOption - 1;
  if (*rest == '\0' || (*filter != nullptr && **filter != '\0')) return;
  try {
    *error =
        g_strdup_printf("invalid \"-z %s\": the reports are %s", argument, option_names().c_str());
  } catch (...) {
    *error = g_strdup("SMTP Session Analysis: out of memory");
  }
}

}  // namespace

void register_session_list() {
  static tap_param parameter = {PARAM_FILTER, "filter", "Filter", nullptr, TRUE};
  table_ui.group = REGISTER_PACKET_STAT_GROUP_UNSORTED;
  table_ui.title = kTitle;
  table_ui.tap_name = kTapName;
  table_ui.cli_string = kOption;
  table_ui.stat_tap_init_cb = begin;
  table_ui.packet_func = take_frame;
  table_ui.stat_tap_reset_table_cb = reset;
  table_ui.stat_tap_free_table_item_cb = free_item;
  table_ui.stat_filter_check_cb = check_argument;
  table_ui.nfields = columns.size();
  table_ui.fields = columns.data();
  table_ui.nparams = 1;
  table_ui.params = &parameter;
  register_stat_tap_table_ui(&table_ui);
}

}  // namespace smtp_session::ws
