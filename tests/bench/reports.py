#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What each report of -z costs beside the sessions themselves: memory and time over a plain run.

The plain run has the plugin and prints its packets, so it holds the same sessions. What counts is the
slope between two captures, so that what a report takes once does not count. Exits 1 where a report
keeps more than a few numbers of each session, where its time grows faster than the capture, or where
the page of html holds more sessions than a browser can open.
"""

import argparse
import os
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from support.tshark import Failed, Stage, call  # noqa: E402

# Bytes of memory that a report may keep of each session: the latencies of its commands for the
# percentiles of srt, three numbers for those of servers. The text of a report has thousands.
MEMORY_LIMIT = 256
# Time of a session in the larger capture over that in the smaller: 1 where it is linear, 4 where it is
# quadratic; other work on the machine moves it by a half.
TIME_LIMIT = 1.75
# As in dissector/report/session_page.h.
PAGE_SESSIONS = 10000
REPORTS = ("sessions", "report", "transcript", "json", "json,stream", "json,addresses=hash",
           "json,schema=ecs", "csv", "servers", "srt", "tree", "html,page.html", "compare,0,LAST")


def run(stage, capture, arguments):
    """Peak memory in bytes, seconds of the processor, and what was said on standard error."""
    command = stage.command(["-n", "-r", capture, *arguments])
    said = stage.path / "said"
    child = os.fork()
    if child == 0:
        null = os.open(os.devnull, os.O_RDWR)
        os.dup2(null, 0)
        os.dup2(null, 1)
        os.dup2(os.open(said, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), 2)
        os.chdir(stage.output)
        os.execvp(command[0], command)
    _, status, usage = os.wait4(child, 0)
    words = said.read_text(encoding="utf-8")
    if status != 0:
        raise Failed(f"tshark {' '.join(arguments)}: wait status {status}\n{words}")
    return usage.ru_maxrss * 1024, usage.ru_utime + usage.ru_stime, words


def complaints(name, sizes, plain, ours):
    kept = ((ours[1][0] - plain[1][0]) - (ours[0][0] - plain[0][0])) / (sizes[1] - sizes[0])
    growth = ours[1][1] / ours[0][1] / (sizes[1] / sizes[0])
    print(f"{name:20} {(ours[1][0] - plain[1][0]) / 2**20:+7.1f} MiB, {kept:+6.0f} bytes a further "
          f"session; {ours[1][1]:6.2f} s, {growth:.2f} times that of the smaller for a session",
          flush=True)
    if kept > MEMORY_LIMIT:
        yield f"{name} keeps {kept:.0f} bytes of each session, the limit is {MEMORY_LIMIT}"
    if growth > TIME_LIMIT:
        yield f"a session takes {name} {growth:.2f} times as long as in a smaller capture"
    if ours[1][2]:
        yield f"{name} says {ours[1][2]!r}"


def page_complaints(stage, generator):
    """Of a capture of more sessions than a page holds."""
    sessions = PAGE_SESSIONS + 100
    page = stage.output / "page.html"
    _, _, words = run(stage, captured(stage, generator, sessions),
                      ["-q", "-z", f"smtp_session,html,{page}"])
    if f"holds {PAGE_SESSIONS} of {sessions} sessions" not in words or words.count("\n") != 1:
        yield f"html says {words!r}"
    text = page.read_text(encoding="utf-8")
    shown = text.count('{"session":{"schema":')
    print(f"the page of {shown} of {sessions} sessions: {len(text) / 2**20:.1f} MiB")
    if shown != PAGE_SESSIONS or '{"left_out":{"delivered":100}}' not in text:
        yield f"the page holds {shown} sessions, should hold {PAGE_SESSIONS}, and say what it leaves out"


def captured(stage, generator, sessions):
    made = stage.path / f"smtp-{sessions}.pcap"
    call([generator, "smtp", str(sessions), str(made)])
    made.chmod(0o644)
    return made


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("build_dir", type=pathlib.Path)
    parser.add_argument("generator", help="the make_bench_pcap program")
    parser.add_argument("--sessions", type=int, default=10000)
    parser.add_argument("--measure-only", action="store_true", help="no limit")
    args = parser.parse_args()

    # Far apart: the memory of a run differs by half a MiB from that of the next.
    sizes = (args.sessions // 4, args.sessions)
    found = []
    with Stage(args.build_dir) as stage:
        captures = [captured(stage, args.generator, sessions) for sessions in sizes]
        plain = [run(stage, capture, []) for capture in captures]
        print(f"{sizes[1]} sessions: {plain[1][0] / 2**20:.1f} MiB and {plain[1][1]:.2f} s without a "
              "report", flush=True)
        for name in REPORTS:
            ours = [run(stage, capture, ["-q", "-z", "smtp_session,"
                                         + name.replace("LAST", str(sessions - 1))])
                    for sessions, capture in zip(sizes, captures)]
            found += complaints(name, sizes, plain, ours)
        found += page_complaints(stage, args.generator)
    for complaint in found:
        print(complaint)
    return 1 if found and not args.measure_only else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Failed as failure:
        sys.exit(str(failure))
