// SPDX-License-Identifier: GPL-2.0-or-later
#include "plugin/address_hash.h"

#include <glib.h>

#include <cstddef>

namespace smtp_session::ws {

std::string AddressHash::stand_in(std::string_view local, std::string_view domain) const {
  constexpr std::size_t kDigits = 16;
  const std::string address = folded_address(local, domain);
  char* const sum = g_compute_checksum_for_string(G_CHECKSUM_SHA256, address.data(),
                                                  static_cast<gssize>(address.size()));
  std::string text = "sha256:" + std::string{sum}.substr(0, kDigits);
  g_free(sum);
  return text;
}

}  // namespace smtp_session::ws
