// SPDX-License-Identifier: GPL-2.0-or-later
//
// Takes mail addresses out of a session's JSON: those of the envelope, user names, and every
// address that a text quotes (arguments, reply texts, verdict, findings). What names a host stays
// (IP addresses, host names in greetings, hello commands and reply texts, domains): without it a
// session cannot be told from another, and it names no person.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "dissector/report/json_value.h"

namespace smtp_session {

/// What stands in the place of an address.
class AddressStandIn {
 public:
  virtual ~AddressStandIn() = default;
  /// `local` and `domain` are as in the capture; `domain` is empty where there was no "@".
  virtual std::string stand_in(std::string_view local, std::string_view domain) const = 0;
};

/// "*@example.test": the domain is kept, "*" without one.
class DomainOnly final : public AddressStandIn {
 public:
  std::string stand_in(std::string_view local, std::string_view domain) const override;
};

/// "local@domain" in lower case (of ASCII): what two spellings of an address have in common.
std::string folded_address(std::string_view local, std::string_view domain);

/// Names to look for, each as a whole word, in lower case.
class NameList {
 public:
  NameList() = default;
  explicit NameList(std::vector<std::string> names);

  bool empty() const { return names_.empty(); }

  /// How many characters at the beginning of `text` are one of the names, the longest one, or what
  /// is left of it where the text was cut short; 0 where they are none.
  std::size_t longest_at(std::string_view text) const;

 private:
  std::vector<std::string> names_;  ///< in order
  std::vector<std::size_t> sizes_;  ///< that they have, the largest first
};

/// `text` with every address in it hidden. An address is what stands around "@" (also written %40,
/// or +40 as in xtext, RFC 3461 section 4): a quoted string, or all up to a "<" before it, or the
/// characters of a dot-string of RFC 5321 section 4.1.2. Elsewhere each of `names` is hidden where
/// it stands as a word.
std::string hide_addresses(std::string_view text, const AddressStandIn& style,
                           const NameList& names = {});

/// Hides all of a session's. The local parts of its envelope, its user names and what was asked for
/// with VRFY and EXPN are hidden in its texts also where they stand alone; so is all that a reply
/// to these says of somebody it knows.
void hide_addresses(JsonValue& session, const AddressStandIn& style);

}  // namespace smtp_session
