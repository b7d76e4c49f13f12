// SPDX-License-Identifier: GPL-2.0-or-later
#include "capture.h"

#include <pcap/pcap.h>

#include <algorithm>
#include <cstdio>
#include <stdexcept>

namespace smtp_session::scenarios {
namespace {

constexpr std::uint32_t kEtherIpv4 = 0x0800;
constexpr std::uint32_t kEtherIpv6 = 0x86dd;
constexpr std::uint32_t kEtherVlan = 0x8100;
constexpr std::uint32_t kEtherService = 0x88a8;  // outer tag, IEEE 802.1ad
constexpr std::uint32_t kArphrdEthernet = 1;
constexpr std::size_t kEthernetMinimum = 60;  // without the frame check sequence

int pcap_type(Link link) {
  switch (link) {
    case Link::kEthernet:
      return DLT_EN10MB;
    case Link::kCooked:
      return DLT_LINUX_SLL;
    case Link::kCooked2:
      return DLT_LINUX_SLL2;
    case Link::kRawIp:
      return DLT_RAW;
    case Link::kNull:
      return DLT_NULL;
  }
  throw std::logic_error("no such link");
}

/// A locally administered address, one for each side.
Bytes hardware_address(bool client) {
  return client ? Bytes("\x02\x00\x00\x00\x00\x01", 6) : Bytes("\x02\x00\x00\x00\x00\x02", 6);
}

}  // namespace

PcapFile::PcapFile(const std::string& path, Link link, std::uint32_t snaplen)
    : path_(path),
      pcap_(pcap_open_dead_with_tstamp_precision(pcap_type(link), static_cast<int>(snaplen),
                                                 PCAP_TSTAMP_PRECISION_NANO)) {
  if (pcap_ == nullptr) throw std::runtime_error("libpcap gave no handle");
  dumper_ = pcap_dump_open(pcap_, path.c_str());
  if (dumper_ == nullptr) {
    const std::string reason = pcap_geterr(pcap_);
    pcap_close(pcap_);
    throw std::runtime_error(reason);
  }
}

PcapFile::~PcapFile() {
  pcap_dump_close(dumper_);
  pcap_close(pcap_);
}

void PcapFile::write(Nanoseconds time, const Bytes& bytes, std::uint32_t length) {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(time);
  pcap_pkthdr header{};
  header.ts.tv_sec = seconds.count();
  header.ts.tv_usec = (time - seconds).count();
  header.caplen = static_cast<bpf_u_int32>(bytes.size());
  header.len = length;
  pcap_dump(reinterpret_cast<u_char*>(dumper_), &header,
            reinterpret_cast<const u_char*>(bytes.data()));
}

void PcapFile::finish() {
  if (pcap_dump_flush(dumper_) != 0 || std::ferror(pcap_dump_file(dumper_)) != 0) {
    throw std::runtime_error("cannot write " + path_);
  }
}

Bytes Capture::link_header(const Bytes& ip_packet, const Sighting& sighting) const {
  const bool ipv6 = (static_cast<unsigned char>(ip_packet[0]) >> 4U) == 6;
  const std::uint32_t type = ipv6 ? kEtherIpv6 : kEtherIpv4;
  // The capture was made at the client: what the client sends is "outgoing" (4), else "to us" (0).
  const std::uint32_t packet_type = sighting.from_client ? 4 : 0;
  Bytes out;
  switch (link_) {
    case Link::kEthernet: {
      out += hardware_address(!sighting.from_client);
      out += hardware_address(sighting.from_client);
      const std::size_t tags = sighting.vlans.size();
      for (std::size_t i = 0; i < tags; ++i) {
        put16(out, i + 1 < tags ? kEtherService : kEtherVlan);
        put16(out, sighting.vlans[i]);
      }
      put16(out, type);
      break;
    }
    case Link::kCooked:
      put16(out, packet_type);
      put16(out, kArphrdEthernet);
      put16(out, 6);
      out += hardware_address(sighting.from_client);
      put16(out, 0);
      put16(out, type);
      break;
    case Link::kCooked2:
      put16(out, type);
      put16(out, 0);
      put32(out, sighting.interface_index);
      put16(out, kArphrdEthernet);
      put8(out, packet_type);
      put8(out, 6);
      out += hardware_address(sighting.from_client);
      put16(out, 0);
      break;
    case Link::kRawIp:
      break;
    case Link::kNull:
      // The family in the byte order of the capturing host, here little endian: BSD's AF_INET6 is
      // 24 to 30 depending on the system.
      put8(out, ipv6 ? 24 : 2);
      out.append(3, '\0');
      break;
  }
  return out;
}

void Capture::add(Nanoseconds time, const Bytes& ip_packet, const Sighting& sighting) {
  Bytes bytes = link_header(ip_packet, sighting) + ip_packet;
  // A received Ethernet frame bears the padding of its sender; one that is being sent does not yet.
  if (link_ == Link::kEthernet && !sighting.from_client && bytes.size() < kEthernetMinimum) {
    bytes.resize(kEthernetMinimum, '\0');
  }
  Frame frame;
  frame.time = time;
  frame.length = static_cast<std::uint32_t>(bytes.size());
  frame.bytes = bytes.substr(0, snaplen_);
  frames_.push_back(std::move(frame));
}

void Capture::write(const std::string& path) {
  PcapFile file(path, link_, snaplen_);
  move_to(file);
  file.finish();
}

void Capture::move_to(PcapFile& file) {
  std::stable_sort(frames_.begin(), frames_.end(),
                   [](const Frame& a, const Frame& b) { return a.time < b.time; });
  for (const Frame& frame : frames_) file.write(frame.time, frame.bytes, frame.length);
  frames_.clear();
}

}  // namespace smtp_session::scenarios
