// SPDX-License-Identifier: GPL-2.0-or-later
#include "plugin/session_stream.h"

#include <epan/tap.h>
#include <wsutil/report_message.h>

#include <cstdint>
#include <cstdio>
#include <deque>
#include <utility>
#include <vector>

#include "plugin/capture.h"
#include "plugin/taps.h"

namespace smtp_session::ws {
namespace {

/// How long the acknowledgement of the last FIN is waited for. Longer than most round trips; a
/// later one changes no more than the frame with which the session ends.
constexpr TimeNs kLinger = 1'000'000'000;

TimeNs time_of(const packet_info* pinfo) {
  return static_cast<TimeNs>(pinfo->abs_ts.secs) * 1'000'000'000 + pinfo->abs_ts.nsecs;
}

/// What is known of the sessions of a capture. Two taps tell it: one that the display filter
/// narrows selects sessions, one that sees every frame knows when they end. Either may come last.
class SessionStream {
 public:
  explicit SessionStream(std::unique_ptr<SessionReport> report) : report_(std::move(report)) {}

  void reset() {
    states_.clear();
    ending_.clear();
  }

  void select(std::uint32_t id) {
    State& state = state_of(id);
    state.selected = true;
    if (state.progress == Progress::kEnded) write(id);
  }

  void look(const TapFrame& tapped, const Session& session, TimeNs now) {
    while (!ending_.empty() && now - ending_.front().since >= kLinger) {
      end(ending_.front().session);
      ending_.pop_front();
    }
    const FrameNumber over = session.tcp.over_frame;
    // In the second pass of two, the end is known before its frame comes.
    if (over == 0 || tapped.record.frame < over) return;
    State& state = state_of(session.id);
    if (state.progress == Progress::kOpen) {
      state.progress = Progress::kEnding;
      if (session.tcp.first_rst.frame == over) {
        end(session.id);
      } else {
        ending_.push_back({session.id, now});
      }
    } else if (tapped.record.frame > over && (tapped.record.roles & kRoleDuplicate) == 0) {
      (tapped.record.from_server != 0 ? state.server_was_last : state.client_was_last) = true;
      const bool both = state.server_was_last && state.client_was_last;
      if (both || !session.tcp.fins_crossed) end(session.id);
    }
  }

  void finish() {
    Capture* const state = capture();
    if (state == nullptr) return;
    state->engine.finish();
    for (const Session& session : state->engine.sessions()) {
      if (session.id >= states_.size()) break;
      if (states_[session.id].selected) write(session.id);
    }
  }

 private:
  enum class Progress : std::uint8_t { kOpen, kEnding, kEnded, kWritten };
  struct State {
    bool selected = false;
    bool client_was_last = false;  ///< it sent a segment after the FINs of both sides
    bool server_was_last = false;
    Progress progress = Progress::kOpen;
  };
  struct Ending {
    std::uint32_t session = 0;
    TimeNs since = 0;
  };

  State& state_of(std::uint32_t id) {
    if (id >= states_.size()) states_.resize(std::size_t{id} + 1);
    return states_[id];
  }

  void end(std::uint32_t id) {
    State& state = state_of(id);
    if (state.progress != Progress::kEnding) return;
    state.progress = Progress::kEnded;
    if (state.selected) write(id);
  }

  void write(std::uint32_t id) {
    State& state = state_of(id);
    if (state.progress == Progress::kWritten) return;
    const Capture* const open = capture();
    if (open == nullptr) return;
    state.progress = Progress::kWritten;
    report_->print({&open->engine.sessions()[id]});
    std::fflush(stdout);
  }

  std::unique_ptr<SessionReport> report_;
  std::vector<State> states_;  ///< by the session's number
  std::deque<Ending> ending_;  ///< in order of time
};

using SharedStream = std::shared_ptr<SessionStream>;

/// What a tap holds is a pointer to its share of the stream.
SessionStream& stream_of(void* data) {
  return **static_cast<SharedStream*>(data);
}

void reset(void* data) {
  stream_of(data).reset();
}

tap_packet_status select_session(void* data, packet_info* /*pinfo*/, epan_dissect_t* /*edt*/,
                                 const void* tapped, tap_flags_t /*flags*/) {
  try {
    stream_of(data).select(static_cast<const TapFrame*>(tapped)->session);
    return TAP_PACKET_DONT_REDRAW;
  } catch (...) {
    report_failure("SMTP Session Analysis: out of memory while selecting sessions");
    return TAP_PACKET_FAILED;
  }
}

tap_packet_status look_at_frame(void* data, packet_info* pinfo, epan_dissect_t* /*edt*/,
                                const void* tapped, tap_flags_t /*flags*/) {
  try {
    const auto& frame = *static_cast<const TapFrame*>(tapped);
    const Capture* const state = capture();
    if (state == nullptr) return TAP_PACKET_DONT_REDRAW;
    stream_of(data).look(frame, state->engine.sessions()[frame.session], time_of(pinfo));
    return TAP_PACKET_DONT_REDRAW;
  } catch (...) {
    report_failure("SMTP Session Analysis: out of memory while writing a session");
    return TAP_PACKET_FAILED;
  }
}

void finish_capture(void* data) {
  try {
    stream_of(data).finish();
  } catch (...) {
    give_up("printing a report");
  }
}

void drop_share(void* data) {
  delete static_cast<SharedStream*>(data);
}

}  // namespace

bool listen_for_ends(std::unique_ptr<SessionReport> report, const char* filter) {
  const auto stream = std::make_shared<SessionStream>(std::move(report));
  const TapCallbacks selecting = {reset, select_session, nullptr, drop_share};
  const TapCallbacks looking = {reset, look_at_frame, finish_capture, drop_share};
  return add_tap_listener(std::make_unique<SharedStream>(stream), filter, selecting) &&
         add_tap_listener(std::make_unique<SharedStream>(stream), nullptr, looking);
}

}  // namespace smtp_session::ws
