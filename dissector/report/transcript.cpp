// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/report/transcript.h"

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "dissector/names.h"
#include "dissector/outcome.h"
#include "dissector/reply_codes.h"
#include "dissector/report/endpoint_text.h"
#include "dissector/report/layout.h"
#include "dissector/report/story_steps.h"

namespace smtp_session {

namespace {

constexpr const char* kSecret = "***";

struct Line {
  Moment at;
  std::optional<Side> sender;  ///< none for what is no packet
  std::string text;
};

std::string bracketed(const std::string& what, const std::string& note = {}) {
  return "[" + (note.empty() ? what : what + ", " + note) + "]";
}

/// Words of the conversation, which are not to be taken for a line of ours.
std::string said(std::string_view words) {
  const bool alike = !words.empty() && (words.front() == '[' || words.front() == '\\');
  return alike ? "\\" + std::string{words} : std::string{words};
}

class Lines {
 public:
  explicit Lines(const Session& session) : session_(session) {
    for (const Step& step : steps_of(session)) {
      if (step.command != 0) {
        add_command(step);
      } else if (step.reply != 0) {
        add_reply(step);
      } else if (step.message != 0) {
        add_unfinished(step);
      } else {
        add(step.at, step.sender, bracketed(step.what, step.note));
      }
    }
    add_auth_responses();
    // At one instant the frames, in one frame the order above.
    std::stable_sort(lines_.begin(), lines_.end(), [](const Line& a, const Line& b) {
      return a.at.time != b.at.time ? a.at.time < b.at.time : a.at.frame < b.at.frame;
    });
  }

  std::vector<Line> take() { return std::move(lines_); }

 private:
  void add(Moment at, std::optional<Side> sender, std::string text) {
    lines_.push_back({at, sender, std::move(text)});
  }

  void add_command(const Step& step) {
    const Command& command = session_.command(step.command);
    if (command.opaque) {
      add(step.at, Side::kClient, bracketed(step.what));
    } else if (command.verb.view() == ".") {
      if (command.message != 0) {
        const Message& message = session_.message(command.message);
        // Where nothing of it was read, only its end is known.
        const Moment first{message.first_time, message.first_frame};
        add_message(first.known() ? first : step.at, message);
      }
      add(step.at, Side::kClient, ".");
    } else if (command.verb.view() == "BDAT") {
      // The command is complete with its chunk, but the line came before it.
      add({command.first_time, command.frame}, Side::kClient, words_of(command));
      if (command.message != 0 && session_.message(command.message).end == step.command) {
        add_message(step.at, session_.message(command.message));
      }
    } else {
      add(step.at, Side::kClient, words_of(command) + secret_of(step.command));
    }
  }

  static std::string words_of(const Command& command) {
    std::string words{command.verb.view()};
    if (!command.argument.empty()) words += " " + std::string{command.argument.view()};
    return words.empty() ? bracketed("empty line") : said(words);
  }

  /// What stands for the initial response of AUTH.
  std::string secret_of(Index command) const {
    const auto auth =
        std::lower_bound(session_.auth.begin(), session_.auth.end(), command,
                         [](const AuthExchange& one, Index index) { return one.command < index; });
    const bool has = auth != session_.auth.end() && auth->command == command;
    return has && auth->initial_response ? std::string{" "} + kSecret : std::string{};
  }

  void add_auth_responses() {
    for (const AuthExchange& auth : session_.auth) {
      for (const Moment& response : auth.responses) {
        const bool cancels = auth.cancelled && &response == &auth.responses.back();
        add(response, Side::kClient, cancels ? "*" : kSecret);
      }
    }
  }

  void add_message(Moment at, const Message& message) {
    add(at, Side::kClient, message_text(message));
    std::string_view rest = message.text.view();
    while (!rest.empty()) {
      const std::size_t end = std::min(rest.find('\n'), rest.size());
      std::string_view line = rest.substr(0, end);
      rest.remove_prefix(std::min(end + 1, rest.size()));
      if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
      // Set in: words of a message are not to be taken for commands.
      add(at, Side::kClient, "  " + std::string{line});
    }
    if (message.text_cut) add(at, Side::kClient, bracketed("the rest of it is not shown"));
  }

  static std::string message_text(const Message& message) {
    std::string text = "message, " + std::to_string(message.size) + " bytes";
    if (message.end == 0) text += " without its end";
    return bracketed(text, message.size_exact ? "" : "not exact");
  }

  /// The first byte of a message; with an end it has its line already.
  void add_unfinished(const Step& step) {
    const Message& message = session_.message(step.message);
    if (message.end == 0) add_message(step.at, message);
  }

  void add_reply(const Step& step) {
    const Reply& reply = session_.reply(step.reply);
    if (reply.opaque) {
      add(step.at, Side::kServer, bracketed(step.what));
      return;
    }
    const std::string code = reply.code == 0 ? std::string{} : std::to_string(reply.code);
    // A challenge may hold what the client's answer is computed from.
    std::string_view rest = reply.code == kAuthChallenge ? kSecret : reply.lines.view();
    bool last = false;
    while (!last) {
      const std::size_t end = rest.find('\n');
      last = end == std::string_view::npos;
      const std::string_view line = rest.substr(0, end);
      std::string text = code;
      if (!code.empty() && !(last && line.empty())) text += last ? ' ' : '-';
      text += line;
      add(step.at, Side::kServer, said(text));
      if (!last) rest.remove_prefix(end + 1);
    }
  }

  const Session& session_;
  std::vector<Line> lines_;
};

std::string header(const Session& session) {
  std::string text = "Session " + std::to_string(session.id) + " (tcp.stream " +
                     std::to_string(session.stream) + "): " + name_of(outcome_of(session));
  if (session.tcp.mid_stream) text += ", begins before the capture";
  if (session.tcp.gaps != 0) text += ", not all of it is in the capture";
  return text + "\n";
}

}  // namespace

std::string transcript(const Session& session, const TextStyle& style) {
  const std::string client = endpoint_text(session.client);
  const std::string server = endpoint_text(session.server);
  std::string text = header(session);
  for (const Line& line : Lines(session).take()) {
    const Paint paint = paint_of(line.sender);
    text += time_text(line.at.time, style) + " " + client + " ";
    text += painted(arrow_of(line.sender, "|"), paint, style) + " " + server + " ";
    text += painted(printable(line.text), paint, style) + "\n";
  }
  return text;
}

}  // namespace smtp_session
