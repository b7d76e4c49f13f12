// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/report/hidden_addresses.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace smtp_session {
namespace {

std::string hidden(std::string_view text, const std::vector<std::string>& names = {}) {
  return hide_addresses(text, DomainOnly(), NameList(names));
}

/// Shows what was taken for the address.
class Marked final : public AddressStandIn {
 public:
  std::string stand_in(std::string_view local, std::string_view domain) const override {
    return "{" + folded_address(local, domain) + "}";
  }
};

std::string marked(std::string_view text, const std::vector<std::string>& names = {}) {
  return hide_addresses(text, Marked(), NameList(names));
}

TEST(HiddenAddresses, TextWithoutAddressStaysAsItIs) {
  for (const char* text : {"", "@", "2.1.0 Ok", "End data with <CR><LF>.<CR><LF>", "a @ b",
                           "@(#)Sendmail", "took 12+40ms", "100%40", "SIZE 33554432"}) {
    EXPECT_EQ(hidden(text), text);
  }
}

TEST(HiddenAddresses, DomainIsKept) {
  EXPECT_EQ(hidden("TO:<bob@example.test> SIZE=5"), "TO:<*@example.test> SIZE=5");
  EXPECT_EQ(hidden("bob@[192.0.2.1]: no"), "*@[192.0.2.1]: no");
}

TEST(HiddenAddresses, SeveralInOneText) {
  EXPECT_EQ(hidden("a@x.test, b@y.test."), "*@x.test, *@y.test.");
}

TEST(HiddenAddresses, LocalPartInAllItsForms) {
  EXPECT_EQ(marked("<John.Doe+tag=x@A.Test>"), "<{john.doe+tag=x@a.test}>");
  EXPECT_EQ(marked("<\"john doe\"@a.test>"), "<{\"john doe\"@a.test}>");
  EXPECT_EQ(marked("<\"a@b\"@a.test>"), "<{\"a@b\"@a.test}>");
  EXPECT_EQ(marked("\"j \\\" d\"@a.test"), "{\"j \\\" d\"@a.test}");
  EXPECT_EQ(marked("<john doe@a.test>"), "<{john doe@a.test}>");
  EXPECT_EQ(marked("<\xC3\xBC@b\xC3\xBC.test>"), "<{\xC3\xBC@b\xC3\xBC.test}>");
  EXPECT_EQ(marked("bob@example.org@a.test"), "{bob@example.org@a.test}");
}

TEST(HiddenAddresses, SourceRouteIsNoPartOfIt) {
  EXPECT_EQ(marked("<@r.test,@s.test:bob@a.test>"), "<@r.test,@s.test:{bob@a.test}>");
}

TEST(HiddenAddresses, WhatStandsAroundIsNoPartOfIt) {
  EXPECT_EQ(marked("FROM:<> AUTH=bob@a.test"), "FROM:<> AUTH={bob@a.test}");
  EXPECT_EQ(marked("ORCPT=rfc822;bob@a.test"), "ORCPT=rfc822;{bob@a.test}");
  EXPECT_EQ(marked("user 'bob@a.test' unknown"), "user '{bob@a.test}' unknown");
  EXPECT_EQ(marked("(bob@a.test) mailto:bob@a.test"), "({bob@a.test}) mailto:{bob@a.test}");
}

TEST(HiddenAddresses, AtSignInOtherWriting) {
  EXPECT_EQ(marked("see http://x.test/?ip=1;e:bob%40a.test"),
            "see http://x.test/?ip=1;e:{bob@a.test}");
  EXPECT_EQ(marked("rfc822;bob+40a.test"), "rfc822;{bob@a.test}");
  EXPECT_EQ(marked("bob+40@a.test"), "{bob+40@a.test}");
}

TEST(HiddenAddresses, AddressThatIsCutShort) {
  EXPECT_EQ(hidden("no such user <bob@"), "no such user <*");
  EXPECT_EQ(hidden("no <bob.smi\xE2\x80\xA6", {"bob.smith"}), "no <*\xE2\x80\xA6");
}

TEST(HiddenAddresses, NamesAreHiddenAsWordsOnly) {
  EXPECT_EQ(hidden("<Bob>: user=bob, bob. bobby Bob's abob bob_x", {"bob"}),
            "<*>: user=*, *. bobby *'s abob bob_x");
}

TEST(HiddenAddresses, TheLongestNameIsHidden) {
  EXPECT_EQ(hidden("for bob.smith here", {"bob", "bob.smith"}), "for * here");
}

TEST(HiddenAddresses, NameMayHoldBlanksAndStandBesideShorterOnes) {
  EXPECT_EQ(hidden("our staff, our, staffs", {"staff", "our", "our staff"}), "*, *, staffs");
  EXPECT_EQ(hidden("bobby", {"bob", "bobb"}), "bobby");
}

TEST(HiddenAddresses, NamesOfHostsAndTheirAddressesStay) {
  for (const char* text :
       {"mail.example.test Hello client.example.test [192.0.2.1]", "mx.example.test ESMTP Postfix",
        "client.example.test", "5.7.1 Client host [192.0.2.1] blocked using dnsbl.example.test",
        "5.1.2 Domain example.test not found", "[IPv6:2001:db8::1]"}) {
    EXPECT_EQ(hidden(text, {"alice", "bob"}), text);
  }
}

// -- A session's JSON -----------------------------------------------------------------------------

/// Builds an object of strings.
class Object {
 public:
  Object& with(const char* key, const std::string& text) {
    JsonValue value;
    value.kind = JsonValue::Kind::kString;
    value.text = text;
    return with(key, value);
  }
  Object& with(const char* key, const JsonValue& value) {
    object_.keys.emplace_back(key);
    object_.items.push_back(value);
    return *this;
  }
  Object& with_list(const char* key, const std::vector<JsonValue>& values) {
    JsonValue list;
    list.kind = JsonValue::Kind::kArray;
    list.items = values;
    return with(key, list);
  }
  JsonValue get() {
    object_.kind = JsonValue::Kind::kObject;
    return object_;
  }

 private:
  JsonValue object_;
};

void hide(JsonValue& session) {
  hide_addresses(session, DomainOnly());
}

TEST(HiddenAddresses, EnvelopeAndItsLocalPartsInTexts) {
  const JsonValue recipient = Object().with("address", "bob@example.test").get();
  const JsonValue message = Object().with("from", "").with_list("recipients", {recipient}).get();
  const JsonValue command = Object()
                                .with("verb", "RCPT")
                                .with("argument", "TO:<bob@example.test>")
                                .with("text", "5.1.1 <bob>: no such user")
                                .get();
  JsonValue session = Object()
                          .with("verdict", "Rejected: RCPT TO:<bob@example.test>, bob unknown")
                          .with("session_id", "bob")
                          .with_list("commands", {command})
                          .with_list("messages", {message})
                          .get();
  hide(session);
  EXPECT_EQ(session.text_at("verdict"), "Rejected: RCPT TO:<*@example.test>, * unknown");
  EXPECT_EQ(session.text_at("session_id"), "bob");  // no text
  EXPECT_EQ(session.items_at("commands")[0].text_at("argument"), "TO:<*@example.test>");
  EXPECT_EQ(session.items_at("commands")[0].text_at("text"), "5.1.1 <*>: no such user");
  const JsonValue& hidden_message = session.items_at("messages")[0];
  EXPECT_EQ(hidden_message.text_at("from"), "");
  EXPECT_EQ(hidden_message.items_at("recipients")[0].text_at("address"), "*@example.test");
}

TEST(HiddenAddresses, UserNamesOfEveryCommandThatHoldsOne) {
  struct Case {
    const char* verb;
    const char* argument;
    const char* wanted;
  };
  for (const Case& one :
       {Case{"VRFY", "alice", "*"}, Case{"EXPN", "our staff", "*"},
        Case{"RCPT", "TO:<alice>", "TO:<*>"}, Case{"MAIL", "FROM:<> AUTH=alice", "FROM:<> AUTH=*"},
        Case{"RCPT", "TO:<x@a.test> ORCPT=rfc822;alice", "TO:<*@a.test> ORCPT=rfc822;*"},
        Case{"XCLIENT", "NAME=h.test LOGIN=alice", "NAME=h.test LOGIN=*"}}) {
    const JsonValue command = Object().with("verb", one.verb).with("argument", one.argument).get();
    JsonValue session = Object().with_list("commands", {command}).get();
    hide(session);
    EXPECT_EQ(session.items_at("commands")[0].text_at("argument"), one.wanted) << one.verb;
  }
}

TEST(HiddenAddresses, PersonThatAReplyToVrfyNames) {
  struct Case {
    const char* verb;
    std::int64_t code;
    const char* text;
    const char* wanted;
  };
  for (const Case& one : {Case{"VRFY", 250, "Alice Smith <alice@example.test>", "*"},
                          Case{"VRFY", 251, "Alice Smith is at <alice@example.org>", "*"},
                          Case{"EXPN", 250, "Bob Miller <bob@example.test>", "*"},
                          Case{"VRFY", 252, "Cannot VRFY user alice", "Cannot VRFY user *"},
                          Case{"VRFY", 550, "User ambiguous: alice", "User ambiguous: *"},
                          Case{"NOOP", 250, "Alice Smith", "* Smith"}}) {
    JsonValue code;
    code.kind = JsonValue::Kind::kInteger;
    code.integer = one.code;
    const JsonValue command = Object()
                                  .with("verb", one.verb)
                                  .with("argument", "x")
                                  .with("code", code)
                                  .with("text", one.text)
                                  .get();
    const JsonValue auth = Object().with("user", "alice").get();
    JsonValue session = Object().with_list("auth", {auth}).with_list("commands", {command}).get();
    hide(session);
    EXPECT_EQ(session.items_at("commands")[0].text_at("text"), one.wanted) << one.verb;
  }
}

TEST(HiddenAddresses, AuthenticationIdentity) {
  const JsonValue auth = Object().with("user", "alice").get();
  const JsonValue finding = Object().with("text", "wrong password of alice").get();
  JsonValue session = Object().with_list("auth", {auth}).with_list("findings", {finding}).get();
  hide(session);
  EXPECT_EQ(session.items_at("auth")[0].text_at("user"), "*");
  EXPECT_EQ(session.items_at("findings")[0].text_at("text"), "wrong password of *");
}

}  // namespace
}  // namespace smtp_session
