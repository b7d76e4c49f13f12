#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Live test: the plugin's numbers against what a client measured while it talked to real servers.

usage: live_test.py --plugin-dir DIR --build-dir DIR     run the test (as root)
       live_test.py --fetch DIR                           only download the servers' packages

Two network namespaces are joined by a cable (veth) and by a lossy link; Postfix, Exim and aiosmtpd
listen in one, an instrumented client, swaks and curl talk in the other, where tcpdump captures.
Everything ends with the test.
"""

import argparse
import contextlib
import json
import os
import subprocess
import sys
import time

# Nothing is written beside the sources, by this process and by those that it starts.
sys.dont_write_bytecode = True
os.environ["PYTHONDONTWRITEBYTECODE"] = "1"

from capture import Capture
from compare import Comparison
from namespace import die_with_parent
import servers as servers_module
from servers import AIOSMTPD, CLIENT_FAR, EXIM, POSTFIX, POSTFIX_FAR, Servers
from stage import (DRAIN_SECONDS, Failed, Tshark, check_machine, keep, private_servers, run,
                   two_hosts, work_folder)

HERE = os.path.dirname(os.path.abspath(__file__))
TIME_LIMIT = 170  # seconds for the whole test, below the limit of CTest

@contextlib.contextmanager
def lossy_link(client, server, statistics):
    """198.51.100.0/24 between two tun devices; counts to the file `statistics` at its end."""
    link = subprocess.Popen(
        [sys.executable, os.path.join(HERE, "lossy_link.py"), str(client.pid), "far0",
         str(server.pid), "far0", statistics],
        stdout=subprocess.PIPE, text=True, preexec_fn=die_with_parent)
    try:
        if link.stdout.readline().strip() != "ready":
            raise Failed("the lossy link did not start")
        for namespace, address in ((client, CLIENT_FAR), (server, POSTFIX_FAR)):
            namespace.check("ip", "addr", "add", f"{address}/24", "dev", "far0")
            namespace.check("ip", "link", "set", "far0", "up")
        yield link
    finally:
        link.kill()
        link.wait()


def converse(work, unpacked):
    """Runs all sessions; leaves captures, keys and truth in `work`."""
    statistics = os.path.join(work, "link.json")
    with two_hosts(POSTFIX, EXIM, AIOSMTPD) as (client, server), \
            lossy_link(client, server, statistics) as link:
        daemons = Servers(server, work, unpacked)
        daemons.start()

        captures = [Capture(client, device, os.path.join(work, f"{name}.pcap"))
                    for name, device in (("near", "near0"), ("far", "far0"), ("any", "any"))]
        try:
            print(client.check(sys.executable, os.path.join(HERE, "sessions.py"),
                               os.path.join(work, "keys.log"), os.path.join(work, "truth.json"),
                               timeout=120).strip())
        except (RuntimeError, subprocess.TimeoutExpired) as error:
            raise Failed(f"the client failed: {error}\n{daemons.logs()}") from error
        time.sleep(DRAIN_SECONDS)
        for capture in captures:
            capture.stop()
        link.terminate()
        link.wait(timeout=5)
        with open(statistics, encoding="ascii") as counts:
            counts = json.load(counts)
        print("lossy link: {packets} packets, {lost} lost, {reordered} reordered".format(**counts))
        if counts["lost"] == 0 or counts["reordered"] == 0:
            raise Failed("the lossy link lost or reordered nothing")


def compare(work, plugin_dir, require_decrypted):
    with open(os.path.join(work, "truth.json"), encoding="utf-8") as truth:
        truths = json.load(truth)
    tshark = Tshark(work, plugin_dir)
    far = [truth for truth in truths if truth["server"] == POSTFIX_FAR]
    near = [truth for truth in truths if truth["server"] != POSTFIX_FAR]
    mismatches = 0
    for name, expected in (("near", near), ("far", far), ("any", truths)):
        comparison = Comparison(f"{name}.pcap", expected, require_decrypted)
        comparison.hold_against(tshark.sessions(
            os.path.join(work, f"{name}.pcap"),
            "-o", f"tls.keylog_file:{os.path.join(work, 'keys.log')}"))
        comparison.print()
        mismatches += len(comparison.mismatches)
    if mismatches:
        raise Failed(f"{mismatches} mismatches")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--fetch", metavar="DIR")
    parser.add_argument("--plugin-dir")
    parser.add_argument("--build-dir")
    parser.add_argument("--record-only", action="store_true",
                        help="make the captures and compare nothing")
    parser.add_argument("--require-decrypted", action="store_true",
                        help="fail where the content of a session under TLS was not read")
    arguments = parser.parse_args()
    if arguments.fetch:
        os.makedirs(arguments.fetch, exist_ok=True)
        servers_module.fetch(arguments.fetch)
        return
    check_machine()
    build = os.path.abspath(arguments.build_dir)
    with work_folder() as work:
        private = private_servers(work, os.path.join(build, "servers"))
        try:
            converse(work, private)
            if not arguments.record_only:
                compare(work, arguments.plugin_dir, arguments.require_decrypted)
        finally:
            keep(work, os.path.join(build, "out"))
    print("passed")


if __name__ == "__main__":
    run(main, TIME_LIMIT)
