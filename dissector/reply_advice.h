// SPDX-License-Identifier: GPL-2.0-or-later
//
// What to do about a reply of 4xx or 5xx, from its codes and words: the table of
// packaging/reply_advice.tsv, which says what its columns mean, and the rows that a user puts
// before it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "dissector/finding.h"

namespace smtp_session {

/// What is known of a reply and of who gave it.
struct ReplyQuery {
  std::uint16_t code = 0;
  std::string_view enhanced;  ///< "x.y.z", empty where there is none
  std::string_view words;     ///< all lines in one, without codes
  std::string_view server;    ///< how the server names itself
};

struct AdviceRow {
  /// The codes, each as a range; a class is "400 to 499".
  struct Codes {
    std::uint16_t first = 0;
    std::uint16_t last = 0;
  };
  enum class Enhanced : std::uint8_t { kAny, kNone, kPattern };

  std::vector<Codes> codes;
  Enhanced enhanced = Enhanced::kAny;
  char enhanced_class = '*';  ///< '*': any
  std::uint16_t enhanced_subject = 0;
  std::uint16_t enhanced_first = 0;  ///< the detail, as a range
  std::uint16_t enhanced_last = 0;
  std::vector<std::string> server;  ///< lower case; empty: any
  bool server_excluded = false;     ///< none of them may be there
  std::vector<std::string> words;   ///< lower case, in this order; empty: any
  bool at_begin = false;
  bool at_end = false;
  bool names_finding = false;
  FindingId finding{};
  std::string advice;

  bool fits(const ReplyQuery& query) const;
};

/// A line that could not be read, and why.
struct AdviceError {
  std::size_t line = 0;  ///< from 1
  std::string what;
};

class ReplyAdvice {
 public:
  /// The built-in table alone.
  ReplyAdvice();

  /// The rows of `text` before those of the built-in table. A bad line is left out and told in
  /// `errors`; all others count.
  ReplyAdvice(std::string_view text, std::vector<AdviceError>& errors);

  /// One table for all that need no user's rows.
  static const ReplyAdvice& built_in();

  /// The first row that fits, or nullptr.
  const AdviceRow* find(const ReplyQuery& query) const;
  /// The first row that fits and names a finding, or nullptr.
  const AdviceRow* find_finding(const ReplyQuery& query) const;

  const std::vector<AdviceRow>& rows() const { return rows_; }

 private:
  void add(std::string_view text, std::vector<AdviceError>& errors);

  std::vector<AdviceRow> rows_;
};

/// The built-in advice for codes alone; nullptr where the table knows neither.
const char* reply_advice(std::uint16_t code, std::string_view enhanced);

/// The text of packaging/reply_advice.tsv.
extern const char* const kBuiltInReplyAdvice;

}  // namespace smtp_session
