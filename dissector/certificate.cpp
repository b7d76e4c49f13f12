// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/certificate.h"

#include <algorithm>

#include "dissector/command_line.h"

namespace smtp_session {

namespace {

/// Takes a vector of TLS: its length in `width` octets, then its bytes (RFC 8446 section 3.4).
bool take_vector(std::string_view& rest, std::size_t width, std::string_view& vector) {
  if (rest.size() < width) return false;
  std::size_t length = 0;
  for (std::size_t i = 0; i < width; ++i) {
    length = length << 8U | static_cast<unsigned char>(rest[i]);
  }
  if (rest.size() - width < length) return false;
  vector = rest.substr(width, length);
  rest.remove_prefix(width + length);
  return true;
}

bool same(std::string_view a, std::string_view b) {
  return to_upper(a) == to_upper(b);
}

}  // namespace

std::string_view leaf_certificate(std::string_view message, bool tls13) {
  constexpr std::size_t kContextWidth = 1;
  constexpr std::size_t kListWidth = 3;
  std::string_view rest = message;
  std::string_view part;
  if (tls13 && !take_vector(rest, kContextWidth, part)) return {};
  if (!take_vector(rest, kListWidth, part)) return {};
  std::string_view list = part;
  return take_vector(list, kListWidth, part) ? part : std::string_view();
}

bool certificate_fits(const std::vector<std::string>& names, std::string_view host) {
  if (!host.empty() && host.back() == '.') host.remove_suffix(1);
  return !host.empty() && std::any_of(names.begin(), names.end(), [&](std::string_view name) {
    if (name.substr(0, 2) != "*.") return same(name, host);
    const auto dot = host.find('.');
    return dot != 0 && dot != std::string_view::npos && same(name.substr(1), host.substr(dot));
  });
}

}  // namespace smtp_session
