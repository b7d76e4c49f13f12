// SPDX-License-Identifier: GPL-2.0-or-later
#include "plugin/rsa_keys.h"

#include <epan/uat-int.h>

namespace smtp_session::ws {
namespace {

bool has_rows(const char* table_name) {
  const uat_t* table = uat_get_table_by_name(table_name);
  return table != nullptr && table->nrows_p != nullptr && *table->nrows_p > 0;
}

}  // namespace

bool rsa_key_loaded() {
  // Preferences, RSA Keys; and the older list by address and port in those of TLS.
  return has_rows("RSA Private Keys") || has_rows("TLS Decrypt");
}

}  // namespace smtp_session::ws
