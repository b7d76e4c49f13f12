// SPDX-License-Identifier: GPL-2.0-or-later
//
// AUTH in every mechanism that is in use (RFC 4954). All secrets are made up; each scenario lists
// those that the plugin must not show.
#include <string>

#include "dialogue.h"
#include "scenario.h"

namespace smtp_session::scenarios {
namespace {

const Host kSubmission{"198.51.100.25", 587};

/// RFC 4648 section 4.
std::string base64(std::string_view bytes) {
  static const char* const kAlphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    std::uint32_t group = 0;
    for (std::size_t k = 0; k < 3; ++k) {
      group <<= 8U;
      if (i + k < bytes.size()) group |= static_cast<unsigned char>(bytes[i + k]);
    }
    for (std::size_t k = 0; k < 4; ++k) {
      const bool used = k <= bytes.size() - i;
      out.push_back(used ? kAlphabet[group >> (18U - 6U * k) & 63U] : '=');
    }
  }
  return out;
}

void begin_offering(Conversation& c, const std::string& mechanisms) {
  open(c);
  ehlo(c, {"SIZE 10240000", "AUTH " + mechanisms, "ENHANCEDSTATUSCODES"});
}

/// The client's line, kThink after the step before, and the server's.
void round(Conversation& c, const std::string& client, const std::string& server,
           Nanoseconds latency) {
  ask(c, client + "\r\n", server + "\r\n", latency);
}

void succeed(Conversation& c) {
  deliver(c);
  leave(c);
}

const std::string kSuccess = "235 2.7.0 Authentication successful";

/// An NTLM message of 32 bytes (MS-NLMP section 2.2.1): its type, then `rest`, then zeros.
std::string ntlm_message(char type, const std::string& rest) {
  std::string out = std::string("NTLMSSP\0", 8) + type + std::string(3, '\0') + rest;
  out.resize(32, '\0');
  return out;
}

/// NTLM's AUTHENTICATE_MESSAGE (MS-NLMP section 2.2.1.3), little endian.
std::string ntlm_authenticate() {
  const auto put_le16 = [](std::string& out, std::size_t value) {
    out.push_back(static_cast<char>(value));
    out.push_back(static_cast<char>(value >> 8U));
  };
  const auto put_le32 = [&](std::string& out, std::size_t value) {
    put_le16(out, value & 0xffffU);
    put_le16(out, value >> 16U);
  };
  const auto utf16 = [](std::string_view ascii) {
    std::string out;
    for (const char c : ascii) out += {c, '\0'};
    return out;
  };
  const std::string values[] = {std::string(24, '\x4c'), std::string(24, '\x4e'), utf16("EXAMPLE"),
                                utf16("alice"), utf16("CLIENT")};
  std::string out("NTLMSSP\0\x03\0\0\0", 12);
  std::string payload;
  constexpr std::size_t kHeader = 64;
  for (const std::string& value : values) {
    put_le16(out, value.size());
    put_le16(out, value.size());
    put_le32(out, kHeader + payload.size());
    payload += value;
  }
  put_le32(out, 0);  // no session key
  put_le32(out, kHeader + payload.size());
  put_le32(out, 0x00008201);  // Unicode, NTLM, always sign
  return out + payload;
}

}  // namespace

void add_auth_scenarios(ScenarioList& list) {
  const std::string opening = "greeting 220 1ms\nEHLO 250 500us\n";
  const std::string mail =
      "MAIL 250 600us\nRCPT 250 700us\nDATA 354 550us\n. 250 2ms\nQUIT 221 450us\n"
      "message 250 from=alice@client.example to=bob@example.test:250 size=190\n";

  list.push_back({"auth_plain_initial", "AUTH PLAIN with its initial response",
                  "session outcome=delivered\n" + opening +
                      "AUTH 235 800us argument=PLAIN enhanced=2.7.0 think_ns=100us\n" + mail +
                      "auth PLAIN 235 user=alice rounds=0 total_ns=800us\n"
                      "secret AGFsaWNlAFRyMHViNGRvcg==\nsecret Tr0ub4dor\n",
                  [](Capture& capture) {
                    Conversation c(capture, kClient, kSubmission);
                    begin_offering(c, "PLAIN LOGIN");
                    round(c, "AUTH PLAIN " + base64({"\0alice\0Tr0ub4dor", 16}), kSuccess, 800us);
                    succeed(c);
                  }});

  list.push_back({"auth_plain_two_step", "AUTH PLAIN whose response follows the 334",
                  "session outcome=delivered\n" + opening + "AUTH 235 1200us argument=PLAIN\n" +
                      mail +
                      "auth PLAIN 235 user=alice rounds=1 total_ns=1200us\n"
                      "secret AGFsaWNlAFRyMHViNGRvcg==\nsecret Tr0ub4dor\n",
                  [](Capture& capture) {
                    Conversation c(capture, kClient, kSubmission);
                    begin_offering(c, "PLAIN LOGIN");
                    round(c, "AUTH PLAIN", "334 ", 300us);
                    round(c, base64({"\0alice\0Tr0ub4dor", 16}), kSuccess, 800us);
                    succeed(c);
                  }});

  list.push_back({"auth_login", "AUTH LOGIN: user name and password in two rounds",
                  "session outcome=delivered\n" + opening + "AUTH 235 1600us argument=LOGIN\n" +
                      mail +
                      "auth LOGIN 235 user=alice rounds=2 total_ns=1600us\n"
                      "secret VHIwdWI0ZG9y\nsecret Tr0ub4dor\n",
                  [](Capture& capture) {
                    Conversation c(capture, kClient, kSubmission);
                    begin_offering(c, "PLAIN LOGIN");
                    round(c, "AUTH LOGIN", "334 " + base64("Username:"), 300us);
                    round(c, base64("alice"), "334 " + base64("Password:"), 300us);
                    round(c, base64("Tr0ub4dor"), kSuccess, 800us);
                    succeed(c);
                  }});

  list.push_back(
      {"auth_cram_md5", "AUTH CRAM-MD5 (RFC 2195)",
       "session outcome=delivered\n" + opening + "AUTH 235 1200us argument=CRAM-MD5\n" + mail +
           "auth CRAM-MD5 235 user=alice rounds=1 total_ns=1200us\n"
           "secret 9e95aee09c40af2b84a0c2b3bbae786e\n"
           "secret YWxpY2UgOWU5NWFlZTA5YzQwYWYyYjg0YTBjMmIzYmJhZTc4NmU=\n",
       [](Capture& capture) {
         Conversation c(capture, kClient, kSubmission);
         begin_offering(c, "CRAM-MD5");
         round(c, "AUTH CRAM-MD5", "334 " + base64("<1896.697170952@mx.example.test>"), 300us);
         round(c, base64("alice 9e95aee09c40af2b84a0c2b3bbae786e"), kSuccess, 800us);
         succeed(c);
       }});

  list.push_back(
      {"auth_digest_md5", "AUTH DIGEST-MD5 (RFC 2831): three rounds, the last one empty",
       "session outcome=delivered\n" + opening + "AUTH 235 1700us argument=DIGEST-MD5\n" + mail +
           "auth DIGEST-MD5 235 user=alice rounds=2 total_ns=1700us\n"
           "secret d388dad90d4bbd760a152321f2143af7\nsecret ea40f60335c427b5527b84dbabcdfffd\n",
       [](Capture& capture) {
         Conversation c(capture, kClient, kSubmission);
         begin_offering(c, "DIGEST-MD5");
         round(c, "AUTH DIGEST-MD5",
               "334 " + base64("realm=\"example.test\",nonce=\"OA6MG9tEQGm2hh\",qop=\"auth\","
                               "algorithm=md5-sess,charset=utf-8"),
               300us);
         round(c,
               base64("charset=utf-8,username=\"alice\",realm=\"example.test\","
                      "nonce=\"OA6MG9tEQGm2hh\",nc=00000001,cnonce=\"OA6MHXh6VqTrRk\","
                      "digest-uri=\"smtp/mx.example.test\","
                      "response=d388dad90d4bbd760a152321f2143af7,qop=auth"),
               "334 " + base64("rspauth=ea40f60335c427b5527b84dbabcdfffd"), 400us);
         round(c, "", kSuccess, 800us);
         succeed(c);
       }});

  list.push_back({"auth_scram_sha256", "AUTH SCRAM-SHA-256 (RFC 7677) with its initial response",
                  "session outcome=delivered\n" + opening +
                      "AUTH 235 1700us argument=SCRAM-SHA-256\n" + mail +
                      "auth SCRAM-SHA-256 235 user=alice rounds=2 total_ns=1700us\n"
                      "secret dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=\n",
                  [](Capture& capture) {
                    Conversation c(capture, kClient, kSubmission);
                    begin_offering(c, "SCRAM-SHA-256 SCRAM-SHA-1");
                    round(c, "AUTH SCRAM-SHA-256 " + base64("n,,n=alice,r=rOprNGfwEbeRWgbNEkqO"),
                          "334 " + base64("r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,"
                                          "s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096"),
                          300us);
                    round(c,
                          base64("c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,"
                                 "p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ="),
                          "334 " + base64("v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="), 400us);
                    round(c, "", kSuccess, 800us);
                    succeed(c);
                  }});

  list.push_back({"auth_xoauth2_refused",
                  "AUTH XOAUTH2 with a stale token: the error in a 334, an empty line, then 535",
                  "session outcome=auth_failed\n" + opening +
                      "AUTH 535 1400us argument=XOAUTH2 enhanced=5.7.8\nQUIT 221 450us\n"
                      "auth XOAUTH2 535 user=alice@example.test rounds=1 total_ns=1400us\n"
                      "secret ya29.SyntheticToken0042\nsecret eWEyOS5T\n",
                  [](Capture& capture) {
                    Conversation c(capture, kClient, kSubmission);
                    begin_offering(c, "XOAUTH2 OAUTHBEARER");
                    round(c,
                          "AUTH XOAUTH2 " + base64("user=alice@example.test\x01"
                                                   "auth=Bearer ya29.SyntheticToken0042\x01\x01"),
                          "334 " + base64("{\"status\":\"400\",\"schemes\":\"Bearer\",\"scope\":"
                                          "\"https://mail.example.test/\"}"),
                          500us);
                    round(c, "", "535 5.7.8 Username and Password not accepted", 800us);
                    leave(c);
                  }});

  list.push_back({"auth_oauthbearer", "AUTH OAUTHBEARER (RFC 7628)",
                  "session outcome=delivered\n" + opening +
                      "AUTH 235 900us argument=OAUTHBEARER\n" + mail +
                      "auth OAUTHBEARER 235 user=alice@example.test rounds=0 total_ns=900us\n"
                      "secret ya29.SyntheticToken0042\n",
                  [](Capture& capture) {
                    Conversation c(capture, kClient, kSubmission);
                    begin_offering(c, "OAUTHBEARER");
                    round(c,
                          "AUTH OAUTHBEARER " +
                              base64("n,a=alice@example.test,\x01host=mx.example.test\x01port=587"
                                     "\x01"
                                     "auth=Bearer ya29.SyntheticToken0042\x01\x01"),
                          kSuccess, 900us);
                    succeed(c);
                  }});

  list.push_back({"auth_ntlm", "AUTH NTLM: negotiate, challenge, authenticate",
                  "session outcome=delivered\n" + opening + "AUTH 235 1600us argument=NTLM\n" +
                      mail +
                      "auth NTLM 235 user=alice rounds=2 total_ns=1600us\n"
                      "secret TExMTExM\nsecret Tk5OTk5O\n",
                  [](Capture& capture) {
                    Conversation c(capture, kClient, kSubmission);
                    begin_offering(c, "NTLM GSSAPI");
                    round(c, "AUTH NTLM", "334 ", 300us);
                    round(c, base64(ntlm_message('\x01', std::string("\x07\x82\x08", 3))),
                          "334 " + base64(ntlm_message('\x02', std::string(12, '\0'))), 300us);
                    round(c, base64(ntlm_authenticate()), kSuccess, 800us);
                    succeed(c);
                  }});

  list.push_back({"auth_gssapi", "AUTH GSSAPI: opaque tokens, so no user name",
                  "session outcome=delivered\n" + opening + "AUTH 235 1600us argument=GSSAPI\n" +
                      mail + "auth GSSAPI 235 user=- rounds=2 total_ns=1600us\n",
                  [](Capture& capture) {
                    Conversation c(capture, kClient, kSubmission);
                    begin_offering(c, "GSSAPI");
                    round(c,
                          "AUTH GSSAPI " + base64("\x60\x48\x06\x09\x2a\x86\x48\x86\xf7\x12\x01"),
                          "334 " + base64("\x60\x44\x06\x09\x2a\x86\x48\x86\xf7\x12\x01"), 300us);
                    round(c, "", "334 " + base64("\x05\x04\x05\xff\x0c\x0c\x0c"), 300us);
                    round(c, base64("\x05\x04\x04\xff\x0c\x0c\x0c"), kSuccess, 800us);
                    succeed(c);
                  }});

  list.push_back({"auth_external", "AUTH EXTERNAL with an empty initial response",
                  "session outcome=delivered\n" + opening + "AUTH 235 700us argument=EXTERNAL\n" +
                      mail + "auth EXTERNAL 235 user=- rounds=0 total_ns=700us\n",
                  [](Capture& capture) {
                    Conversation c(capture, kClient, kSubmission);
                    begin_offering(c, "EXTERNAL");
                    round(c, "AUTH EXTERNAL =", kSuccess, 700us);
                    succeed(c);
                  }});

  list.push_back({"auth_cancelled", "The client cancels AUTH LOGIN with \"*\"",
                  "session outcome=auth_failed\n" + opening +
                      "AUTH 501 600us argument=LOGIN\nQUIT 221 450us\n"
                      "auth LOGIN 501 user=- rounds=1 total_ns=600us\n",
                  [](Capture& capture) {
                    Conversation c(capture, kClient, kSubmission);
                    begin_offering(c, "PLAIN LOGIN");
                    round(c, "AUTH LOGIN", "334 " + base64("Username:"), 300us);
                    round(c, "*", "501 5.7.0 Authentication aborted", 200us);
                    leave(c);
                  }});

  list.push_back({"auth_failed_535", "A wrong password: 535 after a pause, then QUIT",
                  "session outcome=auth_failed\n" + opening +
                      "AUTH 535 2s argument=PLAIN enhanced=5.7.8\nQUIT 221 450us\n"
                      "auth PLAIN 535 user=alice rounds=0 total_ns=2s\n"
                      "secret AGFsaWNlAHdyb25nLXBhc3N3b3Jk\nsecret wrong-password\n",
                  [](Capture& capture) {
                    Conversation c(capture, kClient, kSubmission);
                    begin_offering(c, "PLAIN LOGIN");
                    round(c, "AUTH PLAIN " + base64({"\0alice\0wrong-password", 21}),
                          "535 5.7.8 Error: authentication failed", 2s);
                    leave(c);
                  }});
}

}  // namespace smtp_session::scenarios
