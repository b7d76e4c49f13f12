// SPDX-License-Identifier: GPL-2.0-or-later
//
// The same bytes in other segments: nothing but frame numbers may change. Input: one byte, the size
// of the pieces, then a script of segments (segment_script.h) that is taken as far as all bytes
// come in order.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "dissector/engine.h"
#include "dissector/tls_hello.h"
#include "tests/fuzz/check.h"
#include "tests/fuzz/segment_script.h"

using namespace smtp_session;

namespace {

void feed_in_pieces(Engine& engine, const Segment& whole, std::uint32_t piece_size,
                    FrameNumber& frame) {
  // RFC 9293 section 3.5.3: text of a reset is no part of the stream, so it has no other segments.
  const std::uint32_t size =
      whole.has(TcpFlags::kRst) ? whole.length : std::max<std::uint32_t>(piece_size, 1);
  std::uint32_t at = 0;
  do {
    Segment piece = whole;
    piece.frame = ++frame;
    piece.length = std::min(size, whole.length - at);
    piece.captured = piece.length;
    piece.payload = whole.payload + at;
    const bool first = at == 0;
    at += piece.length;
    if (!first) {
      piece.flags &= static_cast<std::uint8_t>(~TcpFlags::kSyn);
      piece.seq = whole.seq + at - piece.length + (whole.has(TcpFlags::kSyn) ? 1U : 0U);
    }
    if (at < whole.length) {
      piece.flags &= static_cast<std::uint8_t>(~TcpFlags::kFin);
    }
    engine.feed(piece);
  } while (at < whole.length);
}

void compare(const Command& a, const Command& b) {
  FUZZ_CHECK(a.verb.view() == b.verb.view());
  FUZZ_CHECK(a.argument.view() == b.argument.view());
  FUZZ_CHECK(a.first_time == b.first_time);
  FUZZ_CHECK(a.time == b.time);
  FUZZ_CHECK(a.reply == b.reply);
  FUZZ_CHECK(a.reply_before == b.reply_before);
  FUZZ_CHECK(a.message == b.message);
  FUZZ_CHECK(a.bytes == b.bytes);
  FUZZ_CHECK(a.pipelined == b.pipelined);
  FUZZ_CHECK(a.encrypted == b.encrypted);
  FUZZ_CHECK(a.exact == b.exact);
  FUZZ_CHECK(a.opaque == b.opaque);
}

void compare(const Reply& a, const Reply& b) {
  FUZZ_CHECK(a.lines.view() == b.lines.view());
  FUZZ_CHECK(a.first_time == b.first_time);
  FUZZ_CHECK(a.time == b.time);
  FUZZ_CHECK(a.command == b.command);
  FUZZ_CHECK(a.bytes == b.bytes);
  FUZZ_CHECK(a.code == b.code);
  FUZZ_CHECK(a.kind == b.kind);
  FUZZ_CHECK(a.encrypted == b.encrypted);
  FUZZ_CHECK(a.exact == b.exact);
}

void compare(const Message& a, const Message& b) {
  FUZZ_CHECK(a.mail == b.mail);
  FUZZ_CHECK(a.data == b.data);
  FUZZ_CHECK(a.end == b.end);
  FUZZ_CHECK(a.first_time == b.first_time);
  FUZZ_CHECK(a.size == b.size);
  FUZZ_CHECK(a.has_content == b.has_content);
  FUZZ_CHECK(a.size_exact == b.size_exact);
  FUZZ_CHECK(a.reset == b.reset);
}

void compare(const AuthExchange& a, const AuthExchange& b) {
  FUZZ_CHECK(a.command == b.command);
  FUZZ_CHECK(a.mechanism.view() == b.mechanism.view());
  FUZZ_CHECK(a.user.view() == b.user.view());
  FUZZ_CHECK(a.responses.size() == b.responses.size());
  FUZZ_CHECK(a.rounds == b.rounds);
  FUZZ_CHECK(a.initial_response == b.initial_response);
  FUZZ_CHECK(a.cancelled == b.cancelled);
}

void compare(const ProxyHeader& a, const ProxyHeader& b) {
  FUZZ_CHECK(a.version == b.version);
  FUZZ_CHECK(a.local == b.local);
  FUZZ_CHECK(a.source == b.source && a.destination == b.destination);
  FUZZ_CHECK(a.at.time == b.at.time);
}

void compare(const TlsFacts& a, const TlsFacts& b) {
  FUZZ_CHECK(a.mode == b.mode);
  FUZZ_CHECK(a.starttls == b.starttls);
  FUZZ_CHECK(a.client_hello.time == b.client_hello.time);
  FUZZ_CHECK(a.server_hello.time == b.server_hello.time);
  FUZZ_CHECK(a.finished.time == b.finished.time);
  FUZZ_CHECK(a.version == b.version);
  FUZZ_CHECK(a.cipher == b.cipher);
  FUZZ_CHECK(a.sni.view() == b.sni.view());
  FUZZ_CHECK(a.alpn.view() == b.alpn.view());
  FUZZ_CHECK(a.resumed == b.resumed);
  FUZZ_CHECK(a.hello_retry == b.hello_retry);
  FUZZ_CHECK(a.complete == b.complete);
  FUZZ_CHECK(a.undecrypted == b.undecrypted);
  FUZZ_CHECK(a.alert.has_value() == b.alert.has_value());
}

template <typename List>
void compare_lists(const List& a, const List& b) {
  FUZZ_CHECK(a.size() == b.size());
  for (std::size_t i = 0; i < a.size(); ++i) compare(a[i], b[i]);
}

template <typename Pointer>
void compare_pointed(const Pointer& a, const Pointer& b) {
  FUZZ_CHECK((a == nullptr) == (b == nullptr));
  if (a != nullptr) compare(*a, *b);
}

void compare(const Session& a, const Session& b) {
  FUZZ_CHECK(a.stream == b.stream);
  FUZZ_CHECK(a.client == b.client && a.server == b.server);
  FUZZ_CHECK(a.first.time == b.first.time && a.last.time == b.last.time);
  compare_lists(a.commands, b.commands);
  compare_lists(a.replies, b.replies);
  compare_lists(a.messages, b.messages);
  compare_lists(a.auth, b.auth);
  compare_pointed(a.proxy, b.proxy);
  compare_pointed(a.tls, b.tls);
  FUZZ_CHECK(a.greeting == b.greeting);
  FUZZ_CHECK(a.lmtp == b.lmtp);
  FUZZ_CHECK(a.client_silent == b.client_silent && a.server_silent == b.server_silent);
  FUZZ_CHECK(a.behind_starttls.view() == b.behind_starttls.view());
  FUZZ_CHECK(a.desynchronised == b.desynchronised);
  FUZZ_CHECK(a.tcp.close == b.tcp.close && a.tcp.refused == b.tcp.refused);
}

/// What the engine itself marks as a guess, because a reply that decides is not in the capture, may
/// depend on the segments.
bool exact(const Session& session) {
  return !session.desynchronised &&
         std::all_of(session.commands.begin(), session.commands.end(),
                     [](const Command& command) { return command.exact; });
}

/// Follows what each side speaks, to leave out what the engine can only guess at from the bytes
/// that come together: a side that does not begin with its one SYN; in text, a byte that begins TLS
/// records (20 to 23; no text of SMTP holds one); in TLS, what is no record.
class Speech {
 public:
  bool comparable(const Segment& segment, bool from_server) {
    SideState& side = sides_[segment.stream][from_server ? 1 : 0];
    if (segment.has(TcpFlags::kSyn) == side.begun) return false;
    side.begun = true;
    if (segment.length == 0) return true;
    if (side.kind == Kind::kNone) {
      side.kind = looks_like_tls_record(segment.payload, segment.length) ? Kind::kTls : Kind::kText;
    }
    if (side.kind == Kind::kTls) return whole_records(side, segment);
    return std::none_of(segment.payload, segment.payload + segment.length,
                        [](std::uint8_t byte) { return byte >= 20 && byte <= 23; });
  }

 private:
  enum class Kind : std::uint8_t { kNone, kText, kTls };
  struct SideState {
    bool begun = false;
    Kind kind = Kind::kNone;
    std::vector<std::uint8_t> header;
    std::size_t left = 0;  ///< of the record's body
  };

  static bool whole_records(SideState& side, const Segment& segment) {
    for (std::uint32_t i = 0; i < segment.length; ++i) {
      if (side.left > 0) {
        --side.left;
        continue;
      }
      side.header.push_back(segment.payload[i]);
      if (side.header.size() < kTlsRecordHeader) continue;
      if (!looks_like_tls_record(side.header.data(), side.header.size())) return false;
      side.left = side.header[3] * std::size_t{256} + side.header[4];
      side.header.clear();
    }
    return true;
  }

  std::array<std::array<SideState, 2>, 4> sides_{};
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Script bytes(data, size);
  const std::uint8_t piece_size = bytes.byte();
  fuzz::SegmentScript script(bytes);
  Engine whole{Config{}};
  Engine pieces{Config{}};
  FrameNumber frame = 0;
  Speech speech;
  while (script.next() && script.regular()) {
    // On an odd port, and where both ports are watched, the first segment decides what is what.
    constexpr std::uint32_t kOddPort = 2;
    if (script.segment().stream >= kOddPort) continue;
    if (!speech.comparable(script.segment(), script.from_server())) break;
    whole.feed(script.segment());
    feed_in_pieces(pieces, script.segment(), piece_size, frame);
  }
  whole.finish();
  pieces.finish();
  FUZZ_CHECK(whole.sessions().size() == pieces.sessions().size());
  for (std::size_t i = 0; i < whole.sessions().size(); ++i) {
    if (exact(whole.sessions()[i])) compare(whole.sessions()[i], pieces.sessions()[i]);
  }
  return 0;
}
