#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Live test of TLS: what the plugin says of it against what the client knows.

usage: tls_live_test.py --plugin-dir DIR --build-dir DIR     (as root)

One capture of many sessions is read with the key log, with the keys embedded in the file, with the
servers' private key alone, and with nothing; then in parts, as a capture may hold them. The servers
run in network namespaces as in live_test.py.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import time

sys.dont_write_bytecode = True
os.environ["PYTHONDONTWRITEBYTECODE"] = "1"
sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir))

from capture import Capture
import pcap_cut
from servers import AIOSMTPD, EXIM, POSTFIX
from stage import (DRAIN_SECONDS, Failed, Tshark, check_machine, keep, private_servers, run,
                   two_hosts, work_folder)
from support.tshark import WHOLE_TLS
from tls_compare import CutComparison, TlsComparison
from tls_servers import TlsServers

HERE = os.path.dirname(os.path.abspath(__file__))
TIME_LIMIT = 110  # seconds for the whole test


def converse(work, unpacked):
    """Runs all sessions; leaves capture, keys and truth in `work`."""
    with two_hosts(POSTFIX, EXIM, AIOSMTPD) as (client, server):
        daemons = TlsServers(server, work, unpacked)
        daemons.start()
        capture = Capture(client, "near0", os.path.join(work, "tls.pcap"))
        try:
            print(client.check(
                sys.executable, os.path.join(HERE, "tls_sessions.py"),
                *(os.path.join(work, name)
                  for name in ("keys.log", "truth.json", "server.pem", "server.key")),
                timeout=80).strip())
        except (RuntimeError, subprocess.TimeoutExpired) as error:
            raise Failed(f"the client failed: {error}\n{daemons.logs()}") from error
        time.sleep(DRAIN_SECONDS)
        capture.stop()


def is_rsa(truth):
    return truth["tls"]["cipher"].startswith("TLS_RSA_")


def read(truth):
    return "decrypted"


def no_key(truth):
    if truth["tls"]["resumed"] and truth["tls"]["version"] == "TLSv1.2":
        return "resumed_unknown"
    return "no_key"


def rsa_key(truth):
    if is_rsa(truth):
        return "decrypted"
    state = no_key(truth)
    return "rsa_key_useless" if state == "no_key" else state


class Reader:
    def __init__(self, work, plugin_dir):
        self._work = work
        self._tshark = Tshark(work, plugin_dir)
        self.mismatches = 0

    def path(self, name):
        return os.path.join(self._work, name)

    def hold(self, comparison, capture, *options):
        comparison.hold_against(self._tshark.sessions(self.path(capture), *options))
        comparison.print()
        self.mismatches += len(comparison.mismatches)


def inject_secrets(reader):
    subprocess.run(["editcap", "-F", "pcapng", "--inject-secrets",
                    f"tls,{reader.path('keys.log')}", reader.path("tls.pcap"),
                    reader.path("embedded.pcapng")], check=True)


# What is cut away, and what is to be known all the same.
CUTS = (
    (pcap_cut.from_client_hello, read, ("starttls",)),
    (pcap_cut.from_starttls_reply, read, ("starttls",)),
    (pcap_cut.without_starttls, read, ("starttls",)),
    (pcap_cut.without_starttls_reply, read, ("starttls",)),
    (pcap_cut.reply_behind_client_hello, read, ("starttls",)),
    (pcap_cut.reply_behind_server_hello, read, ("starttls",)),
    (pcap_cut.from_client_hello, read, ("implicit",)),
    (pcap_cut.without_client_hello, lambda truth: "client_hello_missing",
     ("starttls", "implicit")),
    (pcap_cut.from_inside_tls, lambda truth: "client_hello_missing", ("starttls", "implicit")),
)


def hold_parts(reader, truths):
    header, frames = pcap_cut.read(reader.path("tls.pcap"))
    whole = [truth for truth in truths if not truth.get("failure")
             and truth["name"].split()[0] in ("postfix", "exim", "aiosmtpd")
             and "first" not in truth["name"] and "resumed" not in truth["name"]]
    keys = ("-o", f"tls.keylog_file:{reader.path('keys.log')}")
    for number, (cut, state, modes) in enumerate(CUTS):
        # Where TLS alone is left, only the port tells that it carries SMTP.
        chosen = [truth for truth in whole if truth["tls"]["mode"] in modes
                  and (truth["server_port"] != 10025 or cut in pcap_cut.KEEP_GREETING)]
        name = f"cut{number}.pcap"
        rest = []
        for truth in chosen:
            rest += cut(pcap_cut.session(frames, truth))
        pcap_cut.write(reader.path(name), header, rest)
        _, frames = pcap_cut.read(reader.path("tls.pcap"))  # cuts may change the times
        reader.hold(CutComparison(f"{cut.__name__}, {' '.join(modes)}", chosen, state), name, *keys)

    # A session that was resumed from one that is not there, with the private key.
    resumed = [truth for truth in truths if truth["name"].endswith("resumed")
               and truth["tls"]["version"] == "TLSv1.2"]
    rest = []
    for truth in resumed:
        rest += pcap_cut.session(frames, truth)
    pcap_cut.write(reader.path("resumed.pcap"), header, rest)
    reader.hold(TlsComparison("resumed from outside, private key", resumed,
                              lambda truth: "resumed_unknown"), "resumed.pcap",
                *rsa_option(reader))


def rsa_option(reader):
    return ("-o", f'uat:rsa_keys:"{reader.path("server.key")}",""')


def compare(work, plugin_dir):
    reader = Reader(work, plugin_dir)
    with open(reader.path("truth.json"), encoding="utf-8") as truth:
        truths = json.load(truth)
    inject_secrets(reader)
    for title, state, capture, options in (
            ("key log", read, "tls.pcap", ("-o", f"tls.keylog_file:{reader.path('keys.log')}")),
            ("embedded keys", read, "embedded.pcapng", ()),
            ("private key", rsa_key, "tls.pcap", rsa_option(reader)),
            ("no keys", no_key, "tls.pcap", ())):
        reader.hold(TlsComparison(title, truths, state), capture, *WHOLE_TLS, *options)
    hold_parts(reader, truths)
    if reader.mismatches:
        raise Failed(f"{reader.mismatches} mismatches")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--plugin-dir", required=True)
    parser.add_argument("--build-dir", required=True)
    parser.add_argument("--again", action="store_true",
                        help="compare the captures of the last run, make no new ones")
    arguments = parser.parse_args()
    check_machine()
    build = os.path.abspath(arguments.build_dir)
    out = os.path.join(build, "tls_out")
    with work_folder() as work:
        if arguments.again:
            shutil.copytree(out, work, dirs_exist_ok=True)
            compare(work, arguments.plugin_dir)
            return
        private = private_servers(work, os.path.join(build, "servers"))
        try:
            converse(work, private)
        finally:
            keep(work, out)
            for name in ("server.pem", "server.key"):
                if os.path.exists(os.path.join(work, name)):
                    shutil.copy(os.path.join(work, name), out)
        compare(work, arguments.plugin_dir)
    print("passed")


if __name__ == "__main__":
    run(main, TIME_LIMIT)
