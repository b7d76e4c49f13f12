# SPDX-License-Identifier: GPL-2.0-or-later
"""A link between two network namespaces that delays, loses and reorders packets.

It does the work of the kernel's netem, which many kernels lack, with two tun devices. Which packet
suffers follows from its number alone, so every run loses about the same share.

usage: lossy_link.py PID-A DEVICE-A PID-B DEVICE-B STATISTICS
"""

import fcntl
import heapq
import json
import os
import select
import signal
import struct
import sys
import time

from namespace import enter_network, realtime

DELAY = 0.020
REORDER_DELAY = 0.012
LOSE_EVERY = 50      # 2 %
REORDER_EVERY = 49   # about 2 %, and never the packets that are lost for long

TUNSETIFF = 0x400454CA
IFF_TUN = 0x0001
IFF_NO_PI = 0x1000


def open_tun(pid, name):
    # The device belongs to the namespace in which the file was opened.
    enter_network(pid)
    fd = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(fd, TUNSETIFF, struct.pack("16sH22x", name.encode(), IFF_TUN | IFF_NO_PI))
    return fd


def main():
    pid_a, name_a, pid_b, name_b, statistics = sys.argv[1:]
    a = open_tun(int(pid_a), name_a)
    b = open_tun(int(pid_b), name_b)
    realtime()
    running = True

    def stop(_signal, _frame):
        nonlocal running
        running = False

    signal.signal(signal.SIGTERM, stop)
    print("ready", flush=True)

    other = {a: b, b: a}
    counts = {"packets": 0, "lost": 0, "reordered": 0}
    waiting = []
    while running:
        timeout = max(0.0, waiting[0][0] - time.monotonic()) if waiting else 0.2
        for fd in select.select([a, b], [], [], timeout)[0]:
            try:
                packet = os.read(fd, 65536)
            except BlockingIOError:
                continue
            counts["packets"] += 1
            due = time.monotonic() + DELAY
            if counts["packets"] % LOSE_EVERY == 0:
                counts["lost"] += 1
                continue
            if counts["packets"] % REORDER_EVERY == 0:
                counts["reordered"] += 1
                due += REORDER_DELAY
            heapq.heappush(waiting, (due, counts["packets"], other[fd], packet))
        now = time.monotonic()
        while waiting and waiting[0][0] <= now:
            _, _, fd, packet = heapq.heappop(waiting)
            try:
                os.write(fd, packet)
            except OSError:
                pass  # a device that is down loses packets, as a cable does
    with open(statistics, "w", encoding="ascii") as out:
        json.dump(counts, out)


main()
