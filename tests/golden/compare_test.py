#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""`-z smtp_session,compare` holds a session against another one, or one that was saved as JSON; a
wrong argument is one line and a status other than 0.

compare_test.py BUILD_DIR
"""

import json
import sys

import samples

USAGE = ("after compare come the number of a session, and that of another one or a file of JSON")


def run(stage, capture, arguments):
    return stage.run(["-n", "-r", capture, "-q", "-z", f"smtp_session,compare{arguments}"])


def saved(stage, name, text):
    path = stage.path / name
    path.write_text(text, encoding="utf-8")
    path.chmod(0o644)
    return path


def main():
    with samples.Stage(sys.argv[1]) as stage:
        two = stage.add(samples.SAMPLES / "two_sessions_interleaved.pcap")
        refused = stage.add(samples.SAMPLES / "multi_recipient_one_refused.pcap")
        plain = stage.add(samples.SAMPLES / "plain.pcap")
        lines = samples.json_lines(stage, plain)
        good = saved(stage, "good.json", "\n".join(lines) + "\n")
        pretty = saved(stage, "pretty.json", json.dumps(json.loads(lines[0]), indent=1))
        other = saved(stage, "other.json", '{"schema":"smtp_session/9"}\n')
        deep = saved(stage, "deep.json", "[" * 1000 + "]" * 1000 + "\n")
        hostile = saved(stage, "hostile.json", json.dumps(
            {"schema": "smtp_session/1", "verdict": "\x1b[2J", "duration_ns": 2**63 - 1,
             "tcp": [1], "commands": {"a": 3}, "hellos": 5, "greeting": {"code": -1},
             "share": {"network_ns": 1e300}}) + "\n")

        def printed(capture, arguments, *wanted):
            done = run(stage, capture, arguments)
            text = done.stdout.decode()
            if done.returncode != 0 or done.stderr:
                yield f"status {done.returncode}: {done.stderr.decode()}"
            for words in wanted:
                if words not in text:
                    yield f"no {words!r} in:\n{text}"
            if "\x1b" in text:
                yield "an escape sequence of the file reaches the terminal"

        def refusal(arguments, words, capture=plain):
            done = run(stage, capture, arguments)
            lines = done.stderr.decode().splitlines()
            if done.returncode == 0:
                yield "status 0"
            if len(lines) != 1 or words not in lines[0]:
                yield f"standard error is {lines}, should have {words!r}"
            if done.stdout:
                yield f"prints {done.stdout.decode()!r}"

        cases = {
            "two sessions": lambda: printed(two, ",0,1", "A: session 0,", "B: session 1,",
                                            "They do not part"),
            "filter": lambda: printed(two, ",1,0,tcp", "A: session 1,"),
            "file": lambda: printed(
                refused, f",0,{good}", ": partial\n", "B: session 0 of good.json,",
                "They part at RCPT, RCPT only in A (frames 12 to 14): RCPT of frame 12 got 550"),
            "hostile file": lambda: printed(plain, f",0,{hostile}", "B: session 0 of hostile"),
            "nothing": lambda: refusal("", USAGE),
            "one": lambda: refusal(",0", USAGE),
            "no number": lambda: refusal(",x,1", '"x" is not the number of a session'),
            "too large": lambda: refusal(",4294967296,1", "is not the number of a session"),
            "no session A": lambda: refusal(",9,0", "no session 9 in the capture"),
            "no session B": lambda: refusal(",0,9", "no session 9 in the capture"),
            "not selected": lambda: refusal(",0,0,udp", "no session 0 in the capture"),
            "wrong filter": lambda: refusal(",0,0,no.field", "invalid display filter"),
            "no file": lambda: refusal(",0,none.json", 'cannot read "none.json": No such file'),
            "folder": lambda: refusal(f",0,{stage.path}", "Is a directory"),
            "no JSON": lambda: refusal(f",0,{plain}", "its first line is no JSON"),
            "not a line": lambda: refusal(f",0,{pretty}", "its first line is no JSON"),
            "too deep": lambda: refusal(f",0,{deep}", "its first line is no JSON"),
            "other schema": lambda: refusal(f",0,{other}",
                                            "holds no session of the schema smtp_session/1"),
        }
        return samples.for_each(list(cases), lambda name: cases[name]())


if __name__ == "__main__":
    sys.exit(main())
