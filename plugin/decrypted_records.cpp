// SPDX-License-Identifier: GPL-2.0-or-later
#include "plugin/decrypted_records.h"

#include <epan/tvbuff.h>

#include <cstring>

#include "plugin/ws_compat.h"

namespace smtp_session::ws {
namespace {

/// The name that Wireshark's TLS dissector gives them; its length follows in brackets.
constexpr char kSourceName[] = "Decrypted TLS (";

bool is_decrypted_record(const struct data_source* source) {
  char* description = data_source_description(source);
  if (description == nullptr) return false;
  const bool found = std::strncmp(description, kSourceName, sizeof kSourceName - 1) == 0;
  wmem_free(nullptr, description);
  return found;
}

}  // namespace

unsigned count_data_sources(const packet_info* pinfo) {
  return g_slist_length(pinfo->data_src);
}

DecryptedRecords decrypted_records(packet_info* pinfo, const DataSourceRange& range) {
  const unsigned count = count_data_sources(pinfo);
  if (count <= range.first) return {};
  auto* records = static_cast<DecryptedRecord*>(
      wmem_alloc(pinfo->pool, (count - range.first) * sizeof(DecryptedRecord)));
  std::size_t found = 0;
  unsigned position = range.first;
  for (GSList* node = g_slist_nth(pinfo->data_src, range.first); node != nullptr;
       node = node->next, ++position) {
    if (position >= range.skip_from && position < range.skip_to) continue;
    const auto* source = static_cast<const struct data_source*>(node->data);
    if (!is_decrypted_record(source)) continue;
    tvbuff_t* tvb = get_data_source_tvb(source);
    const unsigned size = tvb_captured_length(tvb);
    // Within bounds, so that it cannot throw; there is no pointer to nothing.
    const std::uint8_t* data = size == 0 ? nullptr : tvb_get_ptr(tvb, 0, static_cast<int>(size));
    records[found++] = DecryptedRecord{data, size};
  }
  return {records, found};
}

}  // namespace smtp_session::ws
