// SPDX-License-Identifier: GPL-2.0-or-later
//
// The page before and behind its sessions, made by CMake from the files in page/.
#pragma once

namespace smtp_session {

extern const char* const kPageHead;
extern const char* const kPageTail;

}  // namespace smtp_session
