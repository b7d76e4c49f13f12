// SPDX-License-Identifier: GPL-2.0-or-later
//
// The SMTP dialogue: what the client asks, what the server answers, which reply belongs to which
// command, and where message text begins and ends (RFC 5321; RFC 2920 pipelining; RFC 3030 chunks;
// RFC 4954 AUTH; RFC 2033 LMTP). It reads clear bytes in order, decrypted or never encrypted, and
// writes the session's commands, replies, messages and AUTH exchanges.
//
// Replies are matched to commands by order. To the greeting and to end of data belong commands of
// their own, so that every reply has one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "dissector/auth_identity.h"
#include "dissector/byte_stream.h"
#include "dissector/dot_scanner.h"
#include "dissector/message_part.h"
#include "dissector/queue.h"
#include "dissector/reply_reader.h"
#include "dissector/session.h"
#include "dissector/text.h"

namespace smtp_session {

class Dialogue {
 public:
  /// Client bytes that wait for a reply, or a gap among them.
  struct Held {
    std::string bytes;
    std::uint64_t gap = 0;
    Chunk chunk;  ///< its data and size are those of `bytes`
    bool encrypted = false;
  };

  /// `mid_stream`: the capture begins inside the connection.
  Dialogue(Session& session, TextPool& texts, bool mid_stream);

  /// Who is told of the bytes of messages.
  void set_message_sink(MessageSink* sink) { message_sink_ = sink; }

  /// Reads clear bytes of `side`.
  void on_bytes(Side side, const Chunk& chunk, bool encrypted);

  /// `size` bytes of `side` are missing.
  void on_gap(Side side, std::uint64_t size, Moment now);

  /// A record of the server could not be read, though the client's were: it answers what the client
  /// asked, or goes on with the reply before. `record` has no code and no lines.
  void on_unread_record(const RawReply& record);

  /// Bytes of the server under TLS are missing: those of a reply, where no record of it comes.
  void on_unread_gap();

  /// The client's last command was read under TLS.
  bool reads_client_under_tls() const;

  /// The client's next bytes belong to a message.
  bool inside_message() const { return mode_ == Mode::kData || mode_ == Mode::kChunk; }

  /// TLS has begun: what follows STARTTLS is known to be no clear text. With implicit TLS the
  /// greeting comes inside.
  void on_tls_start();

  /// `side` will send no more bytes.
  void on_end(Side side, Moment now);

  /// Bytes of `side` would begin a line: a TLS record can begin here.
  bool at_line_start(Side side) const;

  /// The client's bytes wait for the reply to STARTTLS.
  bool awaits_starttls_reply() const { return barrier_ != 0 && starttls_ == barrier_; }

  /// The STARTTLS command that the server accepted, 0 if none.
  Index accepted_starttls() const { return accepted_starttls_; }

  /// What the client sent behind STARTTLS before the server accepted it; empties it.
  Queue<Held> take_behind_starttls();

  Phase phase() const { return phase_; }
  void set_phase(Phase phase) { phase_ = phase; }

  /// The roles of the bytes read since the last call (see frame_index.h).
  std::uint32_t take_roles();

  /// Greeting or command is awaited from the server.
  bool outstanding() const { return !pending_.empty(); }

 private:
  /// How the client's next bytes are to be read.
  enum class Mode : std::uint8_t {
    kCommand,       ///< lines, each a command
    kAuthResponse,  ///< one line that answers a 334
    kData,          ///< message text up to <CRLF>.<CRLF>
    kChunk,         ///< a counted run of message bytes (BDAT)
    kMidStream,     ///< the capture begins here: perhaps inside a message
    kAfterGap,      ///< bytes are missing: nothing is read until a command can be told for sure
  };

  struct Pending {
    Index command = 0;  ///< 0: the greeting
    std::uint64_t end = 0;
    bool lost = false;  ///< stands for commands that fell into a gap
  };

  // Client.
  void read_client(Chunk chunk, bool encrypted);
  std::size_t read_some(const Chunk& chunk, bool encrypted);
  std::size_t read_auth_response(const Chunk& chunk);
  std::size_t read_line(const Chunk& chunk, bool encrypted);
  std::size_t read_data(const Chunk& chunk, bool encrypted);
  std::size_t read_chunk(const Chunk& chunk);
  std::size_t read_unsynchronised(const Chunk& chunk, bool encrypted);
  bool end_unsynchronised_line(const Chunk& chunk, std::size_t used, bool encrypted);
  std::size_t take_line(const Chunk& chunk, bool& complete);
  void begin_line(const Chunk& chunk);
  void drop_line();
  void on_command_line(const Chunk& chunk, std::size_t used, bool encrypted);
  void begin_command(Text verb, Index index, std::string_view argument);
  void begin_auth(Index index, std::string_view argument);
  void begin_chunk(const Command& command, std::string_view argument);
  void end_chunk(Moment received);
  void add_chunk_command();
  void begin_data();
  void end_data(Moment received, std::uint64_t end, bool encrypted);
  void lose_client_bytes(std::uint64_t size);
  void assign_message(Command& command);
  Index open_message();
  void begin_message(Index mail);
  void end_message_at(Text verb);
  void hold(const Chunk& chunk, bool encrypted);
  void release(Moment now);
  void lose_barrier_reply();

  // Server.
  bool greeting_can_break_off() const;
  void on_reply(const RawReply& raw, bool encrypted);
  Index add_reply(const RawReply& raw, ReplyKind kind, Index command, bool encrypted);
  void answer(Index command, const RawReply& raw, bool encrypted);
  void answer_auth(Index command, const RawReply& raw, bool encrypted);
  bool answer_recipient(Index command, const RawReply& raw, bool encrypted);
  void skip_lost(const RawReply& raw);
  bool fits(const Pending& pending, std::uint16_t code) const;
  std::size_t recipients_accepted(Index message) const;
  void after_answer(const Command& command, const RawReply& raw);
  void lose_pending_replies();
  bool end_data_by_reply(const RawReply& raw, bool encrypted);
  void on_unmatched(const RawReply& raw, bool encrypted);
  bool answer_unread_command(const RawReply& raw, bool encrypted);
  bool complete_unread_reply(const RawReply& raw);
  bool answer_lost_recipient(const RawReply& raw, bool encrypted);
  void follow_prompt(std::uint16_t code);

  void tell_message(const Chunk& chunk, std::size_t size, bool is_chunk);

  Session& session_;
  TextPool& texts_;
  MessageSink* message_sink_ = nullptr;

  Mode mode_ = Mode::kCommand;
  std::string line_;
  std::uint64_t line_bytes_ = 0;
  std::uint64_t line_end_ = 0;  ///< position behind the bytes of it read so far
  Moment line_first_;
  Index line_reply_before_ = 0;
  bool line_pipelined_ = false;
  bool line_bare_lf_ = false;

  DotScanner dots_;
  bool data_started_ = false;
  bool data_exact_ = true;
  Moment data_first_;
  Moment data_last_;
  Moment data_received_;
  Index data_reply_before_ = 0;
  bool data_pipelined_ = false;
  bool first_line_ = false;  ///< of a capture that begins inside the connection

  std::optional<Command> chunk_command_;  ///< BDAT, until its chunk is complete
  std::uint64_t chunk_left_ = 0;
  bool chunk_last_ = false;

  Queue<Pending> pending_;
  Index barrier_ = 0;  ///< the command whose reply decides how the next bytes are read
  Queue<Held> held_;
  std::size_t held_bytes_ = 0;
  Index unread_barrier_ = 0;  ///< `barrier_`, while its reply may lie in a gap under TLS
  Index undecided_ = 0;  ///< the reply to this command is lost; the next bytes tell what it was
  Index starttls_ = 0;
  Index accepted_starttls_ = 0;
  Queue<Held> behind_starttls_;

  Index message_ = 0;  ///< the transaction that RCPT, DATA and end of data belong to
  bool message_open_ = false;

  std::unique_ptr<AuthIdentity> auth_identity_;
  bool auth_seen_ = false;
  std::size_t recipient_replies_ = 0;  ///< of LMTP or PRDR, to the end of data being answered
  bool prdr_ = false;

  ReplyReader replies_;
  Index last_reply_ = 0;  ///< the last complete reply
  bool server_gap_ = false;
  /// The last reply, to a command before the capture: what it says of the client's first bytes.
  std::uint16_t unseen_prompt_ = 0;

  Phase phase_ = Phase::kConnect;
  std::uint32_t roles_ = 0;
};

}  // namespace smtp_session
