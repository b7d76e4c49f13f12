// SPDX-License-Identifier: GPL-2.0-or-later
#include "plugin/reply_advice_file.h"

#include <epan/packet.h>
#include <wsutil/filesystem.h>
#include <wsutil/report_message.h>

#include <algorithm>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace smtp_session::ws {
namespace {

constexpr const char* kFileName = "smtp_session_replies.tsv";

/// Far beyond any table that a person writes; a wrong file is not read to its end.
constexpr std::size_t kMaxFile = std::size_t{1} << 20U;

/// Bad lines that are told one by one.
constexpr std::size_t kMaxErrors = 10;

struct GFree {
  void operator()(char* text) const { g_free(text); }
};
using GText = std::unique_ptr<char, GFree>;

std::unique_ptr<const ReplyAdvice> table;
std::string told;  ///< what was told last: not again with every file that is opened

void tell(const std::string& text) {
  if (text == told) return;
  told = text;
  if (!text.empty()) report_failure("%s", text.c_str());
}

std::string describe(const std::string& path, const std::vector<AdviceError>& errors) {
  std::string text;
  for (std::size_t i = 0; i < std::min(errors.size(), kMaxErrors); ++i) {
    if (!text.empty()) text += '\n';
    text += "SMTP Session Analysis: " + path + ", line " + std::to_string(errors[i].line) + ": " +
            errors[i].what + "; the line is left out";
  }
  if (errors.size() > kMaxErrors) {
    text += "\nSMTP Session Analysis: " + path + ": " + std::to_string(errors.size() - kMaxErrors) +
            " more lines are left out";
  }
  return text;
}

}  // namespace

const ReplyAdvice* load_reply_advice(const char* preferred) {
  table.reset();
  const bool named = preferred != nullptr && *preferred != '\0';
  const GText own(named ? nullptr : get_persconffile_path(kFileName, TRUE));
  const std::string path = named ? preferred : own.get();
  if (!named && !g_file_test(path.c_str(), G_FILE_TEST_EXISTS)) {
    tell({});
    return nullptr;
  }
  char* bytes = nullptr;
  gsize size = 0;
  GError* error = nullptr;
  if (!g_file_get_contents(path.c_str(), &bytes, &size, &error)) {
    const std::string text =
        std::string("SMTP Session Analysis: cannot read the table of replies: ") + error->message;
    g_error_free(error);
    tell(text);
    return nullptr;
  }
  const GText contents(bytes);
  if (size > kMaxFile) {
    tell("SMTP Session Analysis: " + path + " is too large for a table of replies");
    return nullptr;
  }
  std::vector<AdviceError> errors;
  table = std::make_unique<const ReplyAdvice>(std::string_view(bytes, size), errors);
  tell(describe(path, errors));
  return table.get();
}

}  // namespace smtp_session::ws
