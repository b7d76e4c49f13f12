#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The report of every sample capture: the verdict comes first, no line is longer than 100 columns of
a terminal, what the findings call late is marked as slow and nothing else, and the bar adds up.

report_test.py BUILD_DIR
"""

import json
import re
import sys
import unicodedata

import samples

WIDTH = 100
BAR = 50
# The findings about a reply, a command or a handshake that came late, and stand at its frame.
LATE = {"GRT-01", "LAT-01", "LAT-03", "LAT-04", "DAT-02", "TLS-08", "TCP-03"}
# Those that may also stand where there is no step, or say something else.
SOMETIMES_LATE = {"GRT-02", "LAT-02", "TLS-02", "TLS-04", "DAT-03"}
RUNG = re.compile(r" *(\d+) +[\d.]+ m?s  ?(?: +-?[\d.]+ m?s  ?| +)(slow|    ) (.) (.*)")


def columns(line):
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1
               for c in line)


def reports(text):
    """The report of each session, as lines."""
    blocks = re.split(r"^(?=Session \d+ \(tcp\.stream \d+\): )", text, flags=re.M)
    return [block.split("\n") for block in blocks if block]


def wrong_layout(lines):
    for line in lines:
        if columns(line) > WIDTH:
            yield f"{columns(line)} columns: {line!r}"
        if line != line.rstrip():
            yield f"blanks at the end: {line!r}"


def wrong_bar(lines):
    if "  Where the time went" not in lines:
        yield "does not say where the time went"
        return
    at = lines.index("  Where the time went") + 1
    percent, cells = 0, 0
    for line in lines[at:at + 5]:
        words, bar = re.fullmatch(r"(.{34} +\d+ %)(?:  ( *#+))?", line).groups()
        percent += int(words.split()[-2])
        bar = bar or ""
        if bar and bar.index("#") != cells:
            yield f"the bar has a hole: {line!r}"
        cells += bar.count("#")
    if (percent, cells) not in ((100, BAR), (0, 0)):
        yield f"the shares add up to {percent} %, the bar to {cells} of {BAR}"


def wrong_marks(lines, session):
    rungs = [match.groups() for match in map(RUNG.fullmatch, lines) if match]
    slow = {int(frame) for frame, mark, _, _ in rungs if mark == "slow"}
    late = {finding["frame"] for finding in session["findings"] if finding["id"] in LATE}
    others = {finding["frame"] for finding in session["findings"] if finding["id"] in SOMETIMES_LATE}
    if not late <= slow or not slow <= late | others:
        yield f"frames {sorted(slow)} are marked, the findings name {sorted(late)} and {sorted(others)}"
    arrows = {arrow for _, _, arrow, _ in rungs}
    if not rungs or arrows - {"→", "←", " "}:
        yield f"arrows {arrows} in {len(rungs)} steps"
    steps = {int(frame) for frame, *_ in rungs}
    frames = {command["frame"] for command in session["commands"]}
    if not frames <= steps:
        yield f"no step for the commands of frames {sorted(frames - steps)}"


def main():
    marked = []
    with samples.Stage(sys.argv[1]) as stage:
        def check_run(capture, *options):
            both = stage.output_of(["-n", "-r", capture, *options, "-q", "-z", "smtp_session,report",
                                    "-z", "smtp_session,json"]).split("\n")
            sessions = [json.loads(line) for line in both if line.startswith("{")]
            text = "\n".join(line for line in both if not line.startswith("{"))
            told = reports(text)
            if len(told) != len(sessions):
                yield f"{len(told)} reports of {len(sessions)} sessions"
            for lines, session in zip(told, sessions):
                yield from wrong_layout(lines)
                yield from wrong_bar(lines)
                yield from wrong_marks(lines, session)
                if not session["verdict"].startswith(lines[1].strip()[:60]):
                    yield f"begins with {lines[1]!r}, the verdict is {session['verdict']!r}"
            if "\x1b" in text:
                yield "colours in a file"
            marked.append(sum(" slow " in line for line in both))

        def check(original):
            capture = stage.add(original)
            yield from check_run(capture)
            if original in low:
                # The limit that makes the finding makes the mark.
                yield from check_run(capture, "-o", "smtp_session.latency_note:0",
                                     "-o", "smtp_session.greeting_note:0")

        low = samples.some_captures()
        status = samples.for_each(samples.captures() + sorted(samples.SAMPLES.glob("*.pcapng")),
                                  check)
    if sum(marked) < 20:
        print(f"only {sum(marked)} steps are marked as slow")
        status = 1
    return status


if __name__ == "__main__":
    sys.exit(main())
