# SPDX-License-Identifier: GPL-2.0-or-later
"""The conversations of the diagnosis live test. Runs inside the client's namespace.

usage: diagnosis_sessions.py FOLDER SERVER...

The names of SERVERS that run are given. Writes truth.json and keys.log into FOLDER, which has
ca.pem. Each conversation is one TCP connection, one after the other: the session of the same number
in the capture is that one.
"""

import dataclasses
import json
import os
import smtplib
import socket
import ssl
import subprocess
import sys
import time

from client import Session, tls_context
from diagnosis_servers import (ANONYMOUS, CLEAR, LIMITED, NAMES, NEW_TLS_ONLY, OPENSMTPD, PASSWORD,
                               POSTSCREEN, SERVERS, SILENT, SIZE_LIMIT, SUBMISSION, SUBMISSIONS,
                               USER, WRONG_PASSWORD)
from servers import AIOSMTPD, EXIM, POSTFIX

CLIENT_NAME = "client.example.test"
SENDER = "alice@example.test"
BOB, CAROL = "bob@example.test", "carol@example.test"
TEXT = ("From: Alice <alice@example.test>\r\nTo: Bob <bob@example.test>\r\n"
        "Subject: live test\r\n\r\nA message of a stock client.\r\n.with a dot\r\n")

PORTS = (CLEAR, SUBMISSION, SUBMISSIONS)
LENGTHS = (1, 10, 1000, 25000)  # of messages, in TEXTs: to 3 MB


@dataclasses.dataclass
class Truth:
    name: str
    server: str
    port: int
    outcome: str = "delivered"
    finds: tuple = ()      # of note, warn or error: exactly these
    verdict: str = ""      # what the sentence has to say, as a regular expression
    optional: tuple = ()   # findings that may be there or not


class Client:
    def __init__(self, folder):
        self.folder = folder
        self.authority = os.path.join(folder, "ca.pem")
        self.keys = os.path.join(folder, "keys.log")
        self.mail = os.path.join(folder, "mail.txt")
        with open(self.mail, "w", encoding="ascii", newline="") as mail:
            mail.write(TEXT)
        self.environment = dict(os.environ, SSLKEYLOGFILE=self.keys, HOME=folder)

    def context(self, host):
        context = ssl.create_default_context(cafile=self.authority)
        context.keylog_filename = self.keys
        if host == OPENSMTPD:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
            context.maximum_version = ssl.TLSVersion.TLSv1_2  # TLS 1.3 has no anonymous cipher
            context.set_ciphers(ANONYMOUS)
        return context

    def run(self, *argv, status=0, **options):
        result = subprocess.run(argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=20,
                                check=False, env=self.environment, **options)
        if (result.returncode == 0) != (status == 0):
            raise RuntimeError(f"{' '.join(argv)} ended with {result.returncode}:\n"
                               + result.stdout.decode("utf-8", "replace"))

    # Stock clients. Each sends one message to its recipients.

    def swaks(self, host, port, *recipients, status=0, password=PASSWORD, options=()):
        argv = ["swaks", "--server", NAMES[host], "--port", str(port), "--helo", CLIENT_NAME,
                "--from", SENDER, "--to", ",".join(recipients), "--data", f"@{self.mail}"]
        if host == POSTFIX:
            argv.append("--pipeline")
        if port != CLEAR:
            argv += ["--tls-verify", "--tls-ca-path", self.authority, "--auth-user", USER,
                     "--auth-password", password, "--auth", "PLAIN"]
            # swaks writes no key log, but the server's key opens this key exchange.
            argv += ["--tls-protocol", "tlsv1_2", "--tls-cipher", "AES256-GCM-SHA384"]
            argv.append("--tls-on-connect" if port == SUBMISSIONS else "--tls")
        self.run(*argv, *options, status=status)

    def msmtp(self, host, port, *recipients, status=0, password=PASSWORD, options=()):
        argv = ["msmtp", "--file=/dev/null", f"--host={NAMES[host]}", f"--port={port}",
                f"--domain={CLIENT_NAME}", f"--from={SENDER}"]
        if port != CLEAR:
            argv += ["--tls=on", f"--tls-trust-file={self.authority}", "--auth=plain",
                     f"--user={USER}", f"--passwordeval=echo {password}",
                     f"--tls-starttls={'off' if port == SUBMISSIONS else 'on'}"]
        self.run(*argv, *options, "--", *recipients, status=status, input=TEXT.encode())

    def curl(self, host, port, *recipients, status=0, password=PASSWORD, options=()):
        scheme = "smtps" if port == SUBMISSIONS else "smtp"
        argv = ["curl", "--silent", "--show-error", "--cacert", self.authority, "--mail-from",
                SENDER, "--upload-file", self.mail, f"{scheme}://{NAMES[host]}:{port}/{CLIENT_NAME}"]
        for recipient in recipients:
            argv += ["--mail-rcpt", recipient]
        if port != CLEAR:
            argv += ["--user", f"{USER}:{password}"]
        if port == SUBMISSION:
            argv += ["--ssl-reqd"]
        if port != CLEAR and host == OPENSMTPD:
            argv += ["--insecure", "--tls-max", "1.2", "--ciphers", ANONYMOUS]
        self.run(*argv, *options, status=status)

    def tools(self, host, port):
        """Those that a server without a certificate can use, under TLS."""
        if port != CLEAR and host == OPENSMTPD:
            return self.curl, self.smtplib
        return self.swaks, self.msmtp, self.curl, self.smtplib

    def open_smtplib(self, host, port, user=USER, password=PASSWORD):
        if port == SUBMISSIONS:
            session = smtplib.SMTP_SSL(NAMES[host], port, local_hostname=CLIENT_NAME,
                                       context=self.context(host))
        else:
            session = smtplib.SMTP(NAMES[host], port, local_hostname=CLIENT_NAME)
        if port == SUBMISSION:
            session.starttls(context=self.context(host))
        if port in (SUBMISSION, SUBMISSIONS) and user:
            session.login(user, password)
        return session

    def authenticate(self, host, port, mechanism):
        """AUTH in rounds: the first line has no response."""
        with self.open_smtplib(host, port, user=None) as session:
            session.ehlo()
            session.user, session.password = USER, PASSWORD
            session.auth(mechanism, {"PLAIN": session.auth_plain, "LOGIN": session.auth_login}[
                mechanism], initial_response_ok=False)
            session.sendmail(SENDER, [BOB], TEXT)

    def lengths(self, host, port):
        with self.open_smtplib(host, port) as session:
            for length in LENGTHS:
                session.sendmail(SENDER, [BOB], TEXT * length)

    def pauses(self, host, port):
        with self.open_smtplib(host, port) as session:
            session.sendmail(SENDER, [BOB], TEXT)
            time.sleep(1.2)
            session.noop()
            session.sendmail(SENDER, [BOB, CAROL], TEXT)
            time.sleep(0.2)

    def smtplib(self, host, port, *recipients):
        with self.open_smtplib(host, port) as session:
            session.sendmail(SENDER, recipients, TEXT)

    def two_messages(self, host, port):
        with self.open_smtplib(host, port) as session:
            session.sendmail(SENDER, [BOB, CAROL], TEXT)
            session.sendmail(SENDER, ["dave@example.test"], TEXT * 500)

    # Conversations by the line.

    def plain(self, host, port=CLEAR):
        session = Session("", host, port)
        session.hello()
        return session

    def pipelined(self, host):
        session = self.plain(host)
        session.group(f"MAIL FROM:<{SENDER}>", f"RCPT TO:<{BOB}>", f"RCPT TO:<{CAROL}>", "DATA")
        session.content(TEXT.encode())
        session.group(f"MAIL FROM:<{SENDER}>", f"RCPT TO:<{BOB}>", "DATA")
        session.content(TEXT.encode())
        session.quit()

    def chunks(self, host):
        session = self.plain(host)
        session.command(f"MAIL FROM:<{SENDER}> BODY=8BITMIME SIZE={len(TEXT) * 3}")
        session.command(f"RCPT TO:<{BOB}>")
        session.bdat(TEXT.encode(), TEXT.encode() * 2)
        session.quit()

    def idle_words(self, host):
        session = self.plain(host)
        session.command("NOOP")
        session.command("RSET")
        session.quit()


# Without a flaw: nothing above chat may be found.


def clean(client):
    for name, host in SERVERS.items():
        for port in PORTS:
            for tool in client.tools(host, port):
                recipients = (BOB, CAROL) if tool in (client.swaks, client.curl) else (BOB,)
                tool(host, port, *recipients)
                yield Truth(f"{name} {port} {tool.__name__}", host, port)
            client.two_messages(host, port)
            yield Truth(f"{name} {port} two messages", host, port)
            client.lengths(host, port)
            yield Truth(f"{name} {port} messages of 100 bytes to 3 MB", host, port)
            if port != CLEAR:
                for mechanism in ("PLAIN", "LOGIN"):
                    client.authenticate(host, port, mechanism)
                    yield Truth(f"{name} {port} {mechanism} in rounds", host, port)
        client.pauses(host, CLEAR)
        yield Truth(f"{name} pauses", host, CLEAR)
        client.idle_words(host)
        yield Truth(f"{name} no mail", host, CLEAR, "no_mail")
    for name in ("postfix", "exim", "smtp-server"):
        if name in SERVERS:
            client.pipelined(SERVERS[name])
            yield Truth(f"{name} pipelined", SERVERS[name], CLEAR)
    for name in ("postfix", "exim"):
        client.chunks(SERVERS[name])
        yield Truth(f"{name} BDAT", SERVERS[name], CLEAR)


# With a flaw: the verdict has to name it.


def refusals(client):
    for name, host in SERVERS.items():
        client.curl(host, CLEAR, "nouser@example.test", status=55)
        yield Truth(f"{name} recipient refused", host, CLEAR, "rejected", ("REP-04",),
                    r"^Rejected: the server refused RCPT TO:<nouser@example\.test> in frame \d+ "
                    r"with 5\d\d ")
    with client.open_smtplib(POSTFIX, CLEAR) as session:
        session.sendmail(SENDER, ["bob@example.test", "nouser@example.test"], TEXT)
    yield Truth("one of two refused", POSTFIX, CLEAR, "partial", ("REP-04",),
                r"1 of 2 recipients; the server refused RCPT TO:<nouser@example\.test> in frame")
    client.swaks(POSTFIX, CLEAR, "grey@example.test", status=24)
    # swaks pipelines: DATA gets a 5xx, which is not the cause.
    yield Truth("greylisted", POSTFIX, CLEAR, "deferred", ("REP-04", "REP-06"),
                r"^Deferred: the server refused RCPT TO:<grey@example\.test> in frame \d+ with 450 "
                r"4\.7\.1 .*Greylisted")
    try:
        with client.open_smtplib(POSTFIX, LIMITED) as session:
            session.sendmail(SENDER, [BOB], TEXT * 100)
    except smtplib.SMTPSenderRefused:
        pass
    yield Truth("size declared over the limit", POSTFIX, LIMITED, "rejected",
                ("CMD-08", "REP-04"), r"^Rejected: the server refused MAIL .* with 552 5\.3\.4")
    session = client.plain(POSTFIX, LIMITED)
    session.mail(SENDER, [BOB], TEXT.encode() * (2 * SIZE_LIMIT // len(TEXT)))
    session.quit()
    yield Truth("message too large", POSTFIX, LIMITED, "rejected", ("REP-04",),
                r"^Rejected: the server refused end of data in frame \d+ with 552 5\.3\.4")
    session = client.plain(POSTFIX, LIMITED)
    session.mail(SENDER, [BOB, CAROL, "dave@example.test"], TEXT.encode())
    session.quit()
    yield Truth("too many recipients", POSTFIX, LIMITED, "partial", ("CMD-04", "REP-04"),
                r"2 of 3 recipients; the server refused RCPT TO:<dave@example\.test> in frame \d+ "
                r"with 452 4\.5\.3 ")
    with client.open_smtplib(POSTFIX, SUBMISSIONS, user=None) as session:
        try:
            session.sendmail(SENDER, [BOB], TEXT)
        except smtplib.SMTPRecipientsRefused:
            pass
    yield Truth("no AUTH on the submission port", POSTFIX, SUBMISSIONS, "deferred",
                ("REP-04", "SEC-08"),
                r"^Deferred: the server refused RCPT .* with 454 4\.7\.1 .* Relay access denied")
    session = client.plain(POSTFIX, SUBMISSION)
    session.command(f"MAIL FROM:<{SENDER}>")
    session.quit()
    yield Truth("no STARTTLS where it is asked for", POSTFIX, SUBMISSION, "rejected",
                ("AUT-04", "REP-04", "SEC-01"),
                r"^Rejected: the server refused MAIL .* with 530 5\.7\.0 Must issue a STARTTLS")


def authentication(client):
    for name, host in SERVERS.items():
        for port in (SUBMISSION, SUBMISSIONS):
            client.curl(host, port, BOB, password=WRONG_PASSWORD, status=67)
            yield Truth(f"{name} {port} wrong password", host, port, "auth_failed",
                        ("AUT-02", "REP-04", "TCP-08"),  # curl leaves without QUIT
                        r"^Authentication failed: the server refused AUTH \S+ in frame \d+ with "
                        r"535 ", optional=("AUT-07",))  # told once for the whole capture


def handshakes(client):
    context = tls_context(ssl.TLSVersion.TLSv1_2, client.keys)
    session = client.plain(POSTFIX, NEW_TLS_ONLY)
    try:
        session.starttls(context)
    except (ssl.SSLError, OSError):
        session.close()
    yield Truth("TLS 1.2 to a server of TLS 1.3", POSTFIX, NEW_TLS_ONLY, "tls_failed", ("TLS-05",),
                r"^TLS failed: the server sent the alert protocol_version \(the sides share no TLS "
                r"version\) in frame \d+")
    for name, host in SERVERS.items():
        client.run("curl", "--silent", "--mail-from", SENDER, "--mail-rcpt", BOB, "--upload-file",
                   client.mail, "--ssl-reqd", f"smtp://{NAMES[host]}:{SUBMISSION}/{CLIENT_NAME}",
                   status=60)
        if host == OPENSMTPD:
            # TLS 1.3 is chosen, for which it needs the key that it cannot use.
            yield Truth("opensmtpd without its key", host, SUBMISSION, "tls_failed", ("TLS-05",),
                        r"^TLS failed: the server sent the alert internal_error in frame \d+")
            continue
        yield Truth(f"{name} certificate refused", host, SUBMISSION, "tls_failed", ("TLS-05",),
                    r"^TLS failed: the client sent the alert unknown_ca \(it does not trust who signed "
                    r"the certificate\) in frame \d+")
    with socket.create_connection((POSTFIX, SUBMISSION), timeout=1) as connection:
        try:
            client.context(POSTFIX).wrap_socket(connection, server_hostname=NAMES[POSTFIX])
        except (ssl.SSLError, OSError):
            pass
    yield Truth("TLS on the port of STARTTLS", POSTFIX, SUBMISSION, "tls_failed", ("TLS-01",),
                r"^TLS failed: the client began with TLS in frame \d+ on port 587, which begins in "
                r"clear text; the client ended the connection")
    with socket.create_connection((POSTFIX, SUBMISSIONS), timeout=1) as connection:
        connection.sendall(b"EHLO client.example.test\r\n")
        try:
            connection.recv(100)
        except OSError:
            pass
    yield Truth("clear text on the port of TLS", POSTFIX, SUBMISSIONS, "tls_failed", ("TLS-02",),
                r"^TLS failed: the client sent EHLO client\.example\.test in clear text in frame "
                r"\d+ on port 465, which begins with TLS; the server ended the connection")
    session = client.plain(EXIM, SUBMISSION)
    session.mail(SENDER, ["erin@example.test"], TEXT.encode())
    session.quit()
    yield Truth("clear though STARTTLS is offered", EXIM, SUBMISSION, "delivered",
                ("TLS-10", "SEC-01"), r"^Delivered: ")


def ends(client):
    session = client.plain(AIOSMTPD)
    session.mail(SENDER, ["vanish@example.test"], TEXT.encode())
    session.close()
    yield Truth("server gone after the dot", AIOSMTPD, CLEAR, "delivery_unknown", ("TCP-06",),
                r"^Delivery unknown: the server ended the connection \(FIN in frame \d+\).* without "
                r"the reply to end of data in frame \d+")
    with socket.create_connection((AIOSMTPD, SILENT)):
        time.sleep(1.2)
    yield Truth("server without a word", AIOSMTPD, SILENT, "no_greeting", ("GRT-02",),
                r"^No greeting: the server said nothing, the client ended the connection \(FIN in "
                r"frame \d+\), after 1\.2")
    session = client.plain(EXIM)
    session.command(f"MAIL FROM:<{SENDER}>")
    session.close()
    yield Truth("client leaves", EXIM, CLEAR, "aborted_by_client", ("TCP-08",),
                r"^Aborted by the client: FIN in frame \d+, after MAIL FROM:<alice@example\.test>")
    session = client.plain(POSTFIX)
    session.command(f"MAIL FROM:<{SENDER}>")
    session.command(f"RCPT TO:<{BOB}>")
    session.command("DATA")
    session._send(TEXT[:100].encode())  # pylint: disable=protected-access
    session.close()
    yield Truth("client leaves within the message", POSTFIX, CLEAR, "aborted_by_client",
                ("DAT-04", "TCP-06"), r"^Aborted by the client: FIN in frame \d+, after DATA")
    try:
        socket.create_connection((EXIM, POSTSCREEN)).close()
    except ConnectionRefusedError:
        pass
    yield Truth("nobody listens", EXIM, POSTSCREEN, "connection_refused", ("TCP-02",),
                r"^Connection refused: the server answered the SYN of frame \d+ by RST in frame")


def timing(client):
    # postscreen sends the first line of its greeting at once, and the last one after a pause. It
    # remembers clients that waited.
    with socket.create_connection((POSTFIX, POSTSCREEN), timeout=1) as connection:
        connection.recv(1000)
        connection.sendall(f"EHLO {CLIENT_NAME}\r\n".encode())
        time.sleep(0.3)
        connection.sendall(b"QUIT\r\n")
        try:
            while connection.recv(1000):
                pass
        except OSError:
            pass
    # postscreen then leaves its greeting without a last line, and answers.
    yield Truth("client talks before the greeting's end", POSTFIX, POSTSCREEN, "no_mail",
                ("GRT-04",), r"^No mail was sent: the client ended the session properly")
    client.smtplib(POSTFIX, POSTSCREEN, "frank@example.test")
    yield Truth("postscreen makes the client wait", POSTFIX, POSTSCREEN, "delivered", ("GRT-01",),
                r"^Delivered: .* of it 2\.\d+ s for the greeting in frame \d+, on the server's side",
                optional=("EHL-05",))  # its own engine offered less to the client before
    session = client.plain(OPENSMTPD)
    session.group(f"MAIL FROM:<{SENDER}>", f"RCPT TO:<{BOB}>")
    session.close()
    yield Truth("pipelining that is not offered", OPENSMTPD, CLEAR, "rejected",
                ("PIP-01", "REP-04", "TCP-07"),
                r"^Rejected: the server refused MAIL .* with 500 5\.5\.1 .*Pipelining not supported")
    session = Session("", POSTFIX, CLEAR)
    session.group("EHLO client.example.test", "NOOP", "RSET")
    session.quit()
    yield Truth("client does not wait for replies that it needs", POSTFIX, CLEAR, "no_mail",
                ("PIP-01",), "^No mail was sent")


def main():
    folder, *names = sys.argv[1:]
    for name in set(SERVERS) - set(names):
        del SERVERS[name]
    client = Client(folder)
    truths = []
    begin = time.monotonic()
    for group in (clean, refusals, authentication, handshakes, ends, timing):
        for truth in group(client):
            truths.append(dataclasses.asdict(truth))
            with open(os.path.join(folder, "truth.json"), "w", encoding="utf-8") as out:
                json.dump(truths, out, indent=1)
        print(f"{group.__name__}: {time.monotonic() - begin:.1f} s", flush=True)
    print(f"{len(truths)} sessions")


main()
