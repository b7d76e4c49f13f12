// SPDX-License-Identifier: GPL-2.0-or-later
#include "plugin/tree_events.h"

#include <algorithm>
#include <iterator>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "dissector/hello_reply.h"
#include "dissector/metrics.h"
#include "dissector/transaction.h"
#include "plugin/fields.h"
#include "plugin/inferred_turns.h"
#include "plugin/pool_text.h"

namespace smtp_session::ws {
namespace {

/// Events are listed in the order of their completing frames; an event that is not complete yet
/// (frame 0) is behind them all.
template <class Event>
EventRange events_of(const std::vector<Event>& events, FrameNumber frame) {
  const auto frame_of = [](const Event& event) {
    return event.frame == 0 ? std::numeric_limits<FrameNumber>::max() : event.frame;
  };
  const auto first = std::partition_point(
      events.begin(), events.end(), [&](const Event& event) { return frame_of(event) < frame; });
  auto last = first;
  while (last != events.end() && last->frame == frame) ++last;
  return {static_cast<Index>(std::distance(events.begin(), first)) + 1,
          static_cast<Index>(std::distance(events.begin(), last)) + 1};
}

bool ends_message(const Session& session, Index command) {
  const Index message = session.command(command).message;
  return message != 0 && session.message(message).end == command;
}

bool is_final_reply_of(const Session& session, Index message, const Reply& reply) {
  return final_reply_of(session, message) == &reply;
}

/// End of data is the command ".", which says little to a reader.
const char* title_of(const char* verb) {
  return std::string_view{verb} == "." ? "end of data" : verb;
}

proto_item* add_command_item(const Branch& branch, const Command& command, Index index) {
  if (command.verb.empty()) {
    return proto_tree_add_none_format(branch.tree, fields.turn, branch.tvb, 0, 0,
                                      "Command %u: not readable", index);
  }
  const char* verb = command.verb.c_str();
  if (command.argument.empty()) {
    return proto_tree_add_string_format(branch.tree, fields.command, branch.tvb, 0, 0, verb,
                                        "Command %u: %s", index, title_of(verb));
  }
  return proto_tree_add_string_format(branch.tree, fields.command, branch.tvb, 0, 0, verb,
                                      "Command %u: %s %s", index, verb, command.argument.c_str());
}

/// In the first pass nothing is known behind this frame, and the inference would be another one.
void show_inferred(const Branch& branch, const Session& session, Index index) {
  const Command& command = session.command(index);
  if (!command.opaque || command.frame >= session.last.frame) return;
  const InferredTurn turn = inferred_turn(session, index);
  if (turn.command == 0) return;
  branch.add_text(fields.inferred, name_of(turn.kind));
  branch.add_uint(fields.inferred_confidence, turn.confidence / 10U);
}

void show_command(const Branch& branch, const Session& session, Index index) {
  const Command& command = session.command(index);
  const Branch below = branch.below(add_command_item(branch, command, index), subtrees.command);
  below.add_known_text(fields.command_argument, command.argument.view());
  below.add_uint(fields.command_index, index);
  show_inferred(below, session, index);
  if (command.reply != 0) below.add_frame(fields.response_in, session.reply(command.reply).frame);
  below.add_time(fields.think_time, think_time(session, command));
  below.add_time(fields.idle_before, idle_before(session, command));
  below.add_bool(fields.pipelined, command.pipelined);
  if (!command.exact) below.add_bool(fields.exact, false);
  if (command.message != 0) below.add_uint(fields.message_index, command.message);
  const std::string_view verb = command.verb.view();
  if (verb == "MAIL") {
    below.add_text(fields.mail_from, pool_text(below.pool, path_address(command.argument.view())));
  } else if (verb == "RCPT") {
    below.add_text(fields.rcpt_to, pool_text(below.pool, path_address(command.argument.view())));
  }
  if (index == 1) branch.add_time(fields.time_client_start, client_start(session));
  if (ends_message(session, index)) {
    branch.add_time(fields.time_data_transfer, data_transfer(session, command.message));
  }
}

proto_item* add_reply_item(const Branch& branch, const Session& session, const Reply& reply) {
  const char* verb = title_of(answered_verb(session, reply));
  const char* text = pool_text(branch.pool, reply_text(reply));
  const char* to = *verb == '\0' ? "" : " to ";
  if (reply.kind == ReplyKind::kGreeting) {
    return proto_tree_add_none_format(branch.tree, fields.reply, branch.tvb, 0, 0,
                                      "Greeting: %03u %s", reply.code, text);
  }
  if (reply.code == 0) {
    return proto_tree_add_none_format(branch.tree, fields.reply, branch.tvb, 0, 0, "Reply%s%s: %s",
                                      to, verb, text);
  }
  return proto_tree_add_none_format(branch.tree, fields.reply, branch.tvb, 0, 0,
                                    "Reply%s%s: %03u %s", to, verb, reply.code, text);
}

/// Lines of text in Wireshark's pool.
struct PoolOfferChange {
  std::string_view lost;
  std::string_view gained;
};

std::string_view pool_lines(wmem_allocator_t* pool, const std::vector<std::string_view>& lines) {
  std::string text;
  for (const std::string_view line : lines) {
    if (!text.empty()) text += '\n';
    text += line;
  }
  return pool_text(pool, text);
}

PoolOfferChange pool_offer_change(wmem_allocator_t* pool, const Session& session, Index hello) {
  const OfferChange change = offer_change(session, hello);
  return {pool_lines(pool, change.lost), pool_lines(pool, change.gained)};
}

void show_offer_change(const Branch& branch, const Session& session, Index hello) {
  const PoolOfferChange change = pool_offer_change(branch.pool, session, hello);
  branch.add_lines(fields.extension_lost, change.lost);
  branch.add_lines(fields.extension_gained, change.gained);
}

/// The times that end with the final reply to a command.
void show_reply_times(const Branch& branch, const Session& session, const Reply& reply) {
  const std::string_view verb = session.command(reply.command).verb.view();
  const TimeNs time = latency(session, reply);
  if (is_hello(verb)) {
    branch.add_time(fields.time_ehlo, time);
    show_offer_change(branch, session, reply.command);
  }
  if (verb == "STARTTLS") branch.add_time(fields.time_starttls, time);
  if (verb == "AUTH") branch.add_time(fields.time_auth, time);
  if (verb == "QUIT") branch.add_time(fields.time_quit, time);
}

void show_message_result(const Branch& branch, const Branch& below, const Session& session,
                         Index message, const Reply& reply) {
  const Message& facts = session.message(message);
  if (facts.has_content && facts.size_exact) below.add_uint64(fields.message_size, facts.size);
  below.add_known_text(fields.message_id, server_message_id(reply_text(reply)));
  branch.add_time(fields.time_end_of_data, end_of_data(session, message));
}

/// `reply` is that of `index`, up to this frame.
void show_reply(const Branch& branch, const Session& session, Index index, const Reply& reply) {
  const Branch below = branch.below(add_reply_item(branch, session, reply), subtrees.reply);
  if (reply.code != 0) below.add_uint(fields.reply_code, reply.code);
  const std::string_view text = reply_text(reply);
  below.add_known_text(fields.reply_enhanced, enhanced_code(text));
  below.add_known_text(fields.reply_text, text);
  below.add_known_text(fields.reply_command, answered_verb(session, reply));
  if (!reply.exact) below.add_bool(fields.exact, false);
  if (reply.kind == ReplyKind::kGreeting) {
    branch.add_time(fields.time_greeting, greeting_delay(session));
  }
  if (reply.command == 0) return;

  const Command& command = session.command(reply.command);
  below.add_uint(fields.command_index, reply.command);
  below.add_frame(fields.response_to, command.frame);
  if (command.message != 0) below.add_uint(fields.message_index, command.message);
  if (reply.kind == ReplyKind::kIntermediate) return;
  below.add_time(fields.latency, latency(session, reply));
  const TimeNs service = service_time(session, index);
  if (service != kNoTime) {
    below.add_time(fields.service_time, service - (session.reply(index).time - reply.time));
  }
  if (reply.kind == ReplyKind::kFinal) show_reply_times(branch, session, reply);
  if (command.message != 0 && is_final_reply_of(session, command.message, reply)) {
    show_message_result(branch, below, session, command.message, reply);
  }
}

}  // namespace

EventRange commands_of(const Session& session, FrameNumber frame) {
  return events_of(session.commands, frame);
}

EventRange replies_of(const Session& session, FrameNumber frame) {
  return events_of(session.replies, frame);
}

const char* answered_verb(const Session& session, const Reply& reply) {
  if (reply.kind == ReplyKind::kGreeting) return "greeting";
  return reply.command == 0 ? "" : session.command(reply.command).verb.c_str();
}

Index command_going_on(const Session& session, const FrameRecord& record, TimeNs time) {
  if ((record.roles & kRoleEncryptedData) == 0 || record.from_server != 0) return 0;
  const EventRange commands = commands_of(session, record.frame);
  if (!commands.empty() || commands.first > session.commands.size()) return 0;
  const Command& command = session.command(commands.first);
  return command.opaque && command.first_time <= time ? commands.first : 0;
}

Index reply_going_on(const Session& session, const FrameRecord& record, TimeNs time) {
  if ((record.roles & kRoleEncryptedData) == 0 || record.from_server == 0) return 0;
  const EventRange replies = replies_of(session, record.frame);
  if (!replies.empty() || replies.first > session.replies.size()) return 0;
  const Reply& reply = session.reply(replies.first);
  const bool begun = reply.opaque && reply.first_time <= time &&
                     (reply.command == 0 || session.command(reply.command).frame < record.frame);
  return begun ? replies.first : 0;
}

void show_events(const Branch& branch, const Session& session, const FrameRecord& record,
                 TimeNs time) {
  const FrameNumber frame = record.frame;
  const EventRange commands = commands_of(session, frame);
  for (Index i = commands.first; i != commands.last; ++i) show_command(branch, session, i);
  const Index turn_going_on = command_going_on(session, record, time);
  if (turn_going_on != 0) show_command(branch, session, turn_going_on);
  const EventRange replies = replies_of(session, frame);
  for (Index i = replies.first; i != replies.last; ++i) {
    show_reply(branch, session, i, session.reply(i));
  }
  const Index going_on = reply_going_on(session, record, time);
  if (going_on == 0) return;
  Reply so_far = session.reply(going_on);
  so_far.time = time;
  so_far.frame = frame;
  show_reply(branch, session, going_on, so_far);
}

}  // namespace smtp_session::ws
