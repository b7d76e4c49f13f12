// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/judge_auth.h"

#include <algorithm>
#include <string>
#include <string_view>

#include "dissector/base64.h"
#include "dissector/command_line.h"
#include "dissector/frame_index.h"
#include "dissector/hello_reply.h"
#include "dissector/reply_codes.h"
#include "dissector/reply_words.h"
#include "dissector/transaction.h"

namespace smtp_session {

namespace {

/// Mechanisms that send what can be used again as it is: a password (RFC 4616; LOGIN is not
/// registered) or a bearer token (RFC 7628; XOAUTH2 of Google).
bool sends_secret(std::string_view mechanism) {
  return mechanism == "PLAIN" || mechanism == "LOGIN" || mechanism == "XOAUTH2" ||
         mechanism == "OAUTHBEARER";
}

/// What the code says of AUTH: RFC 4954 section 6; RFC 5321 section 4.2.2 for 500 to 504.
const char* reason_of(std::uint16_t code) {
  switch (code) {
    case 500:
    case 502:
      return "the server does not know the command";
    case 501:
      return "the server could not read the line";
    case 503:
      return "not at this point: AUTH is not offered here, or was done before";
    case 504:
      return "the server does not know the mechanism";
    case 534:
      return "the mechanism is too weak for this account";
    case 535:
      return "the credentials are not accepted";
    case 538:
      return "the mechanism needs TLS";
    default:
      return "refused";
  }
}

const AuthExchange* exchange_of(const Session& session, Index command) {
  // In order of their commands, and at most one for each.
  const auto* const found =
      std::find_if(session.auth.begin(), session.auth.end(),
                   [&](const AuthExchange& one) { return one.command == command; });
  return found == session.auth.end() ? nullptr : found;
}

/// The value of `"name":"value"` or `"name":123` in a flat JSON object, empty where there is none.
std::string_view json_value(std::string_view json, std::string_view name) {
  const std::size_t key = json.find("\"" + std::string(name) + "\"");
  if (key == std::string_view::npos) return {};
  const std::size_t begin = json.find_first_not_of(" \t\r\n:", key + name.size() + 2);
  if (begin == std::string_view::npos) return {};
  json.remove_prefix(begin);
  if (json.front() == '"') {
    json.remove_prefix(1);
    return json.substr(0, json.find('"'));
  }
  return json.substr(0, json.find_first_of(",} \t\r\n"));
}

}  // namespace

void JudgeAuth::on_command(Index index) {
  const Session& session = scene_.session;
  const Command& command = session.command(index);
  const Text verb = command.verb;
  if (!is_auth(verb)) return;
  const std::string mechanism = to_upper(command.argument.view());
  if (!command.encrypted && sends_secret(mechanism)) {
    scene_.raise(FindingId::kAut01, command.frame,
                 std::string(verb) + " " + mechanism + " in clear text", index);
  }
  if (scene_.hello == 0 || session.command(scene_.hello).verb == "HELO") return;
  const OfferedExtensions offer(session, scene_.hello);
  if (!offer.known() || mechanism.empty()) return;
  if (!offer.has(verb)) {
    scene_.raise(FindingId::kAut03, command.frame,
                 std::string(verb) + " " + shown(mechanism) + ", but the server offers no " +
                     std::string(verb),
                 index);
    return;
  }
  if (!offer.has_word(verb, mechanism)) {
    const std::string offered = shown(offer.parameters(verb));
    scene_.raise(
        FindingId::kAut03, command.frame,
        std::string(verb) + " " + shown(mechanism) +
            (offered.empty() ? ", but no mechanism is offered" : ", offered are: " + offered),
        index);
  }
}

void JudgeAuth::on_reply(Index index) {
  const Session& session = scene_.session;
  const Reply& reply = session.reply(index);
  if (reply.command == 0) return;
  const Text verb = session.command(reply.command).verb;
  constexpr std::uint16_t kAuthenticationRequired = 530;  // RFC 4954 section 6
  if (reply.code == kAuthenticationRequired) {
    const bool tls = contains_words(reply.lines.view(), "starttls") ||
                     contains_words(reply.lines.view(), "tls ");
    scene_.raise(FindingId::kAut04, reply.frame,
                 std::string(name_of_command(verb)) + " before " +
                     (tls ? "STARTTLS: " : "authentication: ") + joined_lines(reply),
                 reply.command, index);
    return;
  }
  if (!is_auth(verb)) return;
  if (reply.kind == ReplyKind::kIntermediate) {
    judge_challenge(index);
  } else if (is_permanent(reply.code)) {
    judge_result(index);
  }
}

void JudgeAuth::judge_result(Index index) {
  const Session& session = scene_.session;
  const Reply& reply = session.reply(index);
  const AuthExchange* const exchange = exchange_of(session, reply.command);
  const std::string mechanism{session.command(reply.command).argument.view()};
  if (reply.code == kSyntaxErrorInParameters) {
    // RFC 4954 section 4: 501 is the answer to "*", and to what is no base64.
    if (exchange != nullptr && exchange->cancelled) return;
    if (contains_words(reply.lines.view(), "base64") ||
        contains_words(reply.lines.view(), "decode")) {
      scene_.raise(FindingId::kAut06, reply.frame,
                   "A line of AUTH " + shown(mechanism) + " is not base64: " + joined_lines(reply),
                   reply.command, index);
      return;
    }
  }
  std::string text = std::to_string(reply.code) + " to AUTH " + shown(mechanism);
  if (exchange != nullptr && !exchange->user.empty()) {
    text += " of " + shown(exchange->user.view());
  }
  text += std::string(": ") + reason_of(reply.code);
  const std::string words = joined_lines(reply);
  if (!words.empty()) text += " (" + words + ")";
  scene_.raise(FindingId::kAut02, reply.frame, text, reply.command, index);
}

void JudgeAuth::judge_challenge(Index index) {
  // RFC 7628 section 3.2.2: a server that refuses a token says why, as JSON in a challenge.
  const Session& session = scene_.session;
  const Reply& reply = session.reply(index);
  const std::string mechanism = to_upper(session.command(reply.command).argument.view());
  if (mechanism != "XOAUTH2" && mechanism != "OAUTHBEARER") return;
  std::string json;
  if (!decode_base64(reply_text(reply), json)) return;
  const std::string_view status = json_value(json, "status");
  if (status.empty()) return;
  std::string text = mechanism + " refused: status " + shown(status);
  const std::string_view scope = json_value(json, "scope");
  if (!scope.empty()) text += ", scope " + shown(scope);
  scene_.raise(FindingId::kAut05, reply.frame, text, reply.command, index);
}

void JudgeAuth::on_segment(const Segment& segment, Side side, std::uint32_t roles) {
  if (side != Side::kClient || (roles & kRoleAuthResponse) == 0) return;
  const auto& exchanges = scene_.session.auth;
  if (exchanges.empty() || !exchanges.back().cancelled || exchanges.size() == cancelled_seen_) {
    return;
  }
  cancelled_seen_ = exchanges.size();
  const AuthExchange& exchange = exchanges.back();
  scene_.raise(FindingId::kAut06, segment.frame,
               "The client broke off AUTH " + shown(exchange.mechanism.view()) +
                   " with \"*\" after " + std::to_string(exchange.rounds) +
                   (exchange.rounds == 1 ? " challenge" : " challenges"),
               exchange.command);
}

void JudgeAuth::on_close(Side side, FrameNumber frame) {
  if (side == Side::kServer) server_closed_ = true;
  const Session& session = scene_.session;
  if (side != Side::kClient || server_closed_ || left_raised_ || session.auth.empty()) return;
  const AuthExchange& exchange = session.auth.back();
  if (exchange.command != session.commands.size() || exchange.cancelled) return;
  const Command& command = session.command(exchange.command);
  if (command.reply != 0 || !command.exact || session.tcp.gaps > 0) return;
  // A server that spoke up in the middle ended it.
  if (!session.replies.empty() && session.replies.back().command != exchange.command &&
      session.replies.size() > command.reply_before) {
    return;
  }
  left_raised_ = true;
  scene_.raise(FindingId::kAut06, frame,
               "The client closed the connection in the middle of AUTH " +
                   shown(exchange.mechanism.view()) + ", after " + std::to_string(exchange.rounds) +
                   (exchange.rounds == 1 ? " challenge" : " challenges"),
               exchange.command);
}

}  // namespace smtp_session
