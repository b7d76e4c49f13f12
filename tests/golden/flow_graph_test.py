#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The flow graph shows the steps of a session with their times, in one pass and in two.

flow_graph_test.py BUILD_DIR
"""

import sys

import samples

PIPELINED = """\
SYN
round trip 0.400 ms, SYN-ACK
handshake 0.420 ms, ACK
greeting 1.000 ms, 220 mx.example.test ESMTP Postfix
EHLO client.example
latency 0.500 ms, 250 mx.example.test (5 lines)
MAIL FROM:<alice@client.example>
pipelined, RCPT TO:<bob@example.test>
pipelined, RCPT TO:<carol@example.test>
pipelined, DATA
latency 0.600 ms, 250 2.1.0 Ok
service 0.200 ms, 250 2.1.5 Ok
service 0.250 ms, 250 2.1.5 Ok
service 0.100 ms, 354 End data with <CR><LF>.<CR><LF>
transfer 0.000 ms, end of data, 190 bytes
pipelined, QUIT
latency 2.000 ms, 250 2.0.0 Ok: queued as 4XkZ1n0Q7Rz9sW
service 0.010 ms, 221 2.0.0 Bye
FIN
""".splitlines()


def flow(stage, capture, *options):
    """The comment and the line of each arrow: "→" where the client sends."""
    text = stage.output_of(["-n", "-r", capture, *options, "-q", "-z", "flow,smtp_session,network"])
    lines = [line.split("|") for line in text.splitlines() if "|" in line][2:]
    comments = [line[-1] for line in lines[::2]]
    arrows = ["→" if "->" in "".join(line) else "←" for line in lines[1::2]]
    return list(zip(comments, arrows))


def main():
    with samples.Stage(sys.argv[1]) as stage:
        def check(original):
            capture = stage.add(original)
            one = flow(stage, capture)
            if one != flow(stage, capture, "-2"):
                yield "two passes show another graph"
            comments = [comment for comment, _ in one]
            if capture.stem == "pipelined":
                wanted = [f"Session 0: {step}" for step in PIPELINED]
                if comments != wanted:
                    yield f"arrows are {comments}, should be {wanted}"
                arrows = "".join(arrow for _, arrow in one)
                if arrows != "→←→←→←→→→→←←←←→→←←←":
                    yield f"arrows go {arrows}"
            elif capture.stem == "two_sessions_interleaved":
                for session in range(2):
                    if not any(each.startswith(f"Session {session}: SYN") for each in comments):
                        yield f"no session {session} in {comments}"
            elif capture.stem == "starttls_tls13":
                for step in ("ClientHello for mx.example.test", "ServerHello, TLS 1.3",
                             "handshake 4.000 ms, TLS established", "latency 3.000 ms, 250 2.1.5 Ok"):
                    if not any(step in each for each in comments):
                        yield f"no {step} in {comments}"

        return samples.for_each([samples.SAMPLES / name for name in (
            "pipelined.pcap", "two_sessions_interleaved.pcap", "starttls_tls13.pcapng")], check)


if __name__ == "__main__":
    sys.exit(main())
