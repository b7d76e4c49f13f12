// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/report/session_page.h"

#include "dissector/report/page_data.h"
#include "dissector/report/script_json_writer.h"
#include "dissector/report/session_json.h"
#include "dissector/report/waterfall.h"

namespace smtp_session {

std::string_view page_head() {
  return kPageHead;
}

std::string page_session(const Session& session, const std::string& community_id, bool first) {
  ScriptJsonWriter writer;
  writer.begin_object();
  writer.key("session");
  write_json(session, writer, community_id);
  writer.key("bars");
  writer.begin_array();
  for (const Bar& bar : waterfall_of(session)) {
    writer.begin_array();
    writer.string(name_of(bar.kind));
    writer.integer(bar.start);
    writer.integer(bar.end);
    writer.integer(bar.command);
    writer.end_array();
  }
  writer.end_array();
  writer.end_object();
  return (first ? "\n" : ",\n") + writer.text();
}

std::string_view page_tail() {
  return kPageTail;
}

}  // namespace smtp_session
