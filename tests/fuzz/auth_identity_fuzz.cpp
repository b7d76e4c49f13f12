// SPDX-License-Identifier: GPL-2.0-or-later
//
// Input: one byte for the mechanism, then the client's messages, each ended by a 0xFF byte (it
// occurs in no UTF-8). A message is passed in base64, and once more as it is.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "dissector/auth_identity.h"
#include "tests/fuzz/check.h"
#include "tests/support/base64_encode.h"

using smtp_session::AuthIdentity;
using smtp_session::test::encode_base64;

namespace {

constexpr char kSeparator = '\xFF';

constexpr std::array<std::string_view, 13> kMechanisms{
    "PLAIN",   "LOGIN",       "CRAM-MD5", "DIGEST-MD5", "SCRAM-SHA-256", "SCRAM-SHA-1-PLUS",
    "XOAUTH2", "OAUTHBEARER", "EXTERNAL", "NTLM",       "ANONYMOUS",     "GSSAPI",
    "",
};

void check_user(const std::string& user) {
  FUZZ_CHECK(user.size() <= AuthIdentity::kMaxUser);
  for (const char c : user) {
    FUZZ_CHECK(static_cast<std::uint8_t>(c) >= 0x20 && c != 0x7F);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view mechanism = kMechanisms[data[0] % kMechanisms.size()];
  std::string_view rest(reinterpret_cast<const char*>(data) + 1, size - 1);

  AuthIdentity encoded(mechanism);
  AuthIdentity raw(mechanism);
  const bool first_line_only = mechanism == "LOGIN" || mechanism == "EXTERNAL";
  for (std::size_t round = 0; !rest.empty(); ++round) {
    const std::size_t end = std::min(rest.find(kSeparator), rest.size());
    const std::string_view message = rest.substr(0, end);
    const std::string before = encoded.user();
    encoded.client_line(encode_base64(message));
    raw.client_line(message);
    check_user(encoded.user());
    check_user(raw.user());
    // Once read, the identity stands; LOGIN's second line is the password.
    if (!before.empty() || (first_line_only && round > 0)) FUZZ_CHECK(encoded.user() == before);
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  if (mechanism == "ANONYMOUS" || mechanism == "GSSAPI" || mechanism.empty()) {
    FUZZ_CHECK(encoded.user().empty() && raw.user().empty());
  }
  return 0;
}
