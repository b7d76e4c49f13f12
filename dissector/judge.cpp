// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/judge.h"

#include "dissector/frame_index.h"
#include "dissector/hello_reply.h"
#include "dissector/transaction.h"

namespace smtp_session {

Judge::Judge(Session& session, TextPool& texts, const Config& config, const IdentProbes& probes)
    : scene_{session, texts, config, config.thresholds, 0},
      tcp_(scene_),
      greeting_(scene_, probes),
      tls_(scene_),
      auth_(scene_),
      commands_(scene_),
      pipeline_(scene_),
      replies_(scene_),
      latency_(scene_),
      message_(scene_),
      security_(scene_),
      ses_(scene_) {}

void Judge::on_proxy(ProxyParse parse, const ProxyHeader& header, FrameNumber frame) {
  tcp_.on_proxy(parse, header, frame);
}

void Judge::on_gap(Side side, std::uint64_t size, Moment now) {
  tcp_.on_gap(side, size, now);
  message_.on_gap(side, size);
}

void Judge::on_icmp_error(const IcmpError& error, Side side) {
  if (!finished_) tcp_.on_icmp_error(error, side);
}

void Judge::on_close(Side side, bool reset) {
  if (close_count_ < 2) closes_[close_count_++] = {side, reset};
}

void Judge::on_message_bytes(const MessagePart& part) {
  message_.on_message_bytes(part);
  if (content_sink_ != nullptr) content_sink_->on_content(scene_.session, part);
}

void Judge::on_flawed_line(const LineFlaws& flaws) {
  security_.on_flawed_line(flaws);
}

void Judge::on_flawed_reply(const ReplyFlaws& flaws, std::uint16_t code, FrameNumber frame) {
  replies_.on_flawed_reply(flaws, code, frame);
}

void Judge::on_unfinished_reply(const UnfinishedReply& reply) {
  replies_.on_unfinished_reply(reply);
}

void Judge::on_client_hello(const ClientHello& hello, FrameNumber frame) {
  tls_.on_client_hello(hello, frame);
}

void Judge::on_certificate(std::string_view der, Moment received) {
  tls_.on_certificate(der, received);
}

void Judge::look(const Segment& segment, Side side, std::uint32_t roles) {
  if (finished_ || (roles & kRoleDuplicate) != 0) return;
  look_at_events();
  tcp_.on_segment(segment, side, roles);
  greeting_.on_segment(segment, side, roles);
  tls_.on_segment(segment, side, roles);
  auth_.on_segment(segment, side, roles);
  replies_.on_segment(segment, side);
  latency_.on_segment(segment, side, roles);
  security_.on_segment(segment);
  ses_.on_segment(segment, side);
  for (std::size_t i = 0; i < close_count_; ++i) {
    tcp_.on_close(closes_[i].side, closes_[i].reset, segment.frame);
    greeting_.on_close(closes_[i].side, segment.frame);
    tls_.on_close(closes_[i].side, segment.frame);
    auth_.on_close(closes_[i].side, segment.frame);
    replies_.on_close(segment.frame);
    latency_.on_close(segment.frame);
    message_.on_close(segment.time, segment.frame);
    ses_.on_close(segment.time, segment.frame);
  }
  close_count_ = 0;
}

void Judge::finish(Moment last) {
  if (finished_) return;
  look_at_events();
  tcp_.on_finish(last);
  greeting_.on_finish(last);
  tls_.on_finish(last);
  if (scene_.session.tcp.close != CloseKind::kNone) replies_.on_close(last.frame);
  latency_.on_finish(last);
  message_.on_finish(last);
  finished_ = true;
}

void Judge::look_at_events() {
  const Session& session = scene_.session;
  for (;;) {
    const bool command_left = commands_seen_ < session.commands.size();
    const bool reply_left = replies_seen_ < session.replies.size();
    if (!command_left && !reply_left) return;
    // A frame of the server can hold replies and release commands that waited for one of them.
    const bool command_next =
        command_left &&
        (!reply_left || session.commands[commands_seen_].reply_before <= replies_seen_);
    if (command_next) {
      on_command(static_cast<Index>(++commands_seen_));
    } else {
      on_reply(static_cast<Index>(++replies_seen_));
    }
  }
}

void Judge::note_hello(Index index) {
  const Session& session = scene_.session;
  const Reply& reply = session.reply(index);
  if (reply.command == 0 || !is_positive(reply.code)) return;
  if (is_hello(session.command(reply.command).verb)) scene_.hello = reply.command;
}

void Judge::on_command(Index command) {
  const Session& session = scene_.session;
  if (scene_.hello != 0 &&
      session.command(scene_.hello).encrypted != session.command(command).encrypted) {
    scene_.hello = 0;
  }
  tcp_.on_command(command);
  greeting_.on_command(command);
  tls_.on_command(command);
  auth_.on_command(command);
  commands_.on_command(command);
  pipeline_.on_command(command);
  latency_.on_command(command);
  message_.on_command(command);
  security_.on_command(command);
}

void Judge::on_reply(Index reply) {
  note_hello(reply);
  tcp_.on_reply(reply);
  greeting_.on_reply(reply);
  tls_.on_reply(reply);
  auth_.on_reply(reply);
  commands_.on_reply(reply);
  pipeline_.on_reply(reply);
  replies_.on_reply(reply);
  latency_.on_reply(reply);
  message_.on_reply(reply);
  security_.on_reply(reply);
  ses_.on_reply(reply);
}

}  // namespace smtp_session
