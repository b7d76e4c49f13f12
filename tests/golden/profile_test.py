#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The profile that is installed loads without a warning; its columns, filters and colours work.

profile_test.py BUILD_DIR
"""

import ctypes
import pathlib
import re
import shutil
import sys
import tempfile

import samples
from support.tshark import call

NAME = "SMTP Session"
FILES = {"cfilters", "colorfilters", "dfilter_buttons", "preferences", "recent"}
ETHERNET = 1

# Frame: what the columns hold.
ROWS = {
    2: "0 server SYN-ACK",
    6: "0 client EHLO",
    7: "0 server reply to EHLO 250 0.000500000",
}

COLOURED = {
    ("plain", 1): "SMTP from the client",
    ("plain", 2): "SMTP from the server",
    ("slow_rcpt", 12): "SMTP slow: over one second",
    ("several_messages", 24): "SMTP refused, failed or reset",
    ("syn_refused", 2): "SMTP refused, failed or reset",
    ("deferred_greylisted", 11): "SMTP deferred or warned of",
    ("retransmissions", 9): "SMTP sent or captured again, or out of order",
    ("odd_port_not_smtp", 1): "Everything else",
}


def quoted(line):
    return [re.sub(r"\\x([0-9a-f]{2})", lambda match: chr(int(match[1], 16)), word)
            for word in re.findall(r'"([^"]*)"', line)]


def colour_rules(profile):
    for line in (profile / "colorfilters").read_text().splitlines():
        if line.startswith("@"):
            name, rule, back, fore = re.fullmatch(r"@(.*?)@(.*)@\[(.*)\]\[(.*)\]", line).groups()
            yield name, rule, back, fore


def brightness(colour):
    """Relative luminance as in WCAG 2.1."""
    parts = [int(part) / 65535 for part in colour.split(",")]
    parts = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
             for part in parts]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def contrast(a, b):
    dark, light = sorted((brightness(a), brightness(b)))
    return (light + 0.05) / (dark + 0.05)


def is_capture_filter(text):
    pcap = ctypes.CDLL("libpcap.so.0.8")
    pcap.pcap_open_dead.restype = ctypes.c_void_p
    program = ctypes.create_string_buffer(64)
    handle = ctypes.c_void_p(pcap.pcap_open_dead(ETHERNET, 65535))
    return pcap.pcap_compile(handle, program, text.encode(), 1, 0) == 0


def complaints(stage, profile):
    if {path.name for path in profile.iterdir()} != FILES:
        yield f"installed are {sorted(profile.iterdir())}"
    home = stage.path / "home" / ".config" / "wireshark" / "profiles" / NAME
    shutil.copytree(profile, home)

    def run(capture, *arguments):
        capture = stage.add(samples.SAMPLES / f"{capture}.pcap")
        done = stage.run(["-n", "-C", NAME, "-r", capture, *arguments],
                         environment={"COLORTERM": "truecolor"})
        if done.returncode != 0 or done.stderr:
            raise samples.Failed(f"{arguments}: {done.stderr.decode()}")
        return done.stdout.decode()

    lines = run("plain").splitlines()
    for frame, row in ROWS.items():
        if not re.match(rf" *{frame} [0-9.]+ {row} ", lines[frame - 1]):
            yield f"line {frame} is {lines[frame - 1]!r}"

    for name, rule, back, fore in colour_rules(profile):
        run("plain", "-Y", rule)
        if contrast(back, fore) < 4.5:  # WCAG 2.1, 1.4.3
            yield f"{name}: contrast {contrast(back, fore):.1f}"
    for (capture, frame), wanted in COLOURED.items():
        names = run(capture, "--color", "-T", "fields", "-e", "frame.coloring_rule.name").splitlines()
        if names[frame - 1] != wanted:
            yield f"{capture}, frame {frame} is {names[frame - 1]!r}, should be {wanted!r}"

    for line in (profile / "dfilter_buttons").read_text().splitlines():
        _, name, rule, _ = quoted(line)
        if not run("slow_rcpt", "-Y", rule) and name not in (
                "Refused", "SMTP//Authentication", "SMTP//TLS handshake"):
            yield f"the button {name} finds nothing"
    for line in (profile / "cfilters").read_text().splitlines():
        name, rule = re.fullmatch(r'"([^"]+)" (.+)', line).groups()
        if not is_capture_filter(rule):
            yield f"the capture filter {name} is none"


def main():
    with samples.Stage(sys.argv[1]) as stage, tempfile.TemporaryDirectory() as root:
        call(["cmake", "--install", sys.argv[1], "--prefix", root])
        profile = pathlib.Path(root) / "share" / "wireshark" / "profiles" / NAME
        return samples.for_each([profile], lambda each: complaints(stage, each))


if __name__ == "__main__":
    sys.exit(main())
