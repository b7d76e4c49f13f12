#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""json,stream writes each session once, when it ends, and says what json says at the end.

stream_test.py BUILD_DIR
"""

import json
import selectors
import subprocess
import sys

import samples

TAP = "smtp_session,json,stream"
# What packets after the end of a session change.
LATE = {"duplicates_any"}


def streamed(stage, capture, *options, tap=TAP):
    return stage.output_of(["-n", "-r", capture, *options, "-q", "-z", tap]).split("\n")[:-1]


def without_findings(line):
    session = json.loads(line)
    return {key: value for key, value in session.items() if key != "findings"}, session["findings"]


def check_sample(stage, original):
    capture = stage.add(original)
    whole = {json.loads(line)["session"]: line for line in samples.json_lines(stage, capture)}
    lines = streamed(stage, capture)
    if sorted(json.loads(line)["session"] for line in lines) != sorted(whole):
        yield f"{len(lines)} lines for the sessions {sorted(whole)}"
        return
    for line in lines:
        facts, findings = without_findings(line)
        all_facts, all_findings = without_findings(whole[facts["session"]])
        if original.stem not in LATE and facts != all_facts:
            yield "differs from json: " + ", ".join(
                key for key in all_facts if facts.get(key) != all_facts[key])
        if any(finding not in all_findings for finding in findings):
            yield "has a finding that json has not"
    again = streamed(stage, capture, "-2")
    if original.stem not in LATE and again != lines:
        yield "two passes give other lines or another order"
    if original.stem == "two_sessions_interleaved":
        # A frame long before the end, in one session only, selects it.
        chosen = streamed(stage, capture, tap=TAP + ",smtp_session.id == 1 && tcp.flags.syn == 1")
        if chosen != [line for line in lines if json.loads(line)["session"] == 1]:
            yield "a filter that matches early frames alone does not select the session"


def read_line(process, seconds):
    """A line of standard output, as long as one comes in time."""
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ)
        return process.stdout.readline() if selector.select(seconds) else b""


def check_live(stage):
    """The first sessions are written while the capture is still open."""
    data = (samples.SAMPLES / "plain.pcap").read_bytes()
    # Wireshark reads a pipe in pieces: more than one of them follows the first session.
    frames = data[24:] * 20
    process = subprocess.Popen(stage.command(["-n", "-l", "-r", "-", "-q", "-z", TAP]),
                               stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                               stderr=subprocess.DEVNULL, cwd=stage.output)
    try:
        process.stdin.write(data[:24] + frames)
        process.stdin.flush()
        first = read_line(process, 60)
        if not first.startswith(b'{"schema":"smtp_session/1","session":0,'):
            yield f"no line while the capture is open: {first[:80]!r}"
        process.stdin.close()
        rest = process.stdout.read().decode().splitlines()
        numbers = [json.loads(line)["session"] for line in [first.decode(), *rest]]
        if numbers != list(range(len(numbers))):
            yield f"sessions {numbers}"
    finally:
        process.kill()
        process.wait()


def main():
    with samples.Stage(sys.argv[1]) as stage:
        def check(item):
            if item == "live":
                return check_live(stage)
            return check_sample(stage, item)

        return samples.for_each(["live", *samples.some_captures(),
                                 *sorted(samples.SAMPLES.glob("*.pcapng"))], check)


if __name__ == "__main__":
    sys.exit(main())
