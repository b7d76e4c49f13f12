// SPDX-License-Identifier: GPL-2.0-or-later
//
// One line of the client, taken apart (RFC 5321 section 4.1.1).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "dissector/ascii.h"

namespace smtp_session {

struct CommandLine {
  std::string verb;           ///< upper case
  std::string_view argument;  ///< without the blanks around it
};

/// `line` without its line end.
CommandLine parse_command_line(std::string_view line);

/// True for a verb of RFC 5321, of a registered service extension, or in common private use.
bool is_known_verb(std::string_view upper_verb);

/// True when `bytes` begin with a line that can hardly be anything but a command: a known verb in
/// its exact form. For places where the state is not known (the capture begins, or a gap ends);
/// the text of a message must not be taken for a command.
bool begins_with_command(std::string_view bytes);

/// True when `bytes` begin with EHLO, HELO or LHLO and an argument.
bool begins_with_hello(std::string_view bytes);

/// The size and the LAST of "BDAT 100 LAST" (RFC 3030 section 2).
struct ChunkSize {
  bool valid = false;
  std::uint64_t size = 0;
  bool last = false;
};
ChunkSize parse_chunk_size(std::string_view argument);

}  // namespace smtp_session
