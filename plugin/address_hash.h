// SPDX-License-Identifier: GPL-2.0-or-later
//
// Mail addresses as SHA-256 sums.
#pragma once

#include <string>
#include <string_view>

#include "dissector/report/hidden_addresses.h"

namespace smtp_session::ws {

/// "sha256:" and the first 16 hexadecimal digits of the sum of the address in lower case. It tells
/// addresses apart and hides them from a reader; who guesses an address can confirm it.
class AddressHash final : public AddressStandIn {
 public:
  std::string stand_in(std::string_view local, std::string_view domain) const override;
};

}  // namespace smtp_session::ws
