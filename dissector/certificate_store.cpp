// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/certificate_store.h"

#include <cstdint>
#include <utility>

namespace smtp_session {

std::shared_ptr<const CertificateText> CertificateStore::read(std::string_view der) {
  if (reader_ == nullptr || der.empty()) return nullptr;
  const auto known = known_.find(der);
  if (known != known_.end()) return known->second;
  auto text = std::make_shared<CertificateText>();
  if (!reader_->read(reinterpret_cast<const std::uint8_t*>(der.data()), der.size(), *text)) {
    text.reset();
  }
  return known_.emplace(std::string(der), std::move(text)).first->second;
}

}  // namespace smtp_session
