// SPDX-License-Identifier: GPL-2.0-or-later
//
// The plain text of TLS records that Wireshark decrypted in this frame. Wireshark gives each of
// them as a data source of its own, in the order of the records.
#pragma once

#include <epan/packet_info.h>

#include <cstddef>

#include "dissector/segment.h"

namespace smtp_session::ws {

/// Positions in the frame's list of data sources: those of this TCP segment are from `first` up to
/// the end, without those of a connection tunnelled in it, from `skip_from` up to `skip_to`.
struct DataSourceRange {
  unsigned first = 0;
  unsigned skip_from = 0;
  unsigned skip_to = 0;
};

/// How many data sources the frame has so far.
unsigned count_data_sources(const packet_info* pinfo);

/// The decrypted records in `range`, in memory that lives as long as the packet.
DecryptedRecords decrypted_records(packet_info* pinfo, const DataSourceRange& range);

}  // namespace smtp_session::ws
