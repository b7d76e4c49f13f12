// SPDX-License-Identifier: GPL-2.0-or-later
#include "plugin/json_option.h"

#include <epan/packet.h>
#include <wsutil/report_message.h>

#include <cstdint>
#include <cstdio>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "dissector/report/hidden_addresses.h"
#include "dissector/report/json_value.h"
#include "dissector/report/session_ecs.h"
#include "dissector/report/session_json.h"
#include "plugin/address_hash.h"
#include "plugin/community_id.h"
#include "plugin/json_writer_ws.h"
#include "plugin/session_stream.h"
#include "plugin/session_tap.h"
#include "plugin/ws_compat.h"

namespace smtp_session::ws {
namespace {

constexpr char kOption[] = "smtp_session,json";

enum class Addresses : std::uint8_t { kPlain, kHash, kDomain };

struct JsonOptions {
  bool stream = false;  ///< write each session when it ends
  bool ecs = false;     ///< with the names of the Elastic Common Schema
  Addresses addresses = Addresses::kPlain;
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
    content.header_ids = options_.ecs;
    const std::string id = community_id(session.client, session.server);
    FileJsonWriter writer(stdout);
    if (!options_.ecs && options_.addresses == Addresses::kPlain) {
      write_json(session, writer, id, content);
    } else {
      JsonTreeWriter tree;
      write_json(session, tree, id, content);
      JsonValue json = tree.take();
      if (options_.addresses == Addresses::kHash) hide_addresses(json, AddressHash());
      if (options_.addresses == Addresses::kDomain) hide_addresses(json, DomainOnly());
      if (options_.ecs) {
        write_ecs(session, json, writer);
      } else {
        write_value(json, writer);
      }
    }
    if (!writer.finish()) report_failure("smtp_session,json: session %u is not whole", session.id);
  }

  JsonOptions options_;
};

struct OptionWord {
  std::string_view word;
  void (*set)(JsonOptions& options);
};

constexpr OptionWord kWords[] = {
    {"stream", [](JsonOptions& options) { options.stream = true; }},
    {"schema=ecs", [](JsonOptions& options) { options.ecs = true; }},
    {"addresses=plain", [](JsonOptions& options) { options.addresses = Addresses::kPlain; }},
    {"addresses=hash", [](JsonOptions& options) { options.addresses = Addresses::kHash; }},
    {"addresses=domain", [](JsonOptions& options) { options.addresses = Addresses::kDomain; }},
};

/// False where `word` is none of this option's own: then the display filter begins with it.
bool take_option(std::string_view word, JsonOptions& options) {
  for (const OptionWord& one : kWords) {
    if (one.word != word) continue;
    one.set(options);
    return true;
  }
  return false;
}

bool fail(const char* argument) {
  report_failure(
      "invalid \"-z %s\": after json there may be, each after a comma, stream, schema=ecs, "
      "addresses=plain, addresses=hash or addresses=domain, and a display filter",
      argument);
  return false;
}

bool is_misspelt(std::string_view word) {
  return word.substr(0, word.find('=')) == "schema" ||
         word.substr(0, word.find('=')) == "addresses";
}

bool start_json(const char* argument) {
  JsonOptions options;
  std::string_view rest = argument + std::strlen(kOption);
  if (!rest.empty() && rest.front() != ',') return reject_option(argument);  // "...,jsonx"
  const char* filter = nullptr;
  while (!rest.empty()) {
    rest.remove_prefix(1);
    const std::string_view word = rest.substr(0, rest.find(','));
    if (!take_option(word, options)) {
      if (word.empty() || is_misspelt(word)) return fail(argument);
      filter = rest.data();  // it ends where the argument does
      break;
    }
    rest.remove_prefix(word.size());
  }
  auto report = std::make_unique<JsonReport>(options);
  return options.stream ? listen_for_ends(std::move(report), filter)
                        : listen(std::move(report), filter);
}

}  // namespace

void register_json_option() {
  register_option("SMTP sessions as JSON", kOption, start_guarded<start_json>, nullptr);
}

}  // namespace smtp_session::ws
