// SPDX-License-Identifier: GPL-2.0-or-later
//
// What TLS changed in the extensions of a server.
#include "dissector/hello_reply.h"

#include <gtest/gtest.h>

#include "tests/unit/model_builder.h"

namespace smtp_session {
namespace {

using test::ModelBuilder;
using Lines = std::vector<std::string_view>;

/// EHLO in clear with `before` as its reply, STARTTLS, EHLO with `after`; returns the second EHLO.
Index hello_twice(ModelBuilder& model, std::uint16_t code, const char* before, const char* after) {
  model.open();
  model.ask("EHLO", "client.example", code, before);
  model.ask("STARTTLS", "", 220);
  model.client_hello(TlsMode::kStarttls);
  model.finish_tls();
  return model.ask("EHLO", "client.example", 250, after);
}

TEST(OfferChange, TellsLinesLostAndGained) {
  ModelBuilder model;
  const Index hello = hello_twice(model, 250, "mx\nSTARTTLS\nSIZE 10\nAUTH NTLM",
                                  "mx\nSIZE 10\nAUTH PLAIN LOGIN\nREQUIRETLS");
  const OfferChange change = offer_change(model.session(), hello);
  EXPECT_EQ(change.lost, (Lines{"STARTTLS", "AUTH NTLM"}));
  EXPECT_EQ(change.gained, (Lines{"AUTH PLAIN LOGIN", "REQUIRETLS"}));
  EXPECT_EQ(offer_change_text(change),
            "without STARTTLS, AUTH NTLM, with AUTH PLAIN LOGIN, REQUIRETLS");
}

TEST(OfferChange, IsNoneWhereTheListsAreTheSame) {
  ModelBuilder model;
  const Index hello = hello_twice(model, 250, "mx\nSIZE 10", "mx.example.test\nSIZE 10");
  EXPECT_FALSE(offer_change(model.session(), hello).any());
  EXPECT_EQ(offer_change_text({}), "");
}

TEST(OfferChange, IsNoneWhereTheFirstHelloWasRefused) {
  ModelBuilder model;
  const Index hello = hello_twice(model, 502, "no", "mx\nSIZE 10");
  EXPECT_FALSE(offer_change(model.session(), hello).any());
}

TEST(OfferChange, IsNoneForTheHelloInClear) {
  ModelBuilder model;
  hello_twice(model, 250, "mx\nSTARTTLS", "mx\nSIZE 10");
  EXPECT_FALSE(offer_change(model.session(), 1).any());
}

}  // namespace
}  // namespace smtp_session
