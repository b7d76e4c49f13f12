# SPDX-License-Identifier: GPL-2.0-or-later
"""Servers of the TLS live test: Postfix (OpenSSL), Exim (GnuTLS), aiosmtpd (Python's ssl)."""

import os

from servers import AIOSMTPD, EXIM, EXIM_CONF, MAIN_CF, MASTER_CF, POSTFIX, Servers, write

POSTFIX_PORTS = (25, 465, 587, 2525, 2587, 10025)
EXIM_PORTS = (25, 465, 587, 2525, 10025)
AIOSMTPD_PORTS = (25, 465, 587, 2525, 2587)

CLIENT_CERTIFICATE_PORT = 2587  # of Postfix, which asks for one there

# OpenSSL's own order would give every session of TLS 1.3 the same cipher.
OPENSSL_CNF = """\
openssl_conf = init
[init]
ssl_conf = ssl
[ssl]
system_default = default
[default]
Ciphersuites = TLS_CHACHA20_POLY1305_SHA256
"""


def master_cf():
    """The services of live_test.py, with other listeners."""
    services = MASTER_CF[MASTER_CF.index("cleanup"):]
    options = {465: "  -o smtpd_tls_wrappermode=yes\n",
               CLIENT_CERTIFICATE_PORT: "  -o smtpd_tls_ask_ccert=yes\n"}
    return "".join(f"{port} inet n - n - - smtpd\n{options.get(port, '')}"
                   for port in POSTFIX_PORTS) + services


class TlsServers(Servers):
    master_cf = master_cf()
    main_cf = (MAIN_CF.replace("{addresses}", POSTFIX)
               + "smtpd_tls_protocols = >=TLSv1.2\n")
    exim_conf = EXIM_CONF.replace(
        "daemon_smtp_ports = 25\n",
        f"daemon_smtp_ports = {' : '.join(map(str, EXIM_PORTS))}\ntls_on_connect_ports = 465\n"
        "tls_require_ciphers = NORMAL:-VERS-TLS1.0:-VERS-TLS1.1\n")
    aiosmtpd_script = "tls_aiosmtpd_server.py"
    listeners = ({f"{POSTFIX}:{port}" for port in POSTFIX_PORTS}
                 | {f"{EXIM}:{port}" for port in EXIM_PORTS}
                 | {f"{AIOSMTPD}:{port}" for port in AIOSMTPD_PORTS})

    def __init__(self, namespace, work, unpacked):
        super().__init__(namespace, work, unpacked)
        config = os.path.join(work, "openssl.cnf")
        write(config, OPENSSL_CNF)
        self.aiosmtpd_environment = {"OPENSSL_CONF": config}
