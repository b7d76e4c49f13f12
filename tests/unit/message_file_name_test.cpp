// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/report/message_file_name.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "tests/unit/model_builder.h"

namespace smtp_session {
namespace {

using test::ModelBuilder;

std::string name_of(std::string_view text, std::uint64_t size_of_message) {
  ModelBuilder model;
  model.session().id = 3;
  model.open();
  model.envelope();
  model.send_message(size_of_message);
  return message_file_name(model.session(), 1, text);
}

std::string name_of(std::string_view text) {
  return name_of(text, text.size());
}

TEST(MessageFileName, HasSessionMessageAndSubject) {
  EXPECT_EQ(name_of("From: a\r\nSubject: Lunch at noon?\r\n\r\nSubject: no\r\n"),
            "session-3_message-1_Lunch_at_noon.eml");
}

TEST(MessageFileName, SubjectCanTakeNoOtherFolderAndNoOtherName) {
  EXPECT_EQ(name_of("Subject: ../../etc/passwd\r\n\r\n"), "session-3_message-1_etc_passwd.eml");
  EXPECT_EQ(name_of("Subject: C:\\a\x1b[2J\x80\"<>|*.exe\r\n\r\n"),
            "session-3_message-1_C_a_2J_exe.eml");
}

TEST(MessageFileName, FoldedSubjectIsOne) {
  EXPECT_EQ(name_of("sUBJECT: one\r\n two\r\n\tthree\r\nTo: x\r\n\r\n"),
            "session-3_message-1_one_two_three.eml");
}

TEST(MessageFileName, WithoutSubjectIsTheNumbers) {
  EXPECT_EQ(name_of(""), "session-3_message-1.eml");
  EXPECT_EQ(name_of("To: x\r\n\r\nSubject: body\r\n"), "session-3_message-1.eml");
  EXPECT_EQ(name_of("Subject: \xe6\x9c\xac\r\n\r\n"), "session-3_message-1.eml");
}

TEST(MessageFileName, LongSubjectIsCut) {
  EXPECT_LT(name_of("Subject: " + std::string(5000, 'x') + "\r\n\r\n").size(), 100U);
}

TEST(MessageFileName, SaysWhereBytesAreMissing) {
  EXPECT_EQ(name_of("Subject: a\r\n\r\n", 5000), "session-3_message-1_a_incomplete.eml");
}

}  // namespace
}  // namespace smtp_session
