// SPDX-License-Identifier: GPL-2.0-or-later
#include "plugin/compare_option.h"

#include <epan/packet.h>
#include <wsutil/report_message.h>

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <cstring>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "dissector/report/compared_session.h"
#include "dissector/report/comparison.h"
#include "plugin/json_file.h"
#include "plugin/session_tap.h"
#include "plugin/ws_compat.h"

namespace smtp_session::ws {
namespace {

constexpr char kOption[] = "smtp_session,compare";

std::optional<std::uint32_t> session_number(std::string_view word) {
  std::uint32_t number = 0;
  const char* const end = word.data() + word.size();
  const auto [rest, fault] = std::from_chars(word.data(), end, number);
  if (fault != std::errc{} || rest != end) return std::nullopt;
  return number;
}

class CompareReport : public SessionReport {
 public:
  CompareReport(std::uint32_t a, std::uint32_t b) : a_(a), b_(b) {}
  CompareReport(std::uint32_t a, ComparedSession saved) : a_(a), saved_(std::move(saved)) {}

  bool print(const SessionSelection& sessions) override {
    const Session* const a = find(sessions, a_);
    if (a == nullptr) return false;
    if (saved_) return put(compared_session(*a), *saved_);
    const Session* const b = find(sessions, b_);
    return b != nullptr && put(compared_session(*a), compared_session(*b));
  }

 private:
  static const Session* find(const SessionSelection& sessions, std::uint32_t number) {
    const auto found = std::find_if(sessions.begin(), sessions.end(),
                                    [&](const Session* session) { return session->id == number; });
    if (found != sessions.end()) return *found;
    report_failure("smtp_session,compare: no session %u in the capture", number);
    return nullptr;
  }

  static bool put(const ComparedSession& a, const ComparedSession& b) {
    const std::string text = comparison(a, b);
    std::fwrite(text.data(), 1, text.size(), stdout);
    return true;
  }

  std::uint32_t a_;
  std::uint32_t b_ = 0;
  std::optional<ComparedSession> saved_;
};

/// Takes the next word of an option: what is before the next comma.
std::string_view take_word(std::string_view& rest) {
  const std::string_view word = rest.substr(0, rest.find(','));
  rest.remove_prefix(std::min(word.size() + 1, rest.size()));
  return word;
}

/// The name of a file without its folders.
std::string base_name(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  return std::string{slash == std::string_view::npos ? path : path.substr(slash + 1)};
}

std::unique_ptr<SessionReport> with_saved_session(std::uint32_t a, const std::string& path) {
  JsonValue json;
  std::string error;
  if (!read_first_json_line(path, json, error)) {
    report_failure("smtp_session,compare: cannot read \"%s\": %s", path.c_str(), error.c_str());
    return nullptr;
  }
  if (!is_session_json(json)) {
    report_failure("smtp_session,compare: \"%s\" holds no session of the schema smtp_session/1",
                   path.c_str());
    return nullptr;
  }
  return std::make_unique<CompareReport>(a, compared_session(json, base_name(path)));
}

bool start_comparison(const char* argument) {
  std::string_view rest = argument + std::strlen(kOption);
  const std::string_view no_word = take_word(rest);  // before the first comma
  const std::string first{take_word(rest)};
  const std::string second{take_word(rest)};
  if (!no_word.empty() || first.empty() || second.empty()) {
    report_failure(
        "invalid \"-z %s\": after compare come the number of a session, and that of another one or "
        "a file of JSON",
        argument);
    return false;
  }
  if (rest.empty() && argument[std::strlen(argument) - 1] == ',') {
    report_failure("invalid \"-z %s\": behind the last comma there is no display filter", argument);
    return false;
  }
  const std::optional<std::uint32_t> a = session_number(first);
  if (!a) {
    report_failure(R"(invalid "-z %s": "%s" is not the number of a session)", argument,
                   first.c_str());
    return false;
  }
  const std::optional<std::uint32_t> b = session_number(second);
  std::unique_ptr<SessionReport> report =
      b ? std::make_unique<CompareReport>(*a, *b) : with_saved_session(*a, second);
  // `rest` ends where the argument does.
  return report != nullptr && listen(std::move(report), rest.empty() ? nullptr : rest.data());
}

}  // namespace

void register_compare_option() {
  register_option("SMTP session comparison", kOption, start_guarded<start_comparison>, nullptr);
}

}  // namespace smtp_session::ws
