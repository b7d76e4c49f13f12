// SPDX-License-Identifier: GPL-2.0-or-later
//
// What the client sends: command lines, AUTH responses, message text, chunks.
#include <algorithm>
#include <limits>
#include <utility>

#include "dissector/ascii.h"
#include "dissector/command_line.h"
#include "dissector/dialogue.h"
#include "dissector/frame_index.h"
#include "dissector/verbs.h"

namespace smtp_session {

namespace {

/// Bytes of a command line that are kept. RFC 4954 section 4 allows AUTH 12288 octets, more than
/// any other line.
constexpr std::size_t kMaxLine = 12288;

/// Client bytes that wait for one reply at the most. A client that sends more does not wait: DATA
/// is then taken as accepted.
constexpr std::size_t kMaxHeld = std::size_t{1} << 20U;

/// Room for the commands of one message, EHLO to QUIT. What is left is given back at the end.
constexpr std::size_t kUsualCommands = 8;

std::string_view view_of(const Chunk& chunk) {
  return {reinterpret_cast<const char*>(chunk.data), chunk.size};
}

std::uint32_t saturate(std::uint64_t value) {
  return static_cast<std::uint32_t>(
      std::min<std::uint64_t>(value, std::numeric_limits<std::uint32_t>::max()));
}

LineFlaws flaws_of(std::string_view line, Index command, bool bare_lf) {
  LineFlaws flaws;
  flaws.command = command;
  flaws.bare_lf = bare_lf;
  for (const char c : line) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '\r') {
      flaws.bare_cr = true;
    } else if ((byte < 0x20U && c != '\t') || byte == 0x7FU) {
      flaws.control = true;
    } else if (byte > 0x7FU) {
      flaws.eight_bit = true;
    }
  }
  return flaws;
}

bool is_base64(std::string_view text) {
  constexpr std::size_t kShortest = 4;
  return text.size() >= kShortest && std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
                  c == '+' || c == '/' || c == '=';
         });
}

}  // namespace

void Dialogue::read_client(Chunk chunk, bool encrypted) {
  while (chunk.size > 0) {
    const std::size_t used = read_some(chunk, encrypted);
    chunk.data += used;
    chunk.size -= used;
    chunk.position += used;
    if (barrier_ != 0 && chunk.size > 0) {
      hold(chunk, encrypted);
      return;
    }
  }
}

std::size_t Dialogue::read_some(const Chunk& chunk, bool encrypted) {
  switch (mode_) {
    case Mode::kCommand:
      return read_line(chunk, encrypted);
    case Mode::kAuthResponse:
      return read_auth_response(chunk);
    case Mode::kData:
      return read_data(chunk, encrypted);
    case Mode::kChunk:
      return read_chunk(chunk);
    case Mode::kMidStream:
    case Mode::kAfterGap:
      return read_unsynchronised(chunk, encrypted);
  }
  return chunk.size;
}

void Dialogue::hold(const Chunk& chunk, bool encrypted) {
  held_.push_back({std::string(view_of(chunk)), 0, chunk, encrypted});
  held_bytes_ += chunk.size;
  if (held_bytes_ > kMaxHeld) {
    lose_barrier_reply();
    release(chunk.received);
  }
}

void Dialogue::release(Moment now) {
  while (!held_.empty() && barrier_ == 0) {
    const Held held = std::move(held_.front());
    held_.pop_front();
    held_bytes_ -= held.bytes.size();
    if (held.gap > 0) {
      lose_client_bytes(held.gap);
      continue;
    }
    // What completes here became known with this frame; when it was sent does not change.
    Chunk chunk = held.chunk;
    chunk.data = reinterpret_cast<const std::uint8_t*>(held.bytes.data());
    chunk.size = held.bytes.size();
    chunk.received = now;
    while (chunk.size > 0 && barrier_ == 0) {
      const std::size_t used = read_some(chunk, held.encrypted);
      chunk.data += used;
      chunk.size -= used;
      chunk.position += used;
    }
    if (chunk.size > 0) {
      held_.push_front({std::string(view_of(chunk)), 0, chunk, held.encrypted});
      held_bytes_ += chunk.size;
    }
  }
}

void Dialogue::lose_barrier_reply() {
  undecided_ = barrier_;
  barrier_ = 0;
  session_.command(undecided_).exact = false;
  while (!pending_.empty() && (pending_.front().lost || pending_.front().command < undecided_)) {
    if (pending_.front().command != 0) session_.command(pending_.front().command).exact = false;
    pending_.pop_front();
  }
  // Of AUTH a challenge may be lost, and its final reply still to come.
  const bool is_auth = !session_.auth.empty() && session_.auth.back().command == undecided_;
  if (!is_auth && !pending_.empty() && pending_.front().command == undecided_) pending_.pop_front();
}

void Dialogue::lose_client_bytes(std::uint64_t size) {
  session_.desynchronised = true;
  if (mode_ == Mode::kData) {
    dots_.skip(size);
    data_exact_ = false;
    if (message_ != 0) session_.message(message_).size_exact = false;
    return;
  }
  if (mode_ == Mode::kChunk) {
    const std::uint64_t inside = std::min(size, chunk_left_);
    chunk_left_ -= inside;
    size -= inside;
    if (chunk_command_) chunk_command_->exact = false;
    if (message_ != 0) {
      session_.message(message_).size += inside;
      session_.message(message_).size_exact = false;
    }
    if (chunk_left_ == 0) end_chunk(data_received_);
    if (size == 0) return;
  }
  drop_line();
  undecided_ = 0;
  if (mode_ == Mode::kMidStream) {
    dots_.skip(size);
    first_line_ = true;
  } else {
    mode_ = Mode::kAfterGap;
  }
  if (pending_.empty() || !pending_.back().lost) pending_.push_back({0, 0, true});
}

// Lines.

void Dialogue::begin_line(const Chunk& chunk) {
  if (server_gap_ && mode_ != Mode::kAuthResponse) lose_pending_replies();
  line_first_ = chunk.sent;
  line_reply_before_ = last_reply_;
  const bool awaited = std::any_of(pending_.begin(), pending_.end(),
                                   [](const Pending& pending) { return !pending.lost; });
  line_pipelined_ =
      awaited || (last_reply_ != 0 && session_.reply(last_reply_).time > chunk.sent.time);
}

void Dialogue::drop_line() {
  line_.clear();
  line_bytes_ = 0;
}

std::size_t Dialogue::take_line(const Chunk& chunk, bool& complete) {
  if (line_bytes_ == 0) begin_line(chunk);
  const std::string_view bytes = view_of(chunk);
  const auto end = bytes.find('\n');
  complete = end != std::string_view::npos;
  const std::string_view part = complete ? bytes.substr(0, end + 1) : bytes;
  line_.append(part.substr(0, kMaxLine - std::min(kMaxLine, line_.size())));
  line_bytes_ += part.size();
  line_end_ = chunk.position + part.size();
  if (complete) {
    const std::size_t size = line_.size();
    line_bare_lf_ = size == line_bytes_ && (size < 2 || line_[size - 2] != '\r');
    while (!line_.empty() && (line_.back() == '\n' || line_.back() == '\r')) line_.pop_back();
  }
  return part.size();
}

std::size_t Dialogue::read_line(const Chunk& chunk, bool encrypted) {
  if (undecided_ != 0 && line_bytes_ == 0) {
    // The reply that decides how to read on is not in the capture; the client knew it.
    const bool is_data = session_.command(undecided_).verb == "DATA";
    if (begins_with_command(view_of(chunk)) || session_.command(undecided_).verb == "STARTTLS") {
      if (!pending_.empty() && pending_.front().command == undecided_) pending_.pop_front();
      undecided_ = 0;
    } else if (is_data) {
      undecided_ = 0;
      begin_data();
      return 0;
    } else {
      mode_ = Mode::kAuthResponse;
      return 0;
    }
  }
  bool complete = false;
  const std::size_t used = take_line(chunk, complete);
  if (complete) {
    on_command_line(chunk, used, encrypted);
  } else {
    roles_ |= kRoleCommandPart;
  }
  return used;
}

std::size_t Dialogue::read_auth_response(const Chunk& chunk) {
  bool complete = false;
  const std::size_t used = take_line(chunk, complete);
  roles_ |= kRoleAuthResponse;
  if (!complete) return used;
  // RFC 4954 section 4: "*" cancels; anything else answers the challenge and may be a secret.
  if (!session_.auth.empty()) {
    AuthExchange& exchange = session_.auth.back();
    exchange.responses.push_back({chunk.sent.time, chunk.received.frame});
    if (line_ == "*") {
      exchange.cancelled = true;
    } else if (auth_identity_) {
      auth_identity_->client_line(line_);
      if (exchange.user.empty()) exchange.user = texts_.intern(auth_identity_->user());
    }
    if (!pending_.empty() && pending_.front().command == exchange.command) {
      pending_.front().end = chunk.position + used;
      barrier_ = exchange.command;
      undecided_ = 0;
    }
  }
  std::fill(line_.begin(), line_.end(), '\0');
  drop_line();
  mode_ = Mode::kCommand;
  return used;
}

void Dialogue::on_command_line(const Chunk& chunk, std::size_t used, bool encrypted) {
  const CommandLine parsed = parse_command_line(line_);
  Command command;
  command.first_time = line_first_.time;
  command.time = chunk.sent.time;
  command.frame = chunk.received.frame;
  command.reply_before = line_reply_before_;
  command.bytes = saturate(line_bytes_);
  command.pipelined = line_pipelined_;
  command.encrypted = encrypted;
  command.exact = !server_gap_;
  const auto index = static_cast<Index>(session_.commands.size() + 1);
  // After a refused AUTH some clients go on with the lines of the exchange all the same.
  const bool secret =
      auth_seen_ && parsed.argument.empty() && is_base64(line_) && !is_known_verb(parsed.verb);
  if (secret) {
    command.verb = texts_.intern("[REDACTED]");
  } else {
    command.verb = texts_.intern(parsed.verb);
    command.argument = is_auth(command.verb)
                           ? texts_.intern(parsed.argument.substr(0, find_blank(parsed.argument)))
                           : texts_.intern(parsed.argument);
  }
  const Text verb = command.verb;
  if (message_sink_ != nullptr) {
    const LineFlaws flaws = flaws_of(line_, index, line_bare_lf_);
    if (flaws.any()) message_sink_->on_flawed_line(flaws);
  }
  end_message_at(verb);
  if (verb == "MAIL" && !message_open_) begin_message(index);
  assign_message(command);

  pending_.push_back({index, chunk.position + used, false});
  if (verb == "BDAT") {
    begin_chunk(command, parsed.argument);
    if (chunk_command_ && chunk_left_ == 0) end_chunk(chunk.received);
  } else {
    if (session_.commands.empty()) session_.commands.reserve(kUsualCommands);
    session_.commands.push_back(command);
    begin_command(verb, index, parsed.argument);
  }
  drop_line();
}

void Dialogue::begin_command(Text verb, Index index, std::string_view argument) {
  if (verb == "LHLO") session_.lmtp = true;
  if (is_auth(verb)) {
    begin_auth(index, argument);
  } else if (verb == "DATA") {
    if (message_ != 0) session_.message(message_).data = index;
    barrier_ = index;
    phase_ = Phase::kData;
  } else if (verb == "STARTTLS") {
    starttls_ = index;
    barrier_ = index;
    phase_ = Phase::kStarttls;
  } else if (is_hello(verb)) {
    phase_ = Phase::kHello;
  } else if (verb == "MAIL" || verb == "RCPT") {
    phase_ = Phase::kEnvelope;
  } else if (verb == "QUIT") {
    phase_ = Phase::kQuit;
  } else {
    phase_ = Phase::kIdle;
  }
}

void Dialogue::begin_auth(Index index, std::string_view argument) {
  phase_ = Phase::kAuth;
  auth_seen_ = true;
  const auto blank = find_blank(argument);
  const std::string mechanism = to_upper(argument.substr(0, blank));
  auth_identity_ = std::make_unique<AuthIdentity>(mechanism);
  AuthExchange exchange;
  exchange.command = index;
  exchange.mechanism = texts_.intern(mechanism);
  const CommandLine initial = parse_command_line(argument.substr(blank));
  if (!initial.verb.empty()) {
    exchange.initial_response = true;
    // Not initial.verb, which is in upper case: base64 is case-sensitive.
    const std::string_view response = argument.substr(argument.find_first_not_of(" \t", blank));
    auth_identity_->client_line(response.substr(0, find_blank(response)));
    exchange.user = texts_.intern(auth_identity_->user());
  }
  session_.auth.push_back(exchange);
  barrier_ = index;
}

// Transactions.

void Dialogue::begin_message(Index mail) {
  Message message;
  message.mail = mail;
  session_.messages.push_back(message);
  message_ = static_cast<Index>(session_.messages.size());
  message_open_ = true;
  recipient_replies_ = 0;
  prdr_ = false;
}

void Dialogue::end_message_at(Text verb) {
  // RFC 5321 sections 4.1.4 and 4.1.1.5: these give up the transaction in progress.
  if (verb != "RSET" && verb != "EHLO" && verb != "HELO" && verb != "LHLO" && verb != "STARTTLS" &&
      verb != "QUIT") {
    return;
  }
  if (message_open_ && message_ != 0) session_.message(message_).reset = true;
  message_open_ = false;
  message_ = 0;
}

void Dialogue::assign_message(Command& command) {
  const Text verb = command.verb;
  if (verb != "MAIL" && verb != "RCPT" && verb != "DATA" && verb != "BDAT") return;
  // The MAIL of a transaction may lie before the capture, or in a gap.
  if (message_ == 0 && verb != "MAIL" && (session_.tcp.mid_stream || session_.desynchronised)) {
    begin_message(0);
  }
  command.message = message_;
}

// Message text.

void Dialogue::begin_data() {
  mode_ = Mode::kData;
  dots_ = DotScanner{};
  data_started_ = false;
  data_exact_ = true;
  phase_ = Phase::kData;
  if (message_ == 0) begin_message(0);
}

std::size_t Dialogue::read_data(const Chunk& chunk, bool encrypted) {
  if (!data_started_) {
    data_started_ = true;
    begin_line(chunk);
    data_first_ = chunk.sent;
    data_reply_before_ = line_reply_before_;
    data_pipelined_ = line_pipelined_;
    Message& message = session_.message(message_);
    message.first_time = chunk.sent.time;
    message.first_frame = chunk.sent.frame;
    message.has_content = true;
  }
  const std::size_t used = dots_.scan(view_of(chunk));
  tell_message(chunk, used, false);
  session_.message(message_).size = dots_.size();
  data_last_ = chunk.sent;
  data_received_ = chunk.received;
  // The frame that holds nothing but the end mark has no message data.
  if (!dots_.done() || used > 3) roles_ |= kRoleMessageData;
  if (dots_.done()) end_data(chunk.received, chunk.position + used, encrypted);
  return used;
}

void Dialogue::tell_message(const Chunk& chunk, std::size_t size, bool is_chunk) {
  if (message_sink_ == nullptr) return;
  message_sink_->on_message_bytes(
      {view_of(chunk).substr(0, size), chunk.sent, chunk.received, message_, is_chunk});
}

void Dialogue::end_data(Moment received, std::uint64_t end, bool encrypted) {
  if (!dots_.done()) dots_.accept_end();
  Message& message = session_.message(message_);
  message.size = dots_.size();
  Command command;
  command.verb = texts_.intern(".");
  command.frame = received.frame;
  if (data_started_) {
    command.first_time = data_first_.time;
    command.time = data_last_.time;
    command.reply_before = data_reply_before_;
  } else {
    // All of it is lost: it came behind what the server said last, which is a bound.
    command.first_time = last_reply_ != 0 ? session_.reply(last_reply_).time : received.time;
    command.time = command.first_time;
  }
  command.message = message_;
  command.bytes = saturate(dots_.wire_size());
  command.pipelined = data_started_ && data_pipelined_;
  command.encrypted = encrypted;
  command.exact = data_exact_;
  session_.commands.push_back(command);
  message.end = static_cast<Index>(session_.commands.size());
  pending_.push_back({message.end, end, false});
  recipient_replies_ = 0;
  message_open_ = false;
  message_ = 0;
  mode_ = Mode::kCommand;
  phase_ = Phase::kData;
}

void Dialogue::begin_chunk(const Command& command, std::string_view argument) {
  const ChunkSize size = parse_chunk_size(argument);
  phase_ = Phase::kData;
  if (!size.valid) {  // no chunk follows that could be told from commands
    session_.commands.push_back(command);
    return;
  }
  chunk_command_ = command;
  chunk_left_ = size.size;
  chunk_last_ = size.last;
  data_started_ = false;
  if (message_ == 0) begin_message(0);
  chunk_command_->message = message_;
  mode_ = Mode::kChunk;
}

std::size_t Dialogue::read_chunk(const Chunk& chunk) {
  const auto used = static_cast<std::size_t>(std::min<std::uint64_t>(chunk.size, chunk_left_));
  Message& message = session_.message(message_);
  if (!message.has_content) {
    message.has_content = true;
    message.first_time = chunk.sent.time;
    message.first_frame = chunk.sent.frame;
  }
  tell_message(chunk, used, true);
  message.size += used;
  chunk_left_ -= used;
  if (chunk_command_) {
    chunk_command_->time = chunk.sent.time;
    chunk_command_->bytes = saturate(std::uint64_t{chunk_command_->bytes} + used);
  }
  data_received_ = chunk.received;
  roles_ |= kRoleMessageData;
  if (chunk_left_ == 0) end_chunk(chunk.received);
  return used;
}

void Dialogue::add_chunk_command() {
  session_.commands.push_back(*chunk_command_);
  chunk_command_.reset();
  const auto index = static_cast<Index>(session_.commands.size());
  const Index message = session_.command(index).message;
  if (message != 0 && session_.message(message).data == 0) session_.message(message).data = index;
}

void Dialogue::end_chunk(Moment received) {
  mode_ = Mode::kCommand;
  if (chunk_command_) {
    if (received.known()) chunk_command_->frame = received.frame;
    add_chunk_command();
  }
  if (!chunk_last_ || message_ == 0) return;
  Message& message = session_.message(message_);
  message.end = static_cast<Index>(session_.commands.size());
  message_open_ = false;
  recipient_replies_ = 0;
  message_ = 0;
}

// Where the state is not known.

std::size_t Dialogue::read_unsynchronised(const Chunk& chunk, bool encrypted) {
  if (mode_ == Mode::kAfterGap) {
    // The rest of a line whose beginning is missing, or lines of a message: each may be a command.
    bool complete = false;
    const std::size_t used = take_line(chunk, complete);
    if (!complete) return used;
    end_unsynchronised_line(chunk, used, encrypted);
    return used;
  }
  // Mode::kMidStream. The first line may be a command. If it is none, what follows is perhaps the
  // text of a message: its end can be told, and a reply will follow it.
  if (begins_with_command(view_of(chunk)) && line_bytes_ == 0) {
    mode_ = Mode::kCommand;
    return read_line(chunk, encrypted);
  }
  if (!data_started_) {
    data_started_ = true;
    data_exact_ = false;
    dots_ = DotScanner{};
    dots_.skip(0);
    data_first_ = chunk.sent;
    first_line_ = true;
  }
  std::string_view bytes = view_of(chunk);
  if (first_line_) {
    bool complete = false;
    bytes = bytes.substr(0, take_line(chunk, complete));
    if (complete) {
      first_line_ = false;
      if (end_unsynchronised_line(chunk, bytes.size(), encrypted)) return bytes.size();
    }
  }
  const std::size_t used = dots_.scan(bytes);
  data_last_ = chunk.sent;
  data_received_ = chunk.received;
  if (dots_.done()) {
    begin_message(0);
    Message& message = session_.message(message_);
    message.has_content = true;
    message.size_exact = false;
    message.first_time = data_first_.time;
    message.first_frame = data_first_.frame;
    end_data(chunk.received, chunk.position + used, encrypted);
  }
  roles_ |= kRoleMessageData;
  return used;
}

/// `line_` is whole; true where it is a command.
bool Dialogue::end_unsynchronised_line(const Chunk& chunk, std::size_t used, bool encrypted) {
  if (begins_with_command(line_)) {
    mode_ = Mode::kCommand;
    data_started_ = false;
    on_command_line(chunk, used, encrypted);
    return true;
  }
  drop_line();
  return false;
}

}  // namespace smtp_session
