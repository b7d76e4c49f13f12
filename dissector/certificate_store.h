// SPDX-License-Identifier: GPL-2.0-or-later
//
// Each certificate of a capture, read once: a server shows the same one in every session.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "dissector/certificate.h"

namespace smtp_session {

class CertificateStore {
 public:
  /// `reader` may be null: then no certificate is read. It must live as long as the store.
  explicit CertificateStore(const CertificateReader* reader) : reader_(reader) {}

  /// What the certificate `der` says, or null where it cannot be read.
  std::shared_ptr<const CertificateText> read(std::string_view der);

 private:
  const CertificateReader* reader_;
  std::map<std::string, std::shared_ptr<const CertificateText>, std::less<>> known_;
};

}  // namespace smtp_session
