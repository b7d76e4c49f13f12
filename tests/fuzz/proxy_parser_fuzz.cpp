// SPDX-License-Identifier: GPL-2.0-or-later
//
// Input: the first bytes of a client.
#include <cstddef>
#include <cstdint>

#include "dissector/proxy_parser.h"
#include "tests/fuzz/check.h"

using smtp_session::parse_proxy;
using smtp_session::ProxyHeader;
using smtp_session::ProxyParse;

namespace {

bool same(const ProxyHeader& a, const ProxyHeader& b) {
  return a.version == b.version && a.local == b.local && a.source == b.source &&
         a.destination == b.destination;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  ProxyHeader whole;
  std::size_t consumed = 0;
  const ProxyParse result = parse_proxy(data, size, whole, consumed);
  FUZZ_CHECK(consumed <= size);
  switch (result) {
    case ProxyParse::kNotProxy:
    case ProxyParse::kNeedMore:
      FUZZ_CHECK(consumed == 0 && whole.version == 0);
      break;
    case ProxyParse::kHeader:
      FUZZ_CHECK(consumed > 0 && (whole.version == 1 || whole.version == 2));
      FUZZ_CHECK(whole.local == (whole.source.address.family == 0));
      FUZZ_CHECK(whole.source.address.family == whole.destination.address.family);
      break;
    case ProxyParse::kMalformed:
      FUZZ_CHECK(consumed > 0 && whole.source.address.family == 0 && !whole.local);
      break;
  }

  // Fed byte by byte, the first answer that is not "more" is the answer to the whole.
  for (std::size_t length = 0; length <= size; ++length) {
    ProxyHeader part;
    std::size_t part_consumed = 0;
    const ProxyParse part_result = parse_proxy(data, length, part, part_consumed);
    if (part_result == ProxyParse::kNeedMore) continue;
    FUZZ_CHECK(part_result == result && part_consumed == consumed && same(part, whole));
    break;
  }
  return 0;
}
