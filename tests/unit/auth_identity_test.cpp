// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/auth_identity.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "tests/support/base64_encode.h"

namespace smtp_session {
namespace {

using test::encode_base64;

std::string user_of(std::string_view mechanism, const std::vector<std::string>& lines) {
  AuthIdentity identity(mechanism);
  for (const std::string& line : lines) identity.client_line(line);
  return identity.user();
}

/// The user from messages that are still to be encoded.
std::string user_in(std::string_view mechanism, const std::vector<std::string>& messages) {
  AuthIdentity identity(mechanism);
  for (const std::string& message : messages) identity.client_line(encode_base64(message));
  return identity.user();
}

/// A text with NULs in it.
template <std::size_t size>
std::string bytes(const char (&literal)[size]) {
  return {literal, size - 1};
}

std::string utf16le(std::u16string_view text) {
  std::string out;
  for (const char16_t unit : text) {
    out += static_cast<char>(unit & 0xFF);
    out += static_cast<char>(unit >> 8);
  }
  return out;
}

constexpr char kSecret[] = "S3cr3t-Horse";
/// What a digest or a proof looks like on the wire.
constexpr char kDigest[] = "b913a602c7eda7a495b4e6e7334d3890";

/// An AUTHENTICATE_MESSAGE as [MS-NLMP] section 2.2.1.3 lays it out.
struct Ntlm {
  std::string lm = std::string(24, 'L');
  std::string nt = kDigest;
  std::string domain;
  std::string user;
  std::string workstation;
  std::string key = std::string(16, 'K');
  bool unicode = true;
  bool full = true;  ///< with session key, flags

  std::string message() const {
    const std::string signature("NTLMSSP\0\3\0\0\0", 12);
    std::string header = signature;
    std::string payload;
    const std::size_t start = full ? 64 : 52;
    const auto number = [&header](std::size_t value, std::size_t octets) {
      for (std::size_t i = 0; i < octets; ++i) {
        header += static_cast<char>(value >> (8 * i) & 0xFF);
      }
    };
    const auto describe = [&](const std::string& part, std::size_t offset) {
      number(part.size(), 2);
      number(part.size(), 2);
      number(offset, 4);
    };
    payload = domain + user + workstation + lm + nt + key;
    const std::size_t user_at = start + domain.size();
    const std::size_t workstation_at = user_at + user.size();
    const std::size_t lm_at = workstation_at + workstation.size();
    describe(lm, lm_at);
    describe(nt, lm_at + lm.size());
    describe(domain, start);
    describe(user, user_at);
    describe(workstation, workstation_at);
    if (full) {
      describe(key, lm_at + lm.size() + nt.size());
      number(unicode ? 0x00000201U : 0x00000202U, 4);
    }
    return header + payload;
  }
};

Ntlm ntlm_of_alice() {
  Ntlm ntlm;
  ntlm.domain = utf16le(u"EXAMPLE");
  ntlm.user = utf16le(u"alice");
  ntlm.workstation = utf16le(u"PC7");
  return ntlm;
}

/// The negotiation that comes before it: type 1, with a domain and a workstation in OEM.
std::string ntlm_negotiate() {
  return bytes("NTLMSSP\0\1\0\0\0\7\x32\0\0\7\0\7\0\x23\0\0\0\3\0\3\0\x20\0\0\0PC7EXAMPLE");
}

TEST(AuthIdentity, ReadsTheExamplesOfTheRfcs) {
  // RFC 4954 section 4.1, RFC 4616 section 4.
  EXPECT_EQ(user_of("PLAIN", {"dGVzdAB0ZXN0ADEyMzQ="}), "test");
  EXPECT_EQ(user_in("PLAIN", {bytes("\0tim\0tanstaaftanstaaf")}), "tim");
  EXPECT_EQ(user_in("PLAIN", {bytes("Ursel\0Kurt\0xipj3plmq")}), "Kurt");
  // RFC 2195 section 2.
  EXPECT_EQ(user_of("CRAM-MD5", {"dGltIGI5MTNhNjAyYzdlZGE3YTQ5NWI0ZTZlNzMzNGQzODkw"}), "tim");
  // RFC 2831 section 4.
  EXPECT_EQ(user_in("DIGEST-MD5", {"charset=utf-8,username=\"chris\",realm=\"elwood.innosoft.com\","
                                   "nonce=\"OA6MG9tEQGm2hh\",nc=00000001,cnonce=\"OA6MHXh6VqTrRk\","
                                   "digest-uri=\"imap/elwood.innosoft.com\","
                                   "response=d388dad90d4bbd760a152321f2143af7,qop=auth",
                                   ""}),
            "chris");
  // RFC 5802 section 5, RFC 7677 section 3.
  EXPECT_EQ(user_of("SCRAM-SHA-1", {"biwsbj11c2VyLHI9ZnlrbytkMmxiYkZnT05Sdjlxa3hkYXdM"}), "user");
  EXPECT_EQ(user_in("SCRAM-SHA-256", {"n,,n=user,r=rOprNGfwEbeRWgbNEkqO"}), "user");
  // RFC 7628 section 4.1.
  EXPECT_EQ(user_in("OAUTHBEARER", {"n,a=user@example.com,\x01host=server.example.com\x01port=587"
                                    "\x01"
                                    "auth=Bearer vF9dft4qmTc2Nvb3RlckBhbHRhdmlzdGEuY29tCg=="
                                    "\x01\x01"}),
            "user@example.com");
}

TEST(AuthIdentity, TakesTheMechanismInAnyCase) {
  EXPECT_EQ(user_in("plain", {bytes("\0alice\0") + kSecret}), "alice");
  EXPECT_EQ(user_in("Login", {"alice", kSecret}), "alice");
  EXPECT_EQ(user_in("scram-Sha-512-plus", {"p=tls-exporter,,n=alice,r=fyko"}), "alice");
  EXPECT_EQ(user_in("ntlm", {ntlm_negotiate(), ntlm_of_alice().message()}), "alice");
}

TEST(AuthIdentity, PlainGivesTheAuthenticationIdentityNotTheAuthorizationIdentity) {
  EXPECT_EQ(user_in("PLAIN", {bytes("admin\0alice\0") + kSecret}), "alice");
  EXPECT_EQ(user_in("PLAIN", {"", bytes("\0alice@example.test\0") + kSecret}),
            "alice@example.test");
}

TEST(AuthIdentity, PlainThatIsNotThreePartsShowsNothing) {
  EXPECT_EQ(user_in("PLAIN", {kSecret}), "");
  EXPECT_EQ(user_in("PLAIN", {bytes("alice\0") + kSecret}), "");
  EXPECT_EQ(user_in("PLAIN", {bytes("alice\0") + kSecret + bytes("\0")}), "");
  EXPECT_EQ(user_in("PLAIN", {bytes("\0alice\0") + kSecret + bytes("\0")}), "");
  EXPECT_EQ(user_in("PLAIN", {bytes("\0\0") + kSecret}), "");
}

TEST(AuthIdentity, LoginTakesTheFirstLineWithOrWithoutInitialResponse) {
  EXPECT_EQ(user_of("LOGIN", {"YWxpY2U=", "UzNjcjN0"}), "alice");
  EXPECT_EQ(user_in("LOGIN", {"alice@example.test"}), "alice@example.test");
}

TEST(AuthIdentity, LoginNeverTakesTheSecondLine) {
  EXPECT_EQ(user_of("LOGIN", {"=", encode_base64(kSecret)}), "");
  EXPECT_EQ(user_of("LOGIN", {"", encode_base64(kSecret)}), "");
  EXPECT_EQ(user_of("LOGIN", {"not base64!", encode_base64(kSecret)}), "");
  EXPECT_EQ(user_of("LOGIN", {"*", encode_base64(kSecret)}), "");
  EXPECT_EQ(
      user_of("LOGIN", {std::string(AuthIdentity::kMaxLine + 4, 'A'), encode_base64(kSecret)}), "");
}

TEST(AuthIdentity, CramMd5TakesNamesWithSpaces) {
  EXPECT_EQ(user_in("CRAM-MD5", {std::string("alice b example ") + kDigest}), "alice b example");
}

TEST(AuthIdentity, CramMd5WithoutADigestShowsNothing) {
  EXPECT_EQ(user_in("CRAM-MD5", {std::string("alice ") + kSecret}), "");
  EXPECT_EQ(user_in("CRAM-MD5", {kDigest}), "");
  EXPECT_EQ(user_in("CRAM-MD5", {"alice b913a602c7eda7a495b4e6e7334d389g"}), "");
  EXPECT_EQ(user_in("CRAM-MD5", {std::string("alice") + kDigest}), "");
}

TEST(AuthIdentity, DigestMd5ReadsQuotedPairsAndIsNotMisledByOtherValues) {
  EXPECT_EQ(user_in("DIGEST-MD5", {R"(username="al\"ice\\",realm="example.test")"}), R"(al"ice\)");
  EXPECT_EQ(user_in("DIGEST-MD5", {R"(realm="x,username=\"mallory\",",username="alice")"}),
            "alice");
  EXPECT_EQ(user_in("DIGEST-MD5", {R"(nc=00000001, , USERNAME = "alice" ,qop=auth)"}), "alice");
}

TEST(AuthIdentity, DigestMd5WithAnOpenQuoteShowsNothing) {
  EXPECT_EQ(user_in("DIGEST-MD5", {R"(username="alice,response=)" + std::string(kDigest)}), "");
  EXPECT_EQ(user_in("DIGEST-MD5", {R"(username="alice\)"}), "");
  EXPECT_EQ(user_in("DIGEST-MD5", {"username=alice"}), "");
}

TEST(AuthIdentity, ScramUnescapesCommaAndEqualsSign) {
  EXPECT_EQ(user_in("SCRAM-SHA-256", {"y,a=boss,n=a=2Cb=3dc,r=x"}), "a,b=c");
  EXPECT_EQ(user_in("SCRAM-SHA-1-PLUS", {"p=tls-unique,,m=ext,n=alice,r=x"}), "alice");
  EXPECT_EQ(user_in("SCRAM-SHA-1", {"n,,n=al=20ice,r=x"}), "");
  EXPECT_EQ(user_in("SCRAM-SHA-1", {"n,,n=alice=2,r=x"}), "");
  EXPECT_EQ(user_in("SCRAM-SHA-1", {"n,,n=alice,p=x"}), "");
  EXPECT_EQ(user_in("SCRAM-SHA-1", {"c=biws,r=x,p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts="}), "");
}

TEST(AuthIdentity, OauthBearerWithoutAnAuthorizationIdentityShowsNothing) {
  const std::string token = std::string("auth=Bearer ") + kSecret + "\x01\x01";
  EXPECT_EQ(user_in("OAUTHBEARER", {"n,,\x01" + token}), "");
  EXPECT_EQ(user_in("OAUTHBEARER", {"n,a=ali=3Dce,\x01" + token}), "ali=ce");
}

TEST(AuthIdentity, ExternalGivesTheAuthorizationIdentity) {
  EXPECT_EQ(user_in("EXTERNAL", {"alice@example.test"}), "alice@example.test");
  EXPECT_EQ(user_of("EXTERNAL", {"="}), "");
  EXPECT_EQ(user_of("EXTERNAL", {""}), "");
}

TEST(AuthIdentity, NtlmReadsTheThirdMessage) {
  Ntlm ntlm = ntlm_of_alice();
  EXPECT_EQ(user_in("NTLM", {ntlm_negotiate(), ntlm.message()}), "alice");
  ntlm.domain.clear();
  EXPECT_EQ(user_in("NTLM", {"", ntlm_negotiate(), ntlm.message()}), "alice");
  ntlm.user = utf16le(u"ren\u00e9e \U0001F40E");
  EXPECT_EQ(user_in("NTLM", {ntlm.message()}),
            "ren\xC3\xA9"
            "e \xF0\x9F\x90\x8E");
  ntlm.user = utf16le(u"a\xD800z");
  EXPECT_EQ(user_in("NTLM", {ntlm.message()}), "a\xEF\xBF\xBDz");
}

TEST(AuthIdentity, NtlmReadsOemNamesAndMessagesWithoutFlags) {
  Ntlm ntlm;
  ntlm.unicode = false;
  ntlm.domain = "EXAMPLE";
  ntlm.user = "ALICE";
  EXPECT_EQ(user_in("NTLM", {ntlm.message()}), "ALICE");
  ntlm.full = false;
  ntlm.key.clear();
  EXPECT_EQ(user_in("NTLM", {ntlm.message()}), "ALICE");
  ntlm.user = utf16le(u"alice");
  EXPECT_EQ(user_in("NTLM", {ntlm.message()}), "alice");
}

TEST(AuthIdentity, NtlmNameOverAResponseOrOutsideTheMessageShowsNothing) {
  constexpr std::size_t kUserOffset = 40;
  const Ntlm ntlm = ntlm_of_alice();
  const std::string good = ntlm.message();
  const std::size_t name = good.find(ntlm.user);
  std::size_t shown = 0;
  for (std::size_t offset = 0; offset <= 255; ++offset) {
    std::string bad = good;
    bad[kUserOffset] = static_cast<char>(offset);
    const std::string user = user_in("NTLM", {bad});
    EXPECT_EQ(user.find("LL"), std::string::npos);
    EXPECT_EQ(user.find("KK"), std::string::npos);
    // In UTF-16 the digits pair up to other characters: none of them may be there either.
    if (offset < 52 || offset >= name + ntlm.user.size() + ntlm.workstation.size()) {
      EXPECT_EQ(user, "") << offset;
    }
    if (!user.empty()) ++shown;
  }
  EXPECT_GT(shown, 0U);
}

TEST(AuthIdentity, MechanismsThatShowNoUserGiveNone) {
  for (const std::string_view mechanism :
       {"ANONYMOUS", "GSSAPI", "GSS-SPNEGO", "X-OWN", "", "PLAINX", "SCRAM"}) {
    EXPECT_EQ(user_in(mechanism, {bytes("\0alice\0") + kSecret, "alice", "n,,n=alice,r=x"}), "")
        << mechanism;
  }
}

TEST(AuthIdentity, EmptyInitialResponseIsNoUser) {
  // RFC 4954 section 4: "=" alone.
  EXPECT_EQ(user_of("PLAIN", {"="}), "");
  EXPECT_EQ(user_of("SCRAM-SHA-1", {"=", encode_base64("n,,n=alice,r=x")}), "alice");
}

TEST(AuthIdentity, DropsControlCharacters) {
  EXPECT_EQ(user_in("LOGIN", {"al\x1B[31mice\r\n\x7F\xC2\x9B!"}), "al[31mice!");
  EXPECT_EQ(user_in("LOGIN", {"ren\xC3\xA9"
                              "e\xC2"}),
            "ren\xC3\xA9"
            "e\xC2");
}

TEST(AuthIdentity, CutsALongNameAtTheStartOfACharacter) {
  EXPECT_EQ(user_in("LOGIN", {std::string(320, 'a')}).size(), 320U);
  EXPECT_EQ(user_in("LOGIN", {std::string(321, 'a')}).size(), 320U);
  const std::string euro = "\xE2\x82\xAC";
  EXPECT_EQ(user_in("LOGIN", {std::string(319, 'a') + euro}), std::string(319, 'a'));
  EXPECT_EQ(user_in("LOGIN", {std::string(318, 'a') + euro}), std::string(318, 'a'));
  EXPECT_EQ(user_in("LOGIN", {std::string(317, 'a') + euro}), std::string(317, 'a') + euro);
}

TEST(AuthIdentity, ReadsALineOfTheLongestLength) {
  std::string message = bytes(
      "user=alice\x01"
      "auth=Bearer ");
  message.resize(AuthIdentity::kMaxLine / 4 * 3, 't');
  EXPECT_EQ(user_in("XOAUTH2", {message}), "alice");
  EXPECT_EQ(user_in("XOAUTH2", {message + "t"}), "");
}

TEST(AuthIdentity, ToleratesTheEndOfTheLine) {
  EXPECT_EQ(user_of("LOGIN", {"YWxpY2U=\r\n"}), "alice");
}

struct Exchange {
  const char* name;
  std::string mechanism;
  std::vector<std::string> messages;
  std::string user;
};

void PrintTo(const Exchange& exchange, std::ostream* out) {
  *out << exchange.mechanism;
}

/// Whole exchanges of each mechanism; each holds kSecret or kDigest, which must not come out.
std::vector<Exchange> exchanges() {
  const std::string secret = kSecret;
  const std::string digest = kDigest;
  return {
      {"Plain", "PLAIN", {bytes("\0alice\0") + secret}, "alice"},
      {"PlainWithAuthzid", "PLAIN", {bytes("boss\0alice\0") + secret}, "alice"},
      {"Login", "LOGIN", {"alice", secret}, "alice"},
      {"CramMd5", "CRAM-MD5", {"alice " + digest}, "alice"},
      {"DigestMd5",
       "DIGEST-MD5",
       {R"(username="alice",realm="example.test",nonce="x",cnonce=")" + secret +
            R"(",nc=00000001,qop=auth,digest-uri="smtp/mx.example.test",response=)" + digest,
        ""},
       "alice"},
      {"DigestMd5ResponseFirst",
       "DIGEST-MD5",
       {"response=" + digest + ",cnonce=\"" + secret + R"(",username="alice",qop=auth)"},
       "alice"},
      {"Scram", "SCRAM-SHA-256", {"n,,n=alice,r=" + secret, "c=biws,r=x,p=" + digest}, "alice"},
      {"ScramPlus",
       "SCRAM-SHA-1-PLUS",
       {"p=tls-exporter,,n=alice,r=" + secret, "c=" + secret + ",r=x,p=" + digest},
       "alice"},
      {"Xoauth2",
       "XOAUTH2",
       {"user=alice\x01"
        "auth=Bearer " +
            secret + "\x01\x01",
        ""},
       "alice"},
      {"OauthBearer",
       "OAUTHBEARER",
       {"n,a=alice,\x01host=mx.example.test\x01"
        "auth=Bearer " +
            secret + "\x01\x01",
        "\x01"},
       "alice"},
      {"External", "EXTERNAL", {"alice", secret}, "alice"},
      {"Ntlm", "NTLM", {ntlm_negotiate(), ntlm_of_alice().message()}, "alice"},
      {"Anonymous", "ANONYMOUS", {secret}, ""},
      {"Gssapi", "GSSAPI", {secret, "", digest}, ""},
      {"Unknown", "X-OWN", {secret, digest}, ""},
  };
}

class AuthIdentitySecrets : public ::testing::TestWithParam<Exchange> {
 protected:
  static void expect_no_secret(const AuthIdentity& identity) {
    // Four octets of it are too many.
    for (const std::string_view secret : {std::string_view(kSecret), std::string_view(kDigest)}) {
      for (std::size_t i = 0; i + 4 <= secret.size(); ++i) {
        ASSERT_EQ(identity.user().find(secret.substr(i, 4)), std::string::npos) << identity.user();
      }
    }
    std::string object(sizeof identity, '\0');
    std::memcpy(object.data(), static_cast<const void*>(&identity), sizeof identity);
    ASSERT_EQ(object.find(std::string_view(kSecret).substr(0, 4)), std::string::npos);
    ASSERT_EQ(object.find(std::string_view(kDigest).substr(0, 4)), std::string::npos);
  }
};

TEST_P(AuthIdentitySecrets, ComeOutAfterNoLine) {
  AuthIdentity identity(GetParam().mechanism);
  for (const std::string& message : GetParam().messages) {
    identity.client_line(encode_base64(message));
    expect_no_secret(identity);
  }
  EXPECT_EQ(identity.user(), GetParam().user);
}

TEST_P(AuthIdentitySecrets, ComeOutOfNoTruncatedMessage) {
  const std::vector<std::string>& messages = GetParam().messages;
  for (std::size_t cut = 0; cut < messages.size(); ++cut) {
    for (std::size_t size = 0; size < messages[cut].size(); ++size) {
      AuthIdentity identity(GetParam().mechanism);
      for (std::size_t i = 0; i < messages.size(); ++i) {
        const std::string& message = messages[i];
        identity.client_line(encode_base64(i == cut ? message.substr(0, size) : message));
        expect_no_secret(identity);
      }
      // The name is there in full or not at all; LOGIN and EXTERNAL end a name by the line alone.
      const std::string& user = GetParam().user;
      if (GetParam().mechanism == "LOGIN" || GetParam().mechanism == "EXTERNAL") {
        EXPECT_EQ(identity.user(), user.substr(0, identity.user().size()));
      } else if (!identity.user().empty()) {
        EXPECT_EQ(identity.user(), user);
      }
    }
  }
}

TEST_P(AuthIdentitySecrets, ComeOutOfNoTruncatedLine) {
  const std::vector<std::string>& messages = GetParam().messages;
  for (std::size_t cut = 0; cut < messages.size(); ++cut) {
    const std::size_t length = encode_base64(messages[cut]).size();
    for (std::size_t size = 0; size < length; ++size) {
      AuthIdentity identity(GetParam().mechanism);
      for (std::size_t i = 0; i < messages.size(); ++i) {
        const std::string line = encode_base64(messages[i]);
        identity.client_line(i == cut ? line.substr(0, size) : line);
        expect_no_secret(identity);
      }
    }
  }
}

TEST_P(AuthIdentitySecrets, ComeOutOfNoPlainMessageSentToTheMechanism) {
  AuthIdentity identity(GetParam().mechanism);
  identity.client_line(encode_base64(bytes("\0alice\0") + kSecret));
  expect_no_secret(identity);
}

INSTANTIATE_TEST_SUITE_P(Mechanisms, AuthIdentitySecrets, ::testing::ValuesIn(exchanges()),
                         [](const auto& exchange) { return std::string(exchange.param.name); });

}  // namespace
}  // namespace smtp_session
