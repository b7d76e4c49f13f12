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
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time

# Nothing is written beside the sources, by this process and by those that it starts.
sys.dont_write_bytecode = True
os.environ["PYTHONDONTWRITEBYTECODE"] = "1"

from capture import Capture
from compare import Comparison
from namespace import Namespace, connect, die_with_parent
import servers as servers_module
from servers import AIOSMTPD, CLIENT, CLIENT_FAR, EXIM, POSTFIX, POSTFIX_FAR, Servers

HERE = os.path.dirname(os.path.abspath(__file__))
TIME_LIMIT = 170  # seconds for the whole test, below the limit of CTest

# tcpdump takes packets from the kernel in blocks that are at most 1 s old; the last FIN comes
# before that.
DRAIN_SECONDS = 1.5

REQUIRED = {"ip": "iproute2", "ss": "iproute2", "tcpdump": "tcpdump", "tshark": "tshark",
            "openssl": "openssl", "swaks": "swaks", "curl": "curl", "unshare": "util-linux",
            "nsenter": "util-linux", "setpriv": "util-linux", "dpkg": "dpkg"}

NOBODY = "65534"


class Failed(Exception):
    pass


def check_machine():
    problems = []
    if os.geteuid() != 0:
        problems.append("root is needed: namespaces and captures are made")
    packages = sorted({package for program, package in REQUIRED.items()
                       if shutil.which(program) is None})
    try:
        import aiosmtpd  # noqa: F401  pylint: disable=unused-import,import-outside-toplevel
    except ImportError:
        packages.append("python3-aiosmtpd")
    if packages:
        problems.append("missing; install: apt-get install " + " ".join(packages))
    if not os.path.exists("/dev/net/tun"):
        problems.append("/dev/net/tun is missing: load the kernel's tun module")
    if problems:
        raise Failed("\n".join(problems))


def start_link(client, server, statistics):
    """The lossy link: 198.51.100.0/24 between two tun devices."""
    link = subprocess.Popen(
        [sys.executable, os.path.join(HERE, "lossy_link.py"), str(client.pid), "far0",
         str(server.pid), "far0", statistics],
        stdout=subprocess.PIPE, text=True, preexec_fn=die_with_parent)
    if link.stdout.readline().strip() != "ready":
        raise Failed("the lossy link did not start")
    for namespace, address in ((client, CLIENT_FAR), (server, POSTFIX_FAR)):
        namespace.check("ip", "addr", "add", f"{address}/24", "dev", "far0")
        namespace.check("ip", "link", "set", "far0", "up")
    return link


def converse(work, unpacked):
    """Runs all sessions; leaves captures, keys and truth in `work`."""
    client, server = Namespace(), None
    link = None
    try:
        server = Namespace()
        connect(client, "near0", server, "near0")
        client.check("ip", "addr", "add", f"{CLIENT}/24", "dev", "near0")
        for address in (POSTFIX, EXIM, AIOSMTPD):
            server.check("ip", "addr", "add", f"{address}/24", "dev", "near0")
        for namespace in (client, server):
            namespace.check("ip", "link", "set", "near0", "up")
        statistics = os.path.join(work, "link.json")
        link = start_link(client, server, statistics)
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
    finally:
        for held in (link, server, client):
            if isinstance(held, Namespace):
                held.close()
            elif held is not None:
                held.kill()
                held.wait()


class Tshark:
    """tshark with the plugin, as an ordinary user: as root it would load no private plugin."""

    def __init__(self, work, plugin_dir):
        self._plugins = os.path.join(work, "wsplugins")
        shutil.copytree(plugin_dir, self._plugins)
        self._home = os.path.join(work, "home")
        os.mkdir(self._home)
        os.chown(self._home, int(NOBODY), int(NOBODY))
        listed = self._run("-G", "plugins")
        if "smtp_session.so" not in listed:
            raise Failed(f"tshark did not load smtp_session.so from {plugin_dir}:\n{listed}")

    def _run(self, *argv):
        result = subprocess.run(
            ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", "env",
             f"HOME={self._home}", f"WIRESHARK_PLUGIN_DIR={self._plugins}", "tshark", *argv],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=60, check=False)
        if result.returncode != 0:
            raise Failed(f"tshark {' '.join(argv)} ended with {result.returncode}:\n"
                         f"{result.stderr}")
        return result.stdout

    def sessions(self, capture, *options):
        lines = self._run("-n", "-q", "-r", capture, *options,
                          "-z", "smtp_session,json").splitlines()
        return [json.loads(line) for line in lines if line.strip()]


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


def keep(work, out):
    """Captures, keys, truth and logs of this run, for whoever looks into a failure."""
    shutil.rmtree(out, ignore_errors=True)
    os.makedirs(out)
    for name in sorted(os.listdir(work)):
        if name.endswith((".pcap", ".json", ".log", ".out")):
            shutil.copy(os.path.join(work, name), out)


def out_of_time(_signal, _frame):
    raise Failed(f"not done within {TIME_LIMIT} s")


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
    signal.signal(signal.SIGALRM, out_of_time)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("terminated"))
    signal.alarm(TIME_LIMIT)
    check_machine()
    build = os.path.abspath(arguments.build_dir)
    # The servers and tshark run as users that may not be able to read the build folder.
    with tempfile.TemporaryDirectory(prefix="smtp-session-live-") as work:
        os.chmod(work, 0o755)
        unpacked = os.path.join(build, "servers")
        os.makedirs(unpacked, exist_ok=True)
        servers_module.fetch(unpacked)
        private = os.path.join(work, "servers")
        shutil.copytree(unpacked, private, symlinks=True,
                        ignore=shutil.ignore_patterns("download", "doc", "man"))
        try:
            converse(work, private)
            if not arguments.record_only:
                compare(work, arguments.plugin_dir, arguments.require_decrypted)
        finally:
            keep(work, os.path.join(build, "out"))
    print("passed")


if __name__ == "__main__":
    try:
        main()
    except (Failed, RuntimeError) as error:
        print(f"FAILED: {error}", file=sys.stderr)
        sys.exit(1)
