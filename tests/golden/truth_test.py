#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The JSON of every sample capture says what its scenario says that happened, to the nanosecond.

truth_test.py BUILD_DIR GENERATOR [NAME...]
"""

import json
import sys

import samples
import truth

# Here a command's last byte was first seen in another frame than the one that completed it in order,
# or that made certain that bytes before it are missing.
OUT_OF_ORDER = ("retransmissions", "reordered", "gap_in_message", "snaplen_cut")


def nulls(value, path=""):
    """Members that are null: only a verb that is not known may be."""
    if isinstance(value, dict):
        for key, each in value.items():
            if each is None and key != "verb":
                yield f"{path}{key} is null"
            yield from nulls(each, f"{path}{key}.")
    elif isinstance(value, list):
        for number, each in enumerate(value):
            yield from nulls(each, f"{path}{number}.")


def disagreements(session, times, exact_frames):
    """Where the session's numbers contradict each other, or the times of the frames that it names."""
    first, last = times[session["first_frame"] - 1], times[session["last_frame"] - 1]
    if last - first != session["duration_ns"]:
        yield f"duration_ns is not the time from frame {session['first_frame']} to the last"
    share = session.get("share")
    if share is None or sum(share.values()) != session["duration_ns"]:
        yield f"the parts of {share} do not add up to {session['duration_ns']}"
    elif min(share.values()) < 0:
        yield f"a part of {share} is negative"
    for number, command in enumerate(session.get("commands", []), 1):
        if command["index"] != number:
            yield f"command {number} has index {command['index']}"
        if ("reply_frame" in command) != ("code" in command):
            yield f"command {number} has a reply's frame without its code, or the reverse"
        if exact_frames and "latency_ns" in command:
            between = times[command["reply_frame"] - 1] - times[command["frame"] - 1]
            if between != command["latency_ns"]:
                yield f"command {number}: {between} ns between its frames, {command['latency_ns']} told"
        if command.get("service_ns", 0) > command.get("latency_ns", 0):
            yield f"command {number}: service_ns exceeds latency_ns"


def main():
    build_dir, generator, *names = sys.argv[1:]
    truths = truth.truths(generator)
    with samples.Stage(build_dir) as stage:
        def check(capture):
            wanted = truths[capture.stem]
            lines = samples.json_lines(stage, stage.add(capture))
            sessions = [json.loads(line) for line in lines]
            times = samples.frame_times(capture)
            if len(sessions) != len(wanted):
                yield f"{len(sessions)} sessions, should be {len(wanted)}"
            for number, (told, session) in enumerate(zip(wanted, sessions)):
                where = f"session {number}: " if len(wanted) > 1 else ""
                if session["session"] != number:
                    yield f"{where}its number is {session['session']}"
                for complaint in (*truth.wrong_session(told, session), *nulls(session),
                                  *disagreements(session, times, capture.stem not in OUT_OF_ORDER)):
                    yield where + complaint
                for secret in told.secrets:
                    if any(secret in line for line in lines):
                        yield f"{where}the secret {secret} is shown"

        chosen = [each for each in samples.captures() if not names or each.stem in names]
        return samples.for_each(chosen, check)


if __name__ == "__main__":
    sys.exit(main())
