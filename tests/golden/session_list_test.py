#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The table of sessions says what the JSON does, in one pass, in two, and through a filter.

session_list_test.py BUILD_DIR
"""

import json
import sys

import samples

VERB_WIDTH = 10

# Several sessions, values that are not known, long names, each kind of TLS.
CAPTURES = ("two_sessions_interleaved.pcap", "port_reuse.pcap", "syn_unanswered.pcap",
            "mid_stream_start.pcap", "ipv6.pcap", "idle_then_451.pcap", "markup.pcap",
            "starttls_no_keys.pcapng", "implicit_tls12.pcapng")


def milliseconds(nanoseconds):
    if nanoseconds is None:
        return "-"
    microseconds = (nanoseconds + 500) // 1000
    return f"{microseconds // 1000}.{microseconds % 1000:03}"


def endpoint(end):
    address = end["address"]
    return f"[{address}]:{end['port']}" if ":" in address else f"{address}:{end['port']}"


def tls_text(session):
    tls = session.get("tls", {})
    return " ".join(tls[name] for name in ("mode", "version") if name in tls) or "-"


def shown(verb):
    if verb is None:
        return "encrypted"
    text = "".join("?" if ord(char) < 32 or 127 <= ord(char) < 160 else char for char in verb)
    return text if len(text) <= VERB_WIDTH else text[:VERB_WIDTH - 1] + "…"


def expected_row(session):
    answered = [command for command in session.get("commands", []) if "latency_ns" in command]
    slowest = max(answered, key=lambda command: command["latency_ns"], default=None)
    return [str(session["session"]), str(session["tcp_stream"]), endpoint(session["client"]),
            endpoint(session["server"]), tls_text(session), session["outcome"],
            milliseconds(session.get("tcp", {}).get("handshake_ns")),
            milliseconds(session.get("greeting", {}).get("delay_ns")),
            shown(slowest["verb"]) if slowest else "-",
            milliseconds(slowest["latency_ns"] if slowest else None),
            milliseconds(session.get("duration_ns"))]


def both(stage, capture, *options, display_filter=""):
    """The rows of the table, and those that should be there."""
    words = ["-n", "-r", capture, *options, "-q"]
    for tap in ("json", "table"):
        words += ["-z", f"smtp_session,{tap}" + (f",{display_filter}" if display_filter else "")]
    lines = stage.output_of(words).split("\n")
    rows = [[cell.strip() for cell in line.split("|")[:-1]] for line in lines if line[:1].isdigit()]
    return rows, [expected_row(json.loads(line)) for line in lines if line.startswith("{")]


def main():
    with samples.Stage(sys.argv[1]) as stage:
        def check(original):
            capture = stage.add(original)
            for options, display_filter in (((), ""), (("-2",), ""), ((), "smtp_session.id != 0")):
                rows, wanted = both(stage, capture, *options, display_filter=display_filter)
                if rows != wanted:
                    yield f"{options} {display_filter!r}: rows are {rows}, should be {wanted}"
                if not display_filter and not rows:
                    yield "no row"

        return samples.for_each([samples.SAMPLES / name for name in CAPTURES], check)


if __name__ == "__main__":
    sys.exit(main())
