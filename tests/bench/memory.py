#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Peak memory of tshark with and without the plugin, and the bytes a session costs.

The cost of a session is the slope between two captures, so that what the plugin takes once does
not count as a session's. Exits 1 above the limit.
"""

import argparse
import os
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from support.tshark import Failed, Stage, call  # noqa: E402

# Bytes that a session of one mail may cost over tshark's own.
LIMIT = 1536


def peak_bytes(stage, capture, with_plugin, arguments):
    """The peak resident set of one run, as the kernel counted it."""
    command = stage.command(["-n", "-r", capture, *arguments], with_plugin)
    child = os.fork()
    if child == 0:
        null = os.open(os.devnull, os.O_RDWR)
        for descriptor in (0, 1):
            os.dup2(null, descriptor)
        os.execvp(command[0], command)
    _, status, usage = os.wait4(child, 0)
    if status != 0:
        raise Failed(f"tshark: wait status {status}")
    return usage.ru_maxrss * 1024


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("build_dir", type=pathlib.Path)
    parser.add_argument("generator", help="the make_bench_pcap program")
    parser.add_argument("--sessions", type=int, default=40000)
    parser.add_argument("--arguments", default="", help="more of tshark's")
    parser.add_argument("--measure-only", action="store_true", help="no limit")
    args = parser.parse_args()

    # Far apart: the memory of a run differs by half a MiB from that of the next.
    sizes = (args.sessions // 4, args.sessions)
    extra = []
    with Stage(args.build_dir) as stage:
        for sessions in sizes:
            made = stage.path / f"smtp-{sessions}.pcap"
            call([args.generator, "smtp", str(sessions), str(made)])
            made.chmod(0o644)
            base = peak_bytes(stage, made, False, args.arguments.split())
            ours = peak_bytes(stage, made, True, args.arguments.split())
            extra.append(ours - base)
            print(f"{sessions} sessions: {base / 2**20:.1f} MiB, {ours / 2**20:.1f} MiB with the "
                  f"plugin: {ours / base:.4f} x, {(ours - base) / sessions:.0f} bytes a session",
                  flush=True)
    slope = (extra[1] - extra[0]) / (sizes[1] - sizes[0])
    print(f"each further session: {slope:.0f} bytes (limit {LIMIT})")
    return 0 if slope <= LIMIT or args.measure_only else 1


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Failed as failure:
        sys.exit(str(failure))
