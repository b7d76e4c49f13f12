// SPDX-License-Identifier: GPL-2.0-or-later
//
// What EHLO says: the client's name, and the extensions that the server's reply offers (RFC 5321
// section 4.1.1.1).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "dissector/session.h"
#include "dissector/verbs.h"

namespace smtp_session {

/// The client's name in EHLO, HELO or LHLO.
enum class HelloName : std::uint8_t {
  kHost,     ///< a name with a dot
  kLiteral,  ///< [192.0.2.1] or [IPv6:2001:db8::1] (RFC 5321 section 4.1.3)
  kEmpty,
  kLocalhost,
  kNoDot,
  kBareAddress,  ///< an address without brackets
  kBadLiteral,
};

HelloName hello_name(std::string_view argument);

/// The extensions that the server offers in its reply to `hello`, an EHLO, HELO or LHLO.
class OfferedExtensions {
 public:
  OfferedExtensions(const Session& session, Index hello);

  /// False where there is no such reply, or not all of it, so that nothing can be said.
  bool known() const { return known_; }
  /// As the server wrote them.
  std::vector<std::string_view> lines() const;
  /// `keyword` in upper case. HELO offers none.
  bool has(std::string_view keyword) const;
  /// The parameters of the keyword, empty where there are none or it is not offered.
  std::string_view parameters(std::string_view keyword) const;
  /// `word`, in upper case, is a parameter of the keyword, on whichever of its lines.
  bool has_word(std::string_view keyword, std::string_view word) const;

 private:
  std::string_view lines_;
  bool known_ = false;
};

/// The lines of extensions that the reply to a hello has, and the one to the hello before it has
/// not, and the other way round.
struct OfferChange {
  std::vector<std::string_view> lost;
  std::vector<std::string_view> gained;

  bool any() const { return !lost.empty() || !gained.empty(); }
};

/// What TLS changed: of the first hello under it, which replaces what the server said in clear
/// (RFC 3207 section 4.2). Nothing for any other one, or where one of the replies is not known.
OfferChange offer_change(const Session& session, Index hello);

/// "without STARTTLS, with AUTH PLAIN"; empty where nothing changed.
std::string offer_change_text(const OfferChange& change);

/// The keyword of the extension that a parameter of MAIL or RCPT belongs to, empty where it is not
/// known. `keyword` and `value` in upper case.
std::string_view extension_of_parameter(std::string_view verb, std::string_view keyword,
                                        std::string_view value);

}  // namespace smtp_session
