# SPDX-License-Identifier: GPL-2.0-or-later
"""What each live test needs around its sessions: a look at the machine, two hosts, a folder with
the servers, tshark, an end."""

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile

from namespace import Namespace, connect
import servers

# tcpdump takes packets from the kernel in blocks that are at most 1 s old; the last FIN comes
# before that.
DRAIN_SECONDS = 1.5

REQUIRED = {"ip": "iproute2", "ss": "iproute2", "tcpdump": "tcpdump", "tshark": "tshark",
            "openssl": "openssl", "swaks": "swaks", "curl": "curl", "unshare": "util-linux",
            "nsenter": "util-linux", "setpriv": "util-linux", "dpkg": "dpkg"}

NOBODY = "65534"


class Failed(Exception):
    """What to tell about a test that cannot go on, or found something wrong."""


def check_machine(**more):
    """`more` programs than REQUIRED, and the package of each."""
    problems = []
    if os.geteuid() != 0:
        problems.append("root is needed: namespaces and captures are made")
    packages = sorted({package for program, package in {**REQUIRED, **more}.items()
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


@contextlib.contextmanager
def two_hosts(*addresses):
    """The namespaces of a client and a server that share a link; `addresses` are the server's."""
    client, server = Namespace(), None
    try:
        server = Namespace()
        connect(client, "near0", server, "near0")
        client.check("ip", "addr", "add", f"{servers.CLIENT}/24", "dev", "near0")
        for address in addresses:
            server.check("ip", "addr", "add", f"{address}/24", "dev", "near0")
        for namespace in (client, server):
            namespace.check("ip", "link", "set", "near0", "up")
        yield client, server
    finally:
        for held in (server, client):
            if held is not None:
                held.close()


@contextlib.contextmanager
def work_folder():
    """A folder that the servers and tshark, which run as other users, can enter."""
    with tempfile.TemporaryDirectory(prefix="smtp-session-live-") as work:
        os.chmod(work, 0o755)
        yield work


def private_servers(work, unpacked):
    """A copy, in `work`, of the servers that are fetched to `unpacked` where they are missing: the
    build folder may be closed to the users that they run as."""
    os.makedirs(unpacked, exist_ok=True)
    servers.fetch(unpacked)
    private = os.path.join(work, "servers")
    shutil.copytree(unpacked, private, symlinks=True,
                    ignore=shutil.ignore_patterns("download", "doc", "man"))
    return private


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


def keep(work, out):
    """Captures, keys, truth and logs of this run, for whoever looks into a failure."""
    shutil.rmtree(out, ignore_errors=True)
    os.makedirs(out)
    for name in sorted(os.listdir(work)):
        if name.endswith((".pcap", ".json", ".log", ".out")):
            shutil.copy(os.path.join(work, name), out)


def run(main, seconds):
    """Calls `main`, which has so many seconds; ends the process with what it says."""

    def out_of_time(_signal, _frame):
        raise Failed(f"not done within {seconds} s")

    signal.signal(signal.SIGALRM, out_of_time)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("terminated"))
    signal.alarm(seconds)
    try:
        main()
    except (Failed, RuntimeError) as error:
        print(f"FAILED: {error}", file=sys.stderr)
        sys.exit(1)
