// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/proxy_parser.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace smtp_session {
namespace {

struct Parsed {
  ProxyParse result = ProxyParse::kNotProxy;
  ProxyHeader header;
  std::size_t consumed = 0;
};

Parsed parse(std::string_view text) {
  // A copy of just this size, so that AddressSanitizer sees a read past its end.
  const std::vector<std::uint8_t> data(text.begin(), text.end());
  Parsed parsed;
  parsed.consumed = 12345;
  parsed.result = parse_proxy(data.data(), data.size(), parsed.header, parsed.consumed);
  return parsed;
}

Endpoint ipv4(std::uint8_t a, std::uint8_t b, std::uint8_t c, std::uint8_t d, std::uint16_t port) {
  Endpoint end;
  end.address.family = 4;
  end.address.bytes = {a, b, c, d};
  end.port = port;
  return end;
}

Endpoint ipv6(std::initializer_list<std::uint16_t> groups, std::uint16_t port) {
  Endpoint end;
  end.address.family = 6;
  std::size_t at = 0;
  for (const std::uint16_t group : groups) {
    end.address.bytes[at++] = static_cast<std::uint8_t>(group >> 8);
    end.address.bytes[at++] = static_cast<std::uint8_t>(group & 0xFF);
  }
  end.port = port;
  return end;
}

constexpr std::string_view kTcp4 = "PROXY TCP4 198.51.100.7 192.0.2.25 14659 465\r\n";
constexpr std::string_view kTcp6 = "PROXY TCP6 2001:db8::7 2001:db8:0:1::25 14659 25\r\n";
constexpr std::string_view kUnknown = "PROXY UNKNOWN\r\n";

std::string v2(std::uint8_t version_command, std::uint8_t family, std::string_view body,
               std::size_t length = std::string::npos) {
  if (length == std::string::npos) length = body.size();
  std::string out("\r\n\r\n\0\r\nQUIT\n", 12);
  out += static_cast<char>(version_command);
  out += static_cast<char>(family);
  out += static_cast<char>(length >> 8);
  out += static_cast<char>(length & 0xFF);
  return out.append(body);
}

const std::string kBody4("\xC6\x33\x64\x07\xC0\x00\x02\x19\x39\x43\x01\xD1", 12);
const std::string kBody6(
    "\x20\x01\x0D\xB8\0\0\0\0\0\0\0\0\0\0\0\x07\x20\x01\x0D\xB8\0\0\0\x01\0\0\0\0\0\0\0\x25"
    "\x39\x43\0\x19",
    36);
/// PP2_TYPE_AUTHORITY and PP2_TYPE_NOOP (sections 2.2.2 and 2.2.4).
const std::string kTlvs("\x02\0\x0Fmx.example.test\x04\0\2\0\0", 23);

TEST(ProxyParser, ReadsTcp4OfVersion1) {
  const Parsed parsed = parse(std::string(kTcp4) + "EHLO client.example\r\n");
  EXPECT_EQ(parsed.result, ProxyParse::kHeader);
  EXPECT_EQ(parsed.consumed, kTcp4.size());
  EXPECT_EQ(parsed.header.version, 1);
  EXPECT_FALSE(parsed.header.local);
  EXPECT_EQ(parsed.header.source, ipv4(198, 51, 100, 7, 14659));
  EXPECT_EQ(parsed.header.destination, ipv4(192, 0, 2, 25, 465));
}

TEST(ProxyParser, ReadsTcp6OfVersion1) {
  const Parsed parsed = parse(kTcp6);
  EXPECT_EQ(parsed.result, ProxyParse::kHeader);
  EXPECT_EQ(parsed.header.source, ipv6({0x2001, 0xDB8, 0, 0, 0, 0, 0, 7}, 14659));
  EXPECT_EQ(parsed.header.destination, ipv6({0x2001, 0xDB8, 0, 1, 0, 0, 0, 0x25}, 25));
}

TEST(ProxyParser, ReadsEveryWayToWriteAnIpv6Address) {
  struct Case {
    const char* text;
    std::initializer_list<std::uint16_t> groups;
  };
  const Case cases[] = {
      {"::", {0, 0, 0, 0, 0, 0, 0, 0}},
      {"::1", {0, 0, 0, 0, 0, 0, 0, 1}},
      {"2001:db8::", {0x2001, 0xDB8, 0, 0, 0, 0, 0, 0}},
      {"2001:0DB8:1:22:333:4444:5:6", {0x2001, 0xDB8, 1, 0x22, 0x333, 0x4444, 5, 6}},
      {"2001:db8:1:2:3:4:5::", {0x2001, 0xDB8, 1, 2, 3, 4, 5, 0}},
      {"::db8:1:2:3:4:5:6", {0, 0xDB8, 1, 2, 3, 4, 5, 6}},
      {"::ffff:192.0.2.1", {0, 0, 0, 0, 0, 0xFFFF, 0xC000, 0x0201}},
      {"2001:db8:1:2:3:4:192.0.2.1", {0x2001, 0xDB8, 1, 2, 3, 4, 0xC000, 0x0201}},
  };
  for (const Case& c : cases) {
    const Parsed parsed = parse("PROXY TCP6 " + std::string(c.text) + " 2001:db8::1 1 25\r\n");
    EXPECT_EQ(parsed.result, ProxyParse::kHeader) << c.text;
    EXPECT_EQ(parsed.header.source, ipv6(c.groups, 1)) << c.text;
  }
}

TEST(ProxyParser, RejectsWhatIsNoAddress) {
  for (const std::string_view text :
       {"", ":", ":::", "1::2::3", "2001:db8", "1:2:3:4:5:6:7:8:9", "1:2:3:4:5:6:7::8", "::12345",
        "::g", ":1::", "1::2:", "192.0.2.1", "192.0.2.1::", "::192.0.2.1:1", "::192.0.2",
        "1:2:3:4:5:6:7:192.0.2.1", "2001:db8::1%eth0"}) {
    const Parsed parsed = parse("PROXY TCP6 " + std::string(text) + " 2001:db8::1 1 25\r\n");
    EXPECT_EQ(parsed.result, ProxyParse::kMalformed) << text;
  }
  for (const std::string_view text :
       {"", "192.0.2", "192.0.2.", "192.0.2.1.", "192.0.2.1.1", ".0.2.1", "192.0.2.256",
        "192.0.02.1", "192.0.2.-1", "192.0.2.1x", "0xC0.0.2.1", "2001:db8::1", "192..2.1"}) {
    const Parsed parsed = parse("PROXY TCP4 " + std::string(text) + " 192.0.2.1 1 25\r\n");
    EXPECT_EQ(parsed.result, ProxyParse::kMalformed) << text;
  }
}

TEST(ProxyParser, UnknownIgnoresTheRestOfItsLine) {
  for (const std::string_view line :
       {kUnknown, std::string_view("PROXY UNKNOWN ffff::1 what ever  1 2 3\r\n")}) {
    const Parsed parsed = parse(line);
    EXPECT_EQ(parsed.result, ProxyParse::kHeader);
    EXPECT_EQ(parsed.consumed, line.size());
    EXPECT_TRUE(parsed.header.local);
    EXPECT_EQ(parsed.header.source, Endpoint{});
    EXPECT_EQ(parsed.header.destination, Endpoint{});
  }
}

TEST(ProxyParser, ReadsTheLongestLineAndNoLonger) {
  // Section 2.1: the worst case of an UNKNOWN line.
  const std::string address = "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff";
  const std::string longest = "PROXY UNKNOWN " + address + " " + address + " 65535 65535\r\n";
  ASSERT_EQ(longest.size(), kMaxProxyLine);
  EXPECT_EQ(parse(longest).result, ProxyParse::kHeader);
  EXPECT_EQ(parse(longest.substr(0, 106)).result, ProxyParse::kNeedMore);

  const std::string longer = "PROXY UNKNOWN " + address + " " + address + " 65535 655355\r\n";
  EXPECT_EQ(parse(longer).result, ProxyParse::kMalformed);
  EXPECT_EQ(parse(longer).consumed, kMaxProxyLine);
}

TEST(ProxyParser, MalformedLineIsConsumedThroughItsEnd) {
  for (const std::string_view line :
       {"PROXY\r\n", "PROXY \r\n", "PROXY TCP4\r\n", "PROXY TCP5 192.0.2.1 192.0.2.2 1 2\r\n",
        "PROXY tcp4 192.0.2.1 192.0.2.2 1 2\r\n", "PROXY  TCP4 192.0.2.1 192.0.2.2 1 2\r\n",
        "PROXY TCP4 192.0.2.1  192.0.2.2 1 2\r\n", "PROXY TCP4 192.0.2.1 192.0.2.2 1\r\n",
        "PROXY TCP4 192.0.2.1 192.0.2.2 1 \r\n", "PROXY TCP4 192.0.2.1 192.0.2.2 1 2 \r\n",
        "PROXY TCP4 192.0.2.1 192.0.2.2 1 2 3\r\n", "PROXY TCP4 192.0.2.1 192.0.2.2 1 65536\r\n",
        "PROXY TCP4 192.0.2.1 192.0.2.2 01 2\r\n", "PROXY TCP4 192.0.2.1 192.0.2.2 -1 2\r\n",
        "PROXY TCP4 192.0.2.1 192.0.2.2 1 2\n", "PROXY TCP4 192.0.2.1 192.0.2.2 1\r2\r\n",
        "PROXY UNKNOWNS\r\n", "PROXY\n"}) {
    const Parsed parsed = parse(std::string(line) + "EHLO client.example\r\n");
    EXPECT_EQ(parsed.result, ProxyParse::kMalformed) << line;
    EXPECT_EQ(parsed.consumed, line.size()) << line;
    EXPECT_EQ(parsed.header.version, 1) << line;
    EXPECT_EQ(parsed.header.source, Endpoint{}) << line;
    EXPECT_EQ(parsed.header.destination, Endpoint{}) << line;
  }
}

TEST(ProxyParser, LeavesSmtpAndTlsAlone) {
  for (const std::string_view text :
       {"EHLO client.example\r\n", "P", "PROX", "PROXYX", "proxy TCP4 192.0.2.1 192.0.2.2 1 2\r\n",
        "\r\nEHLO a\r\n", "\r\n\r\nEHLO a\r\n", "\x16\x03\x01\x02", "220 mx.example.test ESMTP\r\n",
        " PROXY UNKNOWN\r\n"}) {
    const bool prefix = text == "P" || text == "PROX";
    const Parsed parsed = parse(text);
    EXPECT_EQ(parsed.result, prefix ? ProxyParse::kNeedMore : ProxyParse::kNotProxy) << text;
    EXPECT_EQ(parsed.consumed, 0U);
    EXPECT_EQ(parsed.header.version, 0);
  }
}

TEST(ProxyParser, ReadsIpv4OfVersion2AndSkipsItsTlvs) {
  const std::string header = v2(0x21, 0x11, kBody4 + kTlvs);
  const Parsed parsed = parse(header + "EHLO client.example\r\n");
  EXPECT_EQ(parsed.result, ProxyParse::kHeader);
  EXPECT_EQ(parsed.consumed, header.size());
  EXPECT_EQ(parsed.header.version, 2);
  EXPECT_FALSE(parsed.header.local);
  EXPECT_EQ(parsed.header.source, ipv4(198, 51, 100, 7, 14659));
  EXPECT_EQ(parsed.header.destination, ipv4(192, 0, 2, 25, 465));
}

TEST(ProxyParser, ReadsIpv6OfVersion2) {
  const Parsed parsed = parse(v2(0x21, 0x21, kBody6));
  EXPECT_EQ(parsed.result, ProxyParse::kHeader);
  EXPECT_EQ(parsed.consumed, 52U);
  EXPECT_EQ(parsed.header.source, ipv6({0x2001, 0xDB8, 0, 0, 0, 0, 0, 7}, 14659));
  EXPECT_EQ(parsed.header.destination, ipv6({0x2001, 0xDB8, 0, 1, 0, 0, 0, 0x25}, 25));
}

TEST(ProxyParser, LocalUnspecifiedAndUnixOfVersion2BearNoAddresses) {
  const std::string unix_paths(216, 'u');
  for (const std::string& header :
       {v2(0x20, 0x00, ""), v2(0x20, 0x11, kBody4), v2(0x20, 0xFF, kTlvs), v2(0x21, 0x00, kTlvs),
        v2(0x21, 0x31, unix_paths)}) {
    const Parsed parsed = parse(header + "EHLO");
    EXPECT_EQ(parsed.result, ProxyParse::kHeader);
    EXPECT_EQ(parsed.consumed, header.size());
    EXPECT_TRUE(parsed.header.local);
    EXPECT_EQ(parsed.header.source, Endpoint{});
    EXPECT_EQ(parsed.header.destination, Endpoint{});
  }
}

TEST(ProxyParser, MalformedVersion2IsConsumedByItsLength) {
  for (const std::string& header :
       {v2(0x22, 0x11, kBody4), v2(0x2F, 0x11, kBody4), v2(0x21, 0x13, kBody4),
        v2(0x21, 0x41, kBody6), v2(0x21, 0x11, kBody4.substr(0, 11)),
        v2(0x21, 0x21, kBody6.substr(0, 35)), v2(0x21, 0x11, ""),
        v2(0x21, 0x31, std::string(215, 'u'))}) {
    const Parsed parsed = parse(header + "EHLO");
    EXPECT_EQ(parsed.result, ProxyParse::kMalformed);
    EXPECT_EQ(parsed.consumed, header.size());
    EXPECT_EQ(parsed.header.version, 2);
    EXPECT_FALSE(parsed.header.local);
    EXPECT_EQ(parsed.header.source, Endpoint{});
  }
}

TEST(ProxyParser, OfAnotherVersionOnlyTheFixedPartIsConsumed) {
  const Parsed parsed = parse(v2(0x31, 0x11, kBody4, 60000));
  EXPECT_EQ(parsed.result, ProxyParse::kMalformed);
  EXPECT_EQ(parsed.consumed, 16U);
}

TEST(ProxyParser, WaitsForMoreAtEveryLengthBeforeTheEnd) {
  const std::string headers[] = {std::string(kTcp4),     std::string(kTcp6),
                                 std::string(kUnknown),  v2(0x21, 0x11, kBody4 + kTlvs),
                                 v2(0x21, 0x21, kBody6), v2(0x20, 0x00, "")};
  for (const std::string& header : headers) {
    for (std::size_t size = 0; size < header.size(); ++size) {
      const Parsed parsed = parse(std::string_view(header).substr(0, size));
      EXPECT_EQ(parsed.result, ProxyParse::kNeedMore) << size;
      EXPECT_EQ(parsed.consumed, 0U);
    }
    EXPECT_EQ(parse(header).result, ProxyParse::kHeader);
    EXPECT_EQ(parse(header).consumed, header.size());
  }
}

TEST(ProxyParser, ReadsTheLongestVersion2Header) {
  const std::string header = v2(0x21, 0x11, kBody4 + std::string(65535 - 12, '\0'));
  EXPECT_EQ(parse(header).result, ProxyParse::kHeader);
  EXPECT_EQ(parse(header).consumed, 65551U);
  EXPECT_EQ(parse(std::string_view(header).substr(0, 65550)).result, ProxyParse::kNeedMore);
}

TEST(ProxyParser, KeepsTheMomentOfTheCaller) {
  for (const std::string_view text : {kTcp4, std::string_view("PROXY TCP4\r\n")}) {
    ProxyHeader header;
    header.at = {1234, 5};
    std::size_t consumed = 0;
    parse_proxy(reinterpret_cast<const std::uint8_t*>(text.data()), text.size(), header, consumed);
    EXPECT_EQ(header.version, 1);
    EXPECT_EQ(header.at.time, 1234);
    EXPECT_EQ(header.at.frame, 5U);
  }
}

}  // namespace
}  // namespace smtp_session
