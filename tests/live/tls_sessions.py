# SPDX-License-Identifier: GPL-2.0-or-later
"""The conversations of the TLS live test. Runs inside the client's namespace.

usage: tls_sessions.py KEYLOG TRUTH CERTIFICATE KEY
"""

import json
import ssl
import sys

from namespace import realtime
from servers import AIOSMTPD, EXIM, POSTFIX
from tls_client import TlsSession, context_for, speak_raw
from tls_servers import CLIENT_CERTIFICATE_PORT

SERVERS = {"postfix": POSTFIX, "exim": EXIM, "aiosmtpd": AIOSMTPD}
SENDER = "alice@example.test"
MESSAGE = (b"From: Alice <alice@example.test>\r\nTo: Bob <bob@example.test>\r\n"
           b"Subject: live test of TLS\r\n\r\nA line.\r\n.a line with a dot\r\n.\r\nThe last.\r\n")

# TLS 1.2, by what the key exchange and the record protection are.
CIPHERS = {"ECDHE": "ECDHE-RSA-AES128-GCM-SHA256", "CBC": "ECDHE-RSA-AES128-SHA",
           "ChaCha20": "ECDHE-RSA-CHACHA20-POLY1305", "RSA": "AES256-GCM-SHA384",
           "RSA CBC": "AES128-SHA"}
V12, V13 = ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3


def converse(name, host, port, context, pipelined=False, size=0, **options):
    """Starts TLS as the port has it, sends one message, and quits."""
    implicit = context if port == 465 else None
    session = TlsSession(name, host, port, implicit_tls=implicit, **options)
    if not implicit:
        session.hello()
        session.starttls(context)
    if session.failed:
        raise RuntimeError(f"{name}: {session.truth['tls_error']}")
    session.hello()
    message = MESSAGE + b"x" * 70 * (size // 72) + b"\r\n" * (size > 0)
    if pipelined:
        session.group(f"MAIL FROM:<{SENDER}>", "RCPT TO:<bob@example.test>",
                      "RCPT TO:<nouser@example.test>", "DATA")
        session.content(message)
    else:
        session.mail(SENDER, ["bob@example.test", "nouser@example.test"], message)
    session.quit()
    session.truth["outcome"] = "partial"
    return session


def failing(name, host, port, context, alert=None, sealed=False):
    """A handshake that fails. `sealed`: the alert can be read with the keys only."""
    implicit = context if port in (25, 465) else None
    session = TlsSession(name, host, port, implicit_tls=implicit)
    if not implicit:
        session.hello()
        session.starttls(context)
    if not session.failed:
        raise RuntimeError(f"{name}: the handshake came to its end")
    session.truth.update(outcome="tls_failed", decrypt_state="handshake_failed", alert=alert,
                         alert_sealed=sealed, failure=True)
    return session


def matrix(contexts):
    for server, host in SERVERS.items():
        for kind in (*CIPHERS, "TLS 1.3"):
            yield converse(f"{server} starttls {kind}", host, 587, contexts[kind])
        for kind in ("ECDHE", "RSA CBC", "TLS 1.3"):
            yield converse(f"{server} implicit {kind}", host, 465, contexts[kind])
    for server, ports in (("postfix", (25, 2525, 10025)), ("exim", (25, 10025))):
        for port in ports:
            for kind in ("ECDHE", "TLS 1.3"):
                yield converse(f"{server} port {port} {kind}", SERVERS[server], port,
                               contexts[kind])


def resumed(keylog):
    for server, port, version, tickets in (
            ("postfix", 587, V12, True), ("postfix", 465, V13, True),
            ("aiosmtpd", 587, V12, False), ("aiosmtpd", 465, V12, True),
            ("aiosmtpd", 587, V13, True)):
        context = context_for(version, keylog, CIPHERS["RSA"] if port == 465 else None)
        if not tickets:
            context.options |= ssl.OP_NO_TICKET  # then by session id (RFC 5246 section 7.3)
        name = f"{server} {'1.2' if version == V12 else '1.3'} {'ticket' if tickets else 'id'}"
        first = converse(f"{name}, first", SERVERS[server], port, context)
        yield first
        second = converse(f"{name}, resumed", SERVERS[server], port, context, resume=first.kept)
        if not second.truth["tls"]["resumed"]:
            raise RuntimeError(f"{name}: the server did not resume the session")
        yield second


def cut(contexts):
    for kind in ("ECDHE", "CBC", "RSA", "TLS 1.3"):
        yield converse(f"a byte a record {kind}", POSTFIX, 587, contexts[kind], record=1)
        yield converse(f"bytes packed in segments {kind}", POSTFIX, 2525, contexts[kind],
                       record=1, corked=True)
        yield converse(f"lines over records {kind}", EXIM, 587, contexts[kind], record=7)
        yield converse(f"lines share a record {kind}", POSTFIX, 10025, contexts[kind],
                       pipelined=True)
        yield converse(f"replies of a byte a record {kind}", AIOSMTPD, 2587, contexts[kind])
    yield converse("lines over records, sent as one", POSTFIX, 587, contexts["TLS 1.3"],
                   pipelined=True, record=11, corked=True)
    yield converse("long message", POSTFIX, 465, contexts["TLS 1.3"], size=100_000)
    yield converse("long message RSA CBC", POSTFIX, 465, contexts["RSA CBC"], size=100_000)


def with_certificate(keylog, certificate, key):
    for kind, version in (("1.2", V12), ("1.3", V13)):
        context = context_for(version, keylog)
        context.load_cert_chain(certificate, key)
        yield converse(f"client certificate {kind}", POSTFIX, CLIENT_CERTIFICATE_PORT, context)


def failures(keylog, contexts):
    old = context_for(ssl.TLSVersion.TLSv1_1, keylog, "DEFAULT@SECLEVEL=0")
    other = context_for(V12, keylog, "ECDHE-ECDSA-AES128-GCM-SHA256")
    for name, host, port in (("postfix", POSTFIX, 587), ("exim", EXIM, 465),
                             ("aiosmtpd", AIOSMTPD, 465)):
        # asyncio closes without the alert that OpenSSL has ready for it.
        silent = name == "aiosmtpd"
        yield failing(f"{name} refuses the version", host, port, old,
                      None if silent else "protocol_version")
        yield failing(f"{name} shares no cipher", host, port, other,
                      None if silent else "handshake_failure")
    for kind, version in (("1.2", V12), ("1.3", V13)):
        strict = context_for(version, keylog)
        strict.verify_mode = ssl.CERT_REQUIRED
        for port in (587, 465):
            yield failing(f"client refuses the certificate {kind} {port}", POSTFIX, port, strict,
                          "unknown_ca", sealed=version == V13)
    for name, host in SERVERS.items():
        yield failing(f"TLS to {name} on port 25", host, 25, contexts["TLS 1.3"])
    silent = TlsSession("no ClientHello after 220", POSTFIX, 587)
    silent.hello()
    silent.command("STARTTLS")
    silent.close()
    silent.truth.update(outcome="tls_failed", failure=True, decrypt_state=None, alert=None)
    yield silent


def clear_to_tls():
    for name, host in SERVERS.items():
        truth = speak_raw(f"clear text to {name} on port 465", host, 465,
                          b"EHLO client.example.test\r\n")
        # GnuTLS answers with an alert; OpenSSL sees an HTTP request or the like, and says nothing.
        truth.update(outcome="tls_failed", failure=True, alert=None,
                     decrypt_state="handshake_failed" if name == "exim" else None)
        yield truth


def run_all(keylog, certificate, key):
    contexts = {kind: context_for(V12, keylog, ciphers) for kind, ciphers in CIPHERS.items()}
    contexts["TLS 1.3"] = context_for(V13, keylog)
    for group in (matrix(contexts), resumed(keylog), cut(contexts),
                  with_certificate(keylog, certificate, key), failures(keylog, contexts)):
        for session in group:
            yield session.truth
    yield from clear_to_tls()


def main():
    keylog, truth_path, certificate, key = sys.argv[1:]
    realtime()
    truths = []
    for truth in run_all(keylog, certificate, key):
        truths.append(truth)
        with open(truth_path, "w", encoding="utf-8") as out:
            json.dump(truths, out, indent=1)
    print(f"{len(truths)} sessions")


main()
