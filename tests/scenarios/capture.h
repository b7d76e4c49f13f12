// SPDX-License-Identifier: GPL-2.0-or-later
//
// A capture being made: frames with their times, written as a pcap file with nanoseconds. The same
// calls give the same bytes on every run.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "wire.h"

struct pcap;
struct pcap_dumper;

namespace smtp_session::scenarios {

using Nanoseconds = std::chrono::nanoseconds;

/// Every capture begins here: 2026-01-05T10:00:00Z.
inline constexpr Nanoseconds kEpoch = std::chrono::seconds(1767607200);

/// Link types of the pcap registry that the captures use.
enum class Link {
  kEthernet,
  kCooked,   ///< LINKTYPE_LINUX_SLL
  kCooked2,  ///< LINKTYPE_LINUX_SLL2
  kRawIp,
  kNull,  ///< BSD loopback
};

/// tcpdump's default.
inline constexpr std::uint32_t kSnaplen = 262144;

/// How a packet was seen on the link.
struct Sighting {
  bool from_client = true;
  std::vector<std::uint16_t> vlans;   ///< outermost first; Ethernet only
  std::uint32_t interface_index = 2;  ///< cooked v2 only
};

/// A pcap file that is being written.
class PcapFile {
 public:
  PcapFile(const std::string& path, Link link, std::uint32_t snaplen);
  ~PcapFile();
  PcapFile(const PcapFile&) = delete;
  PcapFile& operator=(const PcapFile&) = delete;

  /// `length` is that on the wire.
  void write(Nanoseconds time, const Bytes& bytes, std::uint32_t length);
  /// Throws where the file system refused something.
  void finish();

 private:
  std::string path_;
  pcap* pcap_ = nullptr;
  pcap_dumper* dumper_ = nullptr;
};

class Capture {
 public:
  void use_link(Link link) { link_ = link; }
  /// Frames added from now on hold at most `bytes`.
  void use_snaplen(std::uint32_t bytes) { snaplen_ = bytes; }

  /// Adds an IP packet that passed at `time`.
  void add(Nanoseconds time, const Bytes& ip_packet, const Sighting& sighting);

  /// Conversations cut what they send at random places: `seed` decides where. With `shuffled` the
  /// pieces also arrive in a random order.
  struct Recut {
    std::uint32_t seed = 0;
    bool shuffled = false;
  };
  void use_recut(Recut recut) { recut_ = recut; }
  const std::optional<Recut>& recut() const { return recut_; }

  /// Writes the frames in order of time; those of one time in the order of their adding.
  void write(const std::string& path);
  /// The same, as the next frames of `file`. The capture is empty afterwards.
  void move_to(PcapFile& file);

 private:
  struct Frame {
    Nanoseconds time{};
    std::uint32_t length = 0;  ///< on the wire
    Bytes bytes;               ///< in the capture
  };

  Bytes link_header(const Bytes& ip_packet, const Sighting& sighting) const;

  Link link_ = Link::kEthernet;
  std::uint32_t snaplen_ = kSnaplen;
  std::optional<Recut> recut_;
  std::vector<Frame> frames_;
};

}  // namespace smtp_session::scenarios
