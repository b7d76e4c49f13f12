# SPDX-License-Identifier: GPL-2.0-or-later
"""tcpdump in a namespace, with a check that it missed nothing."""

import re
import subprocess
import time


class Capture:
    def __init__(self, namespace, device, path):
        self._path = path
        self._log = path + ".log"
        with open(self._log, "w", encoding="utf-8") as log:
            self._tcpdump = namespace.start(
                "tcpdump", "-n", "-i", device, "-w", path, "-U", "-B", "16384", "-s", "0",
                "--time-stamp-precision=nano", "-Z", "root", "tcp",
                stderr=log, stdout=subprocess.DEVNULL)
        self._wait_for("listening on")

    def _read_log(self):
        with open(self._log, encoding="utf-8") as log:
            return log.read()

    def _wait_for(self, words):
        for _ in range(100):
            if words in self._read_log():
                return
            if self._tcpdump.poll() is not None:
                break
            time.sleep(0.05)
        raise RuntimeError(f"tcpdump: {self._read_log()}")

    def stop(self):
        # nsenter runs tcpdump as its child and passes no signal on; the child is what must end.
        with open(f"/proc/{self._tcpdump.pid}/task/{self._tcpdump.pid}/children",
                  encoding="ascii") as children:
            pids = [int(pid) for pid in children.read().split()]
        for pid in pids:
            subprocess.run(["kill", "-INT", str(pid)], check=True)
        self._tcpdump.wait(timeout=10)
        counts = re.search(r"(\d+) packets? captured\n(\d+) packets? received by filter\n"
                           r"(\d+) packets? dropped by kernel", self._read_log())
        if not counts or counts.group(1) != counts.group(2) or counts.group(3) != "0":
            raise RuntimeError(f"the capture {self._path} is not whole: {self._read_log()}")
