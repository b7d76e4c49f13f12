// SPDX-License-Identifier: GPL-2.0-or-later
//
// Whoever wants to know more of a TLS handshake than the session keeps.
#pragma once

#include <string_view>

#include "dissector/tls_hello.h"
#include "dissector/types.h"

namespace smtp_session {

class TlsObserver {
 public:
  virtual ~TlsObserver() = default;
  virtual void on_client_hello(const ClientHello& hello, FrameNumber frame) = 0;
  /// The server's own certificate, in DER.
  virtual void on_certificate(std::string_view der, Moment received) = 0;
};

}  // namespace smtp_session
