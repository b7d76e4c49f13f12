// SPDX-License-Identifier: GPL-2.0-or-later
//
// Packets as bytes: IP, TCP, ICMP, tunnels and link headers. It shares nothing with the dissector
// that its captures check.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace smtp_session::scenarios {

using Bytes = std::string;

void put8(Bytes& out, std::uint32_t value);
void put16(Bytes& out, std::uint32_t value);  ///< network byte order
void put32(Bytes& out, std::uint32_t value);  ///< network byte order

/// One end of a connection: an IPv4 or IPv6 address as text, and a port.
struct Host {
  std::string address;
  std::uint16_t port = 0;

  bool is_ipv6() const { return address.find(':') != std::string::npos; }
};

/// The address in network byte order, 4 or 16 bytes.
Bytes address_bytes(const std::string& address);

/// Control bits, RFC 9293 section 3.1.
enum TcpFlag : std::uint8_t {
  kFin = 0x01,
  kSyn = 0x02,
  kRst = 0x04,
  kPsh = 0x08,
  kAck = 0x10,
};

struct TcpSegment {
  Host source;
  Host destination;
  std::uint32_t seq = 0;
  std::uint32_t ack = 0;
  std::uint8_t flags = 0;
  std::uint16_t window = 0;
  Bytes options;  ///< a multiple of four bytes
  Bytes payload;
};

/// IP protocol numbers, of IANA's registry.
enum IpProtocol : std::uint8_t { kIcmp = 1, kIpInIp = 4, kTcp = 6, kGre = 47, kIcmpV6 = 58 };

/// The TCP header and payload, with its checksum.
Bytes tcp_bytes(const TcpSegment& segment);

/// `payload` in an IPv4 or IPv6 packet, as the addresses say. `id` is the IPv4 identification.
Bytes ip_packet(const std::string& source, const std::string& destination, std::uint8_t protocol,
                std::uint16_t id, std::string_view payload);

/// The IPv4 `packet` cut into fragments that carry at most `size` bytes, a multiple of eight
/// (RFC 791 section 3.1).
std::vector<Bytes> fragments(const Bytes& packet, std::size_t size);

/// `packet` in GRE (RFC 2784) or in plain IPv4 (RFC 2003).
enum class Tunnel { kNone, kGre, kIpInIp };
Bytes in_tunnel(Tunnel tunnel, const std::string& source, const std::string& destination,
                std::uint16_t id, const Bytes& packet);

/// "Destination unreachable" with `code` about the IPv4 `packet`, of which it quotes the header and
/// `quoted` bytes more (RFC 792: 8, RFC 1812 section 4.3.2.3: as many as fit in 576).
Bytes icmp_unreachable(const std::string& source, const std::string& destination, std::uint16_t id,
                       std::uint8_t code, const Bytes& packet, std::size_t quoted);

}  // namespace smtp_session::scenarios
