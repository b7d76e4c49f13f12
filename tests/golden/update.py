#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Writes expected/*.json anew. Read every line of the difference before you commit it.

update.py BUILD_DIR
"""

import json
import sys

import samples


def pretty(lines):
    """The tap's lines, one member a line, so that a difference is short. The order stays."""
    return "".join(json.dumps(json.loads(line), indent=1, ensure_ascii=False) + "\n"
                   for line in lines)


def main():
    samples.EXPECTED.mkdir(exist_ok=True)
    for old in samples.EXPECTED.glob("*.json"):
        old.unlink()
    with samples.Stage(sys.argv[1]) as stage:
        for capture in samples.captures():
            text = pretty(samples.json_lines(stage, stage.add(capture)))
            (samples.EXPECTED / f"{capture.stem}.json").write_text(text, encoding="utf-8")
    print(f"wrote {len(samples.captures())} files")


if __name__ == "__main__":
    sys.exit(main())
