#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Transcript and report have colours on a terminal alone, and local time; the transcript has messages
if asked for.

terminal_test.py BUILD_DIR
"""

import datetime
import os
import pty
import subprocess
import sys

import samples

ESCAPE = "\x1b["
# As the scenario sends it.
MESSAGE = ["  " + line for line in (
    "From: Alice <alice@client.example>", "To: Bob <bob@example.test>", "Subject: Tomorrow",
    "Date: Mon, 5 Jan 2026 10:00:00 +0000", "Message-ID: <1@client.example>", "",
    "Lunch at noon?", "..and then?", "Alice")]


def on_terminal(stage, arguments, **variables):
    """What a run writes to a terminal."""
    master, slave = pty.openpty()
    with subprocess.Popen(stage.command(arguments, environment=variables), stdin=subprocess.DEVNULL,
                          stdout=slave, stderr=subprocess.PIPE, cwd=stage.output) as process:
        os.close(slave)
        text = b""
        try:
            while block := os.read(master, 65536):
                text += block
        except OSError:  # EIO: the other end is closed
            pass
        os.close(master)
        process.wait(timeout=300)
    return text.decode()


def instants(text):
    return [datetime.datetime.fromisoformat(line.split(" ")[0].replace("Z", "+00:00"))
            for line in text.splitlines()[1:]]


def main():
    with samples.Stage(sys.argv[1]) as stage:
        capture = stage.add(samples.SAMPLES / "plain.pcap")
        words = ["-n", "-r", capture, "-q", "-z", "smtp_session,transcript"]
        slow = stage.add(samples.SAMPLES / "slow_rcpt.pcap")
        report = ["-n", "-r", slow, "-q", "-z", "smtp_session,report"]
        plain = stage.output_of(words, environment={"TERM": "xterm"})

        def check(name):
            if name == "colours":
                text = on_terminal(stage, words, TERM="xterm")
                if ESCAPE + "94m" not in text or ESCAPE + "91m" not in text:
                    yield f"no colours on a terminal: {text!r}"
                if on_terminal(stage, words, TERM="xterm", NO_COLOR="") != text:
                    yield "NO_COLOR counts though it is empty"
                text = on_terminal(stage, report, TERM="xterm")
                for part in ("93mslow", "94m\u2192 EHLO", "91m\u2190 250", "1mSession 0"):
                    if ESCAPE + part not in text:
                        yield f"the report has no {part!r} on a terminal: {text!r}"
            elif name == "text":
                text = stage.output_of(["-o", "smtp_session.message_text:65536", *words])
                added = [line.split(" ", 4)[4] for line in text.splitlines()
                         if line not in plain.splitlines()]
                if added != MESSAGE:
                    yield f"the message is {added}"
                if any(line in plain for line in MESSAGE if line.strip()):
                    yield "the message is shown without being asked for"
            elif name == "none":
                for option in (words, report):
                    text = stage.output_of(option, environment={"TERM": "xterm"})
                    if ESCAPE in text:
                        yield "colours in a file"
                    for variables in ({"TERM": "xterm", "NO_COLOR": "1"}, {"TERM": "dumb"}):
                        shown = on_terminal(stage, option, **variables).replace("\r\n", "\n")
                        if shown != text:
                            yield f"with {variables}: {shown!r}"
            else:
                if not all(line.split(" ")[0].endswith("Z") for line in plain.splitlines()[1:]):
                    yield "not in UTC"
                for form in ("a", "ad", "adoy"):
                    local = stage.output_of(["-t", form, *words],
                                            environment={"TZ": "XST-05:30"})
                    if instants(local) != instants(plain) or "+05:30 " not in local:
                        yield f"-t {form}: {local}"
                utc = stage.output_of(["-t", "ud", *words], environment={"TZ": "XST-05:30"})
                if utc != plain:
                    yield f"-t ud: {utc}"
                local = stage.output_of(["-t", "ad", *report], environment={"TZ": "XST-05:30"})
                if "\n  2026-01-05T15:30:00.000000+05:30, " not in local:
                    yield f"the report does not begin in local time: {local}"

        return samples.for_each(("colours", "none", "text", "times"), check)


if __name__ == "__main__":
    sys.exit(main())
