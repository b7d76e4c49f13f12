// SPDX-License-Identifier: GPL-2.0-or-later
#include "plugin/certificate_gnutls.h"

#include <arpa/inet.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>

#include <array>
#include <limits>
#include <memory>
#include <type_traits>

namespace smtp_session::ws {

namespace {

struct Release {
  void operator()(gnutls_x509_crt_t certificate) const { gnutls_x509_crt_deinit(certificate); }
};
using Certificate = std::unique_ptr<std::remove_pointer_t<gnutls_x509_crt_t>, Release>;

/// Names in a certificate that are kept, and bytes of each: a dNSName has 255 octets at the most
/// (RFC 5321 section 4.5.3.1.2), and no mail server needs hundreds of them.
constexpr unsigned kMaxNames = 64;
constexpr std::size_t kMaxName = 256;

using GetByOid = int (*)(gnutls_x509_crt_t, const char*, unsigned, unsigned, void*, size_t*);
using GetName = int (*)(gnutls_x509_crt_t, char*, size_t*);

std::string name_of(gnutls_x509_crt_t certificate, GetByOid by_oid, GetName whole) {
  std::array<char, kMaxName> buffer{};
  size_t size = buffer.size();
  if (by_oid(certificate, GNUTLS_OID_X520_COMMON_NAME, 0, 0, buffer.data(), &size) == 0) {
    return {buffer.data(), size};
  }
  size = buffer.size();
  return whole(certificate, buffer.data(), &size) == 0 ? std::string(buffer.data(), size)
                                                       : std::string();
}

std::string address_text(const char* bytes, size_t size) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  const int family = size == 4 ? AF_INET : AF_INET6;
  if (size != 4 && size != 16) return {};
  return inet_ntop(family, bytes, text.data(), text.size()) == nullptr ? "" : text.data();
}

std::vector<std::string> alternative_names(gnutls_x509_crt_t certificate) {
  std::vector<std::string> names;
  for (unsigned i = 0; i < kMaxNames; ++i) {
    std::array<char, kMaxName> buffer{};
    size_t size = buffer.size();
    const int kind =
        gnutls_x509_crt_get_subject_alt_name(certificate, i, buffer.data(), &size, nullptr);
    if (kind == GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE) break;
    if (kind == GNUTLS_SAN_DNSNAME) names.emplace_back(buffer.data(), size);
    if (kind == GNUTLS_SAN_IPADDRESS) names.push_back(address_text(buffer.data(), size));
  }
  return names;
}

TimeNs to_ns(time_t seconds) {
  constexpr TimeNs kSecond = 1'000'000'000;
  if (seconds == static_cast<time_t>(-1)) return kNoTime;
  // A certificate may be valid for longer than nanoseconds can count.
  constexpr TimeNs kLast = std::numeric_limits<TimeNs>::max() / kSecond;
  return seconds > kLast ? std::numeric_limits<TimeNs>::max() : TimeNs{seconds} * kSecond;
}

}  // namespace

bool GnutlsCertificateReader::read(const std::uint8_t* der, std::size_t size,
                                   CertificateText& text) const {
  gnutls_x509_crt_t raw = nullptr;
  if (size > std::numeric_limits<unsigned>::max() || gnutls_x509_crt_init(&raw) != 0) return false;
  const Certificate certificate(raw);
  // GnuTLS reads through this pointer only; its C interface has no const.
  gnutls_datum_t data{const_cast<unsigned char*>(der), static_cast<unsigned>(size)};
  if (gnutls_x509_crt_import(raw, &data, GNUTLS_X509_FMT_DER) != 0) return false;
  text.subject = name_of(raw, gnutls_x509_crt_get_dn_by_oid, gnutls_x509_crt_get_dn);
  text.issuer = name_of(raw, gnutls_x509_crt_get_issuer_dn_by_oid, gnutls_x509_crt_get_issuer_dn);
  text.names = alternative_names(raw);
  if (text.names.empty() && !text.subject.empty()) text.names.push_back(text.subject);
  text.not_before = to_ns(gnutls_x509_crt_get_activation_time(raw));
  text.not_after = to_ns(gnutls_x509_crt_get_expiration_time(raw));
  text.self_signed = gnutls_x509_crt_check_issuer(raw, raw) != 0;
  return true;
}

}  // namespace smtp_session::ws
