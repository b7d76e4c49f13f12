// SPDX-License-Identifier: GPL-2.0-or-later
#include "plugin/json_option.h"

#include <epan/packet.h>
#include <wsutil/report_message.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <memory>
#include <string_view>

#include "dissector/report/session_json.h"
#include "plugin/community_id.h"
#include "plugin/json_writer_ws.h"
#include "plugin/session_stream.h"
#include "plugin/session_tap.h"
#include "plugin/ws_compat.h"

namespace smtp_session::ws {
namespace {

constexpr char kOption[] = "smtp_session,json";

struct JsonOptions {
  bool stream = false;  ///< write each session when it ends
};

class JsonReport : public SessionReport {
 public:
  explicit JsonReport(const JsonOptions& options) : options_(options) {}

  bool print(const SessionSelection& sessions) override {
    for (const Session* session : sessions) print_session(*session);
    return true;
  }

 private:
  void print_session(const Session& session) const {
    JsonContent content;
    content.whole_capture_findings = !options_.stream;
    FileJsonWriter writer(stdout);
    write_json(session, writer, community_id(session.client, session.server), content);
    if (!writer.finish()) report_failure("smtp_session,json: session %u is not whole", session.id);
  }

  JsonOptions options_;
};

/// False where `word` is none of this option's own: then the display filter begins with it.
bool take_option(std::string_view word, JsonOptions& options) {
  if (word != "stream") return false;
  options.stream = true;
  return true;
}

bool fail(const char* argument) {
  report_failure(
      "invalid \"-z %s\": after json there may be stream, and a comma and a display filter",
      argument);
  return false;
}

bool start_json(const char* argument) {
  JsonOptions options;
  std::string_view rest = argument + std::strlen(kOption);
  if (!rest.empty() && rest.front() != ',') return reject_option(argument);  // "...,jsonx"
  const char* filter = nullptr;
  while (!rest.empty()) {
    rest.remove_prefix(1);
    const std::string_view word = rest.substr(0, rest.find(','));
    if (word.empty()) return fail(argument);
    if (!take_option(word, options)) {
      filter = rest.data();  // it ends where the argument does
      break;
    }
    rest.remove_prefix(word.size());
  }
  auto report = std::make_unique<JsonReport>(options);
  return options.stream ? listen_for_ends(std::move(report), filter)
                        : listen(std::move(report), filter);
}

StatInitResult start(const char* argument, void* /*data*/) {
  bool started = false;
  try {
    started = start_json(argument);
  } catch (...) {
    report_failure("SMTP Session Analysis: out of memory");
  }
  return stat_init_result(started);
}

}  // namespace

void register_json_option() {
  register_option("SMTP sessions as JSON", kOption, start, nullptr);
}

}  // namespace smtp_session::ws
