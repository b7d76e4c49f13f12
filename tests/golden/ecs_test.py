#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""json,schema=ecs holds the values of json under the names of ECS, and those alone at the top.

ecs_test.py BUILD_DIR [--update]
"""

import json
import sys

import samples
from truth import member

EXPECTED = samples.EXPECTED.parent / "expected_ecs"
SHOWN = ("starttls_tls13.pcapng", "multi_recipient_one_refused.pcap", "proxy_v1.pcap")
# Field sets of ECS 8.11 and this program's own.
TOP = {"@timestamp", "message", "ecs", "event", "network", "source", "destination", "client",
       "server", "tls", "email", "user", "error", "smtp_session"}
SAME = {
    "@timestamp": "start", "message": "verdict", "event.id": "session_id", "event.start": "start",
    "event.duration": "duration_ns", "event.reason": "verdict",
    "network.community_id": "community_id", "source.ip": "client.address",
    "source.port": "client.port", "destination.ip": "server.address",
    "destination.port": "server.port", "tls.cipher": "tls.cipher", "tls.resumed": "tls.resumed",
    "tls.client.server_name": "tls.sni", "smtp_session.session": "session",
    "smtp_session.commands": "commands", "smtp_session.outcome": "outcome",
    "smtp_session.findings": "findings", "smtp_session.share": "share"}
UNKNOWN = {"encrypted", "incomplete", "delivery_unknown"}


def ecs_lines(stage, capture):
    output = stage.output_of(["-n", "-r", capture, "-q", "-z", "smtp_session,json,schema=ecs"])
    return output.split("\n")[:-1]


def complaints(session, event):
    for name, path in SAME.items():
        if member(event, name) != member(session, path):
            yield f"{name} is {member(event, name)}, should be {member(session, path)}"
    if set(event) - TOP:
        yield f"has {sorted(set(event) - TOP)}"
    wanted = ("success" if session["outcome"] in ("delivered", "no_mail")
              else "unknown" if session["outcome"] in UNKNOWN else "failure")
    if member(event, "event.outcome") != wanted:
        yield f"event.outcome is {member(event, 'event.outcome')} for {session['outcome']}"
    if ("error" in event) != (wanted == "failure"):
        yield "has an error" if "error" in event else "has no error"
    senders = {message.get("from") for message in session.get("messages", [])} - {"", None}
    if set(member(event, "email.from.address") or []) != senders:
        yield f"email.from.address is {member(event, 'email.from.address')}"
    version = member(session, "tls.version")
    if version and member(event, "tls.version") != version.split(" ")[1]:
        yield f"tls.version is {member(event, 'tls.version')}"


def main():
    build_dir, *options = sys.argv[1:]
    with samples.Stage(build_dir) as stage:
        if options == ["--update"]:
            EXPECTED.mkdir(exist_ok=True)

        def check(original):
            capture = stage.add(original)
            lines = ecs_lines(stage, capture)
            plain = samples.sessions(stage, capture)
            if len(lines) != len(plain):
                yield f"{len(lines)} events, should be {len(plain)}"
            for session, line in zip(plain, lines):
                yield from complaints(session, json.loads(line))
            if original.name not in SHOWN:
                return
            text = "".join(json.dumps(json.loads(line), indent=1, ensure_ascii=False) + "\n"
                           for line in lines)
            path = EXPECTED / f"{original.stem}.json"
            if options == ["--update"]:
                path.write_text(text, encoding="utf-8")
            elif path.read_text(encoding="utf-8") != text:
                yield f"is not as in {path.name}"

        return samples.for_each(samples.captures()
                                + sorted(samples.SAMPLES.glob("*.pcapng")), check)


if __name__ == "__main__":
    sys.exit(main())
