#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What the plugin costs, in instructions: tshark with and without it, start-up taken off.

Instructions repeat where times on a shared machine do not. Both sides load the same stock plugins
and run as the same ordinary user. Prints a line for each capture and exits 1 above its limit.
"""

import argparse
import pathlib
import re
import statistics
import struct
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from support.tshark import Failed, Stage, call  # noqa: E402

# Instructions with the plugin over those without, at most. A post-dissector that does nothing is
# at about 1.013 on web traffic already.
LIMITS = {"web": 1.03, "smtp": 1.10}

# Bytes of an empty capture: pcap's file header, Ethernet.
EMPTY_PCAP = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, 1)


def instructions(stage, capture, with_plugin, arguments):
    counts = stage.output / "cachegrind.out"
    wrapper = ["valgrind", "-q", "--tool=cachegrind", "--cache-sim=no",
               f"--cachegrind-out-file={counts}"]
    done = stage.run(["-n", "-r", capture, *arguments], with_plugin, wrapper=wrapper)
    if done.returncode != 0:
        raise Failed(f"status {done.returncode}: " + done.stderr.decode(errors="replace"))
    summary = re.search(r"^summary:\s*(\d+)", counts.read_text(), re.M)
    counts.unlink()
    if not summary:
        raise Failed("cachegrind left no summary")
    return int(summary.group(1)), done.stdout


def packets_of(lines):
    return lines.count(b"\n")


def measure(stage, empty, capture, with_plugin, runs, arguments):
    """Median instructions for the capture alone, and its summary lines. A run now and then is 1 %
    off, with the plugin and without; the start never was, in many runs."""
    start = instructions(stage, empty, with_plugin, arguments)[0]
    results = [instructions(stage, capture, with_plugin, arguments) for _ in range(runs)]
    return statistics.median(count for count, _ in results) - start, results[0][1]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("build_dir", type=pathlib.Path)
    parser.add_argument("generator", help="the make_bench_pcap program")
    parser.add_argument("--kind", choices=LIMITS, action="append")
    parser.add_argument("--sessions", type=int, default=200)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--arguments", default="", help="more of tshark's, e.g. '-T fields -e ...'")
    parser.add_argument("--measure-only", action="store_true", help="no limits")
    args = parser.parse_args()

    within = True
    with Stage(args.build_dir) as stage:
        empty = stage.path / "empty.pcap"
        empty.write_bytes(EMPTY_PCAP)
        for kind in args.kind or LIMITS:
            made = stage.path / f"{kind}.pcap"
            call([args.generator, kind, str(args.sessions), str(made)])
            made.chmod(0o644)
            base, lines = measure(stage, empty, made, False, args.runs, args.arguments.split())
            ours, our_lines = measure(stage, empty, made, True, args.runs, args.arguments.split())
            packets = packets_of(lines)
            if packets < 10 * args.sessions:
                raise Failed(f"{kind}: {packets} packets for {args.sessions} sessions: the capture "
                             "is not what it should be")
            if lines != our_lines:
                raise Failed(f"{kind}: tshark's lines differ with the plugin")
            ratio = ours / base
            limit = LIMITS[kind]
            print(f"{kind}: {packets} packets, {base / packets:.0f} instructions a packet, "
                  f"{ours / packets:.0f} with the plugin: {ratio:.4f} x (limit {limit})", flush=True)
            if ratio > limit and not args.measure_only:
                within = False
    return 0 if within else 1


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Failed as failure:
        sys.exit(str(failure))
