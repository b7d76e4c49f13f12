// SPDX-License-Identifier: GPL-2.0-or-later
#include "plugin/fields.h"

#include <epan/packet.h>

#include <iterator>

namespace smtp_session::ws {

Fields fields;
Subtrees subtrees;

namespace {

struct FieldRow {
  int* id;
  const char* name;
  const char* filter;
  enum ftenum type;
  int display;
  const void* strings;
  const char* blurb;
};

const FieldRow kRows[] = {
    {&fields.id, "Session", "smtp_session.id", FT_UINT32, BASE_DEC, nullptr,
     "Number of the session in the capture, from 0, in order of first frame"},
    {&fields.stream, "TCP stream", "smtp_session.stream", FT_UINT32, BASE_DEC, nullptr,
     "The session's tcp.stream"},
    {&fields.phase, "Phase", "smtp_session.phase", FT_STRING, BASE_NONE, nullptr,
     "Phase of the session that this frame belongs to"},
    {&fields.role, "Role", "smtp_session.role", FT_STRING, BASE_NONE, nullptr,
     "What this frame is in the session"},
    {&fields.sender, "Sender", "smtp_session.sender", FT_STRING, BASE_NONE, nullptr,
     "Who sent this frame: client or server"},
    {&fields.encrypted, "Encrypted", "smtp_session.encrypted", FT_BOOLEAN, BASE_NONE, nullptr,
     "The SMTP of this frame was, or is, under TLS"},
    {&fields.syn_frame, "First SYN", "smtp_session.syn_frame", FT_FRAMENUM, BASE_NONE, nullptr,
     "Frame of the first SYN"},
    {&fields.synack_frame, "SYN-ACK", "smtp_session.synack_frame", FT_FRAMENUM, BASE_NONE, nullptr,
     "Frame of the SYN-ACK"},
    {&fields.ack_frame, "ACK of the handshake", "smtp_session.ack_frame", FT_FRAMENUM, BASE_NONE,
     nullptr, "Frame of the ACK that ended the TCP handshake"},
    {&fields.greeting_frame, "Greeting", "smtp_session.greeting_frame", FT_FRAMENUM, BASE_NONE,
     nullptr, "Frame that completed the server's greeting"},
    {&fields.ehlo_frame, "First EHLO", "smtp_session.ehlo_frame", FT_FRAMENUM, BASE_NONE, nullptr,
     "Frame of the first EHLO, HELO or LHLO in clear text"},
    {&fields.ehlo_reply_frame, "Reply to the first EHLO", "smtp_session.ehlo_reply_frame",
     FT_FRAMENUM, BASE_NONE, nullptr,
     "Frame of the reply to the first EHLO, HELO or LHLO in clear text"},
    {&fields.starttls_frame, "STARTTLS", "smtp_session.starttls_frame", FT_FRAMENUM, BASE_NONE,
     nullptr, "Frame of the STARTTLS command"},
    {&fields.starttls_reply_frame, "Reply to STARTTLS", "smtp_session.starttls_reply_frame",
     FT_FRAMENUM, BASE_NONE, nullptr, "Frame of the reply to STARTTLS"},
    {&fields.client_hello_frame, "ClientHello", "smtp_session.client_hello_frame", FT_FRAMENUM,
     BASE_NONE, nullptr, "Frame that completed the first TLS ClientHello"},
    {&fields.server_hello_frame, "ServerHello", "smtp_session.server_hello_frame", FT_FRAMENUM,
     BASE_NONE, nullptr, "Frame that completed the TLS ServerHello"},
    {&fields.tls_finished_frame, "End of the TLS handshake", "smtp_session.tls_finished_frame",
     FT_FRAMENUM, BASE_NONE, nullptr, "Frame that completed the TLS handshake"},
    {&fields.tls_ehlo_frame, "First EHLO under TLS", "smtp_session.tls_ehlo_frame", FT_FRAMENUM,
     BASE_NONE, nullptr, "Frame of the first EHLO, HELO or LHLO under TLS"},
    {&fields.auth_frame, "AUTH", "smtp_session.auth_frame", FT_FRAMENUM, BASE_NONE, nullptr,
     "Frame of the first AUTH command"},
    {&fields.auth_result_frame, "Result of AUTH", "smtp_session.auth_result_frame", FT_FRAMENUM,
     BASE_NONE, nullptr, "Frame of the final reply to the first AUTH command"},
    {&fields.quit_frame, "QUIT", "smtp_session.quit_frame", FT_FRAMENUM, BASE_NONE, nullptr,
     "Frame of the QUIT command"},
    {&fields.quit_reply_frame, "Reply to QUIT", "smtp_session.quit_reply_frame", FT_FRAMENUM,
     BASE_NONE, nullptr, "Frame of the reply to QUIT"},
    {&fields.fin_frame, "First FIN", "smtp_session.fin_frame", FT_FRAMENUM, BASE_NONE, nullptr,
     "Frame of the first FIN"},
    {&fields.rst_frame, "First RST", "smtp_session.rst_frame", FT_FRAMENUM, BASE_NONE, nullptr,
     "Frame of the first RST"},
    {&fields.first_frame, "First frame", "smtp_session.first_frame", FT_FRAMENUM, BASE_NONE,
     nullptr, "First frame of the session"},
    {&fields.last_frame, "Last frame", "smtp_session.last_frame", FT_FRAMENUM, BASE_NONE, nullptr,
     "Last frame of the session"},
    {&fields.time_rtt_server, "Round trip to the server", "smtp_session.time.rtt_server",
     FT_RELATIVE_TIME, BASE_NONE, nullptr, "From the SYN that was answered to the SYN-ACK"},
    {&fields.time_rtt_client, "Round trip to the client", "smtp_session.time.rtt_client",
     FT_RELATIVE_TIME, BASE_NONE, nullptr, "From the SYN-ACK to the ACK"},
    {&fields.time_handshake, "TCP handshake", "smtp_session.time.handshake", FT_RELATIVE_TIME,
     BASE_NONE, nullptr, "From the first SYN to the ACK of the handshake"},
    {&fields.time_greeting, "Time to the greeting", "smtp_session.time.greeting", FT_RELATIVE_TIME,
     BASE_NONE, nullptr,
     "From the ACK of the handshake (implicit TLS: the end of the TLS handshake; PROXY: that line) "
     "to the first byte of the greeting"},
    {&fields.time_client_start, "Client's start", "smtp_session.time.client_start",
     FT_RELATIVE_TIME, BASE_NONE, nullptr,
     "From the complete greeting to the first byte of the first command"},
    {&fields.time_ehlo, "EHLO", "smtp_session.time.ehlo", FT_RELATIVE_TIME, BASE_NONE, nullptr,
     "From EHLO, HELO or LHLO to its reply"},
    {&fields.time_starttls, "STARTTLS", "smtp_session.time.starttls", FT_RELATIVE_TIME, BASE_NONE,
     nullptr, "From STARTTLS to its reply"},
    {&fields.time_tls_handshake, "TLS handshake", "smtp_session.time.tls_handshake",
     FT_RELATIVE_TIME, BASE_NONE, nullptr,
     "From the first byte of the ClientHello to the end of the TLS handshake"},
    {&fields.time_auth, "AUTH", "smtp_session.time.auth", FT_RELATIVE_TIME, BASE_NONE, nullptr,
     "From AUTH to its final reply"},
    {&fields.time_data_transfer, "Transfer of the message", "smtp_session.time.data_transfer",
     FT_RELATIVE_TIME, BASE_NONE, nullptr, "From the first byte of the message to the end of data"},
    {&fields.time_end_of_data, "End of data", "smtp_session.time.end_of_data", FT_RELATIVE_TIME,
     BASE_NONE, nullptr, "From the end of data to the final reply"},
    {&fields.time_quit, "QUIT", "smtp_session.time.quit", FT_RELATIVE_TIME, BASE_NONE, nullptr,
     "From QUIT to its reply"},
    {&fields.time_session, "Since the first frame", "smtp_session.time.session", FT_RELATIVE_TIME,
     BASE_NONE, nullptr, "From the first frame of the session to this frame"},
    {&fields.turn, "Encrypted command", "smtp_session.turn", FT_NONE, BASE_NONE, nullptr,
     "A command that was seen on the wire but could not be read"},
    {&fields.inferred, "Probably", "smtp_session.inferred", FT_STRING, BASE_NONE, nullptr,
     "What the encrypted command probably was: inferred from lengths and order, not read. Later "
     "frames bear on it, so it is there with -2 and in the GUI only"},
    {&fields.inferred_confidence, "Confidence", "smtp_session.inferred.confidence", FT_UINT8,
     BASE_DEC, nullptr, "Confidence in what was inferred, in per cent"},
    {&fields.command, "Command", "smtp_session.command", FT_STRING, BASE_NONE, nullptr,
     "Verb of a command, upper case; a dot for end of data"},
    {&fields.command_argument, "Argument", "smtp_session.command.argument", FT_STRING, BASE_NONE,
     nullptr, "The rest of the command line; of AUTH the mechanism alone"},
    {&fields.command_index, "Command number", "smtp_session.command.index", FT_UINT32, BASE_DEC,
     nullptr, "Number of the command in the session, from 1"},
    {&fields.response_in, "Reply in", "smtp_session.response_in", FT_FRAMENUM, BASE_NONE,
     FRAMENUM_TYPE(FT_FRAMENUM_RESPONSE), "Frame of the reply to this command"},
    {&fields.response_to, "Reply to", "smtp_session.response_to", FT_FRAMENUM, BASE_NONE,
     FRAMENUM_TYPE(FT_FRAMENUM_REQUEST), "Frame of the command that this reply answers"},
    {&fields.reply, "Reply", "smtp_session.reply", FT_NONE, BASE_NONE, nullptr,
     "A reply that this frame completes"},
    {&fields.reply_code, "Code", "smtp_session.reply.code", FT_UINT16, BASE_DEC, nullptr,
     "Reply code"},
    {&fields.reply_enhanced, "Enhanced status code", "smtp_session.reply.enhanced", FT_STRING,
     BASE_NONE, nullptr, "Enhanced status code (RFC 3463)"},
    {&fields.reply_text, "Text", "smtp_session.reply.text", FT_STRING, BASE_NONE, nullptr,
     "Text of the reply's last line; of the greeting its first line"},
    {&fields.reply_command, "Answers", "smtp_session.reply.command", FT_STRING, BASE_NONE, nullptr,
     "Verb of the command that this reply answers"},
    {&fields.latency, "Latency", "smtp_session.latency", FT_RELATIVE_TIME, BASE_NONE, nullptr,
     "From the complete command to the complete reply: what the client saw"},
    {&fields.service_time, "Service time", "smtp_session.service_time", FT_RELATIVE_TIME, BASE_NONE,
     nullptr,
     "What this command alone added: from the later of the complete command and the previous reply "
     "to the complete reply"},
    {&fields.think_time, "Think time", "smtp_session.think_time", FT_RELATIVE_TIME, BASE_NONE,
     nullptr, "From the reply that the command had to wait for to its first byte"},
    {&fields.idle_before, "Idle before", "smtp_session.idle_before", FT_RELATIVE_TIME, BASE_NONE,
     nullptr, "Silence before the command with nothing outstanding"},
    {&fields.pipelined, "Pipelined", "smtp_session.pipelined", FT_BOOLEAN, BASE_NONE, nullptr,
     "Sent before the reply to the command before it was complete"},
    {&fields.exact, "Exact", "smtp_session.exact", FT_BOOLEAN, BASE_NONE, nullptr,
     "False where bytes that the capture does not hold touch this command or reply: its times are "
     "bounds. That a reply is lost shows in later frames: final with -2"},
    {&fields.message_index, "Message", "smtp_session.message.index", FT_UINT32, BASE_DEC, nullptr,
     "Number of the mail transaction in the session, from 1"},
    {&fields.mail_from, "Sender address", "smtp_session.mail_from", FT_STRING, BASE_NONE, nullptr,
     "Address of MAIL FROM without brackets"},
    {&fields.rcpt_to, "Recipient address", "smtp_session.rcpt_to", FT_STRING, BASE_NONE, nullptr,
     "Address of RCPT TO without brackets"},
    {&fields.message_size, "Message size", "smtp_session.message.size", FT_UINT64, BASE_DEC,
     nullptr, "Bytes of the message as sent, without the final dot line, dots unstuffed"},
    {&fields.message_id, "Server's message id", "smtp_session.message.id", FT_STRING, BASE_NONE,
     nullptr, "Id that the server gave to the message in its final reply"},
    {&fields.tls_mode, "TLS mode", "smtp_session.tls.mode", FT_STRING, BASE_NONE, nullptr,
     "none, starttls or implicit"},
    {&fields.tls_version, "TLS version", "smtp_session.tls.version", FT_STRING, BASE_NONE, nullptr,
     "Negotiated TLS version"},
    {&fields.tls_cipher, "TLS cipher suite", "smtp_session.tls.cipher", FT_STRING, BASE_NONE,
     nullptr, "Negotiated cipher suite"},
    {&fields.tls_sni, "TLS server name", "smtp_session.tls.sni", FT_STRING, BASE_NONE, nullptr,
     "Server name that the client asked for (SNI)"},
    {&fields.tls_alpn, "TLS ALPN", "smtp_session.tls.alpn", FT_STRING, BASE_NONE, nullptr,
     "Negotiated application protocol (ALPN)"},
    {&fields.tls_resumed, "TLS session resumed", "smtp_session.tls.resumed", FT_BOOLEAN, BASE_NONE,
     nullptr, "The TLS session was resumed"},
    {&fields.tls_alert, "TLS alert", "smtp_session.tls.alert", FT_STRING, BASE_NONE, nullptr,
     "The first fatal TLS alert, or the first one in the handshake"},
    {&fields.tls_decrypted, "TLS decrypted", "smtp_session.tls.decrypted", FT_BOOLEAN, BASE_NONE,
     nullptr, "SMTP was read from decrypted records up to this frame"},
    {&fields.tls_decrypt_state, "TLS decryption", "smtp_session.tls.decrypt_state", FT_STRING,
     BASE_NONE, nullptr, "Why the content under TLS is, or is not, readable"},
    {&fields.summary, "Summary", "smtp_session.summary", FT_NONE, BASE_NONE, nullptr,
     "What is known of the session so far"},
    {&fields.outcome, "Outcome", "smtp_session.outcome", FT_STRING, BASE_NONE, nullptr,
     "How the session ended, as far as known"},
    {&fields.verdict, "Verdict", "smtp_session.summary.verdict", FT_STRING, BASE_NONE, nullptr,
     "What decided the session, where, on which side, and the time that it cost"},
    {&fields.messages, "Messages", "smtp_session.messages", FT_UINT32, BASE_DEC, nullptr,
     "Number of mail transactions"},
    {&fields.recipients, "Recipients", "smtp_session.recipients", FT_UINT32, BASE_DEC, nullptr,
     "Number of recipients asked for"},
    {&fields.recipients_rejected, "Recipients rejected", "smtp_session.recipients_rejected",
     FT_UINT32, BASE_DEC, nullptr, "Number of recipients that the server did not take"},
    {&fields.commands, "Commands", "smtp_session.commands", FT_UINT32, BASE_DEC, nullptr,
     "Number of commands"},
    {&fields.slowest_command, "Slowest command", "smtp_session.slowest_command", FT_STRING,
     BASE_NONE, nullptr, "Verb of the command with the longest latency"},
    {&fields.slowest_latency, "Slowest latency", "smtp_session.slowest_latency", FT_RELATIVE_TIME,
     BASE_NONE, nullptr, "The longest latency of a command"},
    {&fields.share_network, "Network", "smtp_session.share.network", FT_RELATIVE_TIME, BASE_NONE,
     nullptr, "Time that the network took"},
    {&fields.share_server, "Server", "smtp_session.share.server", FT_RELATIVE_TIME, BASE_NONE,
     nullptr, "Time that the server took"},
    {&fields.share_client, "Client", "smtp_session.share.client", FT_RELATIVE_TIME, BASE_NONE,
     nullptr, "Time that the client took"},
    {&fields.share_tls, "TLS", "smtp_session.share.tls", FT_RELATIVE_TIME, BASE_NONE, nullptr,
     "Time that the TLS handshake took"},
    {&fields.share_transfer, "Transfer", "smtp_session.share.transfer", FT_RELATIVE_TIME, BASE_NONE,
     nullptr, "Time that the transfer of messages took"},
    {&fields.finding, "Finding", "smtp_session.finding", FT_STRING, BASE_NONE, nullptr,
     "Id of a finding about this frame"},
    {&fields.advice, "Next step", "smtp_session.advice", FT_STRING, BASE_NONE, nullptr,
     "What to do next about the finding"},
};

}  // namespace

void register_fields(int protocol) {
  static hf_register_info infos[std::size(kRows)];  // Wireshark keeps the pointers
  for (std::size_t i = 0; i < std::size(kRows); ++i) {
    const FieldRow& row = kRows[i];
    infos[i] = {row.id,
                {row.name, row.filter, row.type, row.display, row.strings, 0, row.blurb, HFILL}};
  }
  proto_register_field_array(protocol, infos, static_cast<int>(std::size(infos)));

  static int* const subtree_ids[] = {&subtrees.session, &subtrees.command, &subtrees.reply,
                                     &subtrees.links,   &subtrees.tls,     &subtrees.summary,
                                     &subtrees.share,   &subtrees.finding};
  proto_register_subtree_array(subtree_ids, static_cast<int>(std::size(subtree_ids)));
}

}  // namespace smtp_session::ws
