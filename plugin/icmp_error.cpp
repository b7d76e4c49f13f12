// SPDX-License-Identifier: GPL-2.0-or-later
#include "plugin/icmp_error.h"

#include <cstdint>

namespace smtp_session::ws {
namespace {

constexpr unsigned kIcmpHeader = 8;

// RFC 792, RFC 1191 section 4.
constexpr std::uint8_t kUnreachable = 3;
constexpr std::uint8_t kFragmentationNeeded = 4;
constexpr unsigned kMtuPosition = 6;
// RFC 4443 sections 3.1 and 3.2.
constexpr std::uint8_t kUnreachable6 = 1;
constexpr std::uint8_t kTooBig6 = 2;
constexpr unsigned kMtuPosition6 = 4;

/// Size of the quoted IP header that ends where TCP begins; 0 where none does. Extension headers of
/// IPv6 are not looked for: an error seldom quotes any.
unsigned quoted_header_size(const std::uint8_t* tcp, unsigned before, bool ipv6) {
  constexpr unsigned kIpv6Header = 40;
  // IPv4 counts its header in words of four octets, five at least (RFC 791 section 3.1).
  constexpr unsigned kShortest = 20;
  constexpr unsigned kLongest = 60;
  if (ipv6) return before >= kIpv6Header && *(tcp - kIpv6Header) >> 4U == 6 ? kIpv6Header : 0;
  for (unsigned size = kShortest; size <= kLongest && size <= before; size += 4) {
    if (*(tcp - size) == (0x40U | size / 4)) return size;
  }
  return 0;
}

}  // namespace

bool read_icmp_error(tvbuff_t* tcp, bool ipv6, IcmpError& error) {
  if (tvb_captured_length(tcp) == 0) return false;
  const auto before = static_cast<unsigned>(tvb_raw_offset(tcp));
  tvbuff_t* const whole = tvb_get_ds_tvb(tcp);
  if (whole == nullptr || before >= tvb_captured_length(whole)) return false;
  const std::uint8_t* const quoted = tvb_get_ptr(whole, 0, static_cast<int>(before)) + before;
  const unsigned ip = quoted_header_size(quoted, before, ipv6);
  if (ip == 0 || before < ip + kIcmpHeader) return false;
  const std::uint8_t* const icmp = quoted - ip - kIcmpHeader;
  error.code = icmp[1];
  if (ipv6) {
    if (icmp[0] != kUnreachable6 && icmp[0] != kTooBig6) return false;
    if (icmp[0] == kTooBig6) {
      error.kind = IcmpError::Kind::kTooBig;
      for (unsigned i = 0; i < 4; ++i) error.mtu = error.mtu << 8U | icmp[kMtuPosition6 + i];
    }
    return true;
  }
  if (icmp[0] != kUnreachable) return false;
  if (error.code == kFragmentationNeeded) {
    error.kind = IcmpError::Kind::kTooBig;
    error.mtu = static_cast<std::uint32_t>(icmp[kMtuPosition] << 8U) | icmp[kMtuPosition + 1];
  }
  return true;
}

}  // namespace smtp_session::ws
