# SPDX-License-Identifier: GPL-2.0-or-later
"""The conversations whose turns are to be inferred. Runs inside the client's namespace.

usage: conversations.py BATCH KEYLOG CERTIFICATE KEY

Batches: one for each TLS 1.3 suite (the caller's OPENSSL_CONF names it), `tls12`, `stock`.
"""

import base64
import hashlib
import hmac
import sys

from client import Session
from plan import Plan
from servers import AIOSMTPD, CLIENT, EXIM, POSTFIX
import stock_clients

EXCHANGE, GMAIL, SENDMAIL, QMAIL, HARAKA, OPENSMTPD = (f"192.0.2.{number}"
                                                       for number in range(13, 19))
CERTIFICATE = sys.argv[3:5]
USER, PASSWORD = stock_clients.USER, stock_clients.PASSWORD


class Client(Session):
    """The live test's client, and what it does not have."""

    def __init__(self, host, port, plan, keylog):
        self.plan = plan
        context = plan.context(keylog)
        super().__init__("inference", host, port, source=CLIENT,
                         implicit_tls=context if port == 465 else None)
        if port != 465:
            self.command("EHLO " + plan.helo)
            self.starttls(context)
        self.command("EHLO " + plan.helo)

    def say(self, line):
        self._send(line + b"\r\n")
        return self._read_reply()

    def auth_cram_md5(self):
        reply = self.say(b"AUTH CRAM-MD5")
        challenge = base64.b64decode(reply.text())
        digest = hmac.new(PASSWORD.encode(), challenge, hashlib.md5).hexdigest()
        return self.say(base64.b64encode(f"{USER} {digest}".encode()))

    def auth_plain_later(self):
        self.say(b"AUTH PLAIN")
        return self.say(base64.b64encode(f"\0{USER}\0{PASSWORD}".encode()))

    def auth_login_initial(self):
        self.say(b"AUTH LOGIN " + base64.b64encode(USER.encode()))
        return self.say(base64.b64encode(PASSWORD.encode()))

    def authenticate(self):
        how = {"PLAIN": lambda: self.auth_plain(USER, PASSWORD),
               "LOGIN": lambda: self.auth_login(USER, PASSWORD),
               "CRAM-MD5": self.auth_cram_md5, "PLAIN later": self.auth_plain_later,
               "wrong": lambda: self.auth_plain(USER, "a wrong one")}
        if self.plan.auth:
            how[self.plan.auth]()

    def transaction(self):
        plan = self.plan
        mail = f"MAIL FROM:<{plan.sender}>{plan.parameters()}"
        recipients = [f"RCPT TO:<{address}>" for address in plan.recipients]
        if plan.pipelined:
            replies = self.group(mail, *recipients, "DATA")
        else:
            replies = [self.command(line) for line in (mail, *recipients)]
            if all(reply.code >= 400 for reply in replies[1:]):
                return False
            replies.append(self.command("DATA"))
        if replies[-1].code == 354:
            self.content(plan.message())
        return replies[-1].code == 354


def mails(session):
    session.authenticate()
    for _ in range(session.plan.messages):
        if not session.transaction():
            session.command("RSET")
        session.plan.new_transaction()
    session.quit()


def resets(session):
    """As libraries that test a connection, and those that send RSET before each message."""
    session.authenticate()
    session.command("NOOP")
    for _ in range(session.plan.messages):
        session.command("RSET")
        session.transaction()
        session.plan.new_transaction()
    session.quit()


def chunks(session):
    plan = session.plan
    session.authenticate()
    session.command(f"MAIL FROM:<{plan.sender}>{plan.parameters()}")
    for address in plan.recipients:
        session.command(f"RCPT TO:<{address}>")
    text = plan.message()
    session.bdat(text[:len(text) // 2], text[len(text) // 2:])
    session.quit()


def leaves(session):
    """Closes after the last reply, without QUIT."""
    session.authenticate()
    session.transaction()
    session.close()


def gives_up(session):
    session.authenticate()
    session.command(f"MAIL FROM:<{session.plan.sender}>")
    session.command("RCPT TO:<nouser@example.test>")
    session.quit()


def asks_only(session):
    session.authenticate()
    session.quit()


def talk(seed, conversation, host, port, keylog, **plan):
    # Only servers that ask for a certificate get it.
    conversation(Client(host, port, Plan(seed, certificate=CERTIFICATE, **plan), keylog))


def tls13(keylog, batch):
    """A session with each server, each suite: what they say differs by the seed."""
    seed = batch
    for host, port, auth in ((POSTFIX, 25, None), (POSTFIX, 465, None), (EXIM, 25, None),
                             (EXIM, 587, "PLAIN"), (EXIM, 465, "CRAM-MD5"), (AIOSMTPD, 587, "LOGIN"),
                             (EXCHANGE, 587, "LOGIN"), (EXCHANGE, 25, None), (GMAIL, 465, "PLAIN"),
                             (GMAIL, 25, None), (SENDMAIL, 587, "CRAM-MD5"), (SENDMAIL, 25, None),
                             (QMAIL, 465, "PLAIN later"), (QMAIL, 25, None),
                             (HARAKA, 587, "CRAM-MD5"), (HARAKA, 25, None), (HARAKA, 465, "LOGIN"),
                             (OPENSMTPD, 587, "PLAIN"), (OPENSMTPD, 465, "LOGIN")):
        seed += 1
        talk(seed, mails, host, port, keylog, auth=auth,
             pipelined=host not in (AIOSMTPD, OPENSMTPD) and seed % 3 == 0, refused=int(seed % 4 == 0))
    for conversation, host, port, auth in (
            (resets, POSTFIX, 587, None), (resets, EXIM, 465, "PLAIN"), (chunks, POSTFIX, 587, None),
            (chunks, EXCHANGE, 587, "LOGIN"), (leaves, GMAIL, 25, None),
            (gives_up, EXIM, 587, "LOGIN"), (asks_only, SENDMAIL, 587, "PLAIN"),
            (asks_only, QMAIL, 587, "wrong"), (resets, SENDMAIL, 465, "PLAIN"),
            (gives_up, EXCHANGE, 25, None), (resets, HARAKA, 587, "PLAIN"),
            (resets, OPENSMTPD, 25, None), (gives_up, HARAKA, 25, None)):
        seed += 1
        talk(seed, conversation, host, port, keylog, auth=auth)


CIPHERS_12 = ("ECDHE-RSA-AES128-GCM-SHA256", "ECDHE-RSA-CHACHA20-POLY1305", "ECDHE-RSA-AES128-SHA",
              "AES256-SHA", "AES128-GCM-SHA256", "ECDHE-RSA-AES128-SHA256",
              "ECDHE-RSA-AES256-SHA384", "AES128-SHA256", "AES256-CCM", "AES128-CCM8")
# Not every server takes them all: Exim's library, Python's default, Postfix's.
TAKES = {EXIM: set(CIPHERS_12[:5]),
         AIOSMTPD: {name for name in CIPHERS_12 if "ECDHE" in name and not name.endswith("-SHA")},
         POSTFIX: set(CIPHERS_12) - {"AES128-CCM8"}}


def tls12(keylog, batch):
    seed = batch
    for number, cipher in enumerate(CIPHERS_12):
        for host, port, auth in ((POSTFIX, 587, None), (EXIM, 587, "PLAIN"),
                                 (AIOSMTPD, 465, "LOGIN"), (SENDMAIL, 587, "CRAM-MD5"),
                                 (EXCHANGE, 25, None), (GMAIL, 465, "PLAIN"),
                                 (HARAKA, 587, "LOGIN"), (OPENSMTPD, 25, None)):
            seed += 1
            if cipher not in TAKES.get(host, CIPHERS_12):
                continue
            talk(seed, (mails, mails, resets)[(number + seed) % 3], host, port, keylog,
                 version="1.2", cipher=cipher, auth=auth,
                 pipelined=host not in (AIOSMTPD, OPENSMTPD) and seed % 4 == 0, refused=int(seed % 5 == 0))


def stock(keylog, batch):
    seed = batch
    for version in ("1.2", "1.3"):
        for host, port, auth in ((POSTFIX, 587, None), (EXIM, 465, "PLAIN"), (AIOSMTPD, 587, "LOGIN"),
                                 (EXCHANGE, 587, "LOGIN"), (GMAIL, 465, "PLAIN"),
                                 (SENDMAIL, 25, None), (QMAIL, 587, "PLAIN"),
                                 (HARAKA, 25, None), (OPENSMTPD, 465, "PLAIN")):
            for client in (stock_clients.swaks, stock_clients.curl, stock_clients.msmtp,
                           stock_clients.library):
                seed += 1
                plan = Plan(seed, version=version, auth=auth, refused=int(seed % 7 == 0),
                            pipelined=host not in (AIOSMTPD, EXIM, OPENSMTPD) and seed % 2 == 0)
                client(keylog, host, port, plan)


def main():
    batch, keylog = sys.argv[1:3]
    run, seed = {"tls12": (tls12, 5000), "stock": (stock, 9000),
                 "TLS_AES_256_GCM_SHA384": (tls13, 1000), "TLS_AES_128_GCM_SHA256": (tls13, 2000),
                 "TLS_CHACHA20_POLY1305_SHA256": (tls13, 3000)}[batch]
    run(keylog, seed)


main()
