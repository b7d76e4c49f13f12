#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The CSV of every sample capture says what its JSON says, read back as the documentation tells.

csv_test.py BUILD_DIR
"""

import csv
import io
import json
import re
import sys

import samples

# The columns that are members of a command in JSON.
SAME = ("index", "frame", "reply_frame", "code", "latency_ns", "service_ns", "think_ns", "idle_ns",
        "message", "request_bytes", "reply_bytes")
TEXTS = ("verb", "argument", "enhanced", "text", "inferred")
FLAGS = ("pipelined", "encrypted", "exact")


def original(cell):
    """What a cell of text stands for."""
    return re.sub(r"\\(?:u([0-9a-f]{4})|\\)",
                  lambda match: chr(int(match[1], 16)) if match[1] else "\\",
                  cell[1:] if cell.startswith("'") else cell)


def wanted_rows(session):
    for command in session["commands"]:
        yield {
            "session": str(session["session"]), "session_id": session["session_id"],
            "tcp_stream": str(session["tcp_stream"]),
            "client_address": session["client"]["address"],
            "client_port": str(session["client"]["port"]),
            "server_address": session["server"]["address"],
            "server_port": str(session["server"]["port"]),
            "confidence": format(command["confidence"], ".3f") if "confidence" in command else "",
            **{key: str(command.get(key, "")) for key in SAME},
            **{key: command.get(key) or "" for key in TEXTS},
            **{key: str(command[key]).lower() for key in FLAGS}}


def main():
    with samples.Stage(sys.argv[1]) as stage:
        def check(path):
            capture = stage.add(path)
            # Bytes, for the line ends count.
            text = stage.run(["-n", "-r", capture, "-q", "-z", "smtp_session,csv"]).stdout.decode()
            for line in text.split("\r\n"):
                if any(ord(c) < 0x20 for c in line):
                    yield f"control characters in {line!r}"
            rows = list(csv.DictReader(io.StringIO(text, newline=""), strict=True))
            wanted = [row for line in samples.json_lines(stage, capture)
                      for row in wanted_rows(json.loads(line))]
            if len(rows) != len(wanted):
                yield f"{len(rows)} lines, should be {len(wanted)}"
            for number, (want, row) in enumerate(zip(wanted, rows), 1):
                if any(cell[:1] and cell[0] in "=+@" for cell in row.values()):
                    yield f"line {number} has a formula: {row}"
                row = {key: original(cell) if key in TEXTS else cell for key, cell in row.items()}
                for key, value in want.items():
                    if row[key] != value:
                        yield f"line {number}: {key} is {row[key]!r}, should be {value!r}"

        return samples.for_each(samples.some_captures() + sorted(samples.SAMPLES.glob("*.pcapng")), check)


if __name__ == "__main__":
    sys.exit(main())
