// SPDX-License-Identifier: GPL-2.0-or-later
//
// Certificates read by GnuTLS.
#pragma once

#include "dissector/certificate.h"

namespace smtp_session::ws {

class GnutlsCertificateReader final : public CertificateReader {
 public:
  bool read(const std::uint8_t* der, std::size_t size, CertificateText& text) const override;
};

}  // namespace smtp_session::ws
