// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/report/endpoint_text.h"

#include <gtest/gtest.h>

#include "tests/unit/model_builder.h"

namespace smtp_session {
namespace {

TEST(EndpointText, Ipv4HasItsPortBehindAColon) {
  EXPECT_EQ(endpoint_text({test::ipv4(192, 0, 2, 25), 25}), "192.0.2.25:25");
}

TEST(EndpointText, Ipv6StandsInBrackets) {
  Address address;
  address.family = 6;
  address.bytes = {0x20, 0x01, 0x0d, 0xb8};
  address.bytes[15] = 1;
  EXPECT_EQ(endpoint_text({address, 587}), "[2001:db8::1]:587");
}

}  // namespace
}  // namespace smtp_session
