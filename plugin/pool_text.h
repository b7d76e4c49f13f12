// SPDX-License-Identifier: GPL-2.0-or-later
//
// Texts for Wireshark: no std::string may be alive where one of its functions can throw, for its
// exceptions jump over destructors. Texts are copied into its pools first.
#pragma once

#include <epan/packet.h>

#include <string_view>

namespace smtp_session::ws {

/// A NUL-terminated copy of `text`, owned by `pool`. Does not throw.
inline const char* pool_text(wmem_allocator_t* pool, std::string_view text) {
  return wmem_strndup(pool, text.data() == nullptr ? "" : text.data(), text.size());
}

}  // namespace smtp_session::ws
