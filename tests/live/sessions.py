# SPDX-License-Identifier: GPL-2.0-or-later
"""The conversations of the live test. Runs inside the client's namespace.

usage: sessions.py KEYLOG TRUTH
"""

import itertools
import json
import multiprocessing
import ssl
import sys

import tools
from client import Session, tls_context
from namespace import realtime
from servers import AIOSMTPD, CLIENT, CLIENT_FAR, EXIM, POSTFIX, POSTFIX_FAR

SENDER = "alice@example.test"
LARGE = 1_000_000
LARGE_FAR = 300_000  # over the lossy link, where each loss costs a round trip or a time-out

BODY = (b"From: Alice <alice@example.test>\r\nTo: Bob <bob@example.test>\r\n"
        b"Subject: live test\r\nMessage-ID: <%d@example.test>\r\n\r\n"
        b"A line.\r\n.a line that begins with a dot\r\n..and one with two\r\n.\r\n"
        b"The line before was a dot alone.\r\n")

_numbers = itertools.count(1)


def message(size=0):
    text = BODY % next(_numbers)
    line = b"x" * 70 + b"\r\n"
    return text + line * max(0, (size - len(text)) // len(line))


def open_plain(name, host, port=25):
    session = Session(name, host, port, source=CLIENT)
    session.hello()
    return session


def plain(name, host):
    session = open_plain(name, host)
    session.mail(SENDER, ["bob@example.test"], message())
    session.quit()
    return session, "delivered"


def several_messages(name, host):
    session = open_plain(name, host)
    for recipients in (["bob@example.test"], ["carol@example.test", "dave@example.test"],
                       ["erin@example.test"]):
        session.mail(SENDER, recipients, message())
    session.quit()
    return session, "delivered"


def some_refused(name, host):
    session = open_plain(name, host)
    session.mail(SENDER, ["bob@example.test", "nouser@example.test", "later@example.test"],
                 message())
    session.quit()
    return session, "partial"


def all_refused(name, host):
    session = open_plain(name, host)
    session.mail(SENDER, ["nouser@example.test"], message())
    session.quit()
    return session, "rejected"


def all_deferred(name, host):
    session = open_plain(name, host)
    session.mail(SENDER, ["later@example.test"], message())
    session.quit()
    return session, "deferred"


def pipelined(name, host):
    session = open_plain(name, host)
    session.group(f"MAIL FROM:<{SENDER}>", "RCPT TO:<bob@example.test>",
                  "RCPT TO:<nouser@example.test>", "RCPT TO:<carol@example.test>", "DATA")
    session.content(message())
    session.group("RSET", f"MAIL FROM:<{SENDER}>", "RCPT TO:<dave@example.test>", "DATA")
    session.content(message())
    session.quit()
    return session, "partial"


def chunks(name, host):
    session = open_plain(name, host)
    session.command(f"MAIL FROM:<{SENDER}> BODY=8BITMIME")
    session.command("RCPT TO:<bob@example.test>")
    text = message(5000)
    session.bdat(text[:100], text[100:1300], text[1300:])
    session.group(f"MAIL FROM:<{SENDER}>", "RCPT TO:<carol@example.test>")
    session.bdat(message())
    session.quit()
    return session, "delivered"


def auth_plain(name, host):
    session = open_plain(name, host)
    session.auth_plain("alice", "Live-Test-Secret")
    session.mail(SENDER, ["bob@example.test"], message())
    session.quit()
    return session, "delivered"


def auth_login(name, host):
    session = open_plain(name, host)
    session.auth_login("alice", "Live-Test-Secret")
    session.mail(SENDER, ["bob@example.test"], message())
    session.quit()
    return session, "delivered"


def auth_refused(name, host):
    session = open_plain(name, host)
    session.auth_plain("alice", "Live-Test-Wrong")
    session.quit()
    return session, "auth_failed"


def other_commands(name, host):
    session = open_plain(name, host)
    session.command("NOOP")
    session.command("VRFY bob@example.test")
    session.command("RSET")
    session.command("NONSENSE with words")
    session.quit()
    return session, "no_mail"


def reset_between(name, host):
    session = open_plain(name, host)
    session.command(f"MAIL FROM:<{SENDER}>")
    session.command("RCPT TO:<carol@example.test>")
    session.command("RSET")
    session.pause(0.3)
    session.mail(SENDER, ["bob@example.test"], message())
    session.quit()
    return session, "delivered"


def large(name, host):
    session = open_plain(name, host)
    session.mail(SENDER, ["bob@example.test"], message(LARGE))
    session.quit()
    return session, "delivered"


def slow_reply(name, host):
    session = open_plain(name, host)
    session.mail(SENDER, ["bob@example.test", "slow@example.test"], message())
    session.quit()
    return session, "delivered"


def message_refused(name, host):
    session = open_plain(name, host)
    session.mail(SENDER, ["spam@example.test"], message())
    session.quit()
    return session, "rejected"


def server_vanishes(name, host):
    session = open_plain(name, host)
    session.mail(SENDER, ["vanish@example.test"], message())
    session.close()
    return session, "delivery_unknown"


def client_leaves(name, host):
    session = open_plain(name, host)
    session.command(f"MAIL FROM:<{SENDER}>")
    session.close()
    return session, "aborted_by_client"


def greeting_delay(name, host):
    session = open_plain(name, host, 2525)
    session.mail(SENDER, ["bob@example.test"], message())
    session.quit()
    return session, "delivered"


def refused_port(name, host):
    return Session(name, host, 2587, source=CLIENT), "connection_refused"


def lmtp(name, host):
    session = Session(name, host, 24, source=CLIENT)
    session.hello("LHLO")
    session.command(f"MAIL FROM:<{SENDER}>")
    for local_part in ("bob", "nouser", "full", "carol"):
        session.command(f"RCPT TO:<{local_part}@example.test>")
    session.command("DATA")
    session.content(message(), lmtp=True)
    session.quit()
    return session, "partial"


def far(name, host):
    session = Session(name, host, 25, source=CLIENT_FAR)
    session.hello()
    session.mail(SENDER, ["bob@example.test", "nouser@example.test"], message(LARGE_FAR))
    session.group(f"MAIL FROM:<{SENDER}>", "RCPT TO:<carol@example.test>", "DATA")
    session.content(message(LARGE_FAR))
    session.quit()
    return session, "partial"


def starttls(name, host, context, port=587):
    session = open_plain(name, host, port)
    session.starttls(context)
    session.hello()
    session.mail(SENDER, ["bob@example.test", "nouser@example.test"], message())
    session.quit()
    return session, "partial"


def implicit_tls(name, host, context):
    session = Session(name, host, 465, source=CLIENT, implicit_tls=context)
    session.hello()
    session.mail(SENDER, ["bob@example.test"], message(20_000))
    session.quit()
    return session, "delivered"


def truth_of(conversation, *arguments):
    session, outcome = conversation(*arguments)
    session.truth["outcome"] = outcome
    return session.truth


def at_once(*conversations):
    """Sessions that overlap, each in a process, so that their frames lie mixed in the capture."""
    with multiprocessing.get_context("fork").Pool(len(conversations)) as pool:
        yield from pool.starmap(truth_of, conversations, chunksize=1)


def run_all(keylog):
    tls = {"1.2": tls_context(ssl.TLSVersion.TLSv1_2, keylog),
           "1.3": tls_context(ssl.TLSVersion.TLSv1_3, keylog)}
    servers = {"postfix": POSTFIX, "exim": EXIM, "aiosmtpd": AIOSMTPD}
    for server, host in servers.items():
        for conversation in (plain, several_messages, some_refused, all_refused, all_deferred,
                             other_commands, reset_between, large, client_leaves):
            yield truth_of(conversation, f"{server} {conversation.__name__}", host)
    for server in ("postfix", "exim"):
        for conversation in (pipelined, chunks):
            yield truth_of(conversation, f"{server} {conversation.__name__}", servers[server])
    for conversation in (auth_plain, auth_login, auth_refused, slow_reply, message_refused,
                         server_vanishes, refused_port, lmtp):
        yield truth_of(conversation, f"aiosmtpd {conversation.__name__}", AIOSMTPD)
    yield truth_of(greeting_delay, "postfix greeting_delay", POSTFIX)
    for server in ("postfix", "aiosmtpd"):
        for version, context in tls.items():
            for conversation in (starttls, implicit_tls):
                yield truth_of(conversation, f"{server} {conversation.__name__} {version}",
                                   servers[server], context)
    for version, context in tls.items():
        yield truth_of(starttls, f"exim starttls {version}", EXIM, context, 25)
    yield from at_once(
        (slow_reply, "aiosmtpd slow_reply at once", AIOSMTPD),
        (several_messages, "postfix several_messages at once", POSTFIX),
        (several_messages, "exim several_messages at once", EXIM),
        (some_refused, "postfix some_refused at once", POSTFIX),
        (pipelined, "postfix pipelined at once", POSTFIX))
    for server, host in servers.items():
        for tool in (tools.swaks, tools.curl):
            yield truth_of(tool, f"{server} {tool.__name__}", host)
    yield truth_of(far, "postfix over the lossy link", POSTFIX_FAR)


def main():
    keylog, truth_path = sys.argv[1:]
    realtime()
    truths = []
    for truth in run_all(keylog):
        truths.append(truth)
        # Written as it grows: what a failure leaves behind helps to find it.
        with open(truth_path, "w", encoding="utf-8") as out:
            json.dump(truths, out, indent=1)
    print(f"{len(truths)} sessions")


main()
