// SPDX-License-Identifier: GPL-2.0-or-later
#include "wire.h"

#include <arpa/inet.h>

#include <algorithm>
#include <stdexcept>

namespace smtp_session::scenarios {
namespace {

constexpr std::size_t kIpv4Header = 20;
constexpr std::size_t kTcpHeader = 20;
constexpr std::uint8_t kHopLimit = 64;
constexpr std::uint32_t kDontFragment = 0x4000;
constexpr std::uint32_t kMoreFragments = 0x2000;

/// RFC 1071: the one's complement sum of 16 bit words.
std::uint16_t checksum(std::string_view bytes) {
  std::uint32_t sum = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const auto byte = static_cast<std::uint32_t>(static_cast<unsigned char>(bytes[i]));
    sum += i % 2 == 0 ? byte << 8U : byte;
  }
  while (sum > 0xffffU) sum = (sum & 0xffffU) + (sum >> 16U);
  return static_cast<std::uint16_t>(~sum);
}

void set16(Bytes& out, std::size_t at, std::uint32_t value) {
  out[at] = static_cast<char>(value >> 8U);
  out[at + 1] = static_cast<char>(value);
}

/// RFC 9293 section 3.1 and RFC 8200 section 8.1.
Bytes pseudo_header(const std::string& source, const std::string& destination,
                    std::uint8_t protocol, std::size_t length) {
  Bytes out = address_bytes(source) + address_bytes(destination);
  if (out.size() == 8) {
    put16(out, protocol);
    put16(out, static_cast<std::uint32_t>(length));
  } else {
    put32(out, static_cast<std::uint32_t>(length));
    put32(out, protocol);
  }
  return out;
}

Bytes ipv4_header(std::string_view source, std::string_view destination, std::uint8_t protocol,
                  std::uint16_t id, std::uint32_t fragment, std::size_t payload) {
  Bytes out;
  put16(out, 0x4500);
  put16(out, static_cast<std::uint32_t>(kIpv4Header + payload));
  put16(out, id);
  put16(out, fragment);
  put8(out, kHopLimit);
  put8(out, protocol);
  put16(out, 0);
  out += source;
  out += destination;
  set16(out, 10, checksum(out));
  return out;
}

}  // namespace

void put8(Bytes& out, std::uint32_t value) {
  out.push_back(static_cast<char>(value));
}

void put16(Bytes& out, std::uint32_t value) {
  put8(out, value >> 8U);
  put8(out, value);
}

void put32(Bytes& out, std::uint32_t value) {
  put16(out, value >> 16U);
  put16(out, value);
}

Bytes address_bytes(const std::string& address) {
  const bool ipv6 = address.find(':') != std::string::npos;
  Bytes out(ipv6 ? 16 : 4, '\0');
  if (inet_pton(ipv6 ? AF_INET6 : AF_INET, address.c_str(), out.data()) != 1) {
    throw std::invalid_argument("not an address: " + address);
  }
  return out;
}

Bytes tcp_bytes(const TcpSegment& segment) {
  Bytes out;
  put16(out, segment.source.port);
  put16(out, segment.destination.port);
  put32(out, segment.seq);
  put32(out, segment.ack);
  put8(out, static_cast<std::uint32_t>((kTcpHeader + segment.options.size()) / 4U) << 4U);
  put8(out, segment.flags);
  put16(out, segment.window);
  put32(out, 0);  // checksum and urgent pointer
  out += segment.options;
  out += segment.payload;
  set16(out, 16,
        checksum(
            pseudo_header(segment.source.address, segment.destination.address, kTcp, out.size()) +
            out));
  return out;
}

Bytes ip_packet(const std::string& source, const std::string& destination, std::uint8_t protocol,
                std::uint16_t id, std::string_view payload) {
  const Bytes from = address_bytes(source);
  const Bytes to = address_bytes(destination);
  if (from.size() == 4) {
    Bytes out = ipv4_header(from, to, protocol, id, kDontFragment, payload.size());
    return out.append(payload);
  }
  Bytes out;
  put32(out, 0x60000000);
  put16(out, static_cast<std::uint32_t>(payload.size()));
  put8(out, protocol);
  put8(out, kHopLimit);
  out += from;
  out += to;
  return out.append(payload);
}

std::vector<Bytes> fragments(const Bytes& packet, std::size_t size) {
  const std::string_view all(packet);
  const std::string_view payload = all.substr(kIpv4Header);
  const auto protocol = static_cast<std::uint8_t>(packet[9]);
  const auto id = static_cast<std::uint16_t>(static_cast<unsigned char>(packet[4]) << 8U |
                                             static_cast<unsigned char>(packet[5]));
  std::vector<Bytes> out;
  for (std::size_t at = 0; at < payload.size(); at += size) {
    const std::string_view part = payload.substr(at, size);
    const bool more = at + part.size() < payload.size();
    const auto field = static_cast<std::uint32_t>(at / 8U) | (more ? kMoreFragments : 0U);
    Bytes fragment =
        ipv4_header(all.substr(12, 4), all.substr(16, 4), protocol, id, field, part.size());
    out.push_back(fragment.append(part));
  }
  return out;
}

Bytes in_tunnel(Tunnel tunnel, const std::string& source, const std::string& destination,
                std::uint16_t id, const Bytes& packet) {
  if (tunnel == Tunnel::kNone) return packet;
  if (tunnel == Tunnel::kIpInIp) return ip_packet(source, destination, kIpInIp, id, packet);
  Bytes gre;
  put16(gre, 0);       // no checksum, no key, version 0
  put16(gre, 0x0800);  // IPv4
  gre += packet;
  return ip_packet(source, destination, kGre, id, gre);
}

Bytes icmp_unreachable(const std::string& source, const std::string& destination, std::uint16_t id,
                       std::uint8_t code, const Bytes& packet, std::size_t quoted) {
  Bytes icmp;
  put8(icmp, 3);
  put8(icmp, code);
  put16(icmp, 0);
  put32(icmp, 0);
  icmp += packet.substr(0, std::min(packet.size(), kIpv4Header + quoted));
  set16(icmp, 2, checksum(icmp));
  return ip_packet(source, destination, kIcmp, id, icmp);
}

}  // namespace smtp_session::scenarios
