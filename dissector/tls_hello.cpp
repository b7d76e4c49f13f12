// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/tls_hello.h"

#include <algorithm>
#include <utility>

namespace smtp_session {
namespace {

/// Extension numbers of the IANA registry (RFC 8446 section 4.2).
enum Extension : std::uint16_t {
  kServerName = 0,
  kAlpn = 16,
  kSessionTicket = 35,
  kPreSharedKey = 41,
  kEarlyData = 42,
  kSupportedVersions = 43,
};

/// RFC 8446 section 4.1.3: SHA-256 of "HelloRetryRequest".
constexpr std::array<std::uint8_t, 32> kHelloRetryRandom{
    0xCF, 0x21, 0xAD, 0x74, 0xE5, 0x9A, 0x61, 0x11, 0xBE, 0x1D, 0x8C, 0x02, 0x1E, 0x65, 0xB8, 0x91,
    0xC2, 0xA2, 0x11, 0x16, 0x7A, 0xBB, 0x8C, 0x5E, 0x07, 0x9E, 0x09, 0xE2, 0xC8, 0xA8, 0x33, 0x9C};

/// A cursor over borrowed octets. A read past the end gives false and moves nothing.
class Reader {
 public:
  Reader() = default;
  Reader(const std::uint8_t* data, std::size_t size) : data_(data), size_(size) {}

  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  const std::uint8_t* begin() const { return data_; }
  const std::uint8_t* end() const { return data_ + size_; }

  bool u8(std::uint8_t& value) {
    if (size_ < 1) return false;
    value = data_[0];
    skip(1);
    return true;
  }
  bool u16(std::uint16_t& value) {
    if (size_ < 2) return false;
    value = static_cast<std::uint16_t>(data_[0] << 8U | data_[1]);
    skip(2);
    return true;
  }
  bool take(std::size_t count, Reader& part) {
    if (size_ < count) return false;
    part = Reader(data_, count);
    skip(count);
    return true;
  }
  /// A vector with a length of one octet, or of two (RFC 8446 section 3.4).
  bool vector8(Reader& part) {
    std::uint8_t count = 0;
    return u8(count) && take(count, part);
  }
  bool vector16(Reader& part) {
    std::uint16_t count = 0;
    return u16(count) && take(count, part);
  }

 private:
  void skip(std::size_t count) {
    data_ += count;
    size_ -= count;
  }

  const std::uint8_t* data_ = nullptr;
  std::size_t size_ = 0;
};

std::string text_of(const Reader& part) {
  return {part.begin(), part.end()};
}

/// Numbers of two octets that fill `part`; at least one.
bool read_numbers(Reader part, std::vector<std::uint16_t>& numbers) {
  if (part.empty() || part.size() % 2 != 0) return false;
  numbers.reserve(part.size() / 2);
  std::uint16_t value = 0;
  while (part.u16(value)) numbers.push_back(value);
  return true;
}

bool read_random_and_session(Reader& in, std::array<std::uint8_t, 32>& random,
                             std::vector<std::uint8_t>& session_id) {
  Reader part;
  if (!in.take(random.size(), part)) return false;
  std::copy(part.begin(), part.end(), random.begin());
  if (!in.vector8(part) || part.size() > kMaxTlsSessionId) return false;
  session_id.assign(part.begin(), part.end());
  return true;
}

/// RFC 6066 section 3: one name of each type at most, and only host_name exists.
bool read_server_name(Reader in, std::string& sni) {
  constexpr std::uint8_t kHostName = 0;
  Reader list;
  if (!in.vector16(list) || !in.empty() || list.empty()) return false;
  while (!list.empty()) {
    std::uint8_t type = 0;
    Reader name;
    if (!list.u8(type) || !list.vector16(name) || name.empty()) return false;
    if (type == kHostName && sni.empty()) sni = text_of(name);
  }
  return true;
}

/// RFC 7301 section 3.1: a list of names, none of them empty.
bool read_alpn(Reader in, std::vector<std::string>& names) {
  Reader list;
  if (!in.vector16(list) || !in.empty() || list.empty()) return false;
  while (!list.empty()) {
    Reader name;
    if (!list.vector8(name) || name.empty()) return false;
    std::uint16_t number = 0;
    Reader copy = name;
    if (name.size() == 2 && copy.u16(number) && is_grease(number)) continue;
    names.push_back(text_of(name));
  }
  return true;
}

/// RFC 8446 section 4.2.1, as the client sends it.
bool read_offered_versions(Reader in, std::vector<std::uint16_t>& versions) {
  Reader list;
  if (!in.vector8(list) || !in.empty() || !read_numbers(list, versions)) return false;
  versions.erase(std::remove_if(versions.begin(), versions.end(), is_grease), versions.end());
  return true;
}

/// Calls `read(type, body)` for each extension of what is left of a hello. A hello may end before
/// its extensions (RFC 5246 section 7.4.1.2), but nothing may come after them, and none of those
/// that are read here may come twice (RFC 8446 section 4.2).
template <typename Read>
bool for_each_extension(Reader& in, Read read) {
  if (in.empty()) return true;
  Reader list;
  if (!in.vector16(list) || !in.empty()) return false;
  std::uint64_t seen = 0;
  while (!list.empty()) {
    std::uint16_t type = 0;
    Reader body;
    if (!list.u16(type) || !list.vector16(body)) return false;
    if (type < 64) {
      const std::uint64_t bit = std::uint64_t{1} << type;
      if ((seen & bit) != 0) return false;
      seen |= bit;
    }
    if (!read(type, body)) return false;
  }
  return true;
}

bool read_client_hello(Reader in, ClientHello& hello) {
  Reader ciphers;
  Reader compressions;
  if (!in.u16(hello.legacy_version)) return false;
  if (!read_random_and_session(in, hello.random, hello.session_id)) return false;
  hello.session_id_size = hello.session_id.size();
  if (!in.vector16(ciphers) || !read_numbers(ciphers, hello.ciphers)) return false;
  if (!in.vector8(compressions) || compressions.empty()) return false;
  const bool extensions_read =
      for_each_extension(in, [&hello](std::uint16_t type, const Reader& body) {
        switch (type) {
          case kServerName:
            return read_server_name(body, hello.sni);
          case kAlpn:
            return read_alpn(body, hello.alpn);
          case kSessionTicket:
            hello.session_ticket = !body.empty();
            return true;
          case kPreSharedKey:
            hello.pre_shared_key = true;
            return true;
          case kEarlyData:
            hello.early_data = true;
            return true;
          case kSupportedVersions:
            return read_offered_versions(body, hello.versions);
          default:
            return true;
        }
      });
  if (hello.versions.empty()) hello.versions.push_back(hello.legacy_version);
  return extensions_read;
}

bool read_server_hello(Reader in, ServerHello& hello) {
  std::uint8_t compression = 0;
  if (!in.u16(hello.version)) return false;
  if (!read_random_and_session(in, hello.random, hello.session_id)) return false;
  if (!in.u16(hello.cipher) || !in.u8(compression)) return false;
  hello.hello_retry_request = hello.random == kHelloRetryRandom;
  return for_each_extension(in, [&hello](std::uint16_t type, Reader body) {
    switch (type) {
      case kAlpn: {
        // RFC 7301 section 3.1: exactly one name.
        std::vector<std::string> names;
        if (!read_alpn(body, names) || names.size() != 1) return false;
        hello.alpn = std::move(names.front());
        return true;
      }
      case kPreSharedKey: {
        std::uint16_t identity = 0;
        hello.pre_shared_key = true;
        return body.u16(identity) && body.empty();
      }
      case kSupportedVersions:
        return body.u16(hello.version) && body.empty();
      default:
        return true;
    }
  });
}

}  // namespace

bool parse_client_hello(const std::uint8_t* body, std::size_t size, ClientHello& hello) {
  hello = ClientHello{};
  if (read_client_hello(Reader(body, size), hello)) return true;
  hello = ClientHello{};
  return false;
}

bool parse_server_hello(const std::uint8_t* body, std::size_t size, ServerHello& hello) {
  hello = ServerHello{};
  if (read_server_hello(Reader(body, size), hello)) return true;
  hello = ServerHello{};
  return false;
}

bool looks_like_tls_record(const std::uint8_t* data, std::size_t size) {
  constexpr std::uint8_t kChangeCipherSpec = 20;
  constexpr std::uint8_t kApplicationData = 23;
  Reader in(data, size);
  std::uint8_t type = 0;
  std::uint16_t version = 0;
  std::uint16_t length = 0;
  return in.u8(type) && in.u16(version) && in.u16(length) && type >= kChangeCipherSpec &&
         type <= kApplicationData && version >= 0x0300 && version <= 0x0304 &&
         length <= kMaxTlsFragment;
}

}  // namespace smtp_session
