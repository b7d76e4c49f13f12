#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The JSON of every sample capture is the one in expected/: a change of it is seen and is meant.

expected_json_test.py BUILD_DIR
"""

import sys

import samples
from update import pretty


def main():
    with samples.Stage(sys.argv[1]) as stage:
        def check(capture):
            expected = samples.EXPECTED / f"{capture.stem}.json"
            if not expected.is_file():
                yield f"no {expected.name} in expected/"
                return
            wanted = expected.read_text(encoding="utf-8").splitlines()
            got = pretty(samples.json_lines(stage, stage.add(capture))).splitlines()
            for number, (a, b) in enumerate(zip(wanted, got), 1):
                if a != b:
                    yield f"line {number} is {b.strip()!r}, should be {a.strip()!r}"
            if len(wanted) != len(got):
                yield f"{len(got)} lines, should be {len(wanted)}"

        status = samples.for_each(samples.captures(), check)
    known = {capture.stem for capture in samples.captures()}
    for stray in sorted(path for path in samples.EXPECTED.iterdir() if path.stem not in known):
        print(f"{stray.name}: no such capture")
        status = 1
    return status


if __name__ == "__main__":
    sys.exit(main())
