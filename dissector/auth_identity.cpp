// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/auth_identity.h"

#include <algorithm>
#include <array>

#include "dissector/ascii.h"
#include "dissector/base64.h"

// Each reader below takes one decoded message of a client and gives the identity in it, or nothing.
// They are strict on purpose: where a message does not follow its grammar, a guess could show a
// password as a user.

namespace smtp_session {
namespace {

/// The text of a secret, overwritten before its memory is given back.
class SecretText {
 public:
  SecretText() = default;
  SecretText(const SecretText&) = delete;
  SecretText& operator=(const SecretText&) = delete;
  ~SecretText() {
    text_.resize(text_.capacity());
    // Through volatile, or the compiler may leave out stores that nobody reads.
    volatile char* bytes = text_.data();
    for (std::size_t i = 0; i < text_.size(); ++i) bytes[i] = 0;
  }

  std::string& get() { return text_; }

 private:
  std::string text_;
};

bool starts_with(std::string_view text, std::string_view prefix) {
  return text.substr(0, prefix.size()) == prefix;
}

bool is_hex_digit(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

bool has_nul(std::string_view text) {
  return text.find('\0') != std::string_view::npos;
}

/// LOGIN (draft-murchison-sasl-login) and EXTERNAL (RFC 4422 appendix A): the message is the name.
/// One with NULs is a PLAIN message sent to the wrong mechanism, password and all.
std::string read_bare(std::string_view message) {
  return has_nul(message) ? std::string() : std::string(message);
}

/// RFC 4616 section 2: [authzid] NUL authcid NUL passwd. Exactly two NULs and a password: of
/// "user NUL password" the second word would pass for the authcid.
std::string read_plain(std::string_view message) {
  const std::size_t first = message.find('\0');
  if (first == std::string_view::npos) return {};
  const std::size_t second = message.find('\0', first + 1);
  if (second == std::string_view::npos || second + 1 == message.size()) return {};
  if (has_nul(message.substr(second + 1))) return {};
  return std::string(message.substr(first + 1, second - first - 1));
}

/// RFC 2195 section 2: the user name, a space, the digest. The name may hold spaces, the digest is
/// 32 hex digits; anything else could be a password in clear.
std::string read_cram_md5(std::string_view message) {
  constexpr std::size_t kDigest = 32;
  if (message.size() <= kDigest) return {};
  const std::size_t space = message.size() - kDigest - 1;
  if (message[space] != ' ') return {};
  const std::string_view digest = message.substr(space + 1);
  if (!std::all_of(digest.begin(), digest.end(), is_hex_digit)) return {};
  return read_bare(message.substr(0, space));
}

/// RFC 2831 sections 2.1.2 and 7.1: a list of name=value, parted by commas; a value is a token or a
/// quoted string with backslash pairs, and that of username is quoted. The list is read in order,
/// for another value (a realm) may hold the word username.
std::string read_digest_md5(std::string_view message) {
  const auto is_space = [](char c) { return c == ' ' || c == '\t'; };
  std::size_t at = 0;
  while (at < message.size()) {
    if (is_space(message[at]) || message[at] == ',') {
      ++at;
      continue;
    }
    const std::size_t equals = message.find('=', at);
    if (equals == std::string_view::npos) return {};
    std::string_view name = message.substr(at, equals - at);
    while (!name.empty() && is_space(name.back())) name.remove_suffix(1);
    const bool wanted = equal_ignoring_case(name, "username");
    at = equals + 1;
    while (at < message.size() && is_space(message[at])) ++at;
    if (at == message.size()) return {};
    if (message[at] != '"') {
      if (wanted) return {};
      at = std::min(message.find(',', at), message.size());
      continue;
    }
    std::string value;
    for (++at; at < message.size() && message[at] != '"'; ++at) {
      if (message[at] == '\\' && ++at == message.size()) return {};
      if (wanted) value += message[at];
    }
    if (at == message.size()) return {};
    if (wanted) return read_bare(value);
    ++at;
  }
  return {};
}

/// RFC 5802 section 5.1, saslname: "," is sent as "=2C", "=" as "=3D", and no other "=" may occur.
std::string unescape_saslname(std::string_view name) {
  std::string out;
  for (std::size_t i = 0; i < name.size(); ++i) {
    if (name[i] != '=') {
      out += name[i];
      continue;
    }
    const std::string_view escape = name.substr(i, 3);
    if (equal_ignoring_case(escape, "=2C")) {
      out += ',';
    } else if (equal_ignoring_case(escape, "=3D")) {
      out += '=';
    } else {
      return {};
    }
    i += 2;
  }
  return read_bare(out);
}

/// RFC 5801 section 4, gs2-header without its nonstandard flag: takes ("p=" name / "n" / "y") ","
/// ["a=" saslname] "," off `message`.
bool take_gs2_header(std::string_view& message, std::string_view& authzid) {
  if (!starts_with(message, "n,") && !starts_with(message, "y,") && !starts_with(message, "p=")) {
    return false;
  }
  const std::size_t flag_end = message.find(',');
  if (flag_end == std::string_view::npos) return false;
  message.remove_prefix(flag_end + 1);
  const std::size_t end = message.find(',');
  if (end == std::string_view::npos) return false;
  authzid = message.substr(0, end);
  message.remove_prefix(end + 1);
  if (authzid.empty()) return true;
  if (!starts_with(authzid, "a=")) return false;
  authzid.remove_prefix(2);
  return true;
}

/// RFC 5802 section 7, client-first-message: gs2-header ["m=" ext ","] "n=" saslname ",r=" nonce.
std::string read_scram(std::string_view message) {
  std::string_view authzid;
  if (!take_gs2_header(message, authzid)) return {};
  if (starts_with(message, "m=")) {
    const std::size_t end = message.find(',');
    if (end == std::string_view::npos) return {};
    message.remove_prefix(end + 1);
  }
  if (!starts_with(message, "n=")) return {};
  message.remove_prefix(2);
  const std::size_t end = message.find(',');
  if (end == std::string_view::npos || !starts_with(message.substr(end), ",r=")) return {};
  return unescape_saslname(message.substr(0, end));
}

/// Google's and Microsoft's XOAUTH2: "user=" name ^A "auth=Bearer " token ^A ^A.
std::string read_xoauth2(std::string_view message) {
  constexpr std::string_view kUser = "user=";
  if (!starts_with(message, kUser)) return {};
  const std::size_t end = message.find('\x01');
  if (end == std::string_view::npos) return {};
  return read_bare(message.substr(kUser.size(), end - kUser.size()));
}

/// RFC 7628 section 3.1: gs2-header ^A key=value ^A ...; the identity is the authzid.
std::string read_oauthbearer(std::string_view message) {
  std::string_view authzid;
  if (!take_gs2_header(message, authzid) || !starts_with(message, "\x01")) return {};
  return unescape_saslname(authzid);
}

std::uint32_t little_endian(std::string_view message, std::size_t at, std::size_t octets) {
  std::uint32_t value = 0;
  for (std::size_t i = octets; i > 0; --i) {
    value = (value << 8U) | static_cast<std::uint8_t>(message[at + i - 1]);
  }
  return value;
}

/// [MS-NLMP] section 2.2.1.3, the AUTHENTICATE_MESSAGE: where its parts are described.
namespace ntlm {
constexpr std::string_view kSignature("NTLMSSP\0", 8);
constexpr std::size_t kType = 8;
constexpr std::size_t kLmResponse = 12;
constexpr std::size_t kNtResponse = 20;
constexpr std::size_t kDomain = 28;
constexpr std::size_t kUser = 36;
constexpr std::size_t kWorkstation = 44;
constexpr std::size_t kSessionKey = 52;
constexpr std::size_t kFlags = 60;
/// Old clients leave out the session key and the flags; then the payload begins here.
constexpr std::size_t kShortHeader = 52;
constexpr std::size_t kHeader = 64;
constexpr std::uint32_t kAuthenticate = 3;
constexpr std::uint32_t kUnicode = 0x00000001;  ///< NTLMSSP_NEGOTIATE_UNICODE, section 2.2.2.5
}  // namespace ntlm

/// A part of an NTLM message: length (2), room (2), offset (4).
struct NtlmPart {
  std::uint64_t begin;
  std::uint64_t size;

  NtlmPart(std::string_view message, std::size_t at)
      : begin(little_endian(message, at + 4, 4)), size(little_endian(message, at, 2)) {}

  bool overlaps(const NtlmPart& part) const {
    return size != 0 && part.size != 0 && begin < part.begin + part.size &&
           part.begin < begin + size;
  }
};

void append_utf8(std::string& out, std::uint32_t code) {
  const auto add = [&out](std::uint32_t byte) { out += static_cast<char>(byte); };
  if (code < 0x80) {
    add(code);
  } else if (code < 0x800) {
    add(0xC0U | (code >> 6U));
    add(0x80U | (code & 0x3FU));
  } else if (code < 0x10000) {
    add(0xE0U | (code >> 12U));
    add(0x80U | ((code >> 6U) & 0x3FU));
    add(0x80U | (code & 0x3FU));
  } else {
    add(0xF0U | (code >> 18U));
    add(0x80U | ((code >> 12U) & 0x3FU));
    add(0x80U | ((code >> 6U) & 0x3FU));
    add(0x80U | (code & 0x3FU));
  }
}

/// UTF-16LE to UTF-8 (RFC 2781 section 2.2); a surrogate without its pair becomes U+FFFD.
std::string from_utf16le(std::string_view bytes) {
  constexpr std::uint32_t kReplacement = 0xFFFD;
  const auto is_high = [](std::uint32_t unit) { return (unit & 0xFC00U) == 0xD800U; };
  const auto is_low = [](std::uint32_t unit) { return (unit & 0xFC00U) == 0xDC00U; };
  std::string out;
  for (std::size_t i = 0; i + 2 <= bytes.size(); i += 2) {
    std::uint32_t code = little_endian(bytes, i, 2);
    if (is_high(code) && i + 4 <= bytes.size() && is_low(little_endian(bytes, i + 2, 2))) {
      code = 0x10000U + ((code & 0x3FFU) << 10U) + (little_endian(bytes, i + 2, 2) & 0x3FFU);
      i += 2;
    } else if (is_high(code) || is_low(code)) {
      code = kReplacement;
    }
    append_utf8(out, code);
  }
  return out;
}

/// The user name of an AUTHENTICATE_MESSAGE. The domain is left out: it is a part of its own.
std::string read_ntlm(std::string_view message) {
  if (message.size() < ntlm::kShortHeader || !starts_with(message, ntlm::kSignature) ||
      little_endian(message, ntlm::kType, 4) != ntlm::kAuthenticate) {
    return {};
  }
  const NtlmPart user(message, ntlm::kUser);
  if (user.begin < ntlm::kShortHeader || user.begin + user.size > message.size()) return {};

  std::uint64_t payload = message.size();
  for (const std::size_t at :
       {ntlm::kLmResponse, ntlm::kNtResponse, ntlm::kDomain, ntlm::kUser, ntlm::kWorkstation}) {
    const NtlmPart part(message, at);
    if (part.size != 0) payload = std::min(payload, part.begin);
  }
  const bool full = payload >= ntlm::kHeader;
  // A name that lies over a response would show the response.
  for (const std::size_t at : {ntlm::kLmResponse, ntlm::kNtResponse}) {
    if (user.overlaps(NtlmPart(message, at))) return {};
  }
  if (full && user.overlaps(NtlmPart(message, ntlm::kSessionKey))) return {};

  const std::string_view name =
      message.substr(static_cast<std::size_t>(user.begin), static_cast<std::size_t>(user.size));
  const bool unicode = full ? (little_endian(message, ntlm::kFlags, 4) & ntlm::kUnicode) != 0
                            : name.size() >= 2 && name[1] == '\0';
  return read_bare(unicode ? from_utf16le(name) : std::string(name));
}

/// Drops the control characters C0, DEL and C1 (in UTF-8 C2 80 to C2 9F), and cuts to `limit`
/// octets, at the start of a UTF-8 sequence.
std::string clean(std::string_view name, std::size_t limit) {
  std::string out;
  for (std::size_t i = 0; i < name.size(); ++i) {
    const auto byte = static_cast<std::uint8_t>(name[i]);
    if (byte < 0x20 || byte == 0x7F) continue;
    if (byte == 0xC2 && i + 1 < name.size()) {
      const auto next = static_cast<std::uint8_t>(name[i + 1]);
      if (next >= 0x80 && next <= 0x9F) {
        ++i;
        continue;
      }
    }
    out += name[i];
  }
  if (out.size() <= limit) return out;
  std::size_t end = limit;
  // At most three octets follow the first of a sequence (RFC 3629 section 3).
  while (end > limit - 3 && (static_cast<std::uint8_t>(out[end]) & 0xC0U) == 0x80U) --end;
  out.resize(end);
  return out;
}

}  // namespace

AuthIdentity::AuthIdentity(std::string_view mechanism)
    : mechanism_(mechanism_of(mechanism)), done_(mechanism_ == Mechanism::kOther) {}

AuthIdentity::Mechanism AuthIdentity::mechanism_of(std::string_view name) {
  struct Entry {
    std::string_view name;
    Mechanism mechanism;
  };
  static constexpr std::array<Entry, 8> kMechanisms{{
      {"PLAIN", Mechanism::kPlain},
      {"LOGIN", Mechanism::kLogin},
      {"CRAM-MD5", Mechanism::kCramMd5},
      {"DIGEST-MD5", Mechanism::kDigestMd5},
      {"XOAUTH2", Mechanism::kXoauth2},
      {"OAUTHBEARER", Mechanism::kOauthBearer},
      {"EXTERNAL", Mechanism::kExternal},
      {"NTLM", Mechanism::kNtlm},
  }};
  for (const Entry& entry : kMechanisms) {
    if (equal_ignoring_case(name, entry.name)) return entry.mechanism;
  }
  // RFC 5802 section 4: one name for each hash, with "-PLUS" where a channel is bound.
  constexpr std::string_view kScramPrefix = "SCRAM-";
  if (equal_ignoring_case(name.substr(0, kScramPrefix.size()), kScramPrefix)) {
    return Mechanism::kScram;
  }
  return Mechanism::kOther;
}

std::string AuthIdentity::read_user(Mechanism mechanism, std::string_view message) {
  switch (mechanism) {
    case Mechanism::kPlain:
      return read_plain(message);
    case Mechanism::kLogin:
    case Mechanism::kExternal:
      return read_bare(message);
    case Mechanism::kCramMd5:
      return read_cram_md5(message);
    case Mechanism::kDigestMd5:
      return read_digest_md5(message);
    case Mechanism::kScram:
      return read_scram(message);
    case Mechanism::kXoauth2:
      return read_xoauth2(message);
    case Mechanism::kOauthBearer:
      return read_oauthbearer(message);
    case Mechanism::kNtlm:
      return read_ntlm(message);
    case Mechanism::kOther:
      break;
  }
  return {};
}

void AuthIdentity::client_line(std::string_view line) {
  if (done_) return;
  // Of these two the first line is the name, whatever it holds: the second is the password. The
  // others go on until a line follows their grammar (a challenge may come first).
  if (mechanism_ == Mechanism::kLogin || mechanism_ == Mechanism::kExternal) done_ = true;
  while (!line.empty() && (line.back() == '\r' || line.back() == '\n' || line.back() == ' ')) {
    line.remove_suffix(1);
  }
  if (line.size() > kMaxLine || line == "=") return;
  SecretText message;
  if (!decode_base64(line, message.get())) return;
  user_ = clean(read_user(mechanism_, message.get()), kMaxUser);
  if (!user_.empty()) done_ = true;
}

}  // namespace smtp_session
