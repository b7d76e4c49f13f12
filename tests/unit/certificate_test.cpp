// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/certificate.h"

#include <gtest/gtest.h>

#include "dissector/certificate_store.h"

namespace smtp_session::test {
namespace {

using namespace std::string_literals;

TEST(Certificate, TheFirstOfTheListIsTheLeaf) {
  EXPECT_EQ(leaf_certificate("\0\0\x0b\0\0\x03"
                             "abc"
                             "\0\0\x02"
                             "de"s,
                             false),
            "abc");
}

TEST(Certificate, Tls13HasAContextBeforeTheList) {
  EXPECT_EQ(leaf_certificate("\0\0\0\x08\0\0\x03"
                             "abc"
                             "\0\0"s,
                             true),
            "abc");
}

TEST(Certificate, ATruncatedMessageHasNone) {
  const std::string whole =
      "\0\0\x06\0\0\x03"
      "abc"s;
  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_TRUE(leaf_certificate(std::string_view(whole).substr(0, size), false).empty()) << size;
  }
}

TEST(Certificate, FitsAHostByNameOrByOneLabelOfAWildcard) {
  const std::vector<std::string> names{"mx.example.test", "*.mail.example"};
  EXPECT_TRUE(certificate_fits(names, "MX.example.TEST"));
  EXPECT_TRUE(certificate_fits(names, "mx.example.test."));
  EXPECT_TRUE(certificate_fits(names, "a.mail.example"));
  EXPECT_FALSE(certificate_fits(names, "a.b.mail.example"));
  EXPECT_FALSE(certificate_fits(names, "mail.example"));
  EXPECT_FALSE(certificate_fits(names, ".mail.example"));
  EXPECT_FALSE(certificate_fits(names, "other.example"));
  EXPECT_FALSE(certificate_fits(names, ""));
}

class CountingReader final : public CertificateReader {
 public:
  bool read(const std::uint8_t* /*der*/, std::size_t size, CertificateText& text) const override {
    ++calls;
    text.subject = "mx.example.test";
    return size > 2;
  }
  mutable int calls = 0;
};

TEST(CertificateStore, ReadsTheSameCertificateOnce) {
  const CountingReader reader;
  CertificateStore store(&reader);
  const auto first = store.read("abc");
  ASSERT_NE(first, nullptr);
  EXPECT_EQ(store.read("abc"), first);
  EXPECT_EQ(reader.calls, 1);
}

TEST(CertificateStore, HasNothingForWhatIsNoCertificate) {
  const CountingReader reader;
  CertificateStore store(&reader);
  EXPECT_EQ(store.read("x"), nullptr);
  EXPECT_EQ(store.read("x"), nullptr);
  EXPECT_EQ(reader.calls, 1);
  EXPECT_EQ(CertificateStore(nullptr).read("abc"), nullptr);
}

}  // namespace
}  // namespace smtp_session::test
