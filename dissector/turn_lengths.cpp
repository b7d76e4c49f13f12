// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/turn_lengths.h"

#include <algorithm>
#include <string_view>

#include "dissector/command_line.h"

namespace smtp_session {

namespace {

enum class Form : std::uint8_t {
  kExactly,  ///< `a` octets
  kAround,   ///< rises from `a` to `b`, the same up to `c`, falls to `d`
  kBase64,  ///< the same, but only lengths that are `a` and a multiple of four (RFC 4648 section 4)
  kContent,  ///< a message: from tens of octets to many megabytes
};

/// A share of the texts and how long these are.
struct Part {
  double share;
  Form form;
  std::uint32_t a = 0, b = 0, c = 0, d = 0;
};

template <std::size_t kCount>
using Parts = std::array<Part, kCount>;

// -- Requests, with their line ends -----------------------------------------------------------

constexpr Parts<1> kFourLetters{{{1, Form::kExactly, 6}}};  // QUIT, DATA, RSET, NOOP

/// "EHLO " and a name of 5 to 50 octets.
constexpr Parts<1> kHelloLine{{{1, Form::kAround, 9, 17, 36, 90}}};

/// "MAIL FROM:<>" and line end are 14 octets (a bounce); then an address of 10 to 50 octets and the
/// parameters SIZE, BODY, SMTPUTF8, RET, ENVID, AUTH, in any combination.
constexpr Parts<4> kMailLine{{{0.05, Form::kExactly, 14},
                              {0.65, Form::kAround, 18, 30, 52, 78},
                              {0.25, Form::kAround, 35, 50, 75, 110},
                              {0.05, Form::kAround, 40, 60, 200, 600}}};

/// "RCPT TO:<>" and line end are 12 octets; rarely with NOTIFY and ORCPT.
constexpr Parts<2> kRcptLine{
    {{0.92, Form::kAround, 15, 25, 46, 76}, {0.08, Form::kAround, 35, 60, 110, 500}}};

/// The mechanism alone: LOGIN or PLAIN, CRAM-MD5, XOAUTH2 and others (RFC 4616, RFC 2195); or LOGIN
/// with the name of the user, in Base64.
constexpr Parts<4> kAuthPromptedLine{{{0.72, Form::kExactly, 12},
                                      {0.15, Form::kExactly, 15},
                                      {0.05, Form::kAround, 13, 14, 22, 26},
                                      {0.08, Form::kBase64, 17, 21, 45, 90}}};

/// "AUTH PLAIN " with two names and a password in Base64, or a token of XOAUTH2 or OAUTHBEARER.
constexpr Parts<4> kAuthLine{{{0.80, Form::kBase64, 25, 37, 77, 150},
                              {0.08, Form::kBase64, 151, 400, 2000, 6000},
                              {0.10, Form::kAround, 27, 40, 80, 150},
                              {0.02, Form::kExactly, 17}}};

/// A response in Base64 and a line end; "*" cancels (RFC 4954 section 4).
constexpr Parts<4> kResponseLine{{{0.84, Form::kBase64, 6, 10, 38, 90},
                                  {0.12, Form::kBase64, 26, 50, 90, 150},
                                  {0.03, Form::kBase64, 150, 400, 2000, 6000},
                                  {0.01, Form::kExactly, 3}}};

constexpr Parts<1> kOtherLine{{{1, Form::kAround, 6, 8, 30, 120}}};
constexpr Parts<1> kContentText{{{1, Form::kContent}}};
constexpr Parts<1> kMailRcptLines{{{1, Form::kAround, 35, 60, 140, 700}}};
constexpr Parts<1> kMailRcptDataLines{{{1, Form::kAround, 41, 66, 150, 900}}};
constexpr Parts<1> kRcptDataLines{{{1, Form::kAround, 21, 32, 80, 700}}};

// -- Replies ----------------------------------------------------------------------------------
//
// The exact lengths are those of texts that many servers share ("250 OK", "250 2.1.0 Ok",
// "354 End data with <CR><LF>.<CR><LF>", "221 2.0.0 Bye"); most servers have words of their own.

constexpr Parts<1> kHelloReply{{{1, Form::kAround, 12, 90, 280, 600}}};
constexpr Parts<4> kMailReply{{{0.25, Form::kExactly, 14},
                               {0.20, Form::kExactly, 8},
                               {0.40, Form::kAround, 7, 12, 40, 70},
                               {0.15, Form::kAround, 40, 50, 70, 110}}};
constexpr Parts<4> kRcptReply{{{0.27, Form::kExactly, 14},
                               {0.16, Form::kExactly, 8},
                               {0.42, Form::kAround, 7, 12, 45, 75},
                               {0.15, Form::kAround, 40, 50, 70, 110}}};
constexpr Parts<1> kRefusal{{{1, Form::kAround, 14, 34, 90, 400}}};
constexpr Parts<4> kDataReply{{{0.33, Form::kExactly, 37},
                               {0.10, Form::kExactly, 56},
                               {0.42, Form::kAround, 10, 30, 60, 75},
                               {0.15, Form::kAround, 8, 12, 22, 40}}};
constexpr Parts<2> kMessageReply{
    {{0.85, Form::kAround, 7, 24, 70, 220}, {0.15, Form::kAround, 14, 34, 90, 400}}};
constexpr Parts<2> kChunkReply{
    {{0.7, Form::kAround, 7, 14, 36, 70}, {0.3, Form::kAround, 14, 34, 90, 300}}};
constexpr Parts<4> kResetReply{{{0.33, Form::kExactly, 14},
                                {0.15, Form::kExactly, 8},
                                {0.44, Form::kAround, 7, 12, 36, 70},
                                {0.08, Form::kAround, 40, 50, 70, 110}}};
constexpr Parts<4> kNoopReply{{{0.42, Form::kExactly, 14},
                               {0.22, Form::kExactly, 8},
                               {0.28, Form::kAround, 7, 10, 34, 70},
                               {0.08, Form::kAround, 40, 50, 70, 110}}};
constexpr Parts<1> kOtherReply{{{1, Form::kAround, 8, 14, 70, 400}}};
constexpr Parts<3> kQuitReply{
    {{0.30, Form::kExactly, 15}, {0.10, Form::kExactly, 9}, {0.60, Form::kAround, 7, 16, 55, 100}}};
constexpr Parts<3> kAuthReply{
    {{0.30, Form::kExactly, 37}, {0.08, Form::kExactly, 30}, {0.62, Form::kAround, 8, 18, 44, 80}}};
/// "334 " with "Username:" or "Password:" in Base64 (12 octets), with nothing (PLAIN), or with the
/// challenge of CRAM-MD5.
constexpr Parts<4> kPrompt{{{0.74, Form::kExactly, 18},
                            {0.07, Form::kExactly, 6},
                            {0.02, Form::kExactly, 5},
                            {0.17, Form::kBase64, 22, 34, 74, 140}}};
constexpr Parts<2> kMailRcptReply{
    {{0.75, Form::kAround, 15, 24, 60, 140}, {0.25, Form::kAround, 60, 90, 150, 500}}};
constexpr Parts<1> kMailRcptDataReply{{{1, Form::kAround, 22, 44, 150, 500}}};
constexpr Parts<1> kRcptDataReply{{{1, Form::kAround, 16, 34, 110, 400}}};
constexpr Parts<1> kGroupRefusal{{{1, Form::kAround, 40, 90, 220, 600}}};
constexpr Parts<1> kMessageQuitReply{{{1, Form::kAround, 20, 42, 110, 300}}};

// -- Sums -------------------------------------------------------------------------------------

/// What no table foresees: any length, with little weight.
constexpr double kOddShare = 0.004;
constexpr Part kOdd{1, Form::kAround, 2, 3, 100, 1000};
constexpr double kLeast = 1e-9;

/// Shares in 1000 of messages whose length is 2^n to 2^(n+1) octets, n from 2.
constexpr std::uint32_t kContentShares[] = {1,   2,  4,  10, 35, 75, 110, 130, 140, 130,
                                            100, 80, 60, 40, 30, 20, 13,  8,   5,   3,
                                            2,   1,  1,  0,  0,  0,  0,   0,   0,   0};
constexpr std::uint32_t kContentFirst = 2;

double content_density(std::uint32_t length) {
  std::uint32_t power = 0;
  while (length >> (power + 1) != 0) ++power;
  if (power < kContentFirst) return 0;
  const std::uint32_t share = kContentShares[power - kContentFirst];
  return share / 1000.0 / static_cast<double>(std::uint64_t{1} << power);
}

/// The trapezoid of `part` at `length`, as a share of its area.
double around_density(const Part& part, std::uint32_t length) {
  if (length < part.a || length > part.d) return 0;
  const double area = (part.b - part.a) / 2.0 + (part.c - part.b) + (part.d - part.c) / 2.0 + 1;
  if (length < part.b)
    return (length - part.a + 1) / static_cast<double>(part.b - part.a + 1) / area;
  if (length > part.c)
    return (part.d - length + 1) / static_cast<double>(part.d - part.c + 1) / area;
  return 1 / area;
}

double density(const Part& part, std::uint32_t length) {
  switch (part.form) {
    case Form::kExactly:
      return length == part.a ? 1 : 0;
    case Form::kAround:
      return around_density(part, length);
    case Form::kBase64:
      return length % 4 == part.a % 4 ? 4 * around_density(part, length) : 0;
    case Form::kContent:
      return content_density(length);
  }
  return 0;
}

double mass(const Part& part, TextLength range) {
  if (part.form == Form::kExactly) return range.min <= part.a && part.a <= range.max ? 1 : 0;
  std::uint32_t first = range.min;
  std::uint32_t last = range.max;
  if (part.form != Form::kContent) {
    first = std::max(first, part.a);
    last = std::min(last, part.d);
  }
  if (first > last) return 0;
  // Long texts of many padded records: the density changes little from one length to the next.
  constexpr std::uint32_t kMostSamples = 256;
  const std::uint32_t step = (last - first) / kMostSamples + 1;
  double sum = 0;
  for (std::uint64_t length = first; length <= last; length += step) {
    sum += density(part, static_cast<std::uint32_t>(length)) * step;
  }
  return sum;
}

template <std::size_t kCount>
double mass(const Parts<kCount>& parts, TextLength range) {
  double sum = 0;
  for (const Part& part : parts) sum += part.share * mass(part, range);
  return (1 - kOddShare) * sum + kOddShare * mass(kOdd, range) + kLeast;
}

double hello_request(TextLength range, const ClearPart& clear) {
  const double usual = mass(kHelloLine, range);
  if (clear.hello == 0) return usual;
  // The client says the same name again.
  const bool same = range.min <= clear.hello && clear.hello <= range.max;
  return (same ? 0.98 : 0.0) + 0.02 * usual;
}

double hello_reply(TextLength range, const ClearPart& clear) {
  const double usual = mass(kHelloReply, range);
  if (clear.hello_reply == 0) return usual;
  // The same extensions without STARTTLS, or AUTH added ("250-AUTH ", mechanisms, line end).
  const std::uint32_t base = clear.hello_reply;
  const Part auth{1, Form::kAround, base + 12, base + 16, base + 40, base + 90};
  const bool same = range.min <= base && base <= range.max;
  return (same ? 0.50 : 0.0) + 0.42 * mass(auth, range) + 0.08 * usual;
}

double request_mass(TurnState state, TextLength range, const ClearPart& clear) {
  switch (state) {
    case TurnState::kHello:
      return hello_request(range, clear);
    case TurnState::kAuthPrompted:
      return mass(kAuthPromptedLine, range);
    case TurnState::kAuthAccepted:
    case TurnState::kAuthRefused:
      return mass(kAuthLine, range);
    case TurnState::kResponsePrompted:
    case TurnState::kResponseAccepted:
    case TurnState::kResponseRefused:
      return mass(kResponseLine, range);
    case TurnState::kMailAccepted:
    case TurnState::kMailRefused:
      return mass(kMailLine, range);
    case TurnState::kRcptAccepted:
    case TurnState::kRcptRefused:
    case TurnState::kRcptRefusedOther:
      return mass(kRcptLine, range);
    case TurnState::kDataAccepted:
    case TurnState::kDataRefused:
    case TurnState::kRset:
    case TurnState::kNoop:
    case TurnState::kQuit:
      return mass(kFourLetters, range);
    case TurnState::kMessage:
    case TurnState::kBdat:
    case TurnState::kBdatLast:
    case TurnState::kMailRcptBdat:
    case TurnState::kMessageQuit:
    case TurnState::kBdatQuit:
      return mass(kContentText, range);
    case TurnState::kOther:
      return mass(kOtherLine, range);
    case TurnState::kMailRcpt:
    case TurnState::kMailRcptRefused:
      return mass(kMailRcptLines, range);
    case TurnState::kMailRcptData:
    case TurnState::kMailRcptDataRefused:
    case TurnState::kRsetMailRcptData:
      return mass(kMailRcptDataLines, range);
    case TurnState::kRcptData:
    case TurnState::kRcptDataRefused:
      return mass(kRcptDataLines, range);
  }
  return kLeast;
}

double reply_mass(TurnState state, TextLength range, const ClearPart& clear) {
  switch (state) {
    case TurnState::kHello:
      return hello_reply(range, clear);
    case TurnState::kAuthPrompted:
    case TurnState::kResponsePrompted:
      return mass(kPrompt, range);
    case TurnState::kAuthAccepted:
    case TurnState::kResponseAccepted:
      return mass(kAuthReply, range);
    case TurnState::kMailAccepted:
      return mass(kMailReply, range);
    case TurnState::kRcptAccepted:
      return mass(kRcptReply, range);
    case TurnState::kAuthRefused:
    case TurnState::kResponseRefused:
    case TurnState::kMailRefused:
    case TurnState::kRcptRefused:
    case TurnState::kRcptRefusedOther:
    case TurnState::kDataRefused:
      return mass(kRefusal, range);
    case TurnState::kDataAccepted:
      return mass(kDataReply, range);
    case TurnState::kMessage:
    case TurnState::kBdatLast:
      return mass(kMessageReply, range);
    case TurnState::kBdat:
      return mass(kChunkReply, range);
    case TurnState::kRset:
      return mass(kResetReply, range);
    case TurnState::kNoop:
      return mass(kNoopReply, range);
    case TurnState::kOther:
      return mass(kOtherReply, range);
    case TurnState::kQuit:
      return mass(kQuitReply, range);
    case TurnState::kMailRcpt:
      return mass(kMailRcptReply, range);
    case TurnState::kMailRcptData:
    case TurnState::kRsetMailRcptData:
    case TurnState::kMailRcptBdat:
      return mass(kMailRcptDataReply, range);
    case TurnState::kRcptData:
      return mass(kRcptDataReply, range);
    case TurnState::kMailRcptRefused:
    case TurnState::kMailRcptDataRefused:
    case TurnState::kRcptDataRefused:
      return mass(kGroupRefusal, range);
    case TurnState::kMessageQuit:
    case TurnState::kBdatQuit:
      return mass(kMessageQuitReply, range);
  }
  return kLeast;
}

bool has_content(TurnState state) {
  switch (kind_of(state)) {
    case TurnKind::kMessage:
    case TurnKind::kBdat:
    case TurnKind::kMailRcptBdat:
    case TurnKind::kMessageQuit:
    case TurnKind::kBdatQuit:
      return true;
    default:
      return false;
  }
}

/// A line is one record, and a group mostly is; a message comes as it was written or read.
double records_mass(TurnState state, std::uint32_t records) {
  if (has_content(state)) return records > 1 ? 0.3 : 0.7;
  return records > 1 ? 0.02 : 0.98;
}

/// Clients that close without waiting do so after QUIT.
double unanswered_mass(TurnState state) {
  return kind_of(state) == TurnKind::kQuit ? 0.10 : 0.01;
}

/// How far the nearest lengths of two texts are apart.
std::uint32_t gap_of(TextLength a, TextLength b) {
  if (a.max < b.min) return b.min - a.max;
  return b.max < a.min ? a.min - b.max : 0;
}

/// The octets of the line STARTTLS in a reply to EHLO: "250-STARTTLS" and its end.
constexpr std::uint32_t kStarttlsLine = 14;

void read_extensions(std::string_view lines, ClearPart& clear) {
  while (!lines.empty()) {
    const std::size_t end = lines.find('\n');
    const std::string_view line = lines.substr(0, end);
    const std::string word = to_upper(line.substr(0, line.find_first_of(" =")));
    clear.auth = clear.auth || word == "AUTH";
    clear.pipelining = clear.pipelining || word == "PIPELINING";
    clear.chunking = clear.chunking || word == "CHUNKING";
    if (word == "STARTTLS") {
      clear.hello_reply -= std::min(clear.hello_reply, kStarttlsLine);
    }
    lines.remove_prefix(end == std::string_view::npos ? lines.size() : end + 1);
  }
}

}  // namespace

ClearPart clear_part_of(const Session& session) {
  ClearPart clear;
  for (const Command& command : session.commands) {
    if (command.encrypted) break;
    const Text verb = command.verb;
    if (verb != "EHLO" && verb != "LHLO") continue;
    clear = {};
    clear.hello = command.bytes;
    if (command.reply == 0) continue;
    const Reply& reply = session.reply(command.reply);
    if (reply.code != 250) continue;
    clear.hello_reply = reply.bytes;
    read_extensions(reply.lines.view(), clear);
  }
  return clear;
}

double reply_affinity(TurnState from, TurnState to, const TurnLengths& before,
                      const TurnLengths& now) {
  const bool envelope = from == TurnState::kMailAccepted || from == TurnState::kRcptAccepted;
  if (!envelope || !before.answered || !now.answered) return 1;
  if (to == TurnState::kRcptAccepted) {
    // Replies to MAIL and RCPT differ by a word and an address.
    const std::uint32_t gap = gap_of(before.reply, now.reply);
    return gap <= 4 ? 1.5 : gap <= 16 ? 1.1 : gap <= 32 ? 0.5 : 0.2;
  }
  if (to == TurnState::kRcptData) {
    // One more such reply, or a few, and that to DATA.
    const TextLength two{before.reply.min + 14, before.reply.max + 70};
    return gap_of(two, now.reply) == 0 ? 1.4 : 0.4;
  }
  return 1;
}

double likelihood(TurnState state, const TurnLengths& lengths, const ClearPart& clear) {
  const double request =
      request_mass(state, lengths.request, clear) * records_mass(state, lengths.request_records);
  if (!lengths.answered) return request * unanswered_mass(state);
  return request * (1 - unanswered_mass(state)) * reply_mass(state, lengths.reply, clear);
}

}  // namespace smtp_session
