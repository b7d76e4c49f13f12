// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/report/session_differences.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "dissector/ascii.h"

namespace smtp_session {

namespace {

constexpr std::uint16_t kFirstNegativeCode = 400;  // RFC 5321 section 4.2.1

/// A run of steps that one session lacks is told by this many names.
constexpr std::size_t kMaxNames = 4;

std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> words;
  while (!text.empty()) {
    const std::string_view word = text.substr(0, text.find(' '));
    if (!word.empty()) words.push_back(to_upper(word));
    text.remove_prefix(std::min(word.size() + 1, text.size()));
  }
  return words;
}

std::string joined(const std::vector<std::string>& parts, std::string_view separator = ", ") {
  std::string text;
  for (const std::string& part : parts) {
    if (!text.empty()) text += separator;
    text += part;
  }
  return text;
}

bool contains(const std::vector<std::string>& list, const std::string& item) {
  return std::find(list.begin(), list.end(), item) != list.end();
}

/// What is in `a` and not in `b`.
std::vector<std::string> without(const std::vector<std::string>& a,
                                 const std::vector<std::string>& b) {
  std::vector<std::string> rest;
  for (const std::string& item : a) {
    if (!contains(b, item)) rest.push_back(item);
  }
  return rest;
}

/// The parameters of MAIL or RCPT (RFC 5321 section 4.1.2). Their values belong to the mail, but
/// for BODY, which decides how it is sent (RFC 6152).
std::vector<std::string> parameters_of(const ComparedStep& step) {
  const std::size_t path_end = step.argument.rfind('>');
  if (path_end == std::string::npos) return {};
  std::vector<std::string> words = words_of(std::string_view{step.argument}.substr(path_end + 1));
  for (std::string& word : words) {
    if (word.rfind("BODY=", 0) != 0) word = word.substr(0, word.find('='));
  }
  return words;
}

/// An extension's keyword, and its parameters behind it. "AUTH=LOGIN" is an old spelling.
std::pair<std::string, std::string> extension(const std::string& line) {
  const std::size_t end = line.find_first_of(" =");
  if (end == std::string::npos) return {to_upper(line), {}};
  return {to_upper(std::string_view{line}.substr(0, end)),
          joined(words_of(std::string_view{line}.substr(end + 1)), " ")};
}

std::string frames(const ComparedStep& a, const ComparedStep& b) {
  return " (frames " + std::to_string(a.frame) + " and " + std::to_string(b.frame) + ")";
}

std::string value_text(const std::string& value) {
  return value.empty() ? "none" : value;
}

std::string reply_text(const ComparedStep& step) {
  return step.text.empty() ? step.result : step.result + " " + step.text;
}

class Finder {
 public:
  Finder(const ComparedSession& a, const ComparedSession& b, const std::vector<StepPair>& pairs)
      : a_(a), b_(b), pairs_(pairs) {}

  std::vector<Difference> take() {
    for (pair_ = 0; pair_ < pairs_.size();) {
      const StepPair& pair = pairs_[pair_];
      if (pair.a && pair.b) {
        compare(a_.steps[*pair.a], b_.steps[*pair.b]);
        ++pair_;
      } else {
        tell_missing();
      }
    }
    // STARTTLS on one side and implicit TLS on the other: the handshakes stand apart.
    if (!tls_told_ && a_.tls.mode != "none" && b_.tls.mode != "none") {
      compare_tls({});
      if (!differences_.empty() && differences_.back().first == pair_) {
        differences_.back().end = pair_;
      }
    }
    return std::move(differences_);
  }

 private:
  void tell(std::string words) { differences_.push_back({pair_, pair_ + 1, std::move(words)}); }

  void compare(const ComparedStep& a, const ComparedStep& b) {
    if (a.opaque || b.opaque) return;
    const std::string where = frames(a, b);
    if (a.name == "AUTH" && a.argument != b.argument) {
      tell("AUTH" + where + ": " + value_text(a.argument) + " in A, " + value_text(b.argument) +
           " in B");
    }
    if (a.name == "MAIL" || a.name == "RCPT") compare_parameters(a, b);
    if (a.pipelined != b.pipelined && !pipelining_told_) {
      pipelining_told_ = true;
      tell(a.name + where + ": " + (a.pipelined ? "A" : "B") +
           " sends it before the reply to the command before it, " + (a.pipelined ? "B" : "A") +
           " does not");
    }
    if (a.name == "TLS handshake") {
      compare_tls(where);
    } else if (a.name != "message" && a.result != b.result) {
      tell(a.name + where + ": " + reply_text(a) + " in A, " + reply_text(b) + " in B");
    } else if (a.code >= kFirstNegativeCode && a.text != b.text) {
      tell(a.name + where + ": refused in both, " + reply_text(a) + " in A, " + reply_text(b) +
           " in B");
    }
    if (a.extensions && b.extensions) compare_extensions(a, b);
  }

  void compare_parameters(const ComparedStep& a, const ComparedStep& b) {
    const std::vector<std::string> in_a = parameters_of(a);
    const std::vector<std::string> in_b = parameters_of(b);
    const std::vector<std::string> only_a = without(in_a, in_b);
    const std::vector<std::string> only_b = without(in_b, in_a);
    if (only_a.empty() && only_b.empty()) return;
    // Once for each verb: a client asks each message and recipient in the same way.
    if (contains(parameters_told_, a.name)) return;
    parameters_told_.push_back(a.name);
    tell(a.name + frames(a, b) + ": parameters " + value_text(joined(in_a)) + " in A, " +
         value_text(joined(in_b)) + " in B");
  }

  void compare_extensions(const ComparedStep& a, const ComparedStep& b) {
    std::vector<std::pair<std::string, std::string>> in_a;
    std::vector<std::pair<std::string, std::string>> in_b;
    for (const std::string& line : *a.extensions) in_a.push_back(extension(line));
    for (const std::string& line : *b.extensions) in_b.push_back(extension(line));
    const auto find = [](const auto& list, const std::string& keyword) {
      return std::find_if(list.begin(), list.end(),
                          [&](const auto& each) { return each.first == keyword; });
    };
    std::vector<std::string> only_a;
    std::vector<std::string> only_b;
    std::vector<std::string> changed;
    for (const auto& [keyword, parameters] : in_a) {
      const auto other = find(in_b, keyword);
      if (other == in_b.end()) {
        only_a.push_back(keyword);
      } else if (std::find(in_b.begin(), in_b.end(), std::pair{keyword, parameters}) ==
                 in_b.end()) {
        changed.push_back(keyword + " is " + value_text(parameters) + " in A and " +
                          value_text(other->second) + " in B");
      }
    }
    for (const auto& [keyword, parameters] : in_b) {
      if (find(in_a, keyword) == in_a.end()) only_b.push_back(keyword);
    }
    if (!only_a.empty()) changed.push_back("only A offers " + joined(only_a));
    if (!only_b.empty()) changed.push_back("only B offers " + joined(only_b));
    if (!changed.empty()) tell("reply to " + a.name + frames(a, b) + ": " + joined(changed, "; "));
  }

  void compare_tls(const std::string& where) {
    tls_told_ = true;
    std::vector<std::string> changed;
    const auto compare_value = [&](const char* what, const std::string& a, const std::string& b) {
      if (a == b) return;
      changed.push_back(std::string{what} + " " + value_text(a) + " in A and " + value_text(b) +
                        " in B");
    };
    const ComparedTls& a = a_.tls;
    const ComparedTls& b = b_.tls;
    compare_value("alert", a.alert, b.alert);
    compare_value("mode", a.mode, b.mode);
    compare_value("version", a.version, b.version);
    compare_value("cipher", a.cipher, b.cipher);
    compare_offers("versions", a.versions_offered, b.versions_offered, changed);
    compare_offers("ciphers", a.ciphers_offered, b.ciphers_offered, changed);
    compare_value("server name", a.sni, b.sni);
    compare_value("ALPN", a.alpn, b.alpn);
    compare_value("resumed", a.resumed ? "yes" : "no", b.resumed ? "yes" : "no");
    compare_value("content", a.decrypt_state, b.decrypt_state);
    if (!changed.empty()) tell("TLS" + where + ": " + joined(changed, "; "));
  }

  /// What the client of each offers; nothing where one of the ClientHellos is not in the capture.
  static void compare_offers(const char* what, const std::vector<std::string>& a,
                             const std::vector<std::string>& b, std::vector<std::string>& changed) {
    if (a.empty() || b.empty()) return;
    const std::vector<std::string> only_a = without(a, b);
    const std::vector<std::string> only_b = without(b, a);
    const std::string offered = std::string{what} + " offered ";
    if (!only_a.empty()) changed.push_back(offered + "in A only: " + joined(only_a));
    if (!only_b.empty()) changed.push_back(offered + "in B only: " + joined(only_b));
    if (a != b && only_a.empty() && only_b.empty()) changed.push_back(offered + "in another order");
  }

  /// The steps from here on that only one side has.
  void tell_missing() {
    const bool only_a = pairs_[pair_].a.has_value();
    const std::size_t first = pair_;
    std::vector<std::string> names;
    FrameNumber first_frame = 0;
    FrameNumber last_frame = 0;
    std::string reply;  // of the only step, or the first refusal
    bool refused = false;
    for (; pair_ < pairs_.size(); ++pair_) {
      const StepPair& pair = pairs_[pair_];
      if (pair.a.has_value() == pair.b.has_value() || pair.a.has_value() != only_a) break;
      const ComparedStep& step = only_a ? a_.steps[*pair.a] : b_.steps[*pair.b];
      names.push_back(step.name);
      if (first_frame == 0) first_frame = step.frame;
      last_frame = step.frame;
      if (!refused) reply = reply_text(step);
      if (!refused && step.code >= kFirstNegativeCode) {
        refused = true;
        reply.insert(0, step.name + " of frame " + std::to_string(step.frame) + " got ");
      }
    }
    const std::size_t count = names.size();
    std::string words;
    if (count > kMaxNames) {
      names.resize(kMaxNames);
      words = joined(names) + " and " + std::to_string(count - kMaxNames) + " more";
    } else {
      words = joined(names);
    }
    words += std::string{" only in "} + (only_a ? "A" : "B");
    if (first_frame == last_frame) {
      words += " (frame " + std::to_string(first_frame) + ")";
    } else {
      words +=
          " (frames " + std::to_string(first_frame) + " to " + std::to_string(last_frame) + ")";
    }
    if ((count == 1 || refused) && !reply.empty()) words += ": " + reply;
    differences_.push_back({first, pair_, std::move(words)});
  }

  const ComparedSession& a_;
  const ComparedSession& b_;
  const std::vector<StepPair>& pairs_;
  std::size_t pair_ = 0;
  bool tls_told_ = false;
  bool pipelining_told_ = false;
  std::vector<std::string> parameters_told_;
  std::vector<Difference> differences_;
};

}  // namespace

std::vector<Difference> differences_of(const ComparedSession& a, const ComparedSession& b,
                                       const std::vector<StepPair>& pairs) {
  return Finder(a, b, pairs).take();
}

}  // namespace smtp_session
