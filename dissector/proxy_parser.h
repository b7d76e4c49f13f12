// SPDX-License-Identifier: GPL-2.0-or-later
//
// The header that a load balancer puts before a connection ("The PROXY protocol, versions 1 & 2",
// HAProxy): who the client really is.
#pragma once

#include <cstddef>
#include <cstdint>

#include "dissector/session.h"

namespace smtp_session {

enum class ProxyParse : std::uint8_t {
  kNotProxy,   ///< the connection begins with something else
  kNeedMore,   ///< what there is may still become a header
  kHeader,     ///< `header` and `consumed` are set
  kMalformed,  ///< begins like a header but is none: `consumed` bytes of it are to be skipped
};

/// Version 1, section 2.1: the longest line, its CRLF included.
inline constexpr std::size_t kMaxProxyLine = 107;

/// Reads the header at the start of a client's bytes. The answer depends on the bytes alone, not on
/// how many of them come with one call. `header` keeps its `at`; the rest is set with kHeader, and
/// with kMalformed to the version alone. `consumed` is 0 with kNotProxy and kNeedMore.
ProxyParse parse_proxy(const std::uint8_t* data, std::size_t size, ProxyHeader& header,
                       std::size_t& consumed);

}  // namespace smtp_session
