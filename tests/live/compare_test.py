#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The comparison of the live test must fail where plugin and client differ, whatever the value."""

import copy
import unittest

from compare import TOLERANCE_NS, Comparison


def command(verb, argument, code, sent, reply):
    return {"verb": verb, "argument": argument, "encrypted": False, "pipelined": False,
            "code": code, "t_first": sent - 1000, "t_sent": sent, "t_reply": reply,
            "latency_ns": reply - sent}


TRUTH = {
    "name": "one", "server": "192.0.2.10", "server_port": 25, "client_port": 40000,
    "connected": True, "connect_ns": 50_000, "outcome": "partial", "tls": None,
    "greeting": {"code": 220, "text": "mx.example.test", "delay_ns": 60_000},
    "commands": [command("AUTH", "PLAIN", 235, 1_000_000, 1_500_000),
                 dict(command("MAIL", "FROM:<a@example.test>", 250, 2_000_000, 2_500_000),
                      enhanced="2.1.0"),
                 command(".", "", 250, 3_000_000, 3_500_000)],
    "auth": [{"mechanism": "PLAIN", "user": "alice", "code": 235, "rounds": 0}],
    "messages": [{"from": "a@example.test", "size": 100, "code": 250, "id": "AB12",
                  "accepted": True, "end": ".",
                  "recipients": [{"address": "b@example.test", "code": 250, "accepted": False,
                                  "final_code": 452}]}],
}
TLS_TRUTH = dict(TRUTH, tls={"mode": "implicit", "version": "TLSv1.3", "sni": "mx.example.test",
                             "cipher": "TLS_AES_256_GCM_SHA384", "handshake_ns": 900_000})


def as_seen(truth):
    """What a plugin without fault would print for this truth."""
    commands = [{"index": index, "verb": entry["verb"], "argument": entry["argument"],
                 "code": entry["code"], "latency_ns": entry["latency_ns"], "pipelined": False,
                 "encrypted": False, "exact": True, **(
                     {"enhanced": entry["enhanced"]} if "enhanced" in entry else {})}
                for index, entry in enumerate(truth["commands"], 1)]
    messages = [{key: value for key, value in entry.items() if key != "end"}
                for entry in copy.deepcopy(truth["messages"])]
    messages[0]["transfer_ns"] = 1000
    tls = {}
    if truth["tls"]:
        tls = {"tls": dict(truth["tls"], decrypted=True, version="TLS 1.3")}
    return {**tls, "client": {"port": truth["client_port"]},
            "server": {"address": truth["server"], "port": truth["server_port"]},
            "outcome": truth["outcome"], "complete": True, "capture": {"gaps": 0},
            "tcp": {"handshake_ns": truth["connect_ns"]}, "greeting": dict(truth["greeting"]),
            "commands": commands, "auth": copy.deepcopy(truth["auth"]), "messages": messages}


def mismatches(truths, sessions, require_decrypted=True):
    comparison = Comparison("test", truths, require_decrypted)
    comparison.hold_against(sessions)
    return comparison.mismatches


def leaves(value, path=()):
    """The path of each single value inside `value`."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from leaves(inner, path + (key,))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from leaves(inner, path + (index,))
    else:
        yield path


def changed(value):
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + TOLERANCE_NS + 1
    return value + "x"


def holder_of(session, path):
    for key in path[:-1]:
        session = session[key]
    return session


class ComparisonTest(unittest.TestCase):
    def test_equal_sessions_have_no_mismatch(self):
        for truth in (TRUTH, TLS_TRUTH):
            self.assertEqual(mismatches([truth], [as_seen(truth)]), [])

    def test_any_changed_value_is_a_mismatch(self):
        for truth in (TRUTH, TLS_TRUTH):
            for path in leaves(as_seen(truth)):
                session = as_seen(truth)
                holder = holder_of(session, path)
                holder[path[-1]] = changed(holder[path[-1]])
                with self.subTest(path=path):
                    self.assertNotEqual(mismatches([truth], [session]), [])

    def test_any_missing_value_is_a_mismatch(self):
        for truth in (TRUTH, TLS_TRUTH):
            for path in leaves(as_seen(truth)):
                session = as_seen(truth)
                holder = holder_of(session, path)
                if path[-1] in ("address", "port") or holder[path[-1]] == "":
                    continue  # the end points must be there; an empty argument may be absent
                del holder[path[-1]]
                with self.subTest(path=path):
                    self.assertNotEqual(mismatches([truth], [session]), [])

    def test_a_missing_command_is_a_mismatch(self):
        session = as_seen(TRUTH)
        del session["commands"][1]
        self.assertNotEqual(mismatches([TRUTH], [session]), [])

    def test_a_missing_or_additional_session_is_a_mismatch(self):
        other = as_seen(TRUTH)
        other["client"]["port"] += 1
        self.assertNotEqual(mismatches([TRUTH], []), [])
        self.assertNotEqual(mismatches([TRUTH], [as_seen(TRUTH), other]), [])

    def test_the_same_session_twice_is_a_mismatch(self):
        self.assertNotEqual(mismatches([TRUTH], [as_seen(TRUTH)] * 2), [])

    def test_a_password_in_the_output_is_a_mismatch(self):
        for word in ("Live-Test-Secret", "TGl2ZS1UZXN0LVNlY3JldA=="):
            session = as_seen(TRUTH)
            session["findings"] = [{"text": f"AUTH {word}"}]
            self.assertNotEqual(mismatches([TRUTH], [session]), [])

    def test_undecrypted_tls_fails_only_when_decryption_is_required(self):
        truth = dict(TLS_TRUTH, commands=[])
        session = dict(as_seen(TRUTH), commands=[], tls={"decrypted": False})
        self.assertEqual(mismatches([truth], [session], require_decrypted=False), [])
        self.assertNotEqual(mismatches([truth], [session]), [])


if __name__ == "__main__":
    unittest.main()
