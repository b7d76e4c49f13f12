// SPDX-License-Identifier: GPL-2.0-or-later
//
// The whole engine and all that reads its model. Input: one byte of options, then a script of
// segments (segment_script.h).
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "dissector/auth_identity.h"
#include "dissector/decrypt_state.h"
#include "dissector/engine.h"
#include "dissector/finding.h"
#include "dissector/metrics.h"
#include "dissector/names.h"
#include "dissector/outcome.h"
#include "dissector/report/session_json.h"
#include "dissector/report/sessions_table.h"
#include "dissector/report/story.h"
#include "dissector/text.h"
#include "dissector/transaction.h"
#include "tests/fuzz/check.h"
#include "tests/fuzz/segment_script.h"

using namespace smtp_session;

namespace {

constexpr std::uint8_t kWatchOddPort = 1;   ///< "Decode As" for stream 2
constexpr std::uint8_t kViewEachFrame = 2;  ///< read the model after each segment
constexpr std::uint8_t kIgnoreWants = 4;    ///< feed streams that were declined
constexpr std::uint8_t kRsaKey = 8;         ///< an RSA key is loaded

/// Takes any order of calls that makes a JSON document, and no other.
class CheckingWriter final : public JsonWriter {
 public:
  void begin_object() override { open('{'); }
  void end_object() override { close('{'); }
  void begin_array() override { open('['); }
  void end_array() override { close('['); }
  void key(const char* name) override {
    FUZZ_CHECK(!open_.empty() && open_.back() == '{' && !key_pending_);
    FUZZ_CHECK(*name != '\0');
    key_pending_ = true;
  }
  void string(const std::string& value) override {
    take_value();
    FUZZ_CHECK(is_valid_utf8(value));
  }
  void integer(std::int64_t value) override {
    take_value();
    FUZZ_CHECK(value != kNoTime);
  }
  void thousandths(int value) override {
    take_value();
    FUZZ_CHECK(value >= 0);
  }
  void boolean(bool /*value*/) override { take_value(); }
  void null() override { take_value(); }

  bool complete() const { return documents_ == 1 && open_.empty(); }

 private:
  void take_value() {
    if (open_.empty()) {
      ++documents_;
    } else if (open_.back() == '{') {
      FUZZ_CHECK(key_pending_);
      key_pending_ = false;
    }
  }
  void open(char kind) {
    take_value();
    open_ += kind;
  }
  void close(char kind) {
    FUZZ_CHECK(!open_.empty() && open_.back() == kind && !key_pending_);
    open_.pop_back();
  }

  std::string open_;
  bool key_pending_ = false;
  int documents_ = 0;
};

/// Text for a terminal: nothing in it may act on one.
void check_printable(const std::string& text) {
  FUZZ_CHECK(is_valid_utf8(text));
  for (const char c : text) {
    FUZZ_CHECK(c == '\n' || (static_cast<std::uint8_t>(c) >= 0x20 && c != 0x7F));
  }
}

bool within(FrameNumber frame, FrameNumber last) {
  return frame >= 1 && frame <= last;
}

void check_commands(const Session& session, FrameNumber last_frame) {
  FrameNumber before = 0;
  for (std::size_t i = 0; i < session.commands.size(); ++i) {
    const Command& command = session.commands[i];
    FUZZ_CHECK(within(command.frame, last_frame));
    FUZZ_CHECK(command.frame >= before);
    before = command.frame;
    FUZZ_CHECK(command.reply_before <= session.replies.size());
    FUZZ_CHECK(command.message <= session.messages.size());
    FUZZ_CHECK(command.reply <= session.replies.size());
    if (command.reply != 0) {
      const Reply& reply = session.reply(command.reply);
      FUZZ_CHECK(reply.command == i + 1);
      FUZZ_CHECK(reply.kind == ReplyKind::kFinal || reply.kind == ReplyKind::kRecipient);
    }
    think_time(session, command);
    idle_before(session, command);
    path_address(command.argument.view());
    path_parameters(command.argument.view());
  }
}

void check_replies(const Session& session, FrameNumber last_frame) {
  std::vector<bool> answered(session.commands.size() + 1);
  FrameNumber before = 0;
  for (std::size_t i = 0; i < session.replies.size(); ++i) {
    const Reply& reply = session.replies[i];
    FUZZ_CHECK(within(reply.frame, last_frame));
    FUZZ_CHECK(reply.frame >= before);
    before = reply.frame;
    FUZZ_CHECK(reply.command <= session.commands.size());
    const bool answers = reply.kind == ReplyKind::kFinal || reply.kind == ReplyKind::kRecipient ||
                         reply.kind == ReplyKind::kIntermediate;
    FUZZ_CHECK(answers == (reply.command != 0));
    if (reply.kind == ReplyKind::kFinal) {
      FUZZ_CHECK(!answered[reply.command]);
      answered[reply.command] = true;
      FUZZ_CHECK(session.command(reply.command).reply == i + 1);
    }
    FUZZ_CHECK(is_valid_utf8(reply.lines.view()));
    latency(session, reply);
    service_time(session, static_cast<Index>(i + 1));
    reply_text(reply);
    enhanced_code(reply_text(reply));
    server_message_id(reply_text(reply));
  }
  FUZZ_CHECK(session.greeting <= session.replies.size());
  if (session.greeting != 0) {
    FUZZ_CHECK(session.reply(session.greeting).kind == ReplyKind::kGreeting);
  }
}

void check_messages(const Session& session) {
  for (std::size_t i = 0; i < session.messages.size(); ++i) {
    const Message& message = session.messages[i];
    const auto index = static_cast<Index>(i + 1);
    for (const Index command : {message.mail, message.data, message.end}) {
      FUZZ_CHECK(command <= session.commands.size());
      if (command != 0) FUZZ_CHECK(session.command(command).message == index);
    }
    std::size_t accepted = 0;
    for (const Recipient& recipient : recipients_of(session, index)) {
      FUZZ_CHECK(recipient.command >= 1 && recipient.command <= session.commands.size());
      FUZZ_CHECK(!recipient.accepted || is_positive(recipient.code));
      accepted += recipient.accepted ? 1 : 0;
    }
    final_reply_of(session, index);
    message_accepted(session, index);
    data_transfer(session, index);
    end_of_data(session, index);
    FUZZ_CHECK(accepted <= session.commands.size());
  }
  for (const AuthExchange& auth : session.auth) {
    FUZZ_CHECK(auth.command >= 1 && auth.command <= session.commands.size());
    FUZZ_CHECK(auth.user.view().size() <= 3 * AuthIdentity::kMaxUser);
    FUZZ_CHECK(is_valid_utf8(auth.user.view()));
  }
}

void check_times(const Session& session, bool clock_goes_back) {
  const TimeNs total = duration(session);
  const TimeShare share = time_share(session);
  FUZZ_CHECK(share.network + share.server + share.client + share.tls + share.transfer == total);
  if (!clock_goes_back) {
    FUZZ_CHECK(total >= 0);
    FUZZ_CHECK(share.network >= 0 && share.server >= 0 && share.client >= 0 && share.tls >= 0 &&
               share.transfer >= 0);
  }
  rtt_server(session);
  rtt_client(session);
  handshake(session);
  greeting_delay(session);
  client_start(session);
  tls_handshake(session);
  FUZZ_CHECK(name_of(capture_point(session)) != nullptr);
  FUZZ_CHECK(slowest_command(session) <= session.commands.size());
}

void check_findings(const Session& session, FrameNumber last_frame) {
  for (const Finding& finding : session.findings) {
    FUZZ_CHECK(static_cast<std::size_t>(finding.id) < kFindingCount);
    FUZZ_CHECK(finding.frame <= last_frame);
    FUZZ_CHECK(finding.command <= session.commands.size());
    FUZZ_CHECK(finding.reply <= session.replies.size());
    FUZZ_CHECK(!finding_text(session, finding).empty());
    finding_advice(session, finding);
    FUZZ_CHECK(name_of(finding.severity) != nullptr);
  }
}

void check_session(const Session& session, FrameNumber last_frame, bool clock_goes_back) {
  FUZZ_CHECK(within(session.first.frame, last_frame) && within(session.last.frame, last_frame));
  FUZZ_CHECK(session.first.frame <= session.last.frame);
  check_commands(session, last_frame);
  check_replies(session, last_frame);
  check_messages(session);
  check_times(session, clock_goes_back);
  check_findings(session, last_frame);
  if (session.tls != nullptr) FUZZ_CHECK(session.tls->starttls <= session.commands.size());
  FUZZ_CHECK(name_of(outcome_of(session)) != nullptr);
  is_complete(session);
  FUZZ_CHECK(name_of(decrypt_state(session)) != nullptr);
}

void check_reports(const Session& session) {
  check_printable(story(session, {}));
  check_printable(session_row(session));
  CheckingWriter writer;
  write_json(session, writer, "1:AAAAAAAAAAAAAAAAAAAAAAAAAAA=");
  FUZZ_CHECK(writer.complete());
}

/// The records of one frame; returns how many there are.
std::size_t check_frame(const Engine& engine, FrameNumber frame) {
  for (std::size_t nth = 0;; ++nth) {
    const std::optional<FrameRecord> record = engine.frames().find(frame, nth);
    if (!record) return nth;
    FUZZ_CHECK(record->frame == frame && record->session < engine.sessions().size());
    const Session& session = engine.sessions()[record->session];
    FUZZ_CHECK(frame >= session.first.frame && frame <= session.last.frame);
    FUZZ_CHECK(name_of(record->phase_at()) != nullptr);
    FUZZ_CHECK(is_valid_utf8(role_names(session, *record)));
  }
}

void check_engine(const Engine& engine, FrameNumber last_frame, bool clock_goes_back) {
  for (const Session& session : engine.sessions()) {
    check_session(session, last_frame, clock_goes_back);
    check_reports(session);
  }
  std::size_t records = 0;
  for (FrameNumber frame = 1; frame <= last_frame; ++frame) records += check_frame(engine, frame);
  FUZZ_CHECK(records == engine.frames().size());
}

std::size_t count_all(const Engine& engine) {
  std::size_t total = 0;
  for (const Session& session : engine.sessions()) {
    total += session.commands.size() + session.replies.size() + session.messages.size() +
             session.findings.size();
  }
  return total;
}

void view_frame(const Engine& engine, FrameNumber frame, bool clock_went_back) {
  if (check_frame(engine, frame) == 0) return;
  const Session& session = engine.sessions()[engine.frames().find(frame)->session];
  check_session(session, frame, clock_went_back);
  // They cost the most and read what is checked above: now and then is enough.
  constexpr FrameNumber kReportEach = 8;
  if (frame % kReportEach == 0) check_reports(session);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Script bytes(data, size);
  const std::uint8_t options = bytes.byte();
  fuzz::SegmentScript script(bytes);
  Config config;
  config.rsa_key_loaded = (options & kRsaKey) != 0;
  Engine engine(config);
  if ((options & kWatchOddPort) != 0) engine.watch(2);

  while (script.next()) {
    const Segment& segment = script.segment();
    if (!engine.wants(segment.stream) && (options & kIgnoreWants) == 0) continue;
    engine.wants_decrypted(segment.stream);
    engine.expects_client_hello(segment.stream, segment.destination.port);
    engine.feed(segment, script.decrypted());
    if ((options & kViewEachFrame) != 0) {
      view_frame(engine, segment.frame, script.clock_went_back());
    }
  }
  engine.finish();
  check_engine(engine, script.segment().frame, script.clock_went_back());
  const std::size_t total = count_all(engine);
  engine.finish();
  FUZZ_CHECK(count_all(engine) == total);
  return 0;
}
