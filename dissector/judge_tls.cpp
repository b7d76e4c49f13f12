// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/judge_tls.h"

#include <algorithm>

#include "dissector/certificate.h"
#include "dissector/command_line.h"
#include "dissector/decrypt_state.h"
#include "dissector/frame_index.h"
#include "dissector/hello_reply.h"
#include "dissector/metrics.h"
#include "dissector/names.h"
#include "dissector/outcome.h"
#include "dissector/reply_codes.h"
#include "dissector/reply_words.h"
#include "dissector/report/duration_text.h"
#include "dissector/tls_versions.h"
#include "dissector/transaction.h"

namespace smtp_session {

namespace {

constexpr std::uint8_t kFatal = 2;
// RFC 8446 section 6: no errors, whatever their level.
constexpr std::uint8_t kCloseNotify = 0;
constexpr std::uint8_t kUserCanceled = 90;

const char* name_of_sender(Side side) {
  return side == Side::kServer ? "the server" : "the client";
}

/// RFC 7465 (RC4) and RFC 9325 section 4.1: ciphers that protect nothing, or
/// too little.
const char* weakness_of(std::string_view cipher) {
  const auto has = [&](std::string_view word) {
    return cipher.find(word) != std::string_view::npos;
  };
  if (has("_WITH_NULL_") || has("NULL_WITH_NULL")) return "does not encrypt";
  if (has("EXPORT")) return "is of export strength";
  if (has("_RC4_")) return "is RC4";
  if (has("_3DES_")) return "is 3DES";
  if (has("_DES_CBC_") || has("_DES40_")) return "is DES";
  return nullptr;
}

/// "2026-11-24" of a time since the epoch (the civil calendar, as in RFC 3339).
std::string date_text(TimeNs time) {
  constexpr TimeNs kDay = 86'400'000'000'000;
  TimeNs days = time / kDay - (time % kDay < 0 ? 1 : 0) + 719'468;  // since 0000-03-01
  const TimeNs era = (days >= 0 ? days : days - 146'096) / 146'097;
  const TimeNs day_of_era = days - era * 146'097;
  const TimeNs year_of_era =
      (day_of_era - day_of_era / 1'460 + day_of_era / 36'524 - day_of_era / 146'096) / 365;
  const TimeNs day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const TimeNs shifted = (5 * day_of_year + 2) / 153;
  const TimeNs day = day_of_year - (153 * shifted + 2) / 5 + 1;
  const TimeNs month = shifted < 10 ? shifted + 3 : shifted - 9;
  const TimeNs year = year_of_era + era * 400 + (month <= 2 ? 1 : 0);
  const auto two = [](TimeNs number) { return (number < 10 ? "0" : "") + std::to_string(number); };
  return std::to_string(year) + "-" + two(month) + "-" + two(day);
}

}  // namespace

// -- Handshake -----------------------------------------------------------------------------------

void JudgeTls::on_client_hello(const ClientHello& hello, FrameNumber /*frame*/) {
  client_versions_.clear();
  for (const std::uint16_t version : hello.versions) {
    if (!client_versions_.empty()) client_versions_ += ", ";
    client_versions_ += tls_version_name(version);
  }
}

void JudgeTls::judge_client_hello() {
  const Session& session = scene_.session;
  const TlsFacts& tls = *session.tls;
  if (tls.mode != TlsMode::kImplicit || session.implicit_tls_port || session.tcp.mid_stream ||
      session.tcp.gaps != 0 || !session.commands.empty() ||
      !scene_.config.clear_ports[session.server.port]) {
    return;
  }
  scene_.raise(FindingId::kTls01, tls.client_hello.frame,
               "The client's first bytes on port " + std::to_string(session.server.port) +
                   " are a TLS ClientHello" +
                   (session.greeting == 0 ? ", before any greeting" : ", without STARTTLS"));
}

void JudgeTls::judge_server_hello(FrameNumber frame) {
  if (server_hello_judged_) return;
  server_hello_judged_ = true;
  const TlsFacts& tls = *scene_.session.tls;
  const std::string cipher = tls_cipher_name(tls.cipher);
  const char* const weakness = weakness_of(cipher);
  const bool old = tls.version != 0 && tls.version <= kTls11;
  if (!old && weakness == nullptr) return;
  std::string text = tls_version_name(tls.version) + " with " + cipher;
  if (old) text += "; the version is withdrawn";
  if (weakness != nullptr) text += std::string{"; the cipher "} + weakness;
  scene_.raise(FindingId::kTls06, frame, text);
}

std::string JudgeTls::offers() const {
  const TlsFacts& tls = *scene_.session.tls;
  std::string text = "client offers " + (client_versions_.empty() ? "?" : client_versions_);
  if (tls.version != 0) {
    text += "; server chose " + tls_version_name(tls.version) + ", " + tls_cipher_name(tls.cipher);
  } else {
    text += "; the server chose none";
  }
  return text;
}

void JudgeTls::judge_alert(const Segment& segment, Side side, std::uint32_t roles) {
  if ((roles & kRoleTlsAlert) == 0) return;
  const TlsFacts& tls = *scene_.session.tls;
  if (tls.complete) said_goodbye_[index_of(side)] = true;
  if (alert_raised_) return;
  if (tls.alert.has_value()) {
    const TlsAlert& alert = *tls.alert;
    if (alert.at.frame != segment.frame || alert.level != kFatal ||
        alert.description == kCloseNotify || alert.description == kUserCanceled ||
        alert_answers_close(scene_.session)) {
      return;
    }
    alert_raised_ = true;
    scene_.raise(FindingId::kTls05, segment.frame,
                 "Alert " + tls_alert_name(alert.description) + " of " +
                     name_of_sender(alert.sender) +
                     (tls.complete ? " after the handshake; " : "; ") + offers());
    return;
  }
  // In TLS 1.3 only the size of an encrypted alert can be seen. It ends the handshake all the same.
  if (tls.complete || !tls.server_hello.known()) return;
  alert_raised_ = true;
  scene_.raise(FindingId::kTls05, segment.frame,
               std::string{"An encrypted alert of "} + name_of_sender(side) + "; " + offers());
}

void JudgeTls::judge_finished() {
  const Session& session = scene_.session;
  const TlsFacts& tls = *session.tls;
  if (finished_judged_ || !tls.complete) return;
  finished_judged_ = true;
  const TimeNs took = tls_handshake(session);
  if (took == kNoTime || took <= from_ms(scene_.thresholds.tls_handshake)) return;
  std::string text = "TLS handshake " + duration_text(took);
  if (tls.server_hello.known()) {
    const TimeNs server = elapsed(tls.client_hello.time, tls.server_hello.time);
    const TimeNs rest = took - server;
    text += server >= rest ? ", most of it from ClientHello to ServerHello: "
                           : ", most of it from ServerHello to the end: ";
    text += duration_text(std::max(server, rest));
  }
  scene_.raise(FindingId::kTls08, tls.finished.frame, text);
}

void JudgeTls::judge_unreadable(FrameNumber frame, Side side) {
  if (unreadable_raised_) return;
  const DecryptState state = decrypt_state(scene_.session);
  if (state == DecryptState::kNotTls) return;
  unreadable_raised_ = true;
  if (state == DecryptState::kDecrypted) {
    raise_unreadable_rest(frame, side);
    return;
  }
  const TlsFacts& tls = *scene_.session.tls;
  std::string text = std::string{"Not decrypted: "} + reason_of(state);
  if (tls.version != 0) text += " (" + tls_version_name(tls.version) + ")";
  scene_.raise(FindingId::kTls09, frame, text);
}

/// The secrets are there, and some records were read with them. Each record needs the number of
/// those before it (RFC 8446 section 5.3), so Wireshark reads none behind one that it did not get.
void JudgeTls::raise_unreadable_rest(FrameNumber frame, Side side) {
  // Wireshark ends a frame at 500 layers (preference gui.max_tree_depth); a record of mail takes
  // from one to four.
  constexpr std::uint32_t kManyRecords = 100;
  const TcpFacts& tcp = scene_.session.tcp;
  const TlsFacts& tls = *scene_.session.tls;
  std::string text = "Not decrypted from here on: ";
  std::string advice = "The secrets are right. ";
  if (tls.unread_frame == frame && tls.read_in_unread_frame >= kManyRecords) {
    text += "Wireshark ended this frame after " + std::to_string(tls.read_in_unread_frame) +
            " TLS records";
    advice +=
        "Let Wireshark read more of a frame: preference gui.max_tree_depth, in tshark -o "
        "gui.max_tree_depth:5000.";
  } else if (tcp.gaps != 0) {
    text += "bytes before it are not in the capture";
    advice += "Capture without loss: a larger buffer (dumpcap -B), a capture filter.";
  } else if (tcp.rearranged[index_of(side)]) {
    text += std::string{"segments of "} + name_of_sender(side) +
            " before it came in another order, or again with more bytes";
    advice +=
        "Let Wireshark put the segments in order: preference tcp.reassemble_out_of_order, in "
        "tshark -o tcp.reassemble_out_of_order:TRUE.";
  } else {
    text = "Not decrypted here, though other records are";
    advice.clear();  // that of the catalogue: some of the secrets may be missing
  }
  scene_.raise(FindingId::kTls09, info_of(FindingId::kTls09).severity, frame,
               text + " (" + tls_version_name(tls.version) + ")", advice, 0, 0);
}

void JudgeTls::judge_records(const Segment& segment, Side side, std::uint32_t roles) {
  if ((roles & kRoleClientHello) != 0 && scene_.session.tls->client_hello.frame == segment.frame) {
    judge_client_hello();
  }
  if ((roles & kRoleServerHello) != 0) judge_server_hello(segment.frame);
  judge_alert(segment, side, roles);
  judge_finished();
  if ((roles & kRoleEncryptedData) != 0) judge_unreadable(segment.frame, side);
}

// -- Certificate ---------------------------------------------------------------------------------

/// The name by which the client asked for the server, or that the server gives itself.
std::string JudgeTls::wanted_host() const {
  const Session& session = scene_.session;
  if (!session.tls->sni.empty()) return std::string{session.tls->sni.view()};
  std::string_view line;
  if (scene_.hello != 0 && session.command(scene_.hello).reply != 0) {
    line = session.reply(session.command(scene_.hello).reply).lines.view();
  } else if (session.greeting != 0) {
    line = session.reply(session.greeting).lines.view();
  }
  return std::string{line.substr(0, line.find_first_of(" \t\n"))};
}

void JudgeTls::on_certificate(std::string_view der, Moment received) {
  const CertificateReader* const reader = scene_.config.certificates;
  if (reader == nullptr || der.empty()) return;
  CertificateText certificate;
  if (!reader->read(reinterpret_cast<const std::uint8_t*>(der.data()), der.size(), certificate)) {
    return;
  }
  std::string wrong;
  const auto add = [&](const std::string& words) {
    if (!wrong.empty()) wrong += "; ";
    wrong += words;
  };
  if (certificate.not_after != kNoTime && received.time > certificate.not_after) {
    add("expired on " + date_text(certificate.not_after));
  }
  if (certificate.not_before != kNoTime && received.time < certificate.not_before) {
    add("not valid before " + date_text(certificate.not_before));
  }
  if (certificate.self_signed) add("self signed");
  const std::string host = wanted_host();
  // A server that does not give itself a full name cannot be held to it.
  if (host.find('.') != std::string::npos && !certificate_fits(certificate.names, host)) {
    add("not for " + host);
  }
  if (wrong.empty()) return;
  scene_.raise(FindingId::kTls07, received.frame,
               "Certificate of " + certificate.subject + ": " + wrong);
}

// -- STARTTLS, and what is said in clear ---------------------------------------------------------

void JudgeTls::on_command(Index index) {
  const Session& session = scene_.session;
  const Command& command = session.command(index);
  if (!command.encrypted) judge_clear_command(index);
  const Text verb = command.verb;
  if (verb == "." || verb == "BDAT") judge_clear_mail(index);
  if (verb == "MAIL") judge_require_tls(index);
}

void JudgeTls::judge_clear_command(Index index) {
  const Session& session = scene_.session;
  const Command& command = session.command(index);
  if (session.tls != nullptr) return;
  if (accepted_ != 0 && clear_command_ == 0) clear_command_ = index;
  if (session.implicit_tls_port && !wait_raised_ && !session.tcp.mid_stream) {
    wait_raised_ = true;
    scene_.raise(FindingId::kTls02, command.frame,
                 "The client sends " + std::string{command.verb.view()} + " in clear on port " +
                     std::to_string(session.server.port),
                 index);
  }
}

void JudgeTls::judge_clear_mail(Index index) {
  const Session& session = scene_.session;
  const Command& command = session.command(index);
  if (clear_mail_raised_ || command.encrypted || command.opaque || session.tls != nullptr ||
      accepted_ != 0) {
    return;
  }
  clear_mail_raised_ = true;
  const OfferedExtensions offered(session, scene_.hello);
  if (!offered.has("STARTTLS")) return;
  scene_.raise(FindingId::kTls10, command.frame,
               "The message goes in clear, though STARTTLS is offered in frame " +
                   std::to_string(session.reply(session.command(scene_.hello).reply).frame),
               index);
}

void JudgeTls::judge_require_tls(Index index) {
  const Session& session = scene_.session;
  const Command& command = session.command(index);
  if (!contains_words(command.argument.view(), "requiretls")) return;
  const std::vector<Parameter> parameters = path_parameters(command.argument.view());
  const bool asked = std::any_of(parameters.begin(), parameters.end(), [](const Parameter& one) {
    return equal_ignoring_case(one.keyword, "REQUIRETLS");
  });
  if (!asked) return;
  const OfferedExtensions offered(session, scene_.hello);
  std::string text;
  if (!command.encrypted) {
    text = "MAIL with REQUIRETLS without TLS";
  } else if (offered.known() && !offered.has("REQUIRETLS")) {
    text = "MAIL with REQUIRETLS, which the server does not offer";
  } else {
    return;
  }
  scene_.raise(FindingId::kTls11, command.frame, text, index);
}

void JudgeTls::on_reply(Index index) {
  const Session& session = scene_.session;
  const Reply& reply = session.reply(index);
  if (reply.command == 0) return;
  const Command& command = session.command(reply.command);
  if (reply.command == clear_command_ && !wait_raised_ && session.tls == nullptr) {
    wait_raised_ = true;
    const std::string verb{command.verb.view()};
    if (is_positive(reply.code)) {
      scene_.raise(FindingId::kTls04, Severity::kNote, reply.frame,
                   "The session goes on in clear after STARTTLS, and the server answers " + verb +
                       ": the traffic was decrypted before it was captured",
                   reply.command, index);
    } else {
      scene_.raise(FindingId::kTls04, reply.frame,
                   "The client goes on in clear after STARTTLS with " + verb + ", answered " +
                       std::to_string(reply.code),
                   reply.command, index);
    }
  }
  if (command.verb != "STARTTLS") return;
  if (reply.code == kServiceReady) {
    accepted_ = reply.command;
    accepted_time_ = reply.time;
  } else if (is_transient(reply.code) || is_permanent(reply.code)) {
    scene_.raise(
        FindingId::kTls03, reply.frame,
        "STARTTLS is answered " + std::to_string(reply.code) + " " + std::string{reply_text(reply)},
        reply.command, index);
  }
}

void JudgeTls::judge_wait(TimeNs now, FrameNumber frame) {
  const Session& session = scene_.session;
  // A segment that begins with the ClientHello ends the wait, and shows how long it was.
  const bool began = session.tls != nullptr && session.tls->client_hello.time != kNoTime;
  const TimeNs end = began ? session.tls->client_hello.time : now;
  const TimeNs limit = from_ms(scene_.thresholds.tls_start);
  if (accepted_ != 0) {
    if (clear_command_ != 0 && !began) return;  // its reply will tell
    const TimeNs waited = elapsed(accepted_time_, end);
    if (waited > limit) {
      wait_raised_ = true;
      scene_.raise(FindingId::kTls04, frame,
                   (began ? "ClientHello only " : "No ClientHello ") + duration_text(waited) +
                       " after the reply to STARTTLS",
                   accepted_);
    } else if (began) {
      wait_raised_ = true;
    }
    return;
  }
  if (!session.implicit_tls_port || session.tcp.mid_stream || !session.tcp.ack.known()) return;
  const TimeNs since = session.proxy != nullptr ? session.proxy->at.time : session.tcp.ack.time;
  const TimeNs waited = elapsed(since, end);
  if (waited > limit) {
    wait_raised_ = true;
    scene_.raise(FindingId::kTls02, frame,
                 (began ? "ClientHello only " : "No ClientHello ") + duration_text(waited) +
                     " after the handshake on port " + std::to_string(session.server.port));
  } else if (began) {
    wait_raised_ = true;
  }
}

void JudgeTls::on_segment(const Segment& segment, Side side, std::uint32_t roles) {
  const bool waits = accepted_ != 0 || scene_.session.implicit_tls_port;
  if (waits && !wait_raised_) judge_wait(segment.time, segment.frame);
  constexpr std::uint32_t kTlsRoles = kRoleClientHello | kRoleServerHello | kRoleTlsHandshake |
                                      kRoleTlsAlert | kRoleEncryptedData | kRoleSessionTicket;
  if (scene_.session.tls == nullptr) return;
  if ((roles & kTlsRoles) != 0) {
    judge_records(segment, side, roles);
  } else {
    judge_finished();
  }
}

void JudgeTls::on_close(Side side, FrameNumber frame) {
  const Session& session = scene_.session;
  if (close_judged_) return;
  close_judged_ = true;
  const TlsFacts* const tls = session.tls.get();
  if (tls == nullptr || !tls->complete || tls->undecrypted || said_goodbye_[index_of(side)]) return;
  if (session.messages.empty() || session.tcp.gaps != 0) return;
  const auto index = static_cast<Index>(session.messages.size());
  const Message& message = session.message(index);
  if (!message.has_content || message.end != 0 || message.reset) return;
  scene_.raise(FindingId::kTls12, frame,
               std::string{name_of_sender(side)} + " ended the connection without close_notify, " +
                   std::to_string(message.size) + " bytes into message " + std::to_string(index));
}

void JudgeTls::on_finish(Moment last) {
  const Session& session = scene_.session;
  if (wait_raised_ || clear_command_ == 0 || session.tls != nullptr || session.server_silent)
    return;
  wait_raised_ = true;
  scene_.raise(FindingId::kTls04, last.frame,
               "The client goes on in clear after STARTTLS with " +
                   std::string{session.command(clear_command_).verb.view()} +
                   ", which the server does not answer",
               clear_command_);
}

}  // namespace smtp_session
