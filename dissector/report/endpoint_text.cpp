// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/report/endpoint_text.h"

#include "dissector/names.h"

namespace smtp_session {

std::string endpoint_text(const Endpoint& endpoint) {
  const std::string address = to_string(endpoint.address);
  const std::string port = ":" + std::to_string(endpoint.port);
  return endpoint.address.family == 6 ? "[" + address + "]" + port : address + port;
}

}  // namespace smtp_session
