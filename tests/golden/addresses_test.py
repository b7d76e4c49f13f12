#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""json,addresses=domain and =hash hold no address of the envelope and no user's name, anywhere.

addresses_test.py BUILD_DIR
"""

import hashlib
import json
import re
import sys

import samples

TEXTS = ("argument", "text", "verdict", "advice")

# Between them these hold ten, so that what is told of hiding rests on more than two names.
SEVERAL_ADDRESSES = ("lmtp_three_recipients", "multi_recipient_one_refused", "esmtp_parameters",
                     "auth_plain_initial", "auth_oauthbearer", "command_after_dot_same_segment",
                     "rset_noop_vrfy_expn_help")


def strings(value, key=""):
    if isinstance(value, list):
        for item in value:
            yield from strings(item, key)
    elif isinstance(value, dict):
        for name, member in value.items():
            yield from strings(member, name)
    elif isinstance(value, str):
        yield key, value


def secrets_of(session):
    for message in session.get("messages", []):
        yield message.get("from", "")
        for recipient in message["recipients"]:
            yield recipient["address"]
    for auth in session.get("auth", []):
        yield auth.get("user", "")
    for command in session["commands"]:
        if command["verb"] in ("VRFY", "EXPN"):
            yield command["argument"]


def hashed(address):
    folded = re.sub("[A-Z]+", lambda found: found[0].lower(), address)
    return "sha256:" + hashlib.sha256(folded.encode()).hexdigest()[:16]


def leaks(secrets, session):
    for key, text in strings(session):
        for secret in secrets:
            if "@" in secret and secret.lower() in text.lower():
                yield f"{key}: {text!r} holds {secret}"
            local = secret.rpartition("@")[0] or secret
            if key in TEXTS and re.search(rf"(?<!\w){re.escape(local)}(?!\w)", text, re.I):
                yield f"{key}: {text!r} holds {local}"
        # Whatever else looks like an address.
        for local in re.findall(r"([\w.+=-]+)@\w", text):
            yield f"{key}: {text!r} holds {local}@"


def main():
    found = set()
    with samples.Stage(sys.argv[1]) as stage:
        def lines(capture, words):
            output = stage.output_of(["-n", "-r", capture, "-q", "-z", f"smtp_session,json,{words}"])
            return [json.loads(line) for line in output.split("\n")[:-1]]

        def check(original):
            capture = stage.add(original)
            plain = samples.sessions(stage, capture)
            if lines(capture, "addresses=plain") != plain:
                yield "addresses=plain changes something"
            for words in ("addresses=domain", "addresses=hash", "schema=ecs,addresses=domain"):
                hidden = lines(capture, words)
                if len(hidden) != len(plain):
                    yield f"{words}: {len(hidden)} sessions, should be {len(plain)}"
                for session, shown in zip(plain, hidden):
                    secrets = {secret for secret in secrets_of(session) if secret}
                    found.update(secrets)
                    yield from (f"{words}: {leak}" for leak in leaks(secrets, shown))
                    if words != "addresses=hash":
                        continue
                    for message, other in zip(session.get("messages", []),
                                              shown.get("messages", [])):
                        for recipient, sum_of in zip(message["recipients"], other["recipients"]):
                            if sum_of["address"] != hashed(recipient["address"]):
                                yield f"{recipient['address']} is {sum_of['address']}"

        several = [samples.SAMPLES / f"{name}.pcap" for name in SEVERAL_ADDRESSES]
        status = samples.for_each(sorted({*samples.some_captures(), *several,
                                          *samples.SAMPLES.glob("*.pcapng")}), check)
    if len(found) < 10:
        print(f"the samples hold these addresses only: {sorted(found)}")
        status = 1
    return status


if __name__ == "__main__":
    sys.exit(main())
