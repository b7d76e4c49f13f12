# SPDX-License-Identifier: GPL-2.0-or-later
"""A network (and mount, and process) namespace that ends with the test."""

import ctypes
import os
import signal
import subprocess
import time

PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True)


def die_with_parent():
    """For preexec_fn: the kernel ends this process when the test dies, however it dies."""
    _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def realtime():
    """Puts this process before ordinary ones, so that a busy machine does not blur its clock."""
    os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(10))


def enter_network(pid):
    """Moves the calling process to the network namespace of `pid`."""
    fd = os.open(f"/proc/{pid}/ns/net", os.O_RDONLY)
    try:
        if _libc.setns(fd, 0) != 0:
            raise OSError(ctypes.get_errno(), "setns")
    finally:
        os.close(fd)


class Namespace:
    """Held by one process. Ending that process ends every process started inside."""

    def __init__(self):
        # With a process namespace of its own, no daemon that detaches itself can survive.
        self._unshare = subprocess.Popen(
            ["unshare", "--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc",
             "sleep", "300"], preexec_fn=die_with_parent, stdin=subprocess.DEVNULL)
        self.pid = self._wait_for_child()
        self.check("ip", "link", "set", "lo", "up")

    def _wait_for_child(self):
        path = f"/proc/{self._unshare.pid}/task/{self._unshare.pid}/children"
        for _ in range(200):
            if self._unshare.poll() is not None:
                raise RuntimeError("unshare failed: are you root, with namespaces allowed?")
            with open(path, encoding="ascii") as children:
                pids = children.read().split()
            # unshare replaces itself by sleep once the namespaces are complete.
            if pids and os.path.basename(os.readlink(f"/proc/{pids[0]}/exe")) != "unshare":
                return int(pids[0])
            time.sleep(0.01)
        raise RuntimeError("the namespace did not come up")

    def command(self, *argv):
        return ["nsenter", "--target", str(self.pid), "--net", "--mount", "--pid", *argv]

    def check(self, *argv, **kwargs):
        result = subprocess.run(self.command(*argv), stdout=subprocess.PIPE,
                                stderr=subprocess.STDOUT, text=True, check=False, **kwargs)
        if result.returncode != 0:
            raise RuntimeError(f"{' '.join(argv)}: {result.stdout.strip()}")
        return result.stdout

    def start(self, *argv, **kwargs):
        kwargs.setdefault("stdin", subprocess.DEVNULL)
        return subprocess.Popen(self.command(*argv), preexec_fn=die_with_parent, **kwargs)

    def close(self):
        self._unshare.kill()
        self._unshare.wait()


def connect(left, left_name, right, right_name):
    """A pair of virtual Ethernet devices between two namespaces."""
    subprocess.run(["ip", "link", "add", left_name, "netns", str(left.pid), "type", "veth",
                    "peer", "name", right_name, "netns", str(right.pid)], check=True)
