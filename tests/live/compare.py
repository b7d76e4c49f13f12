# SPDX-License-Identifier: GPL-2.0-or-later
"""Holds the JSON of the plugin against the truth of the clients."""

import base64
import collections
import json

TOLERANCE_NS = 5_000_000
SECRETS = (b"Live-Test-Secret", b"Live-Test-Wrong")


def forms_of(secret):
    """The password as typed, and as it crosses the wire in AUTH PLAIN and AUTH LOGIN."""
    yield secret.decode()
    yield base64.b64encode(secret).decode()
    yield base64.b64encode(b"\0alice\0" + secret).decode()


class Comparison:
    def __init__(self, title, truths, require_decrypted=False):
        self.mismatches = []
        self._title = title
        self._truths = truths
        self._require_decrypted = require_decrypted
        self._compared = collections.Counter()
        self._largest = {}
        self._undecrypted = 0
        self._name = ""

    def hold_against(self, sessions):
        self._no_secret_in(json.dumps(sessions))
        by_port = {}
        for session in sessions:
            key = (session["client"]["port"], session["server"]["address"],
                   session["server"]["port"])
            if key in by_port:
                self._miss(f"two sessions from client port {key[0]}", "one", "two")
            by_port[key] = session
        self._name = ""
        self._same("number of sessions", len(self._truths), len(sessions))
        for truth in self._truths:
            self._name = f"{truth['name']}, client port {truth['client_port']}"
            session = by_port.get((truth["client_port"], truth["server"], truth["server_port"]))
            if session is None:
                self._miss("session", "present", "absent")
                continue
            self._session(truth, session)

    # One thing against another.

    def _miss(self, what, expected, got):
        self.mismatches.append(f"{self._title}: {self._name}: {what}: expected {expected!r}, "
                               f"got {got!r}")

    def _same(self, what, expected, got, where=""):
        self._compared[what] += 1
        if expected != got:
            self._miss(where + what, expected, got)

    def _near(self, what, expected_ns, got_ns, where=""):
        self._compared[what] += 1
        if got_ns is None:
            self._miss(where + what, f"{expected_ns / 1e6:.3f} ms", None)
            return
        difference = abs(expected_ns - got_ns)
        if difference >= self._largest.get(what, (-1, ""))[0]:
            self._largest[what] = (difference, self._name)
        if difference > TOLERANCE_NS:
            self._miss(where + what, f"{expected_ns / 1e6:.3f} ms", f"{got_ns / 1e6:.3f} ms")

    def _no_secret_in(self, text):
        self._name = "all sessions"
        for secret in SECRETS:
            for form in forms_of(secret):
                self._same("secrets shown", False, form in text)

    # Parts of a session.

    def _session(self, truth, session):
        self._same("complete", True, session.get("complete"))
        self._same("gaps", 0, session.get("capture", {}).get("gaps"))
        if not truth["connected"]:
            self._same("outcome", truth["outcome"], session.get("outcome"))
            self._same("commands of a refused connection", [], session.get("commands", []))
            return
        if "connect_ns" in truth:
            self._near("handshake", truth["connect_ns"], session["tcp"].get("handshake_ns"))
        if truth["tls"] and not session.get("tls", {}).get("decrypted"):
            self._undecrypted_session(truth, session)
            return
        self._same("outcome", truth["outcome"], session.get("outcome"))
        self._greeting(truth, session)
        self._commands(truth["commands"], session.get("commands", []))
        self._auth(truth["auth"], session.get("auth", []))
        self._messages(truth, session.get("messages", []))
        if truth["tls"]:
            self._tls(truth["tls"], session["tls"])

    def _undecrypted_session(self, truth, session):
        """Without its content there is the clear part, which ends with STARTTLS."""
        self._undecrypted += 1
        if self._require_decrypted:
            self._miss("decrypted", True, False)
        clear = [command for command in session.get("commands", [])
                 if not command.get("encrypted")]
        self._commands([command for command in truth["commands"] if not command["encrypted"]],
                       clear)
        if truth["tls"]["mode"] == "starttls":
            self._greeting(truth, session)

    def _tls(self, expected, got):
        for key in ("mode", "sni", "cipher"):
            self._same(f"tls {key}", expected[key], got.get(key))
        self._same("tls version", expected["version"].replace("TLSv", "TLS "),
                   got.get("version"))
        self._near("tls handshake", expected["handshake_ns"], got.get("handshake_ns"))

    def _greeting(self, truth, session):
        got = session.get("greeting", {})
        for key in ("code", "text"):
            self._same(f"greeting {key}", truth["greeting"][key], got.get(key))
        if "delay_ns" in truth["greeting"]:
            self._near("greeting delay", truth["greeting"]["delay_ns"], got.get("delay_ns"))

    def _commands(self, expected, got):
        self._same("verbs and arguments",
                   [(command["verb"], command["argument"]) for command in expected],
                   [(command.get("verb"), command.get("argument", "")) for command in got])
        for number, (one, other) in enumerate(zip(expected, got), 1):
            if one["verb"] != other.get("verb"):
                break  # what follows would only repeat the first difference
            where = f"command {number} {one['verb']} "
            self._same("index", number, other.get("index"), where)
            self._same("encrypted", one["encrypted"], other.get("encrypted"), where)
            self._same("pipelined", one["pipelined"], other.get("pipelined"), where)
            self._same("exact", True, other.get("exact"), where)
            if one.get("unlogged"):
                continue
            self._same("code", one.get("code"), other.get("code"), where)
            self._same("enhanced code", one.get("enhanced"), other.get("enhanced"), where)
            if "latency_ns" in one:
                self._near("latency", one["latency_ns"], other.get("latency_ns"), where)
            elif "code" not in one:
                self._same("latency without reply", None, other.get("latency_ns"), where)

    def _auth(self, expected, got):
        self._same("auth exchanges", len(expected), len(got))
        for one, other in zip(expected, got):
            for key in ("mechanism", "user", "code", "rounds"):
                self._same(f"auth {key}", one[key], other.get(key))

    def _messages(self, truth, got):
        expected = truth["messages"]
        self._same("messages", len(expected), len(got))
        ends = iter([command for command in truth["commands"] if command["verb"] == "."])
        for number, (one, other) in enumerate(zip(expected, got), 1):
            where = f"message {number} "
            self._same("from", one["from"], other.get("from"), where)
            recipients = other.get("recipients", [])
            self._same("recipients", [entry["address"] for entry in one["recipients"]],
                       [entry.get("address") for entry in recipients], where)
            for wanted, found in zip(one["recipients"], recipients):
                for key in ("code", "accepted", "final_code"):
                    self._same(f"recipient {key}", wanted.get(key), found.get(key),
                               f"{where}{wanted['address']} ")
            self._same("message size", one.get("size"), other.get("size"), where)
            self._same("message code", one.get("code"), other.get("code"), where)
            self._same("message id", one.get("id"), other.get("id"), where)
            if "size" in one and "accepted" in one:
                self._same("message accepted", one["accepted"], other.get("accepted"), where)
            if one.get("end") == ".":
                end = next(ends)
                self._near("transfer", end["t_sent"] - end["t_first"], other.get("transfer_ns"),
                           where)

    def print(self):
        print(f"\n{self._title}: {len(self._truths)} sessions, {self._undecrypted} under TLS "
              "and not decrypted (their clear part compared)")
        print(f"  {'compared':34} {'times':>6}  largest difference")
        for what in sorted(self._compared):
            largest = ""
            if what in self._largest:
                difference, name = self._largest[what]
                largest = f"{difference / 1e6:8.3f} ms  ({name})"
            print(f"  {what:34} {self._compared[what]:6}  {largest}")
        for mismatch in self.mismatches:
            print(f"  MISMATCH {mismatch}")
