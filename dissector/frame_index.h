// SPDX-License-Identifier: GPL-2.0-or-later
//
// What each frame is in its session: written once, when the frame is first seen, and read in every
// pass. Twelve bytes a frame, for a capture may hold many million.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <optional>
#include <unordered_map>
#include <vector>

#include "dissector/session.h"
#include "dissector/types.h"

namespace smtp_session {

/// What a frame is besides the commands and replies that it completes; several may hold.
enum Role : std::uint32_t {
  kRoleSyn = 1U << 0U,
  kRoleSynAck = 1U << 1U,
  kRoleAck = 1U << 2U,
  kRoleFin = 1U << 3U,
  kRoleRst = 1U << 4U,
  kRoleKeepAlive = 1U << 5U,
  kRoleRetransmission = 1U << 6U,
  kRoleDuplicate = 1U << 7U,
  kRoleOutOfOrder = 1U << 8U,
  kRoleZeroWindow = 1U << 9U,
  kRoleAfterGap = 1U << 10U,
  kRoleProxy = 1U << 11U,
  kRoleMessageData = 1U << 12U,
  kRoleAuthResponse = 1U << 13U,
  kRoleCommandPart = 1U << 14U,
  kRoleReplyPart = 1U << 15U,
  kRoleClientHello = 1U << 16U,
  kRoleServerHello = 1U << 17U,
  kRoleTlsHandshake = 1U << 18U,
  kRoleTlsAlert = 1U << 19U,
  kRoleEncryptedData = 1U << 20U,
  kRoleSessionTicket = 1U << 21U,
};

struct FrameRecord {
  FrameNumber frame = 0;
  std::uint32_t session = 0;
  std::uint32_t roles : 24;
  std::uint32_t phase : 4;
  std::uint32_t from_server : 1;
  std::uint32_t encrypted : 1;
  std::uint32_t late : 1;  ///< recognised after its own pass: a handshake frame of an odd port

  Side sender() const { return from_server != 0U ? Side::kServer : Side::kClient; }
  Phase phase_at() const { return static_cast<Phase>(phase); }
};

/// The records of all frames, in order of frame number. A frame may have several (a tunnel may
/// carry one TCP connection inside another). A capture may hold many million: ten bytes each, as
/// the frames of all sessions play few parts, which are kept once.
class FrameIndex {
 public:
  /// Adds the record of the frame being read, or of an earlier one that was held back.
  void add(const FrameRecord& record);

  /// The `nth` record of `frame`, from 0.
  std::optional<FrameRecord> find(FrameNumber frame, std::size_t nth = 0) const;

  void clear();

  std::size_t size() const { return in_order_.size() + late_.size(); }

 private:
  struct Place {
    FrameNumber frame;
    std::uint32_t session;
  };

  /// What a record says besides its place.
  using Part = std::uint32_t;
  using PartNumber = std::uint16_t;

  /// Parts beyond those that have a number are kept in `rare_`.
  static constexpr PartNumber kRare = 0xFFFF;

  PartNumber number_of(Part part);
  FrameRecord record_at(std::size_t at) const;

  std::deque<Place> in_order_;
  std::deque<PartNumber> parts_in_order_;  ///< of in_order_
  std::vector<Part> parts_;                ///< by number
  std::unordered_map<Part, PartNumber> numbers_;
  std::array<PartNumber, 256> recent_{};  ///< numbers that were asked for, by a hash of the part
  std::unordered_map<std::size_t, Part> rare_;  ///< by position in in_order_
  /// Where the last one of in_order_ stands among those of its frame, from 0.
  std::size_t last_nth_ = 0;
  std::vector<FrameRecord> late_;
};

}  // namespace smtp_session
