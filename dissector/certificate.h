// SPDX-License-Identifier: GPL-2.0-or-later
//
// What a server's certificate says of itself (RFC 5280). The engine does not read ASN.1: whoever
// embeds it hands in a CertificateReader that stands on a library.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "dissector/types.h"

namespace smtp_session {

struct CertificateText {
  std::string subject;             ///< common name, or the whole distinguished name without one
  std::string issuer;              ///< likewise
  std::vector<std::string> names;  ///< dNSName and iPAddress entries; the common name without any
  TimeNs not_before = kNoTime;
  TimeNs not_after = kNoTime;
  bool self_signed = false;
};

class CertificateReader {
 public:
  virtual ~CertificateReader() = default;
  /// False where `der` is no certificate; then `text` is as it was.
  virtual bool read(const std::uint8_t* der, std::size_t size, CertificateText& text) const = 0;
};

/// The first certificate, the server's own, of a Certificate message: RFC 8446 section 4.4.2 with
/// `tls13`, else RFC 5246 section 7.4.2. Empty where there is none.
std::string_view leaf_certificate(std::string_view message, bool tls13);

/// True where `host` is one of `names`; a name may begin with "*." for one label (RFC 9525 section
/// 6.3). Case does not count.
bool certificate_fits(const std::vector<std::string>& names, std::string_view host);

}  // namespace smtp_session
