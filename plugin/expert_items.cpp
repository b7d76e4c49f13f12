// SPDX-License-Identifier: GPL-2.0-or-later
#include "plugin/expert_items.h"

#include <epan/expert.h>

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

#include "dissector/finding.h"
#include "plugin/fields.h"
#include "plugin/pool_text.h"

namespace smtp_session::ws {
namespace {

/// An expert item of Wireshark has one severity. A finding that can have several is registered once
/// for each, under the same filter name, so that a filter by name finds them all.
std::array<std::array<expert_field, kSeverityCount>, kFindingCount> expert_fields;

expert_field& expert_field_of(FindingId id, Severity severity) {
  return expert_fields[static_cast<std::size_t>(id)][static_cast<std::size_t>(severity)];
}

int severity_of(Severity severity) {
  switch (severity) {
    case Severity::kChat:
      return PI_CHAT;
    case Severity::kNote:
      return PI_NOTE;
    case Severity::kWarn:
      return PI_WARN;
    case Severity::kError:
      return PI_ERROR;
  }
  return PI_WARN;
}

/// Wireshark's group for "TLS-05" and the like.
int group_of(std::string_view name) {
  const std::string_view family = name.substr(0, name.find('-'));
  if (family == "TCP") return PI_SEQUENCE;
  if (family == "TLS" || family == "AUT" || family == "SEC") return PI_SECURITY;
  return PI_PROTOCOL;
}

/// "smtp_session.finding.tls_05" for "TLS-05", kept for the life of the program.
const char* filter_name_of(const char* name) {
  std::string text = "smtp_session.finding.";
  for (const char* at = name; *at != '\0'; ++at) {
    text += *at == '-' ? '_' : g_ascii_tolower(*at);
  }
  return pool_text(wmem_epan_scope(), text);
}

const char* text_of(wmem_allocator_t* pool, const Session& session, const Finding& finding) {
  return pool_text(pool, finding_text(session, finding));
}

const char* advice_of(wmem_allocator_t* pool, const Session& session, const Finding& finding) {
  return pool_text(pool, finding_advice(session, finding));
}

}  // namespace

void register_expert_items(int protocol) {
  // Wireshark keeps the pointers.
  static std::array<ei_register_info, kFindingCount * kSeverityCount> infos;
  std::size_t count = 0;
  for (std::size_t i = 0; i < kFindingCount; ++i) {
    const FindingInfo& info = info_of(static_cast<FindingId>(i));
    const char* const filter_name = filter_name_of(info.name);
    for (std::size_t j = 0; j < kSeverityCount; ++j) {
      const auto severity = static_cast<Severity>(j);
      if (!info.can_be(severity)) continue;
      expert_fields[i][j] = EI_INIT;
      infos[count++] = {
          &expert_fields[i][j],
          {filter_name, group_of(info.name), severity_of(severity), info.summary, EXPFILL}};
    }
  }
  expert_module_t* module = expert_register_protocol(protocol);
  expert_register_field_array(module, infos.data(), static_cast<int>(count));
}

void show_findings(const Session& session, const FrameRecord& record, packet_info* pinfo,
                   tvbuff_t* tvb, proto_tree* tree) {
  // Expert items bear the name of the protocol being dissected: here still that of IP.
  const char* const outer_protocol = pinfo->current_proto;
  for (const Finding& finding : findings_of(session, record.frame)) {
    pinfo->current_proto = "SMTP Session";
    const FindingInfo& info = info_of(finding.id);
    proto_item* item = proto_tree_add_string(tree, fields.finding, tvb, 0, 0, info.name);
    proto_item_set_generated(item);
    proto_item_append_text(item, ": %s", info.summary);
    expert_add_info_format(pinfo, item, &expert_field_of(finding.id, finding.severity), "%s",
                           text_of(pinfo->pool, session, finding));
    proto_item* advice =
        proto_tree_add_string(proto_item_add_subtree(item, subtrees.finding), fields.advice, tvb, 0,
                              0, advice_of(pinfo->pool, session, finding));
    proto_item_set_generated(advice);
  }
  pinfo->current_proto = outer_protocol;
}

}  // namespace smtp_session::ws
