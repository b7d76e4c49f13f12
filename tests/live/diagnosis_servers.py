# SPDX-License-Identifier: GPL-2.0-or-later
"""Servers of the diagnosis live test: Postfix, Exim, OpenSMTPD, aiosmtpd and smtp-server without a
flaw.

Port 25 is clear text without STARTTLS, 587 wants STARTTLS and AUTH, 465 TLS and AUTH; the other
ports of Postfix make failures. The certificate has all names, and an authority of its own.
"""

import os
import shutil
import subprocess
import sys

from servers import (AIOSMTPD, CLIENT, DAEMON_GROUPS, DAEMON_USERS, EXIM, EXIM_CONF, HERE, MAIN_CF,
                     MASTER_CF, POSTFIX, Servers, write)

OPENSMTPD = "192.0.2.13"
SMTP_SERVER = "192.0.2.14"

NAMES = {POSTFIX: "mx.example.test", EXIM: "exim.example.test", OPENSMTPD: "smtpd.example.test",
         AIOSMTPD: "aio.example.test", SMTP_SERVER: "node.example.test"}
SERVERS = {"postfix": POSTFIX, "exim": EXIM, "opensmtpd": OPENSMTPD, "aiosmtpd": AIOSMTPD,
           "smtp-server": SMTP_SERVER}
HOSTS = ("127.0.0.1 localhost\n" + f"{CLIENT} client.example.test client\n"
         + "".join(f"{address} {name}\n" for address, name in NAMES.items()))

CLEAR, SUBMISSION, SUBMISSIONS = 25, 587, 465
POSTSCREEN, LIMITED, NEW_TLS_ONLY = 2525, 10025, 2587  # ports of Postfix
SILENT = 2525  # port of aiosmtpd's address

USER, PASSWORD, WRONG_PASSWORD = "alice", "Live-Test-Secret", "Live-Test-Wrong"

SIZE_LIMIT = 3000  # bytes of a message
RECIPIENT_LIMIT = 2
GREET_WAIT = 2  # seconds

SUBMISSION_OPTIONS = """\
  -o smtpd_sasl_auth_enable=yes
  -o smtpd_tls_auth_only=yes
  -o mynetworks=127.0.0.1
"""

POSTFIX_SERVICES = f"""\
{CLEAR}         inet n - n - - smtpd
  -o smtpd_tls_security_level=none
{SUBMISSION}    inet n - n - - smtpd
  -o smtpd_tls_security_level=encrypt
{SUBMISSION_OPTIONS}\
{SUBMISSIONS}   inet n - n - - smtpd
  -o smtpd_tls_wrappermode=yes
{SUBMISSION_OPTIONS}\
{NEW_TLS_ONLY}  inet n - n - - smtpd
  -o smtpd_tls_mandatory_protocols=>=TLSv1.3
  -o smtpd_tls_protocols=>=TLSv1.3
{LIMITED}       inet n - n - - smtpd
  -o smtpd_tls_security_level=none
  -o smtpd_recipient_limit={RECIPIENT_LIMIT}
  -o message_size_limit={SIZE_LIMIT}
{POSTSCREEN}    inet n - n - 1 postscreen
smtpd           pass - - n - - smtpd
  -o smtpd_tls_security_level=none
"""

POSTFIX_SETTINGS = f"""
smtpd_sasl_type = dovecot
smtpd_sasl_path = inet:127.0.0.1:12345
smtpd_sasl_security_options = noanonymous
postscreen_greet_wait = {GREET_WAIT}s
postscreen_greet_action = enforce
postscreen_access_list =
postscreen_cache_map = btree:$data_directory/postscreen_cache
postscreen_tls_security_level = none
"""

EXIM_AUTHENTICATORS = """
begin authenticators
plain:
  driver = plaintext
  public_name = PLAIN
  server_prompts = :
  server_condition = ${if and{{eq{$auth2}{USER}}{eq{$auth3}{PASSWORD}}}}
  server_set_id = $auth2
  server_advertise_condition = ${if def:tls_in_cipher}
login:
  driver = plaintext
  public_name = LOGIN
  server_prompts = Username:: : Password::
  server_condition = ${if and{{eq{$auth1}{USER}}{eq{$auth2}{PASSWORD}}}}
  server_set_id = $auth1
  server_advertise_condition = ${if def:tls_in_cipher}
""".replace("USER", USER).replace("PASSWORD", PASSWORD)

# Debian's OpenSMTPD 6.8 keeps its private key in a process apart, in a way that OpenSSL 3 does not
# know ("missing private key", mended in later versions): it ends each handshake that needs the key,
# RSA or ECDSA, with the alert internal_error. An anonymous cipher needs none.
ANONYMOUS = "AECDH-AES256-SHA:@SECLEVEL=0"

SMTPD_CONF = """\
table users {{ {user} = "{password}" }}
pki x cert "{certificate}"
pki x key "{key}"
smtp ciphers "{ciphers}"
listen on {address} port {clear} hostname {name}
listen on {address} port {submission} tls-require pki x auth <users> hostname {name}
listen on {address} port {submissions} smtps pki x auth <users> hostname {name}
action "hold" relay host smtp://127.0.0.1:9
match from any for rcpt-to "nouser@example.test" reject
match from any for any action "hold"
"""

# Where OpenSMTPD is compiled to have its files; the namespace has its own, empty.
SMTPD_ROOM, SMTPD_CHROOT = "/var/lib", "/var/lib/opensmtpd/empty"


def doubled(text):
    """For str.format(), which takes pairs of braces for one."""
    return text.replace("{", "{{").replace("}", "}}")


class DiagnosisServers(Servers):
    users = (*DAEMON_USERS, ("opensmtpd", 10028), ("opensmtpq", 10029))
    groups = (*DAEMON_GROUPS, ("opensmtpd", 10028), ("opensmtpq", 10029))
    master_cf = POSTFIX_SERVICES + MASTER_CF[MASTER_CF.index("cleanup"):]
    main_cf = MAIN_CF.replace("{addresses}", POSTFIX).replace(
        "{{later@", "{{grey@example.test = 450 4.7.1 Greylisted, try again in 300 seconds}}\n"
        "        {{later@").replace("permit_mynetworks reject",
                                    "permit_mynetworks permit_sasl_authenticated reject"
                                    ) + POSTFIX_SETTINGS
    exim_conf = EXIM_CONF.replace(
        "daemon_smtp_ports = 25\ntls_advertise_hosts = *\n",
        f"daemon_smtp_ports = {CLEAR} : {SUBMISSION} : {SUBMISSIONS}\n"
        f"tls_on_connect_ports = {SUBMISSIONS}\n"
        + doubled(f"tls_advertise_hosts = ${{if eq{{$received_port}}{{{CLEAR}}}{{}}{{*}}}}\n")
        ) + doubled(EXIM_AUTHENTICATORS)
    aiosmtpd_script = "diagnosis_aiosmtpd_server.py"
    listeners = ({f"{POSTFIX}:{port}" for port in (CLEAR, SUBMISSION, SUBMISSIONS, NEW_TLS_ONLY,
                                                   LIMITED, POSTSCREEN)}
                 | {f"{address}:{port}" for address in (EXIM, OPENSMTPD, AIOSMTPD)
                    for port in (CLEAR, SUBMISSION, SUBMISSIONS)}
                 | {f"{AIOSMTPD}:{SILENT}", "127.0.0.1:12345"})

    def __init__(self, namespace, work, unpacked, node_modules):
        """`node_modules` has smtp-server; None where there is none."""
        super().__init__(namespace, work, unpacked)
        self._node_modules = node_modules
        if node_modules is not None:
            self.listeners = self.listeners | {f"{SMTP_SERVER}:{port}" for port in
                                               (CLEAR, SUBMISSION, SUBMISSIONS)}

    def make_certificate(self):
        """A certificate that passes every check of a client that trusts ca.pem."""
        path = {f"{name}{end}": os.path.join(self._work, f"{name}{end}")
                for name in ("ca", "server") for end in (".pem", ".key")}
        names = ",".join(f"DNS:{name}" for name in NAMES.values())
        for name, words in (
                ("ca", ["-subj", "/CN=Live Test Authority"]),
                ("server", ["-subj", "/CN=mx.example.test", "-addext", f"subjectAltName={names}",
                            "-addext", "basicConstraints=critical,CA:FALSE",
                            "-CA", path["ca.pem"], "-CAkey", path["ca.key"]])):
            subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes",
                            "-days", "2", *words,
                            "-keyout", path[f"{name}.key"], "-out", path[f"{name}.pem"]],
                           stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
        os.chmod(path["server.key"], 0o644)  # Exim reads it as its own user
        return path["server.pem"], path["server.key"]

    def start_others(self, certificate, key):
        etc = os.path.join(self._work, "etc")
        write(os.path.join(etc, "hosts"), HOSTS)
        config = os.path.join(etc, "smtpd.conf")
        own_key = os.path.join(etc, "smtpd.key")  # it takes none that others can read
        shutil.copy(key, own_key)
        os.chmod(own_key, 0o600)
        hashed = subprocess.run(["openssl", "passwd", "-6", PASSWORD], stdout=subprocess.PIPE,
                                text=True, check=True).stdout.strip()
        write(config, SMTPD_CONF.format(
            address=OPENSMTPD, name=NAMES[OPENSMTPD], clear=CLEAR, submission=SUBMISSION,
            submissions=SUBMISSIONS, user=USER, password=hashed, certificate=certificate,
            key=own_key, ciphers=ANONYMOUS))
        for folder in (SMTPD_ROOM, "/var/spool", "/run"):
            self._namespace.check("mount", "-t", "tmpfs", "tmpfs", folder)
        self._namespace.check("mkdir", "-p", SMTPD_CHROOT)
        self._run("opensmtpd", os.path.join(self._unpacked, "opensmtpd/usr/sbin/smtpd"),
                  "-d", "-f", config)
        self._run("odd_servers", sys.executable, os.path.join(HERE, "odd_servers.py"),
                  AIOSMTPD, str(SILENT))
        if self._node_modules is not None:
            self._run("smtp-server", "node", os.path.join(HERE, "node", "server.js"), SMTP_SERVER,
                      certificate, key, USER, PASSWORD,
                      env=dict(os.environ, NODE_PATH=self._node_modules))
