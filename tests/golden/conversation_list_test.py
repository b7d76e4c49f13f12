#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Where all of TCP is SMTP, the tables of conversations and end points of both count the same.

conversation_list_test.py BUILD_DIR
"""

import re
import sys

import samples

TABLES = ("conv", "endpoints")
# Addresses of both families, a port that is used again, packets in tunnels and captured twice.
CAPTURES = ("two_sessions_interleaved.pcap", "port_reuse.pcap", "ipv6.pcap", "ipip_tunnel.pcap",
            "duplicates_any.pcap", "syn_refused.pcap")
OTHER = "odd_port_not_smtp.pcap"


def rows(text, title):
    """The lines of one table; tshark gives ports of TCP only, so they are left out."""
    part = text[text.index(title):].split("=====")[0]
    lines = [line for line in part.splitlines() if re.match(r"[0-9a-f]+[.:]", line)]
    without_ports = (re.sub(r"(?<=[0-9a-f]):\d+(?= )", "", line) if "<->" in line
                     else re.sub(r"^(\S+) +\d+(?=( +\d+){6} *$)", r"\1", line) for line in lines)
    return sorted(line.split() for line in without_ports)


def both(stage, capture, *options):
    words = ["-n", "-r", capture, *options, "-q"]
    for table in TABLES:
        words += ["-z", f"{table},tcp", "-z", f"{table},smtp_session"]
    text = stage.output_of(words)
    for kind in "Conversations", "Endpoints":
        yield kind, rows(text, f"TCP {kind}"), rows(text, f"SMTP Session {kind}")


def main():
    with samples.Stage(sys.argv[1]) as stage:
        def check(name):
            capture = stage.add(samples.SAMPLES / name)
            for options in (), ("-2",):
                for kind, tcp, ours in both(stage, capture, *options):
                    if not tcp:
                        yield f"{kind}: TCP has no row"
                    wanted = [] if name == OTHER else tcp
                    if ours != wanted:
                        yield f"{options} {kind}: rows are {ours}, should be {wanted}"

        return samples.for_each([*CAPTURES, OTHER], check)


if __name__ == "__main__":
    sys.exit(main())
