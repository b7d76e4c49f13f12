// SPDX-License-Identifier: GPL-2.0-or-later
//
// Who wants to log in, read from the client's lines of a SASL exchange. What proves it (password,
// digest, token, nonce) is never kept: each line is read, wiped and forgotten.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace smtp_session {

class AuthIdentity {
 public:
  /// RFC 5321 section 4.5.3.1: a local part of 64 octets, "@", a domain of 255. A longer identity
  /// is cut.
  static constexpr std::size_t kMaxUser = 64 + 1 + 255;
  /// RFC 4954 section 4: the longest base64 line, without its end. What is longer is not read.
  static constexpr std::size_t kMaxLine = 12288;

  /// `mechanism` as in "AUTH mechanism", in any case.
  explicit AuthIdentity(std::string_view mechanism);

  /// Takes one line of the client, in order: the initial response ("=" is an empty one, RFC 4954
  /// section 4) or an answer to a 334. Every line has to be passed in: in LOGIN only the order
  /// tells the user from the password. After a line lost in the capture, stop.
  void client_line(std::string_view line);

  /// The authentication identity without control characters; empty while, or where, the mechanism
  /// does not show it. It may not be valid UTF-8.
  const std::string& user() const { return user_; }

 private:
  enum class Mechanism : std::uint8_t {
    kOther,  ///< ANONYMOUS, GSSAPI, what is not known: nothing is read
    kPlain,
    kLogin,
    kCramMd5,
    kDigestMd5,
    kScram,
    kXoauth2,
    kOauthBearer,
    kExternal,
    kNtlm,
  };

  static Mechanism mechanism_of(std::string_view name);
  static std::string read_user(Mechanism mechanism, std::string_view message);

  std::string user_;
  Mechanism mechanism_;
  bool done_ = false;  ///< no line to come may show the identity
};

}  // namespace smtp_session
