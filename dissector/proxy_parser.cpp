// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/proxy_parser.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "dissector/ascii.h"

namespace smtp_session {
namespace {

constexpr std::size_t kIpv4Size = 4;
constexpr std::size_t kIpv6Size = 16;

/// Where `text` and the start of `data` part, at most text.size().
std::size_t common_length(const std::uint8_t* data, std::size_t size, std::string_view text) {
  const std::size_t limit = std::min(size, text.size());
  std::size_t length = 0;
  while (length < limit && data[length] == static_cast<std::uint8_t>(text[length])) ++length;
  return length;
}

std::uint16_t big_endian16(const std::uint8_t* data) {
  return static_cast<std::uint16_t>(data[0] << 8U | data[1]);
}

/// A decimal number without sign and leading zeros (section 2.1), or -1.
std::int32_t read_decimal(std::string_view text, std::int32_t max) {
  constexpr std::size_t kMaxDigits = 5;
  if (text.empty() || text.size() > kMaxDigits || (text.size() > 1 && text[0] == '0')) return -1;
  std::int32_t value = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return -1;
    value = value * 10 + (c - '0');
  }
  return value <= max ? value : -1;
}

/// The words of a line parted by single spaces; two spaces give an empty word.
class Words {
 public:
  explicit Words(std::string_view line) : rest_(line) {}

  std::string_view next() {
    const std::size_t end = std::min(rest_.find(' '), rest_.size());
    const std::string_view word = rest_.substr(0, end);
    ended_ = end == rest_.size();
    rest_.remove_prefix(ended_ ? end : end + 1);
    return word;
  }
  /// The last word was the end of the line.
  bool ended() const { return ended_; }

 private:
  std::string_view rest_;
  bool ended_ = false;
};

bool read_ipv4(std::string_view text, std::uint8_t* out) {
  for (std::size_t i = 0; i < kIpv4Size; ++i) {
    const bool last = i + 1 == kIpv4Size;
    const std::size_t end = last ? text.size() : text.find('.');
    if (end == std::string_view::npos) return false;
    const std::int32_t value = read_decimal(text.substr(0, end), 255);
    if (value < 0) return false;
    out[i] = static_cast<std::uint8_t>(value);
    text.remove_prefix(last ? end : end + 1);
  }
  return true;
}

std::int32_t read_hex_group(std::string_view text) {
  if (text.empty() || text.size() > 4) return -1;
  std::int32_t value = 0;
  for (const char c : text) {
    std::int32_t digit = 0;
    if (c >= '0' && c <= '9') {
      digit = c - '0';
    } else if (c >= 'a' && c <= 'f') {
      digit = c - 'a' + 10;
    } else if (c >= 'A' && c <= 'F') {
      digit = c - 'A' + 10;
    } else {
      return -1;
    }
    value = value * 16 + digit;
  }
  return value;
}

/// Groups parted by ":" (RFC 4291 section 2.2), the last of which may be a dotted quad; without
/// "::". `size` is the number of octets written, at most kIpv6Size.
bool read_groups(std::string_view text, std::uint8_t* out, std::size_t& size) {
  size = 0;
  if (text.empty()) return true;
  for (;;) {
    const std::size_t end = find_where(text, [](char c) { return c == ':'; });
    const std::string_view group = text.substr(0, end);
    const bool last = end == text.size();
    if (last && group.find('.') != std::string_view::npos) {
      if (size + kIpv4Size > kIpv6Size || !read_ipv4(group, out + size)) return false;
      size += kIpv4Size;
      return true;
    }
    const std::int32_t value = read_hex_group(group);
    if (value < 0 || size + 2 > kIpv6Size) return false;
    out[size] = static_cast<std::uint8_t>(value >> 8);
    out[size + 1] = static_cast<std::uint8_t>(value & 0xFF);
    size += 2;
    if (last) return true;
    text = text.substr(end + 1);
  }
}

bool read_ipv6(std::string_view text, std::uint8_t* out) {
  std::array<std::uint8_t, kIpv6Size> head{};
  std::array<std::uint8_t, kIpv6Size> tail{};
  std::size_t head_size = 0;
  std::size_t tail_size = 0;
  const std::size_t gap = text.find("::");
  if (gap == std::string_view::npos) {
    if (!read_groups(text, head.data(), head_size) || head_size != kIpv6Size) return false;
  } else {
    const std::string_view before = text.substr(0, gap);
    // A dotted quad may only be at the end of the address.
    if (before.find('.') != std::string_view::npos) return false;
    if (!read_groups(before, head.data(), head_size)) return false;
    if (!read_groups(text.substr(gap + 2), tail.data(), tail_size)) return false;
    // "::" stands for one group of zeros at least.
    if (head_size + tail_size > kIpv6Size - 2) return false;
  }
  std::copy_n(tail.begin(), tail_size, std::copy_n(head.begin(), kIpv6Size - tail_size, out));
  return true;
}

bool read_address(std::string_view text, std::uint8_t family, Address& address) {
  address.family = family;
  return family == 4 ? read_ipv4(text, address.bytes.data())
                     : read_ipv6(text, address.bytes.data());
}

/// What follows "PROXY" in a line of version 1, without the CRLF.
bool read_line(std::string_view line, ProxyHeader& header) {
  constexpr std::int32_t kMaxPort = 65535;
  if (line.empty() || line[0] != ' ') return false;
  Words words(line.substr(1));
  const std::string_view protocol = words.next();
  if (protocol == "UNKNOWN") {
    // Section 2.1: whatever comes after it is to be ignored.
    header.local = true;
    return true;
  }
  if (protocol != "TCP4" && protocol != "TCP6") return false;
  const std::uint8_t family = protocol == "TCP4" ? 4 : 6;
  if (!read_address(words.next(), family, header.source.address)) return false;
  if (!read_address(words.next(), family, header.destination.address)) return false;
  const std::int32_t source_port = read_decimal(words.next(), kMaxPort);
  if (words.ended()) return false;
  const std::int32_t destination_port = read_decimal(words.next(), kMaxPort);
  if (!words.ended() || source_port < 0 || destination_port < 0) return false;
  header.source.port = static_cast<std::uint16_t>(source_port);
  header.destination.port = static_cast<std::uint16_t>(destination_port);
  return true;
}

constexpr std::string_view kV1Start = "PROXY";

ProxyParse parse_v1(const std::uint8_t* data, std::size_t size, ProxyHeader& header,
                    std::size_t& consumed) {
  header.version = 1;
  const std::size_t limit = std::min(size, kMaxProxyLine);
  const std::uint8_t* line_feed = std::find(data, data + limit, std::uint8_t{'\n'});
  if (line_feed == data + limit) {
    if (size < kMaxProxyLine) return ProxyParse::kNeedMore;
    consumed = kMaxProxyLine;
    return ProxyParse::kMalformed;
  }
  consumed = static_cast<std::size_t>(line_feed - data) + 1;
  std::string_view line(reinterpret_cast<const char*>(data), consumed - 1);
  line.remove_prefix(kV1Start.size());
  if (line.empty() || line.back() != '\r') return ProxyParse::kMalformed;
  line.remove_suffix(1);
  return read_line(line, header) ? ProxyParse::kHeader : ProxyParse::kMalformed;
}

/// Section 2.2: the signature, then version and command, family and protocol, length.
constexpr std::string_view kV2Start("\r\n\r\n\0\r\nQUIT\n", 12);
constexpr std::size_t kV2Fixed = 16;

bool read_binary(const std::uint8_t* data, std::size_t length, std::uint8_t command,
                 std::uint8_t transport, ProxyHeader& header) {
  constexpr std::uint8_t kLocal = 0;
  constexpr std::uint8_t kProxy = 1;
  constexpr std::uint8_t kMaxProtocol = 2;  // unspecified, stream, datagram
  constexpr std::size_t kUnixSize = 216;    // two paths of 108 octets
  header.local = true;
  if (command == kLocal) return true;  // family and addresses are to be ignored
  if (command != kProxy || (transport & 0x0FU) > kMaxProtocol) return false;
  std::size_t address_size = 0;
  switch (transport >> 4U) {
    case 0:  // AF_UNSPEC
      return true;
    case 1:  // AF_INET
      address_size = kIpv4Size;
      break;
    case 2:  // AF_INET6
      address_size = kIpv6Size;
      break;
    case 3:  // AF_UNIX: valid, but no end point of a network
      return length >= kUnixSize;
    default:
      return false;
  }
  // Two addresses, two ports; what is left are TLVs, which say nothing of the session's ends.
  if (length < 2 * address_size + 4) return false;
  header.local = false;
  for (Endpoint* end : {&header.source, &header.destination}) {
    end->address.family = address_size == kIpv4Size ? 4 : 6;
    std::copy_n(data, address_size, end->address.bytes.begin());
    data += address_size;
  }
  header.source.port = big_endian16(data);
  header.destination.port = big_endian16(data + 2);
  return true;
}

ProxyParse parse_v2(const std::uint8_t* data, std::size_t size, ProxyHeader& header,
                    std::size_t& consumed) {
  constexpr unsigned kVersion = 2;
  header.version = kVersion;
  if (size < kV2Fixed) return ProxyParse::kNeedMore;
  if (data[12] >> 4U != kVersion) {
    // Of another version the length is not known: only the fixed part is skipped.
    consumed = kV2Fixed;
    return ProxyParse::kMalformed;
  }
  const std::size_t length = big_endian16(data + 14);
  if (size - kV2Fixed < length) return ProxyParse::kNeedMore;
  consumed = kV2Fixed + length;
  const auto command = static_cast<std::uint8_t>(data[12] & 0x0FU);
  return read_binary(data + kV2Fixed, length, command, data[13], header) ? ProxyParse::kHeader
                                                                         : ProxyParse::kMalformed;
}

}  // namespace

ProxyParse parse_proxy(const std::uint8_t* data, std::size_t size, ProxyHeader& header,
                       std::size_t& consumed) {
  consumed = 0;
  ProxyHeader read;
  read.at = header.at;
  ProxyParse result = ProxyParse::kNotProxy;
  const std::size_t v1 = common_length(data, size, kV1Start);
  const std::size_t v2 = common_length(data, size, kV2Start);
  if (v1 == kV1Start.size() && size > v1) {
    const std::uint8_t next = data[v1];
    // "PROXYX" is another word; "PROXY" alone on its line is a header that lacks the rest.
    if (next == ' ' || next == '\r' || next == '\n') result = parse_v1(data, size, read, consumed);
  } else if (v2 == kV2Start.size()) {
    result = parse_v2(data, size, read, consumed);
  } else if (v1 == size || v2 == size) {
    result = ProxyParse::kNeedMore;
  }
  if (result == ProxyParse::kHeader) {
    header = read;
  } else if (result == ProxyParse::kMalformed) {
    const std::uint8_t version = read.version;
    read = ProxyHeader{};
    read.at = header.at;
    read.version = version;
    header = read;
  }
  return result;
}

}  // namespace smtp_session
