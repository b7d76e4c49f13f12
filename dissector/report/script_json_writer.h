// SPDX-License-Identifier: GPL-2.0-or-later
//
// JSON that may stand inside a <script> element of an HTML page. There, "</script" ends the element
// and "<!--" changes how its end is found (HTML Standard, "Restrictions for contents of script
// elements"): no "<" is written, but its escape. Nor are ">", "&", or the line separators U+2028
// and U+2029, which older JavaScript does not allow in a string.
#pragma once

#include <string>
#include <string_view>

#include "dissector/report/json_writer.h"

namespace smtp_session {

class ScriptJsonWriter : public JsonWriter {
 public:
  void begin_object() override { begin('{'); }
  void end_object() override { end('}'); }
  void begin_array() override { begin('['); }
  void end_array() override { end(']'); }
  void key(const char* name) override;
  void string(const std::string& value) override;
  void integer(std::int64_t value) override;
  void thousandths(int value) override;
  void boolean(bool value) override;
  void null() override;

  const std::string& text() const { return text_; }

 private:
  void begin(char bracket);
  void end(char bracket);
  void separate();
  void put_quoted(std::string_view value);

  std::string text_;
  bool first_ = true;  ///< no comma before the next value
};

}  // namespace smtp_session
