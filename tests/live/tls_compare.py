# SPDX-License-Identifier: GPL-2.0-or-later
"""Holds sessions under TLS against the truth of the clients, with keys and without."""

from compare import Comparison


def turns_of(commands):
    """Commands that were written as one are one turn to whoever cannot read them."""
    turns = []
    for command in commands:
        if command["pipelined"]:
            turns[-1].append(command)
        else:
            turns.append([command])
    return turns


class TlsComparison(Comparison):
    """`state_of(truth)` is the decrypt_state that a session must have; "decrypted": it was read."""

    def __init__(self, title, truths, state_of):
        super().__init__(title, truths)
        self._state_of = state_of

    def _session(self, truth, session):
        got = session.get("tls", {})
        if truth.get("failure"):
            self._failure(truth, session, got)
            return
        state = self._state_of(truth)
        self._same("decrypt_state", state, got.get("decrypt_state"))
        self._same("decrypted", state == "decrypted", got.get("decrypted"))
        if state == "decrypted":
            if got.get("decrypted"):
                super()._session(truth, session)
        else:
            self._unreadable(truth, session)

    def _tls(self, expected, got):
        super()._tls(expected, got)
        self._same("tls resumed", expected["resumed"], got.get("resumed"))

    def _failure(self, truth, session, got):
        self._same("complete", True, session.get("complete"))
        self._same("outcome of a failure", truth["outcome"], session.get("outcome"))
        self._same("decrypt_state of a failure", truth["decrypt_state"],
                   got.get("decrypt_state"))
        self._same("decrypted", False, got.get("decrypted", False))
        if truth["alert"] and not (truth["alert_sealed"] and not self._has_keys()):
            self._same("alert", truth["alert"], got.get("alert", {}).get("description"))
        if truth["commands"]:
            clear = [command for command in session.get("commands", [])
                     if not command["encrypted"]]
            self._commands(truth["commands"], clear)

    def _has_keys(self):
        return any(self._state_of(truth) == "decrypted" for truth in self._truths
                   if truth["tls"] and truth["tls"]["version"] == "TLSv1.3")

    def _unreadable(self, truth, session):
        self._undecrypted += 1
        self._same("complete", True, session.get("complete"))
        self._same("outcome without keys", "encrypted", session.get("outcome"))
        self._tls(truth["tls"], session.get("tls", {}))
        self._same("messages without keys", [], session.get("messages", []))
        commands = session.get("commands", [])
        self._commands([one for one in truth["commands"] if not one["encrypted"]],
                       [one for one in commands if not one["encrypted"]])
        if truth["tls"]["mode"] == "starttls":
            self._greeting(truth, session)
        elif "delay_ns" in truth["greeting"]:
            self._near("greeting delay without keys", truth["greeting"]["delay_ns"],
                       session.get("greeting", {}).get("delay_ns"))
        turns = turns_of([one for one in truth["commands"] if one["encrypted"]])
        seen = [one for one in commands if one["encrypted"]]
        self._same("verbs without keys", {None}, {one.get("verb") for one in seen})
        self._same("turns", len(turns), len(seen))
        for number, (turn, one) in enumerate(zip(turns, seen), 1):
            # A reply in several segments, and the replies to a group, which may come one by one:
            # without keys nobody knows which segment was the last. The turn's must be one of them.
            possible = [command[end] - command["t_sent"] for command in turn
                        for end in ("t_reply_first", "t_reply")]
            near = min(possible, key=lambda ns: abs(ns - one.get("latency_ns", 0)))
            self._near("latency of a turn", near, one.get("latency_ns"),
                       f"turn {number} {turn[0]['verb']} ")


class CutComparison(TlsComparison):
    """Of captures that hold a part of the session: what is under TLS is all there."""

    def _session(self, truth, session):
        got = session.get("tls", {})
        state = self._state_of(truth)
        self._same("decrypt_state", state, got.get("decrypt_state"))
        self._same("tls mode", truth["tls"]["mode"], got.get("mode"))
        if state != "decrypted":
            self._same("decrypted", False, got.get("decrypted"))
            return
        self._tls(truth["tls"], got)
        wanted = [one for one in truth["commands"] if one["encrypted"]]
        seen = [one for one in session.get("commands", []) if one["encrypted"]]
        self._same("verbs and arguments under TLS",
                   [(one["verb"], one["argument"], one["code"]) for one in wanted],
                   [(one.get("verb"), one.get("argument", ""), one.get("code")) for one in seen])
        for one, other in zip(wanted, seen):
            self._near("latency", one["latency_ns"], other.get("latency_ns"))
        self._messages(truth, session.get("messages", []))
