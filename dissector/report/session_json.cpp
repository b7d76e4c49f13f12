// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/report/session_json.h"

#include <cstddef>
#include <string_view>
#include <vector>

#include "dissector/decrypt_state.h"
#include "dissector/finding.h"
#include "dissector/hello_reply.h"
#include "dissector/metrics.h"
#include "dissector/names.h"
#include "dissector/outcome.h"
#include "dissector/transaction.h"
#include "dissector/turn_inference.h"
#include "dissector/verdict.h"

namespace smtp_session {

namespace {

constexpr TimeNs kSecond = 1'000'000'000;

/// FNV-1a with 64 bits, with the offset and the prime that its authors give.
class Fnv1a {
 public:
  void add(std::uint8_t byte) { hash_ = (hash_ ^ byte) * 0x100000001b3U; }

  /// The `bytes` lowest bytes of `value`, the highest of them first.
  void add(std::uint64_t value, unsigned bytes) {
    while (bytes-- > 0) add(static_cast<std::uint8_t>((value >> (8 * bytes)) & 0xFFU));
  }

  void add(const Endpoint& endpoint) {
    add(endpoint.address.family);
    for (std::size_t i = 0; i < endpoint.address.size(); ++i) add(endpoint.address.bytes[i]);
    add(endpoint.port, 2);
  }

  std::uint64_t hash() const { return hash_; }

 private:
  std::uint64_t hash_ = 0xcbf29ce484222325U;
};

/// `value` divided by `unit`, rounded down.
constexpr TimeNs floor_divide(TimeNs value, TimeNs unit) {
  return value / unit - (value % unit < 0 ? 1 : 0);
}

std::string digits(TimeNs value, std::size_t width) {
  std::string text = std::to_string(value);
  if (text.size() < width) text.insert(0, width - text.size(), '0');
  return text;
}

struct Date {
  TimeNs year = 0;
  TimeNs month = 0;
  TimeNs day = 0;
};

/// The date `days` after 1970-01-01 in the Gregorian calendar. Years are counted from 1 March, so
/// that the leap day is the last of its year, in eras of 400 years.
Date date_of(TimeNs days) {
  constexpr TimeNs kDaysInEra = 146'097;
  constexpr TimeNs kDaysTo1970 = 719'468;  // from 0000-03-01
  const TimeNs shifted = days + kDaysTo1970;
  const TimeNs era = floor_divide(shifted, kDaysInEra);
  const TimeNs day_of_era = shifted - era * kDaysInEra;
  const TimeNs year_of_era =
      (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
  const TimeNs day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const TimeNs march_month = (5 * day_of_year + 2) / 153;
  const TimeNs day = day_of_year - (153 * march_month + 2) / 5 + 1;
  const TimeNs month = march_month < 10 ? march_month + 3 : march_month - 9;
  return {era * 400 + year_of_era + (month <= 2 ? 1 : 0), month, day};
}

class SessionWriter {
 public:
  SessionWriter(const Session& session, JsonWriter& writer, const JsonContent& content)
      : session_(session), out_(writer), content_(content) {}

  void write(const std::string& community_id) {
    out_.begin_object();
    text("schema", "smtp_session/1");
    number("session", session_.id);
    text("session_id", session_id(session_));
    text_if("community_id", community_id);
    number("tcp_stream", session_.stream);
    endpoint("client", session_.client);
    endpoint("server", session_.server);
    if (session_.first.time != kNoTime) text("start", rfc3339(session_.first.time));
    duration_if("duration_ns", duration(session_));
    frame_if("first_frame", session_.first.frame);
    frame_if("last_frame", session_.last.frame);
    text("outcome", name_of(outcome_of(session_)));
    text("verdict", verdict(session_));
    flag("complete", is_complete(session_));
    write_capture();
    write_tcp();
    write_proxy();
    write_greeting();
    write_hellos();
    write_tls();
    write_auth();
    write_commands();
    write_messages();
    write_share();
    write_replies("unsolicited_replies", ReplyKind::kUnsolicited);
    write_replies("uncaptured_replies", ReplyKind::kUncaptured);
    write_findings();
    out_.end_object();
  }

 private:
  // -- Values; `_if` leaves out what is not known ---------------------------------------------

  void text(const char* key, std::string_view value) {
    out_.key(key);
    out_.string(std::string{value});
  }
  void texts_if(const char* key, const std::vector<std::string_view>& values) {
    if (values.empty()) return;
    begin_array(key);
    for (const std::string_view value : values) out_.string(std::string{value});
    out_.end_array();
  }

  /// The lines of `value` as an array.
  void lines_if(const char* key, std::string_view value) {
    std::vector<std::string_view> lines;
    while (!value.empty()) {
      lines.push_back(value.substr(0, value.find('\n')));
      value.remove_prefix(std::min(value.size(), lines.back().size() + 1));
    }
    texts_if(key, lines);
  }

  void text_if(const char* key, std::string_view value) {
    if (!value.empty()) text(key, value);
  }
  void number(const char* key, std::int64_t value) {
    out_.key(key);
    out_.integer(value);
  }
  void flag(const char* key, bool value) {
    out_.key(key);
    out_.boolean(value);
  }
  void duration_if(const char* key, TimeNs value) {
    if (value != kNoTime) number(key, value);
  }
  void frame_if(const char* key, FrameNumber frame) {
    if (frame != 0) number(key, frame);
  }
  void code_if(std::uint16_t code) {
    if (code != 0) number("code", code);
  }
  void endpoint(const char* key, const Endpoint& value) {
    out_.key(key);
    out_.begin_object();
    text("address", to_string(value.address));
    number("port", value.port);
    out_.end_object();
  }
  void begin_object(const char* key) {
    out_.key(key);
    out_.begin_object();
  }
  void begin_array(const char* key) {
    out_.key(key);
    out_.begin_array();
  }

  const Reply* reply_to(const Command& command) const {
    return command.reply == 0 ? nullptr : &session_.reply(command.reply);
  }

  // -- Parts of the object --------------------------------------------------------------------

  void write_capture() {
    const TcpFacts& tcp = session_.tcp;
    begin_object("capture");
    text("point", name_of(capture_point(session_)));
    flag("mid_stream", tcp.mid_stream);
    number("gaps", tcp.gaps);
    number("duplicates", tcp.duplicates);
    out_.end_object();
  }

  void write_tcp() {
    const TcpFacts& tcp = session_.tcp;
    begin_object("tcp");
    frame_if("syn_frame", tcp.first_syn.frame);
    frame_if("synack_frame", tcp.syn_ack.frame);
    frame_if("ack_frame", tcp.ack.frame);
    if (tcp.syn_count != 0) number("syn_count", tcp.syn_count);
    duration_if("handshake_ns", handshake(session_));
    duration_if("rtt_server_ns", rtt_server(session_));
    duration_if("rtt_client_ns", rtt_client(session_));
    number("retransmissions", tcp.retransmissions);
    number("out_of_order", tcp.out_of_order);
    number("zero_windows", tcp.zero_windows);
    frame_if("fin_frame", tcp.first_fin.frame);
    frame_if("rst_frame", tcp.first_rst.frame);
    text("closed_by", tcp.close == CloseKind::kNone ? "none" : name_of(tcp.closed_by));
    text("close", name_of(tcp.close));
    out_.end_object();
  }

  void write_proxy() {
    if (session_.proxy == nullptr) return;
    const ProxyHeader& proxy = *session_.proxy;
    begin_object("proxy");
    number("version", proxy.version);
    frame_if("frame", proxy.at.frame);
    if (proxy.local) {
      flag("local", true);
    } else if (proxy.source.address.family != 0) {
      endpoint("source", proxy.source);
      endpoint("destination", proxy.destination);
    }
    out_.end_object();
  }

  void write_greeting() {
    if (session_.greeting == 0) return;
    const Reply& greeting = session_.reply(session_.greeting);
    begin_object("greeting");
    frame_if("frame", greeting.frame);
    code_if(greeting.code);
    text("text", reply_text(greeting));
    duration_if("delay_ns", greeting_delay(session_));
    out_.end_object();
  }

  void write_hellos() {
    begin_array("hellos");
    for (Index index = 1; index <= session_.commands.size(); ++index) {
      const Command& command = session_.command(index);
      if (!is_hello(command.verb.view())) continue;
      out_.begin_object();
      text("verb", command.verb.view());
      text("argument", command.argument.view());
      frame_if("frame", command.frame);
      if (const Reply* const reply = reply_to(command)) {
        frame_if("reply_frame", reply->frame);
        code_if(reply->code);
      }
      flag("encrypted", command.encrypted);
      if (const Reply* const reply = reply_to(command)) write_extensions(*reply);
      // What TLS changed, where it did.
      const OfferChange change = offer_change(session_, index);
      texts_if("extensions_lost", change.lost);
      texts_if("extensions_gained", change.gained);
      out_.end_object();
    }
    out_.end_array();
  }

  void write_extensions(const Reply& reply) {
    if (reply.code != 250) return;
    begin_array("extensions");
    // RFC 5321 section 4.1.1.1: the first line names the host, each other one an extension.
    std::string_view rest = reply.lines.view();
    std::size_t line_end = rest.find('\n');
    while (line_end != std::string_view::npos) {
      rest.remove_prefix(line_end + 1);
      line_end = rest.find('\n');
      const std::string_view line = rest.substr(0, line_end);
      // Amazon SES ends its list with a bare "Ok", which is no extension.
      if (!line.empty() && line != "Ok" && line != "OK") out_.string(std::string{line});
    }
    out_.end_array();
  }

  void write_tls() {
    if (session_.tls == nullptr || session_.tls->mode == TlsMode::kNone) return;
    const TlsFacts& tls = *session_.tls;
    begin_object("tls");
    text("mode", name_of(tls.mode));
    if (tls.starttls != 0) {
      const Command& starttls = session_.command(tls.starttls);
      frame_if("starttls_frame", starttls.frame);
      if (const Reply* const reply = reply_to(starttls)) {
        frame_if("starttls_reply_frame", reply->frame);
      }
    }
    frame_if("client_hello_frame", tls.client_hello.frame);
    frame_if("server_hello_frame", tls.server_hello.frame);
    frame_if("finished_frame", tls.finished.frame);
    if (tls.version != 0) text("version", tls_version_name(tls.version));
    if (tls.cipher != 0) text("cipher", tls_cipher_name(tls.cipher));
    text_if("sni", tls.sni.view());
    text_if("alpn", tls.alpn.view());
    lines_if("versions_offered", tls.versions_offered.view());
    lines_if("ciphers_offered", tls.ciphers_offered.view());
    if (tls.hello_retry) flag("hello_retry", true);
    if (tls.early_data) flag("early_data_offered", true);
    // Only a ServerHello says whether a session is resumed.
    if (tls.server_hello.known()) flag("resumed", tls.resumed);
    duration_if("handshake_ns", tls_handshake(session_));
    duration_if("server_hello_ns", tls_server_hello(session_));
    flag("decrypted", tls.decrypted);
    text("decrypt_state", name_of(decrypt_state(session_)));
    if (tls.alert.has_value()) {
      begin_object("alert");
      text("description", tls_alert_name(tls.alert->description));
      number("level", tls.alert->level);
      text("sender", name_of(tls.alert->sender));
      frame_if("frame", tls.alert->at.frame);
      out_.end_object();
    }
    out_.end_object();
  }

  void write_auth() {
    if (session_.auth.empty()) return;
    begin_array("auth");
    for (const AuthExchange& auth : session_.auth) {
      out_.begin_object();
      text_if("mechanism", auth.mechanism.view());
      text_if("user", auth.user.view());
      if (auth.command != 0) {
        const Command& command = session_.command(auth.command);
        frame_if("frame", command.frame);
        if (const Reply* const reply = reply_to(command)) {
          frame_if("result_frame", reply->frame);
          code_if(reply->code);
        }
      }
      number("rounds", auth.rounds);
      if (auth.cancelled) flag("cancelled", true);
      if (auth.command != 0) {
        if (const Reply* const reply = reply_to(session_.command(auth.command))) {
          duration_if("total_ns", latency(session_, *reply));
        }
      }
      out_.end_object();
    }
    out_.end_array();
  }

  void write_commands() {
    begin_array("commands");
    const std::vector<InferredTurn> inferred = infer_turns(session_);
    auto next = inferred.begin();
    for (std::size_t i = 0; i < session_.commands.size(); ++i) {
      const auto index = static_cast<Index>(i + 1);
      const bool named = next != inferred.end() && next->command == index;
      write_command(index, session_.commands[i], named ? &*next : nullptr);
      if (named) ++next;
    }
    out_.end_array();
  }

  void write_command(Index index, const Command& command, const InferredTurn* inferred) {
    const Reply* const reply = reply_to(command);
    out_.begin_object();
    number("index", index);
    if (command.opaque) {
      out_.key("verb");
      out_.null();
    } else {
      text("verb", command.verb.view());
      text("argument", command.argument.view());
    }
    frame_if("frame", command.frame);
    if (reply != nullptr) {
      frame_if("reply_frame", reply->frame);
      code_if(reply->code);
      text_if("enhanced", enhanced_code(reply_text(*reply)));
      if (!reply->lines.empty()) text("text", reply_text(*reply));
      duration_if("latency_ns", latency(session_, *reply));
      duration_if("service_ns", service_time(session_, command.reply));
    }
    duration_if("think_ns", think_time(session_, command));
    duration_if("idle_ns", idle_before(session_, command));
    flag("pipelined", command.pipelined);
    flag("encrypted", command.encrypted);
    flag("exact", command.exact && (reply == nullptr || reply->exact));
    if (command.message != 0) number("message", command.message);
    if (command.opaque) {
      number("request_bytes", command.bytes);
      if (reply != nullptr) number("reply_bytes", reply->bytes);
      if (inferred != nullptr) {
        text("inferred", name_of(inferred->kind));
        out_.key("confidence");
        out_.thousandths(inferred->confidence);
      }
    }
    out_.end_object();
  }

  void write_messages() {
    if (session_.messages.empty()) return;
    begin_array("messages");
    for (Index i = 1; i <= session_.messages.size(); ++i) write_message(i);
    out_.end_array();
  }

  void write_message(Index index) {
    const Message& message = session_.message(index);
    const Reply* const final_reply = final_reply_of(session_, index);
    const Acceptance acceptance = acceptance_of(session_, index);
    const bool accepted = acceptance == Acceptance::kAccepted;
    out_.begin_object();
    number("index", index);
    if (message.mail != 0) {
      text("from", path_address(session_.command(message.mail).argument.view()));
    }
    begin_array("recipients");
    for (const Recipient& recipient : recipients_of(session_, index)) {
      out_.begin_object();
      text("address", recipient.address);
      code_if(recipient.code);
      if (recipient.final_code != 0) number("final_code", recipient.final_code);
      if (recipient.code != 0) flag("accepted", recipient.accepted);
      out_.end_object();
    }
    out_.end_array();
    if (message.has_content) {
      number("size", static_cast<std::int64_t>(message.size));
      if (!message.size_exact) flag("size_exact", false);
    }
    duration_if("transfer_ns", data_transfer(session_, index));
    duration_if("end_of_data_ns", end_of_data(session_, index));
    if (final_reply != nullptr) code_if(final_reply->code);
    if (accepted) text_if("id", accepted_id(message));
    if (content_.header_ids) text_if("header_id", message.header_id.view());
    if (acceptance != Acceptance::kUnknown) flag("accepted", accepted);
    out_.end_object();
  }

  /// The id in a positive reply to end of data: LMTP may give one in any of several.
  std::string_view accepted_id(const Message& message) const {
    const Command& end = session_.command(message.end);
    for (Index i = end.reply; i > end.reply_before; --i) {
      const Reply& reply = session_.reply(i);
      if (reply.command != message.end || !is_positive(reply.code)) continue;
      const std::string_view id = server_message_id(reply_text(reply));
      if (!id.empty()) return id;
    }
    return {};
  }

  void write_share() {
    if (duration(session_) == kNoTime) return;
    const TimeShare share = time_share(session_);
    begin_object("share");
    number("network_ns", share.network);
    number("server_ns", share.server);
    number("client_ns", share.client);
    number("tls_ns", share.tls);
    number("transfer_ns", share.transfer);
    out_.end_object();
  }

  void write_replies(const char* key, ReplyKind kind) {
    begin_array(key);
    for (const Reply& reply : session_.replies) {
      if (reply.kind != kind) continue;
      out_.begin_object();
      frame_if("frame", reply.frame);
      code_if(reply.code);
      text("text", reply_text(reply));
      out_.end_object();
    }
    out_.end_array();
  }

  void write_findings() {
    begin_array("findings");
    for (const Finding& finding : session_.findings) {
      if (finding.whole_capture && !content_.whole_capture_findings) continue;
      out_.begin_object();
      text("id", info_of(finding.id).name);
      text("severity", name_of(finding.severity));
      frame_if("frame", finding.frame);
      text("text", finding_text(session_, finding));
      text("advice", finding_advice(session_, finding));
      out_.end_object();
    }
    out_.end_array();
  }

  const Session& session_;
  JsonWriter& out_;
  const JsonContent& content_;
};

}  // namespace

std::string rfc3339(TimeNs time) {
  constexpr TimeNs kSecondsInDay = 86'400;
  const TimeNs seconds = floor_divide(time, kSecond);
  const TimeNs nanoseconds = time % kSecond < 0 ? time % kSecond + kSecond : time % kSecond;
  const TimeNs days = floor_divide(seconds, kSecondsInDay);
  const TimeNs second_of_day = seconds - days * kSecondsInDay;
  const Date date = date_of(days);
  return digits(date.year, 4) + "-" + digits(date.month, 2) + "-" + digits(date.day, 2) + "T" +
         digits(second_of_day / 3600, 2) + ":" + digits(second_of_day / 60 % 60, 2) + ":" +
         digits(second_of_day % 60, 2) + "." + digits(nanoseconds, 9) + "Z";
}

std::string session_id(const Session& session) {
  Fnv1a hash;
  hash.add(session.client);
  hash.add(session.server);
  hash.add(session.tcp.first_seq, 4);
  // In microseconds: a copy of the capture in the older format holds no more than these.
  constexpr TimeNs kMicrosecond = 1'000;
  const TimeNs start =
      session.tcp.first_syn.known() ? session.tcp.first_syn.time : session.first.time;
  hash.add(static_cast<std::uint64_t>(floor_divide(start, kMicrosecond)), 8);

  constexpr char kHexDigits[] = "0123456789abcdef";
  std::string text;
  for (unsigned shift = 64; shift > 0;) {
    shift -= 4;
    text += kHexDigits[(hash.hash() >> shift) & 0xFU];
  }
  return text;
}

void write_json(const Session& session, JsonWriter& writer, const std::string& community_id,
                const JsonContent& content) {
  SessionWriter(session, writer, content).write(community_id);
}

}  // namespace smtp_session
