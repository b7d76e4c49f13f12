// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/report/session_ecs.h"

#include <algorithm>
#include <cstddef>
#include <initializer_list>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include "dissector/names.h"
#include "dissector/outcome.h"
#include "dissector/report/session_json.h"
#include "dissector/verdict.h"

namespace smtp_session {

namespace {

constexpr char kEcsVersion[] = "8.11.0";

/// "success", "failure" or "unknown".
const char* event_outcome(Outcome outcome) {
  switch (outcome) {
    case Outcome::kDelivered:
    case Outcome::kNoMail:
      return "success";
    case Outcome::kDeliveryUnknown:
    case Outcome::kEncrypted:
    case Outcome::kIncomplete:
      return "unknown";
    default:
      return "failure";
  }
}

using Texts = std::vector<std::string>;

void add(Texts& texts, std::string_view text) {
  if (text.empty() || std::find(texts.begin(), texts.end(), text) != texts.end()) return;
  texts.emplace_back(text);
}

class EcsWriter {
 public:
  EcsWriter(const Session& session, const JsonValue& json, JsonWriter& writer)
      : session_(session), json_(json), out_(writer) {}

  void write() {
    out_.begin_object();
    text("@timestamp", json_.text_at("start"));
    text("message", json_.text_at("verdict"));
    begin("ecs");
    text("version", kEcsVersion);
    out_.end_object();
    write_event();
    write_network();
    write_ends();
    write_tls();
    write_email();
    write_user();
    write_error();
    write_rest();
    out_.end_object();
  }

 private:
  void begin(const char* key) {
    out_.key(key);
    out_.begin_object();
  }
  void text(const char* key, std::string_view value) {
    if (value.empty()) return;
    out_.key(key);
    out_.string(std::string{value});
  }
  void flag(const char* key, bool value) {
    out_.key(key);
    out_.boolean(value);
  }
  void texts(const char* key, std::initializer_list<std::string_view> values) {
    list(key, Texts(values.begin(), values.end()));
  }
  void list(const char* key, const Texts& values) {
    out_.key(key);
    out_.begin_array();
    for (const std::string& value : values) out_.string(value);
    out_.end_array();
  }
  /// A member of ECS that is no list: of several values it is one all the same.
  void one_or_list(const char* key, const Texts& values) {
    if (values.size() == 1) {
      text(key, values.front());
    } else if (!values.empty()) {
      list(key, values);
    }
  }

  void write_event() {
    begin("event");
    text("kind", "event");
    texts("category", {"email", "network"});
    texts("type", {"connection", "protocol", "info"});
    text("dataset", "smtp_session");
    text("action", "smtp-session");
    text("id", json_.text_at("session_id"));
    text("start", json_.text_at("start"));
    if (session_.last.time != kNoTime) text("end", rfc3339(session_.last.time));
    if (const auto duration = json_.integer_at("duration_ns")) {
      out_.key("duration");
      out_.integer(*duration);
    }
    text("outcome", event_outcome(outcome_of(session_)));
    text("reason", json_.text_at("verdict"));
    out_.end_object();
  }

  void write_network() {
    begin("network");
    text("transport", "tcp");
    text("type", session_.server.address.family == 6 ? "ipv6" : "ipv4");
    text("protocol", session_.lmtp ? "lmtp" : "smtp");
    text("community_id", json_.text_at("community_id"));
    out_.end_object();
  }

  void write_end(const char* key, const JsonValue* end) {
    if (end == nullptr) return;
    begin(key);
    text("address", end->text_at("address"));
    text("ip", end->text_at("address"));
    out_.key("port");
    out_.integer(end->integer_at("port").value_or(0));
    out_.end_object();
  }

  /// Source and destination are those of the packets; client and server those of the mail, also
  /// where a proxy stands between.
  void write_ends() {
    const JsonValue* const client = json_.find("client");
    const JsonValue* const server = json_.find("server");
    const JsonValue* const proxy = json_.find("proxy");
    const JsonValue* const source = proxy == nullptr ? nullptr : proxy->find("source");
    write_end("source", client);
    write_end("destination", server);
    write_end("client", source != nullptr ? source : client);
    write_end("server", server);
  }

  void write_tls() {
    const JsonValue* const tls = json_.find("tls");
    if (tls == nullptr) return;
    begin("tls");
    const std::string_view version = tls->text_at("version");  // "TLS 1.3"
    const std::size_t blank = version.find(' ');
    if (blank != std::string_view::npos) {
      text("version", version.substr(blank + 1));
      text("version_protocol", version.substr(0, blank) == "SSL" ? "ssl" : "tls");
    }
    text("cipher", tls->text_at("cipher"));
    text("next_protocol", tls->text_at("alpn"));
    const std::string_view sni = tls->text_at("sni");
    if (!sni.empty()) {
      begin("client");
      text("server_name", sni);
      out_.end_object();
    }
    flag("established", session_.tls != nullptr && session_.tls->complete);
    if (tls->find("resumed") != nullptr) flag("resumed", tls->flag_at("resumed"));
    out_.end_object();
  }

  void write_email() {
    if (json_.items_at("messages").empty()) return;
    Texts from;
    Texts to;
    Texts header_ids;
    Texts ids;
    for (const JsonValue& message : json_.items_at("messages")) {
      add(from, message.text_at("from"));
      for (const JsonValue& recipient : message.items_at("recipients")) {
        add(to, recipient.text_at("address"));
      }
      add(header_ids, message.text_at("header_id"));
      add(ids, message.text_at("id"));
    }
    begin("email");
    if (!from.empty()) addresses("from", from);
    if (!to.empty()) addresses("to", to);
    one_or_list("message_id", header_ids);
    one_or_list("local_id", ids);
    out_.end_object();
  }

  void addresses(const char* key, const Texts& values) {
    begin(key);
    list("address", values);
    out_.end_object();
  }

  void write_user() {
    Texts users;
    for (const JsonValue& auth : json_.items_at("auth")) add(users, auth.text_at("user"));
    if (users.empty()) return;
    begin("user");
    one_or_list("name", users);
    out_.end_object();
  }

  void write_error() {
    const Outcome outcome = outcome_of(session_);
    if (std::string_view{event_outcome(outcome)} != "failure") return;
    begin("error");
    text("type", name_of(outcome));
    const Index reply = deciding_reply(session_);
    if (reply != 0) text("code", std::to_string(session_.reply(reply).code));
    text("message", json_.text_at("verdict"));
    out_.end_object();
  }

  void write_rest() {
    // What has a name in ECS is not written twice, but for parts of lists.
    constexpr std::string_view kNamed[] = {"session_id", "community_id", "client", "server",
                                           "start",      "duration_ns",  "verdict"};
    begin("smtp_session");
    for (std::size_t i = 0; i < json_.keys.size(); ++i) {
      const std::string& key = json_.keys[i];
      if (std::find(std::begin(kNamed), std::end(kNamed), key) != std::end(kNamed)) continue;
      out_.key(key.c_str());
      write_value(json_.items[i], out_);
    }
    out_.end_object();
  }

  const Session& session_;
  const JsonValue& json_;
  JsonWriter& out_;
};

}  // namespace

void write_ecs(const Session& session, const JsonValue& json, JsonWriter& writer) {
  EcsWriter(session, json, writer).write();
}

}  // namespace smtp_session
