// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/report/session_ecs.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "dissector/report/session_json.h"
#include "tests/unit/model_builder.h"

namespace smtp_session {
namespace {

using test::ModelBuilder;

JsonValue event_of(const ModelBuilder& model) {
  JsonContent content;
  content.header_ids = true;
  JsonTreeWriter json;
  write_json(model.session(), json, "1:abc=", content);
  JsonTreeWriter event;
  write_ecs(model.session(), json.take(), event);
  return event.take();
}

/// "event.outcome", or an element of a list by its number.
JsonValue at(const JsonValue& root, std::string_view path) {
  const JsonValue* value = &root;
  while (value != nullptr && !path.empty()) {
    value = value->find(path.substr(0, path.find('.')));
    path.remove_prefix(std::min(path.find('.'), path.size() - 1) + 1);
  }
  return value == nullptr ? JsonValue{} : *value;
}

/// A session that delivered one message.
class Delivered : public ModelBuilder {
 public:
  Delivered() {
    open();
    deliver();
    quit();
  }
};

TEST(SessionEcs, DeliveredSessionIsASuccessWithoutError) {
  const JsonValue event = event_of(Delivered());
  EXPECT_EQ(at(event, "event.outcome").text, "success");
  EXPECT_EQ(event.find("error"), nullptr);
  EXPECT_EQ(at(event, "network.protocol").text, "smtp");
  EXPECT_EQ(at(event, "network.type").text, "ipv4");
  EXPECT_EQ(at(event, "network.community_id").text, "1:abc=");
  EXPECT_EQ(at(event, "source.port").integer, 46672);
  EXPECT_EQ(at(event, "destination.port").integer, 25);
}

TEST(SessionEcs, EndIsTheLastFrame) {
  const Delivered model;
  const JsonValue event = event_of(model);
  EXPECT_EQ(at(event, "event.end").text, rfc3339(model.session().last.time));
  EXPECT_EQ(at(event, "event.duration").integer,
            model.session().last.time - model.session().first.time);
}

TEST(SessionEcs, RefusalIsAnErrorWithTheCodeThatDecided) {
  ModelBuilder model;
  model.open();
  model.ask("MAIL", "FROM:<alice@example.test>", 250);
  model.ask("RCPT", "TO:<bob@example.test>", 550, "5.1.1 No such user");
  model.ask("DATA", "", 503, "5.5.1 No recipients");
  model.quit();
  const JsonValue event = event_of(model);
  EXPECT_EQ(at(event, "event.outcome").text, "failure");
  EXPECT_EQ(at(event, "error.type").text, "rejected");
  EXPECT_EQ(at(event, "error.code").text, "550");
}

TEST(SessionEcs, ConnectionWithoutAReplyHasNoCode) {
  ModelBuilder model;
  model.syn();
  model.syn();
  const JsonValue event = event_of(model);
  EXPECT_EQ(at(event, "error.type").text, "connection_timeout");
  EXPECT_EQ(at(event, "error").find("code"), nullptr);
}

TEST(SessionEcs, SessionThatGoesOnHasNoKnownOutcome) {
  ModelBuilder model;
  model.open();
  EXPECT_EQ(at(event_of(model), "event.outcome").text, "unknown");
}

TEST(SessionEcs, EveryAddressOnce) {
  ModelBuilder model;
  model.open();
  model.deliver();
  model.deliver();
  model.quit();
  const JsonValue event = event_of(model);
  EXPECT_EQ(at(event, "email.from.address").items.size(), 1U);
  EXPECT_EQ(at(event, "email.to.address").items.size(), 1U);
  EXPECT_EQ(at(event, "smtp_session.messages").items.size(), 2U);
}

TEST(SessionEcs, ClientIsWhoTheProxyNames) {
  Delivered model;
  auto proxy = std::make_unique<ProxyHeader>();
  proxy->version = 1;
  proxy->source = {test::ipv4(203, 0, 113, 7), 5000};
  proxy->destination = {test::ipv4(203, 0, 113, 8), 25};
  model.session().proxy = std::move(proxy);
  const JsonValue event = event_of(model);
  EXPECT_EQ(at(event, "client.ip").text, "203.0.113.7");
  EXPECT_EQ(at(event, "source.ip").text, "192.0.2.1");
}

TEST(SessionEcs, TlsVersionIsItsNumber) {
  Delivered model;
  model.session().tls = std::make_unique<TlsFacts>();
  model.session().tls->mode = TlsMode::kImplicit;
  model.session().tls->version = 0x0304;
  model.session().tls->complete = true;
  model.session().tls->sni = model.text("mx.example.test");
  const JsonValue event = event_of(model);
  EXPECT_EQ(at(event, "tls.version").text, "1.3");
  EXPECT_EQ(at(event, "tls.version_protocol").text, "tls");
  EXPECT_EQ(at(event, "tls.client.server_name").text, "mx.example.test");
  EXPECT_TRUE(at(event, "tls.established").boolean);
}

TEST(SessionEcs, MessageIdsOfTheHeader) {
  Delivered model;
  model.session().message(1).header_id = model.text("<1@client.example>");
  EXPECT_EQ(at(event_of(model), "email.message_id").text, "<1@client.example>");
}

}  // namespace
}  // namespace smtp_session
