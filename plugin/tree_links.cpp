// SPDX-License-Identifier: GPL-2.0-or-later
#include "plugin/tree_links.h"

#include <string_view>

#include "plugin/fields.h"

namespace smtp_session::ws {
namespace {

bool is_hello(const Command& command) {
  const std::string_view verb = command.verb.view();
  return verb == "EHLO" || verb == "HELO" || verb == "LHLO";
}

/// The frame of the first hello in clear text, or under TLS; of its command, or of its reply.
const Command* first_hello(const Session& session, bool encrypted) {
  for (const Command& command : session.commands) {
    if (command.encrypted == encrypted && is_hello(command)) return &command;
    // Once under TLS, a session never goes back.
    if (command.encrypted && !encrypted) return nullptr;
  }
  return nullptr;
}

const Command* first_starttls(const Session& session) {
  if (session.tls && session.tls->starttls != 0) return &session.command(session.tls->starttls);
  for (const Command& command : session.commands) {
    if (command.verb.view() == "STARTTLS") return &command;
    if (command.encrypted) return nullptr;
  }
  return nullptr;
}

const Command* last_quit(const Session& session) {
  for (auto command = session.commands.rbegin(); command != session.commands.rend(); ++command) {
    if (command->verb.view() == "QUIT") return &*command;
  }
  return nullptr;
}

void add_exchange(const Branch& branch, const Session& session, const Command* command,
                  int command_field, int reply_field) {
  if (command == nullptr) return;
  branch.add_frame(command_field, command->frame);
  if (command->reply != 0) branch.add_frame(reply_field, session.reply(command->reply).frame);
}

}  // namespace

void show_links(const Branch& branch, const Session& session) {
  branch.add_frame(fields.first_frame, session.first.frame);
  branch.add_frame(fields.syn_frame, session.tcp.first_syn.frame);
  branch.add_frame(fields.synack_frame, session.tcp.syn_ack.frame);
  branch.add_frame(fields.ack_frame, session.tcp.ack.frame);
  if (session.greeting != 0) {
    branch.add_frame(fields.greeting_frame, session.reply(session.greeting).frame);
  }
  add_exchange(branch, session, first_hello(session, false), fields.ehlo_frame,
               fields.ehlo_reply_frame);
  add_exchange(branch, session, first_starttls(session), fields.starttls_frame,
               fields.starttls_reply_frame);
  if (session.tls) {
    branch.add_frame(fields.client_hello_frame, session.tls->client_hello.frame);
    branch.add_frame(fields.server_hello_frame, session.tls->server_hello.frame);
    branch.add_frame(fields.tls_finished_frame, session.tls->finished.frame);
  }
  const Command* tls_hello = first_hello(session, true);
  if (tls_hello != nullptr) branch.add_frame(fields.tls_ehlo_frame, tls_hello->frame);
  if (!session.auth.empty() && session.auth.front().command != 0) {
    add_exchange(branch, session, &session.command(session.auth.front().command), fields.auth_frame,
                 fields.auth_result_frame);
  }
  add_exchange(branch, session, last_quit(session), fields.quit_frame, fields.quit_reply_frame);
  branch.add_frame(fields.fin_frame, session.tcp.first_fin.frame);
  branch.add_frame(fields.rst_frame, session.tcp.first_rst.frame);
  branch.add_frame(fields.last_frame, session.last.frame);
}

}  // namespace smtp_session::ws
