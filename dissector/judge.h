// SPDX-License-Identifier: GPL-2.0-or-later
//
// Raises findings while the session goes on. It belongs to the live connection, tells each judge
// what happened, and goes with it. A finding is raised at the frame that shows it, in the first
// pass, so that one pass and any later one agree.
//
// After each frame, in this order: the commands and replies that it completed, in the order in
// which they follow from each other; then the frame itself; then the end of a side.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "dissector/ident_probes.h"
#include "dissector/judge_auth.h"
#include "dissector/judge_commands.h"
#include "dissector/judge_greeting.h"
#include "dissector/judge_latency.h"
#include "dissector/judge_message.h"
#include "dissector/judge_pipeline.h"
#include "dissector/judge_replies.h"
#include "dissector/judge_security.h"
#include "dissector/judge_ses.h"
#include "dissector/judge_tcp.h"
#include "dissector/judge_tls.h"
#include "dissector/message_part.h"
#include "dissector/proxy_parser.h"
#include "dissector/scene.h"
#include "dissector/segment.h"
#include "dissector/tls_observer.h"

namespace smtp_session {

class Judge final : public MessageSink, public TlsObserver {
 public:
  Judge(Session& session, TextPool& texts, const Config& config, const IdentProbes& probes);
  Judge(const Judge&) = delete;
  Judge& operator=(const Judge&) = delete;

  /// Also to be given the bytes of messages; none by default.
  void set_content_sink(ContentSink* sink) { content_sink_ = sink; }

  // While the frame is being read.
  void on_proxy(ProxyParse parse, const ProxyHeader& header, FrameNumber frame);
  void on_gap(Side side, std::uint64_t size, Moment now);
  void on_close(Side side, bool reset);
  void on_icmp_error(const IcmpError& error, Side side);
  void on_message_bytes(const MessagePart& part) override;
  void on_flawed_line(const LineFlaws& flaws) override;
  void on_flawed_reply(const ReplyFlaws& flaws, std::uint16_t code, FrameNumber frame) override;
  void on_unfinished_reply(const UnfinishedReply& reply) override;
  void on_client_hello(const ClientHello& hello, FrameNumber frame) override;
  void on_certificate(std::string_view der, Moment received) override;

  /// The frame has been read.
  void look(const Segment& segment, Side side, std::uint32_t roles);

  /// No more frames will come. Idempotent.
  void finish(Moment last);

 private:
  void look_at_events();
  void on_command(Index command);
  void on_reply(Index reply);
  void note_hello(Index reply);

  struct Close {
    Side side = Side::kClient;
    bool reset = false;
  };

  Scene scene_;
  JudgeTcp tcp_;
  JudgeGreeting greeting_;
  JudgeTls tls_;
  JudgeAuth auth_;
  JudgeCommands commands_;
  JudgePipeline pipeline_;
  JudgeReplies replies_;
  JudgeLatency latency_;
  JudgeMessage message_;
  JudgeSecurity security_;
  JudgeSes ses_;

  std::size_t commands_seen_ = 0;
  std::size_t replies_seen_ = 0;
  Close closes_[2];
  std::size_t close_count_ = 0;
  bool finished_ = false;
  ContentSink* content_sink_ = nullptr;
};

}  // namespace smtp_session
