// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/conversation.h"

#include <algorithm>
#include <cstring>
#include <limits>
#include <utility>

#include "dissector/frame_index.h"
#include "dissector/proxy_parser.h"
#include "dissector/reply_codes.h"
#include "dissector/tls_hello.h"
#include "dissector/tls_text_length.h"
#include "dissector/tls_versions.h"

namespace smtp_session {

namespace {

/// "PROXY " (HAProxy's specification, section 2.1); the signature of version 2 is longer.
constexpr std::size_t kProxySign = 6;

enum class TlsStart : std::uint8_t { kNo, kPerhaps, kYes };

/// Whether `size` bytes begin like a TLS record: a content type that no SMTP text begins with, and
/// what follows it. One octet alone is not enough: a line of SMTP may begin with any.
TlsStart tls_start(const std::uint8_t* bytes, std::size_t size) {
  if (bytes[0] < static_cast<std::uint8_t>(TlsContent::kChangeCipherSpec) ||
      bytes[0] > static_cast<std::uint8_t>(TlsContent::kApplicationData)) {
    return TlsStart::kNo;
  }
  constexpr std::uint8_t kMajorVersion = 3;  // RFC 8446 section 5.1
  if (size > 1 && bytes[1] != kMajorVersion) return TlsStart::kNo;
  if (size < kTlsRecordHeader) return TlsStart::kPerhaps;
  return looks_like_tls_record(bytes, size) ? TlsStart::kYes : TlsStart::kNo;
}

}  // namespace

Conversation::Conversation(Session& session, TextPool& texts, const Config& config,
                           const IdentProbes& probes, bool mid_stream)
    : session_(session),
      texts_(texts),
      tcp_(session.tcp, *this),
      dialogue_(session, texts, mid_stream),
      opaque_(session),
      judge_(session, texts, config, probes) {
  dialogue_.set_message_sink(&judge_);
}

std::uint32_t Conversation::add(const Segment& segment, Side side,
                                const DecryptedRecords& decrypted) {
  if (tcp_.over()) return tcp_.add_late(segment, side);
  decrypted_ = decrypted;
  decrypted_at_ = 0;
  roles_ = 0;
  last_ = {segment.time, segment.frame};
  std::uint32_t roles = tcp_.add(segment, side);
  roles |= roles_ | dialogue_.take_roles();
  if (tls_) roles |= tls_->take_roles();
  decrypted_ = {};
  judge_.look(segment, side, roles);
  return roles;
}

void Conversation::finish() {
  tcp_.flush(last_);
  for (const Side side : {Side::kServer, Side::kClient}) {
    if (side == Side::kClient) end_proxy(last_);
    deliver_line_start(side);
    dialogue_.on_end(side, last_);
  }
  judge_.finish(last_);
}

Phase Conversation::phase() const {
  if (closing_) return Phase::kClose;
  if (session_.tls && !session_.tls->complete && tls_on_[index_of(Side::kClient)]) {
    return Phase::kTls;
  }
  return dialogue_.phase();
}

bool Conversation::expects_client_hello() const {
  if (session_.tls) return false;
  if (dialogue_.awaits_starttls_reply() || dialogue_.accepted_starttls() != 0) return true;
  const bool mid_stream = session_.tcp.mid_stream;
  if (session_.replies.empty()) return mid_stream && session_.commands.empty();
  // 220 is the code of the greeting too, which is the first reply where the capture has it.
  const bool may_be_greeting = session_.replies.size() == 1 && !mid_stream;
  return session_.replies.back().code == kServiceReady && !may_be_greeting;
}

void Conversation::on_bytes(Side side, const Chunk& chunk) {
  if (side == Side::kClient && !proxy_settled_) {
    if (read_proxy(chunk)) return;
  }
  if (dialogue_.phase() == Phase::kConnect) dialogue_.set_phase(Phase::kGreeting);
  route(side, chunk);
}

bool Conversation::read_proxy(const Chunk& chunk) {
  const std::size_t held = proxy_bytes_.size();
  if (held == 0) {
    // Where the capture begins inside the connection, one octet is no sign of a header.
    if (session_.tcp.mid_stream && chunk.size < kProxySign) {
      proxy_settled_ = true;
      return false;
    }
    proxy_chunk_ = chunk;
  }
  proxy_bytes_.append(reinterpret_cast<const char*>(chunk.data), chunk.size);
  ProxyHeader header;
  std::size_t consumed = 0;
  const auto* data = reinterpret_cast<const std::uint8_t*>(proxy_bytes_.data());
  ProxyParse parse = parse_proxy(data, proxy_bytes_.size(), header, consumed);
  // Perhaps it is a line of a message.
  if (parse == ProxyParse::kMalformed && session_.tcp.mid_stream) parse = ProxyParse::kNotProxy;
  if (parse == ProxyParse::kNeedMore) {
    roles_ |= kRoleProxy;
    return true;
  }
  proxy_settled_ = true;
  if (parse == ProxyParse::kNotProxy) {
    proxy_bytes_.resize(held);
    route_proxy_bytes(chunk);
    return false;
  }
  roles_ |= kRoleProxy;
  header.at = {chunk.sent.time, chunk.received.frame};
  judge_.on_proxy(parse, header, chunk.received.frame);
  if (parse == ProxyParse::kHeader) session_.proxy = std::make_unique<ProxyHeader>(header);
  dialogue_.set_phase(Phase::kProxy);
  const std::string bytes = proxy_bytes_.substr(consumed);
  proxy_bytes_.clear();
  if (!bytes.empty()) {
    Chunk rest = chunk;
    rest.data = reinterpret_cast<const std::uint8_t*>(bytes.data());
    rest.size = bytes.size();
    rest.position = chunk.position + chunk.size - bytes.size();
    route(Side::kClient, rest);
  }
  return true;
}

/// What waited for the rest of a PROXY header was none; `chunk` made it certain.
void Conversation::route_proxy_bytes(const Chunk& chunk) {
  const std::string bytes = std::exchange(proxy_bytes_, {});
  if (bytes.empty()) return;
  Chunk first = proxy_chunk_;
  first.data = reinterpret_cast<const std::uint8_t*>(bytes.data());
  first.size = bytes.size();
  first.received = chunk.received;
  route(Side::kClient, first);
}

/// The rest of what may be a PROXY header will not come, or is not in the capture.
void Conversation::end_proxy(Moment now) {
  if (proxy_settled_) return;
  proxy_settled_ = true;
  Chunk last;
  last.received = now;
  route_proxy_bytes(last);
}

void Conversation::route(Side side, const Chunk& chunk) {
  LineStart& start = line_starts_[index_of(side)];
  if (!is_tls(side) && (start.size != 0 || dialogue_.at_line_start(side))) {
    std::array<std::uint8_t, kTlsRecordHeader> bytes = start.bytes;
    const std::size_t more = std::min(chunk.size, bytes.size() - start.size);
    std::memcpy(bytes.data() + start.size, chunk.data, more);
    const std::size_t size = start.size + more;
    switch (tls_start(bytes.data(), size)) {
      case TlsStart::kPerhaps:
        if (start.size == 0) start.chunk = chunk;
        start.bytes = bytes;
        start.size = size;
        return;
      case TlsStart::kYes:
        start_tls(side);
        break;
      case TlsStart::kNo:
        break;
    }
    deliver_line_start(side);
  }
  deliver(side, chunk);
}

void Conversation::deliver(Side side, const Chunk& chunk) {
  if (is_tls(side)) {
    records_[index_of(side)].read(chunk, *this);
    return;
  }
  dialogue_.on_bytes(side, chunk, false);
  if (side == Side::kServer) read_behind_starttls();
}

void Conversation::deliver_line_start(Side side) {
  LineStart& start = line_starts_[index_of(side)];
  if (start.size == 0) return;
  Chunk chunk = start.chunk;
  chunk.data = start.bytes.data();
  chunk.size = std::exchange(start.size, 0U);
  deliver(side, chunk);
}

bool Conversation::follows_starttls() const {
  if (dialogue_.accepted_starttls() != 0 || dialogue_.awaits_starttls_reply()) return true;
  // Where the capture does not hold the command: a client that begins with TLS has said nothing
  // yet, and hears nothing in clear from a server that expects it.
  const bool said_nothing = session_.commands.empty();
  const bool heard_nothing = session_.replies.empty();
  if (!session_.tcp.mid_stream) return !said_nothing;
  return !said_nothing || !heard_nothing || !session_.implicit_tls_port;
}

void Conversation::start_tls(Side side) {
  tls_on_[index_of(side)] = true;
  if (!tls_) {
    session_.tls = std::make_unique<TlsFacts>();
    session_.tls->starttls = dialogue_.accepted_starttls();
    session_.tls->mode = follows_starttls() ? TlsMode::kStarttls : TlsMode::kImplicit;
    tls_ = std::make_unique<TlsSession>(*session_.tls, texts_, judge_);
    dialogue_.on_tls_start();
  }
}

void Conversation::read_behind_starttls() {
  for (const Dialogue::Held& held : dialogue_.take_behind_starttls()) {
    if (held.bytes.empty()) continue;
    Chunk chunk = held.chunk;
    chunk.data = reinterpret_cast<const std::uint8_t*>(held.bytes.data());
    chunk.size = held.bytes.size();
    if (is_tls(Side::kClient) || tls_start(chunk.data, chunk.size) != TlsStart::kNo) {
      route(Side::kClient, chunk);
    } else if (session_.behind_starttls.empty()) {
      // RFC 3207 section 4.2: what was sent in clear must not be taken for commands under TLS.
      constexpr std::size_t kFirstWords = 64;
      session_.behind_starttls = texts_.intern(held.bytes.substr(0, kFirstWords));
    }
  }
}

void Conversation::on_gap(Side side, std::uint64_t size, Moment now) {
  if (session_.tcp.gaps < std::numeric_limits<std::uint16_t>::max()) ++session_.tcp.gaps;
  judge_.on_gap(side, size, now);
  if (side == Side::kClient) end_proxy(now);
  deliver_line_start(side);
  if (is_tls(side)) {
    if (side == Side::kServer && dialogue_.reads_client_under_tls()) dialogue_.on_unread_gap();
    const bool read = side == Side::kClient && session_.tls->decrypted;
    // Of a message, its records that cannot be read tell.
    if (read && !dialogue_.inside_message()) dialogue_.on_gap(side, size, now);
    records_[index_of(side)].gap(size, *this);
  } else {
    dialogue_.on_gap(side, size, now);
  }
}

void Conversation::on_end(Side side, Moment now) {
  closing_ = true;
  judge_.on_close(side, false);
  if (side == Side::kClient) end_proxy(now);
  deliver_line_start(side);
  dialogue_.on_end(side, now);
}

void Conversation::on_reset(Side side, Moment now) {
  closing_ = true;
  judge_.on_close(side, true);
  end_proxy(now);
  dialogue_.on_end(Side::kServer, now);
  dialogue_.on_end(Side::kClient, now);
}

void Conversation::on_record(const TlsRecord& record) {
  const DecryptedRecord* plain = tls_->encrypts(record) ? next_plain(record) : nullptr;
  switch (tls_->add(record, plain)) {
    case TlsSession::Kind::kApplication:
      on_application_data(record, plain);
      break;
    case TlsSession::Kind::kHandshake:
    case TlsSession::Kind::kChangeCipherSpec:
      dialogue_.set_phase(Phase::kTls);
      break;
    case TlsSession::Kind::kAlert:
    case TlsSession::Kind::kTicket:
      break;
  }
}

const DecryptedRecord* Conversation::next_plain(const TlsRecord& record) {
  if (decrypted_at_ >= decrypted_.count) return nullptr;
  const DecryptedRecord& plain = decrypted_.records[decrypted_at_];
  // Not all records need be decrypted: a text of another length belongs to a later one. TLS 1.3 may
  // pad any text (RFC 8446 section 5.4).
  const TlsFacts& tls = *session_.tls;
  const TextLength fits = tls_text_length(tls.version, tls.cipher, record.length, 1);
  if (plain.size > fits.max) return nullptr;
  if (fits.exact() && tls.version <= kTls12 && plain.size != fits.max) return nullptr;
  ++decrypted_at_;
  return &plain;
}

/// Where a gap stopped the decryption of one side, the other can still be read, and says what the
/// records of this one were.
bool Conversation::add_unread(const TlsRecord& record) {
  const TlsFacts& facts = *session_.tls;
  if (record.side == Side::kServer && dialogue_.reads_client_under_tls()) {
    RawReply reply;
    reply.first = record.received;
    reply.last = record.received;
    reply.peer_acked = record.peer_acked;
    reply.bytes = record.length;
    reply.exact = record.exact;
    dialogue_.on_unread_record(reply);
    return true;
  }
  if (record.side == Side::kClient && facts.decrypted) {
    const bool inside_message = dialogue_.inside_message();
    const TextLength text = tls_text_length(facts.version, facts.cipher, record.length, 1);
    dialogue_.on_gap(Side::kClient, text.max, record.received);
    if (inside_message) return true;
  }
  return opaque_.add(record);
}

void Conversation::on_application_data(const TlsRecord& record, const DecryptedRecord* plain) {
  TlsFacts& facts = *session_.tls;
  if (plain == nullptr) {
    const bool is_text = add_unread(record);
    roles_ |= is_text ? kRoleEncryptedData : kRoleSessionTicket;
    if (is_text && facts.unread_frame == 0) {
      facts.unread_frame = record.received.frame;
      facts.read_in_unread_frame = static_cast<std::uint32_t>(decrypted_at_);
    }
    facts.undecrypted = true;
    return;
  }
  facts.decrypted = true;
  if (plain->size == 0) return;
  Chunk chunk;
  chunk.data = plain->data;
  chunk.size = plain->size;
  chunk.sent = record.sent;
  chunk.received = record.received;
  chunk.position = record.end - plain->size;
  chunk.peer_acked = record.peer_acked;
  dialogue_.on_bytes(record.side, chunk, true);
}

}  // namespace smtp_session
