// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/report/compared_session.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "dissector/report/session_json.h"
#include "dissector/verbs.h"

namespace smtp_session {

namespace {

/// 73 years: a file may hold any number, and the difference of two times must be one too.
constexpr TimeNs kMaxTime = TimeNs{1} << 61;

TimeNs time_at(const JsonValue& object, std::string_view key) {
  const TimeNs time = object.integer_at(key).value_or(kNoTime);
  return time < -kMaxTime || time > kMaxTime ? kNoTime : time;
}

FrameNumber frame_at(const JsonValue& object, std::string_view key) {
  return static_cast<FrameNumber>(object.integer_at(key).value_or(0));
}

std::uint16_t code_at(const JsonValue& object) {
  return static_cast<std::uint16_t>(object.integer_at("code").value_or(0));
}

const JsonValue& part(const JsonValue& object, std::string_view key) {
  static const JsonValue kNothing;
  const JsonValue* const found = object.find(key);
  return found == nullptr ? kNothing : *found;
}

std::string endpoint(const JsonValue& json) {
  const std::string address{json.text_at("address")};
  const std::string port = ":" + std::to_string(json.integer_at("port").value_or(0));
  const bool is_ipv6 = address.find(':') != std::string::npos;  // RFC 5952 section 6
  return is_ipv6 ? "[" + address + "]" + port : address + port;
}

/// What a command is aligned by.
std::string kind_of(std::string_view verb, bool encrypted) {
  if (verb == ".") return "end of data";
  if (is_hello(verb) && encrypted) return std::string{verb} + " under TLS";
  return verb.empty() ? "empty line" : std::string{verb};
}

bool is_opaque(const JsonValue& command) {
  const JsonValue* const verb = command.find("verb");
  return verb == nullptr || verb->kind != JsonValue::Kind::kString;
}

class Reader {
 public:
  explicit Reader(const JsonValue& json) : json_(json) {}

  ComparedSession read(const std::string& source) {
    read_head(source);
    read_tls();
    add_connect();
    add_greeting();
    add_tls();
    add_commands();
    add_close();
    // TLS has its place among the commands by its frame; the order above holds within a frame.
    std::stable_sort(
        session_.steps.begin(), session_.steps.end(),
        [](const ComparedStep& a, const ComparedStep& b) { return a.frame < b.frame; });
    return std::move(session_);
  }

 private:
  void read_head(const std::string& source) {
    session_.name = "session " + std::to_string(json_.integer_at("session").value_or(0));
    if (!source.empty()) session_.name += " of " + source;
    session_.client = endpoint(part(json_, "client"));
    session_.server = endpoint(part(json_, "server"));
    session_.outcome = json_.text_at("outcome");
    session_.verdict = json_.text_at("verdict");
    session_.duration = time_at(json_, "duration_ns");
    const JsonValue& share = part(json_, "share");
    session_.share = {time_at(share, "network_ns"), time_at(share, "server_ns"),
                      time_at(share, "client_ns"), time_at(share, "tls_ns"),
                      time_at(share, "transfer_ns")};
    for (const JsonValue& finding : json_.items_at("findings")) {
      session_.findings.push_back(
          {std::string{finding.text_at("id")}, std::string{finding.text_at("text")}});
    }
  }

  void read_tls() {
    const JsonValue& tls = part(json_, "tls");
    ComparedTls& result = session_.tls;
    result.mode = tls.text_at("mode");
    if (result.mode.empty()) result.mode = "none";
    result.version = tls.text_at("version");
    result.cipher = tls.text_at("cipher");
    result.sni = tls.text_at("sni");
    result.alpn = tls.text_at("alpn");
    result.alert = part(tls, "alert").text_at("description");
    result.decrypt_state = tls.text_at("decrypt_state");
    result.resumed = tls.flag_at("resumed");
    result.versions_offered = texts_at(tls, "versions_offered");
    result.ciphers_offered = texts_at(tls, "ciphers_offered");
  }

  static std::vector<std::string> texts_at(const JsonValue& json, std::string_view key) {
    std::vector<std::string> texts;
    for (const JsonValue& item : json.items_at(key)) texts.push_back(item.text);
    return texts;
  }

  ComparedStep& add(std::string name, FrameNumber frame, TimeNs time) {
    session_.steps.emplace_back();
    ComparedStep& step = session_.steps.back();
    step.kind = name;
    step.name = std::move(name);
    step.frame = frame;
    step.time = time;
    return step;
  }

  void add_connect() {
    const JsonValue& tcp = part(json_, "tcp");
    if (part(json_, "capture").flag_at("mid_stream")) return;
    const FrameNumber syn = frame_at(tcp, "syn_frame");
    if (syn == 0) return;
    ComparedStep& step = add("TCP handshake", syn, time_at(tcp, "handshake_ns"));
    if (session_.outcome == "connection_refused") {
      step.result = "refused";
    } else {
      step.result = frame_at(tcp, "synack_frame") == 0 ? "no answer" : "open";
    }
  }

  void add_greeting() {
    const JsonValue& greeting = part(json_, "greeting");
    if (greeting.kind != JsonValue::Kind::kObject) return;
    ComparedStep& step =
        add("greeting", frame_at(greeting, "frame"), time_at(greeting, "delay_ns"));
    step.code = code_at(greeting);
    step.result = std::to_string(step.code);
    step.text = greeting.text_at("text");
    session_.greeting = step.result + " " + step.text;
  }

  void add_tls() {
    const JsonValue& tls = part(json_, "tls");
    const FrameNumber frame = frame_at(tls, "client_hello_frame");
    if (frame == 0) return;
    ComparedStep& step = add("TLS handshake", frame, time_at(tls, "handshake_ns"));
    const bool complete = frame_at(tls, "finished_frame") != 0;
    step.result = complete ? session_.tls.version : "failed";
  }

  void add_commands() {
    for (const JsonValue& command : json_.items_at("commands")) {
      add_transfer(command);
      add_command(command);
    }
  }

  /// Before the end of data, the message itself.
  void add_transfer(const JsonValue& command) {
    if (command.text_at("verb") != ".") return;
    const auto index = command.integer_at("message");
    const std::vector<JsonValue>& messages = json_.items_at("messages");
    if (!index || *index < 1 || *index > static_cast<std::int64_t>(messages.size())) return;
    const JsonValue& message = messages[static_cast<std::size_t>(*index - 1)];
    ComparedStep& step =
        add("message", frame_at(command, "frame"), time_at(message, "transfer_ns"));
    if (const auto size = message.integer_at("size")) step.result = std::to_string(*size) + " B";
  }

  void add_command(const JsonValue& command) {
    const bool encrypted = command.flag_at("encrypted");
    const bool opaque = is_opaque(command);
    const std::string_view inferred = command.text_at("inferred");
    std::string kind = kind_of(opaque ? inferred : command.text_at("verb"), encrypted);
    if (opaque && inferred.empty()) kind = encrypted ? "encrypted" : "not captured";
    ComparedStep& step =
        add(std::move(kind), frame_at(command, "frame"), time_at(command, "latency_ns"));
    // What encrypted turns probably were is a guess, and the brackets say so.
    if (opaque) step.name = "[" + step.kind + "]";
    step.opaque = opaque;
    step.argument = command.text_at("argument");
    step.code = code_at(command);
    const bool answered = frame_at(command, "reply_frame") != 0;
    step.result = step.code != 0 ? std::to_string(step.code) : answered ? "answered" : "no reply";
    step.enhanced = command.text_at("enhanced");
    step.text = command.text_at("text");
    step.exact = command.flag_at("exact");
    step.pipelined = command.flag_at("pipelined");
    if (is_hello(command.text_at("verb"))) step.extensions = extensions_of(step.frame);
  }

  std::optional<std::vector<std::string>> extensions_of(FrameNumber frame) const {
    for (const JsonValue& hello : json_.items_at("hellos")) {
      if (frame_at(hello, "frame") != frame || hello.find("extensions") == nullptr) continue;
      std::vector<std::string> lines;
      for (const JsonValue& line : hello.items_at("extensions")) lines.push_back(line.text);
      return lines;
    }
    return std::nullopt;
  }

  void add_close() {
    const JsonValue& tcp = part(json_, "tcp");
    const std::string_view close = tcp.text_at("close");
    if (close == "none" || session_.outcome == "connection_refused") return;
    const FrameNumber frame = frame_at(tcp, close == "rst" ? "rst_frame" : "fin_frame");
    if (frame == 0) return;
    ComparedStep& step = add("close", frame, kNoTime);
    step.result = std::string{tcp.text_at("closed_by")} + (close == "rst" ? " RST" : " FIN");
  }

  const JsonValue& json_;
  ComparedSession session_;
};

}  // namespace

bool is_session_json(const JsonValue& json) {
  return json.text_at("schema") == "smtp_session/1";
}

ComparedSession compared_session(const JsonValue& json, const std::string& source) {
  return Reader(json).read(source);
}

ComparedSession compared_session(const Session& session) {
  JsonTreeWriter writer;
  write_json(session, writer, {});
  return compared_session(writer.take(), {});
}

}  // namespace smtp_session
