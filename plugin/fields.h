// SPDX-License-Identifier: GPL-2.0-or-later
//
// Every field of the protocol, and every subtree. Names and types are the public contract.
#pragma once

namespace smtp_session::ws {

struct Fields {
  // Every frame.
  int id = -1;
  int stream = -1;
  int phase = -1;
  int role = -1;
  int sender = -1;
  int encrypted = -1;

  // Links to the steps of the session.
  int syn_frame = -1;
  int synack_frame = -1;
  int ack_frame = -1;
  int greeting_frame = -1;
  int ehlo_frame = -1;
  int ehlo_reply_frame = -1;
  int starttls_frame = -1;
  int starttls_reply_frame = -1;
  int client_hello_frame = -1;
  int server_hello_frame = -1;
  int tls_finished_frame = -1;
  int tls_ehlo_frame = -1;
  int auth_frame = -1;
  int auth_result_frame = -1;
  int quit_frame = -1;
  int quit_reply_frame = -1;
  int fin_frame = -1;
  int rst_frame = -1;
  int first_frame = -1;
  int last_frame = -1;

  // Times of the set-up, and of each message.
  int time_rtt_server = -1;
  int time_rtt_client = -1;
  int time_handshake = -1;
  int time_greeting = -1;
  int time_client_start = -1;
  int time_ehlo = -1;
  int time_starttls = -1;
  int time_tls_handshake = -1;
  int time_auth = -1;
  int time_data_transfer = -1;
  int time_end_of_data = -1;
  int time_quit = -1;
  int time_session = -1;

  // Commands and replies.
  int turn = -1;
  int inferred = -1;
  int inferred_confidence = -1;
  int command = -1;
  int command_argument = -1;
  int command_index = -1;
  int response_in = -1;
  int response_to = -1;
  int reply = -1;
  int reply_code = -1;
  int reply_enhanced = -1;
  int reply_text = -1;
  int reply_command = -1;
  int latency = -1;
  int service_time = -1;
  int think_time = -1;
  int idle_before = -1;
  int pipelined = -1;
  int exact = -1;
  int message_index = -1;
  int mail_from = -1;
  int rcpt_to = -1;
  int message_size = -1;
  int message_id = -1;

  // TLS.
  int tls_mode = -1;
  int tls_versions_offered = -1;
  int tls_ciphers_offered = -1;
  int extension_lost = -1;
  int extension_gained = -1;
  int tls_version = -1;
  int tls_cipher = -1;
  int tls_sni = -1;
  int tls_alpn = -1;
  int tls_resumed = -1;
  int tls_alert = -1;
  int tls_decrypted = -1;
  int tls_decrypt_state = -1;

  // Summary.
  int summary = -1;
  int outcome = -1;
  int verdict = -1;
  int messages = -1;
  int recipients = -1;
  int recipients_rejected = -1;
  int commands = -1;
  int slowest_command = -1;
  int slowest_latency = -1;
  int share_network = -1;
  int share_server = -1;
  int share_client = -1;
  int share_tls = -1;
  int share_transfer = -1;

  // Findings.
  int finding = -1;
  int advice = -1;
};

struct Subtrees {
  int session = -1;
  int command = -1;
  int reply = -1;
  int links = -1;
  int tls = -1;
  int summary = -1;
  int share = -1;
  int finding = -1;
};

extern Fields fields;
extern Subtrees subtrees;

void register_fields(int protocol);

}  // namespace smtp_session::ws
