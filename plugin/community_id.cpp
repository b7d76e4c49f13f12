// SPDX-License-Identifier: GPL-2.0-or-later
#include "plugin/community_id.h"

#include <glib.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace smtp_session::ws {
namespace {

constexpr std::uint8_t kProtocolTcp = 6;
constexpr std::size_t kSha1Size = 20;

/// The specification puts the smaller address, then the smaller port, first.
bool comes_first(const Endpoint& a, const Endpoint& b) {
  const int order = std::memcmp(a.address.bytes.data(), b.address.bytes.data(), a.address.size());
  return order < 0 || (order == 0 && a.port < b.port);
}

void update(GChecksum* sum, const std::uint8_t* bytes, std::size_t size) {
  g_checksum_update(sum, bytes, static_cast<gssize>(size));
}

void update_port(GChecksum* sum, std::uint16_t port) {
  const std::array<std::uint8_t, 2> bytes = {static_cast<std::uint8_t>(port >> 8U),
                                             static_cast<std::uint8_t>(port & 0xffU)};
  update(sum, bytes.data(), bytes.size());
}

}  // namespace

std::string community_id(const Endpoint& a, const Endpoint& b) {
  if (a.address.size() == 0 || a.address.size() != b.address.size()) return {};
  const bool in_order = comes_first(a, b);
  const Endpoint& first = in_order ? a : b;
  const Endpoint& second = in_order ? b : a;

  GChecksum* sum = g_checksum_new(G_CHECKSUM_SHA1);
  const std::array<std::uint8_t, 2> seed = {0, 0};
  update(sum, seed.data(), seed.size());
  update(sum, first.address.bytes.data(), first.address.size());
  update(sum, second.address.bytes.data(), second.address.size());
  const std::array<std::uint8_t, 2> protocol_and_padding = {kProtocolTcp, 0};
  update(sum, protocol_and_padding.data(), protocol_and_padding.size());
  update_port(sum, first.port);
  update_port(sum, second.port);
  std::array<std::uint8_t, kSha1Size> digest{};
  gsize size = digest.size();
  g_checksum_get_digest(sum, digest.data(), &size);
  g_checksum_free(sum);

  char* base64 = g_base64_encode(digest.data(), size);
  std::string id = std::string("1:") + base64;
  g_free(base64);
  return id;
}

}  // namespace smtp_session::ws
