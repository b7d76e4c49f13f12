// SPDX-License-Identifier: GPL-2.0-or-later
#include "plugin/packet_source.h"

#include <epan/dissectors/packet-tcp.h>
#include <epan/exceptions.h>
#include <epan/ipproto.h>
#include <epan/packet.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <memory>
#include <optional>

#include "plugin/capture.h"
#include "plugin/decrypted_records.h"
#include "plugin/frame_view.h"
#include "plugin/icmp_error.h"
#include "plugin/message_export.h"
#include "plugin/protocol.h"
#include "plugin/tls_handover.h"
#include "plugin/ws_compat.h"

namespace smtp_session::ws {
namespace {

/// RFC 9293 section 3.1.
constexpr unsigned kPortsSize = 4;
constexpr unsigned kMinHeaderSize = 20;
/// Up to the checksum: a frame that was cut in the urgent pointer still tells all that is read
/// here.
constexpr unsigned kNeededHeaderSize = 18;

constexpr std::int64_t kNanosecondsPerSecond = 1000000000;

/// One run of TCP's dissector; there are several in a frame where a tunnel carries TCP in TCP.
/// Trivially destructible, for Wireshark's exceptions jump over it.
struct TcpCall {
  TcpCall* outer = nullptr;
  Endpoint source;
  Endpoint destination;
  std::uint32_t stream = ConnectionTable::kNone;  ///< known before the call
  std::uint32_t count_before = 0;                 ///< of streams
  std::uint32_t count_own = 0;  ///< when a tunnelled connection began, which counts its own
  DataSourceRange sources;
  bool nested = false;
  bool quoted = false;  ///< inside an ICMP error
  bool forced = false;  ///< "Decode As"
};

dissector_handle_t own_handle = nullptr;
dissector_handle_t tcp_handle = nullptr;
TcpCall* current_call = nullptr;

std::uint16_t get16(const std::uint8_t* bytes) {
  return static_cast<std::uint16_t>((bytes[0] << 8U) | bytes[1]);
}

std::uint32_t get32(const std::uint8_t* bytes) {
  return (static_cast<std::uint32_t>(get16(bytes)) << 16U) | get16(bytes + 2);
}

bool set_address(const address& from, Address& to) {
  const int size = from.type == AT_IPv4 ? 4 : from.type == AT_IPv6 ? 16 : 0;
  if (size == 0 || from.len != size) return false;
  to.family = from.type == AT_IPv4 ? 4 : 6;
  std::memcpy(to.bytes.data(), from.data, static_cast<std::size_t>(size));
  return true;
}

/// Notes who talks to whom as the IP layer says: TCP's own payload may change it.
bool begin_call(TcpCall& call, tvbuff_t* tvb, const packet_info* pinfo) {
  if (tvb_captured_length(tvb) < kPortsSize) return false;
  if (!set_address(pinfo->src, call.source.address)) return false;
  if (!set_address(pinfo->dst, call.destination.address)) return false;
  const std::uint8_t* ports = tvb_get_ptr(tvb, 0, kPortsSize);
  call.source.port = get16(ports);
  call.destination.port = get16(ports + 2);
  call.quoted = pinfo->flags.in_error_pkt != 0;
  return true;
}

/// Before TCP in the first pass.
void note_counts(TcpCall& call, const Capture& state, const packet_info* pinfo) {
  call.stream = state.connections.find(call.source, call.destination);
  call.count_before = get_tcp_stream_count();
  if (call.stream != ConnectionTable::kNone && state.engine.wants_decrypted(call.stream)) {
    call.sources.first = count_data_sources(pinfo);
  }
}

/// True where the segment begins with a ClientHello: a handshake record of a TLS version, and its
/// first message's type (RFC 8446 sections 5.1 and 4).
bool begins_with_client_hello(tvbuff_t* tvb) {
  constexpr unsigned kOffsetPosition = 12;
  constexpr unsigned kRead = 6;
  const unsigned captured = tvb_captured_length(tvb);
  if (captured < kMinHeaderSize + kRead) return false;
  const std::uint8_t* bytes = tvb_get_ptr(tvb, 0, static_cast<int>(captured));
  const unsigned offset = static_cast<unsigned>(bytes[kOffsetPosition] >> 4U) * 4;
  if (captured < offset + kRead) return false;
  return bytes[offset] == 22 && bytes[offset + 1] == 3 && bytes[offset + 5] == 1;
}

/// Before TCP in the first pass. Where Wireshark would read the session's TLS as SMTP text, the
/// stock output gets better by this: it shows TLS, and the mail where the keys are there.
void settle_tls(const TcpCall& call, const Capture& state, tvbuff_t* tvb, packet_info* pinfo) {
  if (call.quoted || !begins_with_client_hello(tvb)) return;
  if (!state.engine.expects_client_hello(call.stream, call.destination.port)) return;
  hand_over_to_tls(pinfo, call.source, call.destination);
}

/// Before a tunnelled segment: what follows is not of the connection around it.
void note_nested(TcpCall* outer, const packet_info* pinfo) {
  if (outer == nullptr || outer->nested) return;
  outer->nested = true;
  outer->count_own = get_tcp_stream_count();
  outer->sources.skip_from = count_data_sources(pinfo);
}

/// After TCP in the first pass: the stream that Wireshark put the segment in. It made a new one
/// exactly if their number grew; a reused port shows in no other way.
std::uint32_t settle_stream(TcpCall& call, Capture& state) {
  const std::uint32_t count_after = call.nested ? call.count_own : get_tcp_stream_count();
  if (count_after > call.count_before) {
    call.stream = call.count_before;
    state.connections.set(call.source, call.destination, call.stream);
  }
  return call.stream;
}

TimeNs time_of(const packet_info* pinfo) {
  return static_cast<TimeNs>(pinfo->abs_ts.secs) * kNanosecondsPerSecond +
         static_cast<TimeNs>(pinfo->abs_ts.nsecs);
}

/// The TCP header and payload as a segment; false where they are cut short or do not fit.
bool read_segment(tvbuff_t* tvb, const packet_info* pinfo, void* ip_header, const TcpCall& call,
                  Segment& segment) {
  const unsigned captured = tvb_captured_length(tvb);
  const unsigned reported = tvb_reported_length(tvb);
  if (captured < kNeededHeaderSize) return false;
  const std::uint8_t* bytes = tvb_get_ptr(tvb, 0, static_cast<int>(captured));
  const unsigned offset = static_cast<unsigned>(bytes[12] >> 4U) * 4;
  if (offset < kMinHeaderSize || offset > reported) return false;

  segment.frame = pinfo->num;
  segment.time = time_of(pinfo);
  segment.stream = call.stream;
  segment.source = call.source;
  segment.destination = call.destination;
  segment.seq = get32(bytes + 4);
  segment.ack = get32(bytes + 8);
  segment.flags = bytes[13];
  segment.window = get16(bytes + 14);
  segment.checksum = get16(bytes + 16);
  const ws_ip4* ip = WS_IP4_PTR(ip_header);
  segment.ip_id = ip == nullptr ? std::uint16_t{0} : ip->ip_id;
  segment.length = reported - offset;
  segment.captured = captured <= offset ? 0 : std::min(captured - offset, segment.length);
  segment.payload = segment.captured == 0 ? nullptr : bytes + offset;
  return true;
}

/// In the first pass, for a segment that an ICMP error quotes.
void feed_icmp_error(const TcpCall& call, Capture& state, tvbuff_t* tvb, const packet_info* pinfo) {
  if (call.stream == ConnectionTable::kNone || !state.engine.wants(call.stream)) return;
  IcmpError error;
  if (!read_icmp_error(tvb, call.source.address.family == 6, error)) return;
  error.frame = pinfo->num;
  error.time = time_of(pinfo);
  error.stream = call.stream;
  error.source = call.source;
  state.engine.icmp_error(error);
}

/// In the first pass. False where the segment is none of the engine's: there is nothing to show or
/// to export then. `record` is what the engine made of it, none while it is not known to be SMTP.
bool feed_engine(TcpCall& call, Capture& state, tvbuff_t* tvb, packet_info* pinfo, void* ip_header,
                 std::optional<FrameRecord>& record) {
  const std::uint32_t stream = settle_stream(call, state);
  if (call.quoted) {
    feed_icmp_error(call, state, tvb, pinfo);
    return false;
  }
  if (stream == ConnectionTable::kNone) return false;
  if (call.forced) state.engine.watch(stream);
  if (!state.engine.wants(stream)) return false;
  Segment segment;
  if (!read_segment(tvb, pinfo, ip_header, call, segment)) return false;
  DecryptedRecords records;
  if (state.engine.wants_decrypted(stream)) records = decrypted_records(pinfo, call.sources);
  record = state.engine.feed(segment, records);
  return true;
}

/// In later passes. The frame's record for this TCP segment: a frame may hold records of several
/// connections.
std::optional<FrameRecord> find_record(const Capture& state, const TcpCall& call,
                                       FrameNumber frame) {
  const FrameIndex& frames = state.engine.frames();
  for (std::size_t nth = 0;; ++nth) {
    const std::optional<FrameRecord> record = frames.find(frame, nth);
    if (!record) return record;
    const Session& session = state.engine.sessions()[record->session];
    const bool from_server = record->sender() == Side::kServer;
    if (call.source == (from_server ? session.server : session.client) &&
        call.destination == (from_server ? session.client : session.server)) {
      return record;
    }
  }
}

/// In every pass: the text of messages is read anew for each export. `record` is null in the first
/// pass where it is not known yet that this is SMTP.
void feed_export(TcpCall& call, Capture& state, tvbuff_t* tvb, packet_info* pinfo, void* ip_header,
                 const FrameRecord* record) {
  if (!exports_messages()) {
    state.replay.reset();
    return;
  }
  if (!state.replay || state.replay->is_past(pinfo->num)) {
    state.replay = std::make_unique<MessageReplay>(state.engine.config());
  }
  const Session* session = record == nullptr ? nullptr : &state.engine.sessions()[record->session];
  if (session != nullptr) call.stream = session->stream;  // later passes do not settle it
  Segment segment;
  if (!read_segment(tvb, pinfo, ip_header, call, segment)) return;
  DecryptedRecords records;
  if (state.replay->wants_decrypted(call.stream)) records = decrypted_records(pinfo, call.sources);
  const bool watch = call.forced || pinfo->fd->visited != 0;
  const auto finished = state.replay->feed(segment, records, watch);
  if (session != nullptr) export_messages(*session, finished, pinfo);
}

/// Everything of this plugin's own; no C++ exception leaves it.
void end_call(TcpCall& call, tvbuff_t* tvb, packet_info* pinfo, proto_tree* tree,
              void* ip_header) noexcept {
  try {
    Capture* state = capture();
    if (state == nullptr) return;
    if (call.outer != nullptr) call.outer->sources.skip_to = count_data_sources(pinfo);
    std::optional<FrameRecord> record;
    if (pinfo->fd->visited == 0) {
      if (!feed_engine(call, *state, tvb, pinfo, ip_header, record)) return;
    } else {
      if (call.quoted) return;
      record = find_record(*state, call, pinfo->num);
      if (!record) return;
    }
    feed_export(call, *state, tvb, pinfo, ip_header, record ? &*record : nullptr);
    if (!record) return;
    show_frame(state->engine.sessions()[record->session], *record, pinfo, tvb, tree);
  } catch (...) {
    give_up("reading a TCP segment");
  }
}

int call_tcp(tvbuff_t* tvb, packet_info* pinfo, proto_tree* tree, void* data) {
  return call_dissector_only(tcp_handle, tvb, pinfo, tree, data);
}

int dissect_ip_payload(tvbuff_t* tvb, packet_info* pinfo, proto_tree* tree, void* data) {
  note_nested(current_call, pinfo);
  TcpCall call;
  const Capture* state = capture();
  if (state == nullptr || !protocol_enabled() || !begin_call(call, tvb, pinfo)) {
    return call_tcp(tvb, pinfo, tree, data);
  }
  call.outer = current_call;
  if (pinfo->fd->visited == 0) {
    note_counts(call, *state, pinfo);
    settle_tls(call, *state, tvb, pinfo);
  } else if (exports_messages()) {
    call.sources.first = count_data_sources(pinfo);
  }

  current_call = &call;
  volatile int result = 0;
  TRY {
    result = call_tcp(tvb, pinfo, tree, data);
  }
  CATCH_ALL {
    // A malformed payload or a short frame ends TCP this way; the segment is there all the same.
    current_call = call.outer;
    end_call(call, tvb, pinfo, tree, data);
    RETHROW;
  }
  ENDTRY;
  current_call = call.outer;
  end_call(call, tvb, pinfo, tree, data);
  return result;
}

}  // namespace

void register_packet_source() {
  // In name only, and TCP's: it adds no layer to the frame, and follows TCP when that is disabled.
  const int protocol = proto_register_protocol_in_name_only(
      "TCP watched for SMTP sessions", "TCP watched for SMTP sessions", "smtp_session_tcp",
      proto_get_id_by_filter_name("tcp"), FT_PROTOCOL);
  own_handle = create_dissector_handle(dissect_ip_payload, protocol);
}

void hand_off_packet_source() {
  tcp_handle = find_dissector("tcp");
  if (tcp_handle != nullptr) dissector_add_uint("ip.proto", IP_PROTO_TCP, own_handle);
  hand_off_tls_handover();
}

void take_current_for_smtp() {
  if (current_call != nullptr) current_call->forced = true;
}

}  // namespace smtp_session::ws
