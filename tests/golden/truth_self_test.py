#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The comparison with the truth finds every wrong value: each is made wrong once, and must be seen."""

import sys

import truth

TRUTH = """
session outcome=partial capture.gaps=0
greeting 220 1ms
EHLO 250 500us
AUTH 235 900us argument=PLAIN
MAIL 250 600us idle_ns=100us
RCPT 250 700us
RCPT 550 800us
DATA 354 1ms pipelined=true
. 250 2ms
auth PLAIN 235 user=alice
message 250 from=a@client.example to=b@example.test:250 to=c@example.test:550 size=190
unsolicited 421
finding REP-04
"""

SESSION = {
    "outcome": "partial", "capture": {"gaps": 0}, "greeting": {"code": 220, "delay_ns": 1000000},
    "commands": [
        {"verb": "EHLO", "code": 250, "latency_ns": 500000},
        {"verb": "AUTH", "argument": "PLAIN", "code": 235, "latency_ns": 900000},
        {"verb": "MAIL", "code": 250, "latency_ns": 600000, "idle_ns": 100000},
        {"verb": "RCPT", "code": 250, "latency_ns": 700000},
        {"verb": "RCPT", "code": 550, "latency_ns": 800000},
        {"verb": "DATA", "code": 354, "latency_ns": 1000000, "pipelined": True},
        {"verb": ".", "code": 250, "latency_ns": 2000000}],
    "auth": [{"mechanism": "PLAIN", "user": "alice", "code": 235}],
    "messages": [{"from": "a@client.example", "size": 190, "code": 250, "recipients": [
        {"address": "b@example.test", "code": 250, "accepted": True},
        {"address": "c@example.test", "code": 550, "accepted": False}]}],
    "unsolicited_replies": [{"code": 421}],
    "findings": [{"id": "REP-04"}]}


def spoilt(value):
    """Every way to make one member of a JSON value wrong: another value, none at all, one too many."""
    if isinstance(value, dict):
        for key, each in value.items():
            yield {other: kept for other, kept in value.items() if other != key}
            for wrong in spoilt(each):
                yield {**value, key: wrong}
    elif isinstance(value, list):
        for number, each in enumerate(value):
            yield value[:number] + value[number + 1:]
            yield value[:number] + [each] + value[number:]
            for wrong in spoilt(each):
                yield value[:number] + [wrong] + value[number + 1:]
    elif isinstance(value, bool):
        yield not value
    elif isinstance(value, int):
        yield value + 1
    else:
        yield value + "x"


def main():
    told, = truth.parse(TRUTH)
    for complaint in truth.wrong_session(told, SESSION):
        print("the right session:", complaint)
        return 1
    tried = missed = 0
    for wrong in spoilt(SESSION):
        tried += 1
        # More findings than those told are no mistake.
        allowed = wrong.get("findings") == SESSION["findings"] * 2
        if not allowed and not list(truth.wrong_session(told, wrong)):
            print("not seen:", wrong)
            missed += 1
    print(f"{tried} wrong sessions, {missed} not seen")
    return 1 if missed or tried < 50 else 0


if __name__ == "__main__":
    sys.exit(main())
