#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""How often the plugin knows what an encrypted turn was: against sessions whose keys are there.

usage: inference_test.py --plugin-dir DIR --build-dir DIR [--servers DIR] [--record-only]

Real servers and clients talk under TLS and leave their keys. tshark reads the capture twice: with
the keys (what was said) and without (what the plugin infers). Needs root, as the live test.
"""

import argparse
import os
import subprocess
import sys
import time

sys.dont_write_bytecode = True
os.environ["PYTHONDONTWRITEBYTECODE"] = "1"
HERE = os.path.dirname(os.path.abspath(__file__))
LIVE = os.path.join(os.path.dirname(HERE), "live")
sys.path.insert(0, LIVE)

# pylint: disable=wrong-import-position
from capture import Capture
import score
import servers as live
from servers import AIOSMTPD, EXIM, POSTFIX
from stage import (DRAIN_SECONDS, Failed, check_machine, keep, private_servers, run, two_hosts,
                   work_folder)

TIME_LIMIT = 240  # seconds for the whole test, below the limit of CTest
STYLED = {"192.0.2.13": "exchange", "192.0.2.14": "gmail", "192.0.2.15": "sendmail",
          "192.0.2.16": "qmail", "192.0.2.17": "haraka", "192.0.2.18": "opensmtpd"}
BATCHES = ("TLS_AES_256_GCM_SHA384", "TLS_AES_128_GCM_SHA256", "TLS_CHACHA20_POLY1305_SHA256",
           "tls12", "stock")

# Exim as a submission server. The live test's has no AUTH and one port.
EXIM_AUTH = """
begin authenticators
plain:
  driver = plaintext
  public_name = PLAIN
  server_prompts = :
  server_condition = ${if and {{eq{$auth2}{alice}}{eq{$auth3}{Live-Test-Secret}}}}
  server_set_id = $auth2
login:
  driver = plaintext
  public_name = LOGIN
  server_prompts = Username:: : Password::
  server_condition = ${if and {{eq{$auth1}{alice}}{eq{$auth2}{Live-Test-Secret}}}}
  server_set_id = $auth1
cram:
  driver = cram_md5
  public_name = CRAM-MD5
  server_secret = ${if eq{$auth1}{alice}{Live-Test-Secret}fail}
  server_set_id = $auth1
"""

OPENSSL_CONF = """\
openssl_conf = all
[all]
ssl_conf = ssl
[ssl]
system_default = defaults
[defaults]
Ciphersuites = {suite}
"""


class Servers(live.Servers):
    """The live test's servers, Exim with AUTH, and the styled ones."""

    exim_conf = live.EXIM_CONF.replace(
        "daemon_smtp_ports = 25",
        "daemon_smtp_ports = 25 : 465 : 587\ntls_on_connect_ports = 465"
    ) + EXIM_AUTH.replace("{", "{{").replace("}", "}}")  # it is a format
    listeners = live.Servers.listeners | {f"{EXIM}:{port}" for port in (465, 587)}

    def start_all(self, keylog):
        self.start()
        self._run("styled", "/usr/bin/python3", os.path.join(HERE, "styled_server.py"),
                  os.path.join(self._work, "server.pem"), os.path.join(self._work, "server.key"),
                  keylog, *(f"{address}={style}" for address, style in STYLED.items()))
        for _ in range(100):
            with open(os.path.join(self._work, "styled.out"), encoding="utf-8") as out:
                if "ready" in out.read():
                    return
            time.sleep(0.05)
        raise Failed("the styled servers did not start\n" + self.logs())


def converse(work, unpacked):
    keylog = os.path.join(work, "keys.log")
    with two_hosts(POSTFIX, EXIM, AIOSMTPD, *STYLED) as (client, server):
        server.check("ip", "addr", "add", f"{live.POSTFIX_FAR}/32", "dev", "lo")
        daemons = Servers(server, work, unpacked)
        daemons.start_all(keylog)
        capture = Capture(client, "near0", os.path.join(work, "inference.pcap"))
        try:
            for batch in BATCHES:
                talk(client, work, batch, keylog)
        except (RuntimeError, subprocess.TimeoutExpired) as error:
            raise Failed(f"the client failed: {error}\n{daemons.logs()}") from error
        time.sleep(DRAIN_SECONDS)
        capture.stop()


def talk(client, work, batch, keylog):
    environment = dict(os.environ, PYTHONPATH=LIVE)
    if batch.startswith("TLS_"):
        path = os.path.join(work, batch + ".cnf")
        with open(path, "w", encoding="ascii") as out:
            out.write(OPENSSL_CONF.format(suite=batch))
        environment["OPENSSL_CONF"] = path
    begin = time.monotonic()
    client.check("/usr/bin/python3", os.path.join(HERE, "conversations.py"), batch, keylog,
                 os.path.join(work, "server.pem"), os.path.join(work, "server.key"),
                 timeout=120, env=environment)
    print(f"{batch}: {time.monotonic() - begin:.1f} s")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--plugin-dir")
    parser.add_argument("--build-dir", required=True)
    parser.add_argument("--servers", help="folder of the unpacked servers (default: below build)")
    parser.add_argument("--record-only", action="store_true")
    arguments = parser.parse_args()
    check_machine()
    build = os.path.abspath(arguments.build_dir)
    with work_folder() as work:
        private = private_servers(work, arguments.servers or os.path.join(build, "servers"))
        try:
            converse(work, private)
            if not arguments.record_only:
                score.check(work, arguments.plugin_dir)
        finally:
            keep(work, os.path.join(build, "inference-out"))
    print("passed")


if __name__ == "__main__":
    run(main, TIME_LIMIT)
