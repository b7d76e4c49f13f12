// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/tls_hello.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace smtp_session {
namespace {

using Bytes = std::vector<std::uint8_t>;

// Bodies of hello messages that OpenSSL 3.0 exchanged over the loopback interface
// (openssl s_server and s_client -servername mx.example.test, with -msg).
constexpr char kClientTls13[] =
    "030366b06e3e656c06a8e471ec97ec3171b6a123376ccc47a05e9957b4b894abd6ba20c59ec56c2bbf040eff"
    "d0b43565a4205ba00b675cb4434ad3dc1b4a31aedd92ea000813021303130100ff010000aa00000014001200"
    "000f6d782e6578616d706c652e74657374000b000403000102000a00160014001d0017001e00190018010001"
    "010102010301040023000000100007000504736d74700016000000170000000d001e001c0403050306030807"
    "08080809080a080b080408050806040105010601002b0003020304002d00020101003300260024001d00208e"
    "62d435d38c0ab8b79cd89dab5d21878b167f1a14417a6cbebb442ec8f6ed1a";
constexpr char kServerTls13[] =
    "030368b530017c195e46b796549064a1000b3d88111ab6dfa850b7f52a313d8a977e20c59ec56c2bbf040eff"
    "d0b43565a4205ba00b675cb4434ad3dc1b4a31aedd92ea130200002e002b0002030400330024001d00202234"
    "cd5fcaf4e1371792b5784635b2a2eebec0c230990fa8e271ae3e9464072a";
constexpr char kClientBoth[] =
    "03036ef3fdb8d2cca8ba78caeee38470a9fa70f69b5ab10840c0262e6d62efbe4d3f20d610e933199f3bf7cc"
    "3d2eea98240f42490d38752a88f27644725ec2bef30800003e130213031301c02cc030009fcca9cca8ccaac0"
    "2bc02f009ec024c028006bc023c0270067c00ac0140039c009c0130033009d009c003d003c0035002f00ff01"
    "0000b100000014001200000f6d782e6578616d706c652e74657374000b000403000102000a00160014001d00"
    "17001e0019001801000101010201030104002300000016000000170000000d002a0028040305030603080708"
    "080809080a080b080408050806040105010601030303010302040205020602002b0009080304030303020301"
    "002d00020101003300260024001d0020b732b9e13333bcc5238d32f2633a038621ae7e95ae4275f7efa872b1"
    "a5655005";
constexpr char kServerRetry[] =
    "0303cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c20354012a48b7b048997"
    "f93c701831088685b96894215a7c0d63e33cdbd344ae1c130200000c002b00020304003300020018";
constexpr char kClientTls12[] =
    "03037af02ce8d93568e9c61dd85c06848139948e9de7454928fba0bfef63fca617e4000038c02cc030009fcc"
    "a9cca8ccaac02bc02f009ec024c028006bc023c0270067c00ac0140039c009c0130033009d009c003d003c00"
    "35002f00ff0100007e00000014001200000f6d782e6578616d706c652e74657374000b000403000102000a00"
    "0c000a001d0017001e001900180023000000100010000e04736d747008687474702f312e3100160000001700"
    "00000d002a0028040305030603080708080809080a080b080408050806040105010601030303010302040205"
    "020602";
constexpr char kServerTls12[] =
    "0303301c14b0788ea4ba63c814d5fbe2a4c788f9cdcf0ebabbbf444f574e4752440100c02c000020ff010001"
    "00000b0004030001020023000000100007000504736d747000170000";
constexpr char kClientResumed12[] =
    "0303e9c15e959243322645b4de5f8d2c64aab63ba836cda63acc28ddbccd532631e920a382c60559f12c0bfc"
    "c76d070266479cb9d0ff362b7bdddf51c1c551d5b845020038c02cc030009fcca9cca8ccaac02bc02f009ec0"
    "24c028006bc023c0270067c00ac0140039c009c0130033009d009c003d003c0035002f00ff0100011a000000"
    "14001200000f6d782e6578616d706c652e74657374000b000403000102000a000c000a001d0017001e001900"
    "18002300b039eaae777f6c7b246d02bb4ff4f5eb9471151d8962006fbb0fb372a1eb77bbb2ff636b711d18c0"
    "7114cb393e87a055e4a77f17a9997eb2d8d3aaf6c3361d4a91368a59705b350eb0dc71cb7306e724c258ce0c"
    "4e4a184896cc5aaf2f3288fbd91ba50090e78d67cd4ea5f2c0a4d70248fe95570199e4efe12d9181be7362b5"
    "749c2c8cfd2d97fd291c55d0c005c362f857f787e5ce3c5af3b4dbb89dfc8b027fef82d0cfc0034052c55200"
    "686db53bb10016000000170000000d002a0028040305030603080708080809080a080b080408050806040105"
    "010601030303010302040205020602";
constexpr char kServerResumed12[] =
    "03039519dcc7a3d0660e8037eab39d5fe884ba92e1fd9840ac10444f574e4752440120a382c60559f12c0bfc"
    "c76d070266479cb9d0ff362b7bdddf51c1c551d5b84502c02c000009ff0100010000170000";
constexpr char kClientResumed13[] =
    "0303bd3273216a05effa749f2931dc95f0afe04d8864e61099a4a0ac823b12204a6820961575f53fae6c780d"
    "0a852ee424fb3955d88e486fd6fda0a3b491eff31688da000813021303130100ff0100010200000014001200"
    "000f6d782e6578616d706c652e74657374000b000403000102000a00160014001d0017001e00190018010001"
    "01010201030104002300000016000000170000000d001e001c040305030603080708080809080a080b080408"
    "050806040105010601002b0003020304002d00020101003300260024001d0020718a2b3cb637491fa9223ee2"
    "c85e14dd3941d5b7785f16c6ebcf3aa47ed10e0c002a00000029005b0026002019247ab399362ebab1879251"
    "9379e36adfa1e04999fcbdaca5f9c8263c6c787ddce69b0b0031307ee221b81ed71217a111ec223c378014ce"
    "49a69e8f070d3ef58b6d162ad5c57604826381c4a4162423220f77df428952";
constexpr char kServerResumed13[] =
    "0303673f7d60a02214ea2d5d951e84bec7ba4152301053dac2be20b21dd4b4c6bdba20961575f53fae6c780d"
    "0a852ee424fb3955d88e486fd6fda0a3b491eff31688da1302000034002b0002030400330024001d00200f3a"
    "e959cf24b3fe40496bc695f5065e2097b75484d0c2610695253c80747d58002900020000";
constexpr char kClientTls10[] =
    "0301e99a9f1d19df0097c382b500ee9b5dd55d7594eebd6250f845da1cf294a4151800002ec00ac014003900"
    "3800880087c019003a0089c009c0130033003200450044c0180034004600350084002f004100ff0100003c00"
    "000014001200000f6d782e6578616d706c652e74657374000b000403000102000a000c000a001d0017001e00"
    "190018002300000016000000170000";
constexpr char kServerTls10[] =
    "0301eef502687d2fa131293c1ba33c92369dac0ea531ebca7d14d07b7c0338164b8800c00a000019ff010001"
    "00000b000403000102002300000016000000170000";

Bytes from_hex(std::string_view hex) {
  const auto digit = [](char c) { return c <= '9' ? c - '0' : c - 'a' + 10; };
  Bytes out;
  for (std::size_t i = 0; i + 2 <= hex.size(); i += 2) {
    out.push_back(static_cast<std::uint8_t>(digit(hex[i]) * 16 + digit(hex[i + 1])));
  }
  return out;
}

ClientHello client(const Bytes& body) {
  ClientHello hello;
  EXPECT_TRUE(parse_client_hello(body.data(), body.size(), hello));
  return hello;
}

ServerHello server(const Bytes& body) {
  ServerHello hello;
  EXPECT_TRUE(parse_server_hello(body.data(), body.size(), hello));
  return hello;
}

bool client_fails(const Bytes& body) {
  ClientHello hello;
  hello.legacy_version = 1;
  hello.sni = "left over";
  hello.session_id_size = 9;
  if (parse_client_hello(body.data(), body.size(), hello)) return false;
  const ClientHello fresh;
  EXPECT_EQ(hello.legacy_version, 0);
  EXPECT_EQ(hello.sni, "");
  EXPECT_EQ(hello.session_id_size, 0U);
  EXPECT_EQ(hello.random, fresh.random);
  EXPECT_TRUE(hello.ciphers.empty() && hello.versions.empty() && hello.alpn.empty());
  EXPECT_FALSE(hello.session_ticket || hello.pre_shared_key || hello.early_data);
  return true;
}

bool server_fails(const Bytes& body) {
  ServerHello hello;
  hello.version = 1;
  hello.alpn = "left over";
  if (parse_server_hello(body.data(), body.size(), hello)) return false;
  const ServerHello fresh;
  EXPECT_EQ(hello.version, 0);
  EXPECT_EQ(hello.cipher, 0);
  EXPECT_EQ(hello.alpn, "");
  EXPECT_EQ(hello.random, fresh.random);
  EXPECT_TRUE(hello.session_id.empty());
  EXPECT_FALSE(hello.hello_retry_request || hello.pre_shared_key);
  return true;
}

void append16(Bytes& out, std::size_t value) {
  out.push_back(static_cast<std::uint8_t>(value >> 8));
  out.push_back(static_cast<std::uint8_t>(value & 0xFF));
}

struct Extension {
  std::uint16_t type;
  Bytes body;
};

Bytes with_extensions(Bytes hello, const std::vector<Extension>& extensions) {
  Bytes list;
  for (const Extension& extension : extensions) {
    append16(list, extension.type);
    append16(list, extension.body.size());
    list.insert(list.end(), extension.body.begin(), extension.body.end());
  }
  append16(hello, list.size());
  hello.insert(hello.end(), list.begin(), list.end());
  return hello;
}

/// TLS 1.2 with one cipher, a session id of `session_id` octets, no extensions.
Bytes small_client(std::size_t session_id = 0) {
  Bytes out{3, 3};
  out.insert(out.end(), 32, 0xAB);
  out.push_back(static_cast<std::uint8_t>(session_id));
  out.insert(out.end(), session_id, 0xCD);
  for (const int octet : {0, 2, 0xC0, 0x2F, 1, 0}) out.push_back(static_cast<std::uint8_t>(octet));
  return out;
}

Bytes small_server(std::size_t session_id = 0) {
  Bytes out{3, 3};
  out.insert(out.end(), 32, 0xAB);
  out.push_back(static_cast<std::uint8_t>(session_id));
  out.insert(out.end(), session_id, 0xCD);
  for (const int octet : {0xC0, 0x2F, 0}) out.push_back(static_cast<std::uint8_t>(octet));
  return out;
}

TEST(TlsHello, ReadsAClientOfTls13) {
  const ClientHello hello = client(from_hex(kClientTls13));
  EXPECT_EQ(hello.legacy_version, 0x0303);
  EXPECT_EQ(hello.versions, (std::vector<std::uint16_t>{0x0304}));
  EXPECT_EQ(hello.ciphers, (std::vector<std::uint16_t>{0x1302, 0x1303, 0x1301, 0x00FF}));
  EXPECT_EQ(hello.sni, "mx.example.test");
  EXPECT_EQ(hello.alpn, (std::vector<std::string>{"smtp"}));
  EXPECT_EQ(hello.session_id_size, 32U);
  EXPECT_EQ(hello.session_id.front(), 0xC5);
  EXPECT_EQ(hello.session_id.back(), 0xEA);
  EXPECT_EQ(hello.random.front(), 0x66);
  EXPECT_EQ(hello.random.back(), 0xBA);
  EXPECT_FALSE(hello.session_ticket);
  EXPECT_FALSE(hello.pre_shared_key);
  EXPECT_FALSE(hello.early_data);
}

TEST(TlsHello, ReadsAServerOfTls13) {
  const ServerHello hello = server(from_hex(kServerTls13));
  EXPECT_EQ(hello.version, 0x0304);
  EXPECT_EQ(hello.cipher, 0x1302);
  EXPECT_EQ(hello.session_id, client(from_hex(kClientTls13)).session_id);
  EXPECT_EQ(hello.random.front(), 0x68);
  EXPECT_EQ(hello.random.back(), 0x7E);
  EXPECT_FALSE(hello.hello_retry_request);
  EXPECT_FALSE(hello.pre_shared_key);
  EXPECT_EQ(hello.alpn, "");
}

TEST(TlsHello, ListsEveryVersionThatTheClientOffers) {
  const ClientHello hello = client(from_hex(kClientBoth));
  EXPECT_EQ(hello.versions, (std::vector<std::uint16_t>{0x0304, 0x0303, 0x0302, 0x0301}));
  EXPECT_EQ(hello.ciphers.size(), 31U);
}

TEST(TlsHello, ReadsTls12) {
  const ClientHello hello = client(from_hex(kClientTls12));
  EXPECT_EQ(hello.versions, (std::vector<std::uint16_t>{0x0303}));
  EXPECT_EQ(hello.alpn, (std::vector<std::string>{"smtp", "http/1.1"}));
  EXPECT_EQ(hello.session_id_size, 0U);
  EXPECT_FALSE(hello.session_ticket);

  const ServerHello answer = server(from_hex(kServerTls12));
  EXPECT_EQ(answer.version, 0x0303);
  EXPECT_EQ(answer.cipher, 0xC02C);
  EXPECT_EQ(answer.alpn, "smtp");
  EXPECT_TRUE(answer.session_id.empty());
}

TEST(TlsHello, ReadsTls10) {
  const ClientHello hello = client(from_hex(kClientTls10));
  EXPECT_EQ(hello.legacy_version, 0x0301);
  EXPECT_EQ(hello.versions, (std::vector<std::uint16_t>{0x0301}));
  EXPECT_EQ(hello.sni, "mx.example.test");

  const ServerHello answer = server(from_hex(kServerTls10));
  EXPECT_EQ(answer.version, 0x0301);
  EXPECT_EQ(answer.cipher, 0xC00A);
}

TEST(TlsHello, KnowsAHelloRetryRequestByItsRandom) {
  Bytes body = from_hex(kServerRetry);
  EXPECT_TRUE(server(body).hello_retry_request);
  EXPECT_EQ(server(body).version, 0x0304);
  body[2 + 31] ^= 1;
  EXPECT_FALSE(server(body).hello_retry_request);
}

TEST(TlsHello, ShowsResumptionOfTls12) {
  const ClientHello hello = client(from_hex(kClientResumed12));
  EXPECT_TRUE(hello.session_ticket);
  EXPECT_EQ(hello.session_id_size, 32U);
  EXPECT_FALSE(hello.pre_shared_key);
  EXPECT_EQ(server(from_hex(kServerResumed12)).session_id, hello.session_id);
}

TEST(TlsHello, ShowsResumptionOfTls13) {
  const ClientHello hello = client(from_hex(kClientResumed13));
  EXPECT_TRUE(hello.pre_shared_key);
  EXPECT_TRUE(hello.early_data);
  EXPECT_FALSE(hello.session_ticket);
  EXPECT_TRUE(server(from_hex(kServerResumed13)).pre_shared_key);
}

TEST(TlsHello, TruncatedClientHelloFailsAtEveryLength) {
  for (const char* hex : {kClientTls13, kClientBoth, kClientTls12, kClientResumed12,
                          kClientResumed13, kClientTls10}) {
    const Bytes whole = from_hex(hex);
    const ClientHello hello = client(whole);
    // Only here may a hello end early: before its extensions (RFC 5246 section 7.4.1.2).
    const std::size_t bare = 2 + 32 + 1 + hello.session_id_size + 2 + 2 * hello.ciphers.size() + 2;
    for (std::size_t size = 0; size < whole.size(); ++size) {
      const Bytes part(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
      EXPECT_EQ(client_fails(part), size != bare) << size;
    }
  }
}

TEST(TlsHello, TruncatedServerHelloFailsAtEveryLength) {
  for (const char* hex : {kServerTls13, kServerRetry, kServerTls12, kServerResumed12,
                          kServerResumed13, kServerTls10}) {
    const Bytes whole = from_hex(hex);
    const std::size_t bare = 2 + 32 + 1 + server(whole).session_id.size() + 2 + 1;
    for (std::size_t size = 0; size < whole.size(); ++size) {
      const Bytes part(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
      EXPECT_EQ(server_fails(part), size != bare) << size;
    }
  }
}

TEST(TlsHello, BytesBehindTheHelloMakeItFail) {
  Bytes client_body = from_hex(kClientTls13);
  client_body.push_back(0);
  EXPECT_TRUE(client_fails(client_body));
  Bytes server_body = from_hex(kServerTls13);
  server_body.push_back(0);
  EXPECT_TRUE(server_fails(server_body));
}

TEST(TlsHello, AHelloMayHaveNoExtensions) {
  EXPECT_EQ(client(small_client()).versions, (std::vector<std::uint16_t>{0x0303}));
  EXPECT_EQ(client(small_client()).sni, "");
  EXPECT_EQ(server(small_server()).cipher, 0xC02F);
  EXPECT_EQ(client(with_extensions(small_client(), {})).ciphers.size(), 1U);
}

TEST(TlsHello, ASessionIdHas32OctetsAtMost) {
  EXPECT_EQ(client(small_client(32)).session_id_size, 32U);
  EXPECT_TRUE(client_fails(small_client(33)));
  EXPECT_EQ(server(small_server(32)).session_id.size(), 32U);
  EXPECT_TRUE(server_fails(small_server(33)));
}

TEST(TlsHello, DropsGreaseFromVersionsAndProtocols) {
  const ClientHello hello =
      client(with_extensions(small_client(), {{43, {6, 0xFA, 0xFA, 3, 4, 3, 3}},
                                              {0x0A0A, {}},
                                              {16, {0, 8, 2, 0x3A, 0x3A, 4, 's', 'm', 't', 'p'}}}));
  EXPECT_EQ(hello.versions, (std::vector<std::uint16_t>{0x0304, 0x0303}));
  EXPECT_EQ(hello.alpn, (std::vector<std::string>{"smtp"}));
}

TEST(TlsHello, OnlyGreaseOffersTheLegacyVersion) {
  const ClientHello hello = client(with_extensions(small_client(), {{43, {2, 0x1A, 0x1A}}}));
  EXPECT_EQ(hello.versions, (std::vector<std::uint16_t>{0x0303}));
}

TEST(TlsHello, AnEmptyTicketExtensionIsNoTicket) {
  EXPECT_FALSE(client(with_extensions(small_client(), {{35, {}}})).session_ticket);
  EXPECT_TRUE(client(with_extensions(small_client(), {{35, {1}}})).session_ticket);
}

TEST(TlsHello, MalformedClientExtensionsFail) {
  const std::vector<Extension> bad[] = {
      {{0, {}}},                         // server_name without a list
      {{0, {0, 0}}},                     // an empty list
      {{0, {0, 4, 0, 0, 2, 'm'}}},       // a name that is longer than its list
      {{0, {0, 3, 0, 0, 0}}},            // an empty name
      {{0, {0, 4, 0, 0, 1, 'm', 'x'}}},  // an octet behind the list
      {{16, {0, 0}}},                    // no protocol
      {{16, {0, 1, 0}}},                 // an empty protocol
      {{16, {0, 3, 4, 's', 'm'}}},       // a protocol that is longer than its list
      {{43, {}}},                        // no versions
      {{43, {0}}},                       // an empty list of versions
      {{43, {3, 3, 4, 3}}},              // half a version
      {{43, {2, 3, 4, 0}}},              // an octet behind the list
      {{0, {0, 4, 0, 0, 1, 'm'}}, {0, {0, 4, 0, 0, 1, 'x'}}},  // the same extension twice
  };
  for (std::size_t i = 0; i < std::size(bad); ++i) {
    EXPECT_TRUE(client_fails(with_extensions(small_client(), bad[i]))) << i;
  }
  const Bytes good = with_extensions(small_client(), {{0, {0, 4, 0, 0, 1, 'm'}}});
  EXPECT_EQ(client(good).sni, "m");
}

TEST(TlsHello, ClientWithoutCiphersOrCompressionFails) {
  Bytes body{3, 3};
  body.insert(body.end(), 32, 0xAB);
  body.push_back(0);
  Bytes no_ciphers = body;
  for (const int octet : {0, 0, 1, 0}) no_ciphers.push_back(static_cast<std::uint8_t>(octet));
  EXPECT_TRUE(client_fails(no_ciphers));
  Bytes half_cipher = body;
  for (const int octet : {0, 3, 0xC0, 0x2F, 0, 1, 0})
    half_cipher.push_back(static_cast<std::uint8_t>(octet));
  EXPECT_TRUE(client_fails(half_cipher));
  Bytes no_compression = body;
  for (const int octet : {0, 2, 0xC0, 0x2F, 0})
    no_compression.push_back(static_cast<std::uint8_t>(octet));
  EXPECT_TRUE(client_fails(no_compression));
}

TEST(TlsHello, MalformedServerExtensionsFail) {
  const std::vector<Extension> bad[] = {
      {{16, {0, 4, 1, 'a', 1, 'b'}}},  // two protocols
      {{16, {0, 0}}},                  // none
      {{41, {0}}},                     // half an identity
      {{41, {0, 0, 0}}},               // an octet behind it
      {{43, {3}}},                     // half a version
      {{43, {3, 4, 0}}},               // an octet behind it
      {{43, {3, 4}}, {43, {3, 3}}},    // twice
  };
  for (std::size_t i = 0; i < std::size(bad); ++i) {
    EXPECT_TRUE(server_fails(with_extensions(small_server(), bad[i]))) << i;
  }
  EXPECT_EQ(server(with_extensions(small_server(), {{43, {3, 4}}})).version, 0x0304);
}

TEST(TlsRecord, IsKnownByTypeVersionAndLength) {
  const auto looks = [](const Bytes& bytes) {
    return looks_like_tls_record(bytes.data(), bytes.size());
  };
  EXPECT_TRUE(looks({22, 3, 1, 0, 255}));
  EXPECT_TRUE(looks({23, 3, 3, 0x48, 0x00}));
  EXPECT_FALSE(looks({23, 3, 3, 0x48, 0x01}));
  EXPECT_TRUE(looks({20, 3, 0, 0, 1}));
  EXPECT_TRUE(looks({21, 3, 4, 0, 2, 1, 0}));
  EXPECT_FALSE(looks({21, 3, 5, 0, 2}));
  EXPECT_FALSE(looks({21, 2, 0xFF, 0, 2}));
  EXPECT_FALSE(looks({19, 3, 3, 0, 2}));
  EXPECT_FALSE(looks({24, 3, 3, 0, 2}));
  EXPECT_FALSE(looks({'2', '2', '0', ' ', 'm'}));
  const Bytes record{22, 3, 1, 0, 255};
  for (std::size_t size = 0; size < record.size(); ++size) {
    EXPECT_FALSE(looks(Bytes(record.begin(), record.begin() + static_cast<std::ptrdiff_t>(size))));
  }
}

TEST(Grease, HoldsTheSixteenValuesOfTheRfc) {
  std::vector<std::uint32_t> found;
  for (std::uint32_t value = 0; value <= 0xFFFF; ++value) {
    if (is_grease(static_cast<std::uint16_t>(value))) found.push_back(value);
  }
  EXPECT_EQ(found, (std::vector<std::uint32_t>{0x0A0A, 0x1A1A, 0x2A2A, 0x3A3A, 0x4A4A, 0x5A5A,
                                               0x6A6A, 0x7A7A, 0x8A8A, 0x9A9A, 0xAAAA, 0xBABA,
                                               0xCACA, 0xDADA, 0xEAEA, 0xFAFA}));
}

}  // namespace
}  // namespace smtp_session
