# SPDX-License-Identifier: GPL-2.0-or-later
"""A small SMTP server that answers in the manner of servers that cannot be run in a test.

usage: styled_server.py CERTIFICATE KEY KEYLOG ADDRESS=STYLE...

Only the wording, and so the length, of the replies differs from style to style; the dialogue is the
same. Each address listens on 25 (STARTTLS), 587 (STARTTLS, then AUTH) and 465 (TLS from the start).
"""

import base64
import itertools
import socketserver
import ssl
import sys
import threading

_ids = itertools.count(0x3f2a1)

STYLES = {
    # Words in the manner of Exchange: long texts, AUTH offered.
    "exchange": {
        "greeting": "{host} Microsoft ESMTP MAIL Service ready at Tue, 24 Nov 2026 17:34:22 +0000",
        "hello": ["{host} Hello [192.0.2.1]", "SIZE 157286400", "PIPELINING", "DSN",
                  "ENHANCEDSTATUSCODES", "8BITMIME", "BINARYMIME", "CHUNKING", "SMTPUTF8"],
        "auth": "AUTH LOGIN XOAUTH2", "mail": "250 2.1.0 Sender OK", "rcpt": "250 2.1.5 Recipient OK",
        "data": "354 Start mail input; end with <CRLF>.<CRLF>",
        "end": "250 2.6.0 <{id}@example.test> [InternalId={id}17046430, Hostname={host}] 8421 bytes "
               "in 0.192, 42.743 KB/sec Queued mail for delivery",
        "quit": "221 2.0.0 Service closing transmission channel", "rset": "250 2.0.0 Resetting",
        "noop": "250 2.0.0 OK", "nouser": "550 5.1.10 RESOLVER.ADR.RecipientNotFound; not found",
        "authok": "235 2.7.0 Authentication successful",
        "authfail": "535 5.7.3 Authentication unsuccessful [{host}]"},
    # Each reply bears an id, as at Gmail.
    "gmail": {
        "greeting": "{host} ESMTP {id}-20020a05600c35cf00b0dsi2177wmq.40 - gsmtp",
        "hello": ["{host} at your service, [192.0.2.1]", "SIZE 157286400", "8BITMIME",
                  "ENHANCEDSTATUSCODES", "PIPELINING", "CHUNKING", "SMTPUTF8"],
        "auth": "AUTH LOGIN PLAIN XOAUTH2 PLAIN-CLIENTTOKEN OAUTHBEARER XOAUTH",
        "mail": "250 2.1.0 OK {id}-20020a05600c35cf00b0dsi2177wmq.40 - gsmtp",
        "rcpt": "250 2.1.5 OK {id}-20020a05600c35cf00b0dsi2177wmq.40 - gsmtp",
        "data": "354 Go ahead {id}-20020a05600c35cf00b0dsi2177wmq.40 - gsmtp",
        "end": "250 2.0.0 OK  1700848462 {id}-20020a05600c35cf00b0dsi2177wmq.40 - gsmtp",
        "quit": "221 2.0.0 closing connection {id}-20020a05600c35cf00b0dsi2177wmq.40 - gsmtp",
        "rset": "250 2.1.5 Flushed {id}-20020a05600c35cf00b0dsi2177wmq.40 - gsmtp",
        "noop": "250 2.0.0 OK {id}-20020a05600c35cf00b0dsi2177wmq.40 - gsmtp",
        "nouser": "550-5.1.1 The email account that you tried to reach does not exist.\r\n"
                  "550 5.1.1 Please try double-checking the address {id} - gsmtp",
        "authok": "235 2.7.0 Accepted", "authfail": "535 5.7.8 Username and Password not accepted"},
    # Sendmail repeats the address in its replies.
    "sendmail": {
        "greeting": "{host} ESMTP Sendmail 8.17.1/8.17.1; Tue, 24 Nov 2026 17:34:22 GMT",
        "hello": ["{host} Hello client.example.test [192.0.2.1], pleased to meet you",
                  "ENHANCEDSTATUSCODES", "PIPELINING", "8BITMIME", "SIZE", "DSN"],
        "auth": "AUTH PLAIN LOGIN CRAM-MD5", "mail": "250 2.1.0 <{address}>... Sender ok",
        "rcpt": "250 2.1.5 <{address}>... Recipient ok",
        "data": "354 Enter mail, end with \".\" on a line by itself",
        "end": "250 2.0.0 4AOHYMjk{id} Message accepted for delivery",
        "quit": "221 2.0.0 {host} closing connection", "rset": "250 2.0.0 Reset state",
        "noop": "250 2.0.0 OK", "nouser": "550 5.1.1 <{address}>... User unknown",
        "authok": "235 2.0.0 OK Authenticated", "authfail": "535 5.7.0 authentication failed"},
    # qmail says little, and offers little.
    "qmail": {
        "greeting": "{host} ESMTP", "hello": ["{host}", "PIPELINING", "8BITMIME"],
        "auth": "AUTH LOGIN PLAIN", "mail": "250 ok", "rcpt": "250 ok", "data": "354 go ahead",
        "end": "250 ok 1700848462 qp {id}", "quit": "221 {host}", "rset": "250 flushed",
        "noop": "250 ok", "nouser": "550 sorry, no mailbox here by that name (#5.1.1)",
        "authok": "235 ok, go ahead (#2.0.0)", "authfail": "535 authorization failed (#5.7.0)"},
    # Held out: see score.py.
    "haraka": {
        "greeting": "{host} ESMTP Haraka/3.0.3 ready (7D5E7A2C)",
        "hello": ["{host} Hello client.example.test [192.0.2.1], Haraka is at your service.",
                  "PIPELINING", "8BITMIME", "SMTPUTF8", "SIZE 0"],
        "auth": "AUTH PLAIN LOGIN CRAM-MD5", "mail": "250 sender <{address}> OK",
        "rcpt": "250 recipient <{address}> OK", "data": "354 go ahead, make my day",
        "end": "250 Message Queued (7D5E7A2C-3B1F-4E6B-9F0A-{id}.1)",
        "quit": "221 {host} closing connection. Have a jolly good day.", "rset": "250 OK",
        "noop": "250 OK", "nouser": "550 I cannot deliver mail for <{address}>",
        "authok": "235 2.7.0 Authentication successful",
        "authfail": "535 5.7.8 Authentication failed"},
    "opensmtpd": {
        "greeting": "{host} ESMTP OpenSMTPD",
        "hello": ["{host} Hello client.example.test [192.0.2.1], pleased to meet you", "8BITMIME",
                  "ENHANCEDSTATUSCODES", "SIZE 36700160", "DSN"],
        "auth": "AUTH PLAIN LOGIN", "mail": "250 2.0.0 Ok",
        "rcpt": "250 2.1.5 Destination address valid: Recipient ok",
        "data": "354 Enter mail, end with \".\" on a line by itself",
        "end": "250 2.0.0 {id}1f Message accepted for delivery", "quit": "221 2.0.0 Bye",
        "rset": "250 2.0.0 Reset state", "noop": "250 2.0.0 Ok",
        "nouser": "550 Invalid recipient: <{address}>",
        "authok": "235 2.0.0 Authentication succeeded", "authfail": "535 Authentication failed"},
}

ASK_FOR_CERTIFICATES = ("sendmail", "haraka")

PASSWORD = b"Live-Test-Secret"


class Connection(socketserver.BaseRequestHandler):
    def setup(self):
        self.style = STYLES[self.server.style]
        self.host = f"{self.server.style}.example.test"
        self.secure = self.server.implicit
        self.buffer = b""
        self.out = b""

    def say(self, key, address=""):
        self.line(self.style[key].format(host=self.host, id=f"{next(_ids):x}", address=address))

    def line(self, text):
        self.out += text.encode() + b"\r\n"

    def read_line(self):
        while b"\r\n" not in self.buffer:
            self.fill()
        line, _, self.buffer = self.buffer.partition(b"\r\n")
        return line

    def fill(self):
        if self.out:
            self.request.sendall(self.out)  # replies to a group leave together
            self.out = b""
        data = self.request.recv(65536)
        if not data:
            raise EOFError
        self.buffer += data

    def secure_now(self):
        self.request = self.server.context.wrap_socket(self.request, server_side=True)
        self.secure = True

    def handle(self):
        try:
            if self.server.implicit:
                self.secure_now()
            self.line("220 " + self.style["greeting"].format(host=self.host, id="d9443c01a7336"))
            while self.dispatch(self.read_line()):
                pass
            self.request.sendall(self.out)
            if self.secure:
                self.request.unwrap()
        except (EOFError, OSError):
            pass

    def dispatch(self, line):
        verb, _, argument = line.decode().partition(" ")
        method = getattr(self, "do_" + verb.lower(), None)
        if method is None:
            self.line("500 5.5.1 Command unrecognized")
            return True
        return method(argument) is not False

    def do_ehlo(self, _argument):
        lines = [line.format(host=self.host) for line in self.style["hello"]]
        if not self.secure:
            lines.append("STARTTLS")
        elif self.server.server_address[1] != 25:
            lines.append(self.style["auth"])
        for number, text in enumerate(lines, 1):
            self.line(("250 " if number == len(lines) else "250-") + text)

    def do_starttls(self, _argument):
        self.line("220 2.0.0 Ready to start TLS")
        self.request.sendall(self.out)
        self.out = b""
        self.secure_now()

    def do_auth(self, argument):
        mechanism, _, initial = argument.partition(" ")
        if mechanism == "LOGIN":
            self.line("334 VXNlcm5hbWU6")
            self.read_line()
            self.line("334 UGFzc3dvcmQ6")
            good = base64.b64decode(self.read_line()) == PASSWORD
        elif mechanism == "CRAM-MD5":
            challenge = f"<{next(_ids)}.1700848462@{self.host}>".encode()
            self.line("334 " + base64.b64encode(challenge).decode())
            good = self.read_line() != b"*"
        else:
            if not initial:
                self.line("334 ")
                initial = self.read_line().decode()
            good = base64.b64decode(initial).endswith(b"\0" + PASSWORD)
        self.say("authok" if good else "authfail")

    def do_mail(self, argument):
        self.accepted = 0
        self.say("mail", argument.partition("<")[2].partition(">")[0])

    def do_rcpt(self, argument):
        address = argument.partition("<")[2].partition(">")[0]
        good = not address.startswith("nouser")
        self.accepted += good
        self.say("rcpt" if good else "nouser", address)

    def do_data(self, _argument):
        if not self.accepted:
            self.line("503 5.0.0 Need RCPT (recipient)")
            return
        self.say("data")
        while self.read_line() != b".":
            pass
        self.say("end")

    def do_bdat(self, argument):
        size = int(argument.split()[0])
        while len(self.buffer) < size:
            self.fill()
        self.buffer = self.buffer[size:]
        if argument.upper().endswith("LAST"):
            self.say("end")
        else:
            self.line(f"250 2.0.0 {size} octets received")

    def do_rset(self, _argument):
        self.say("rset")

    def do_noop(self, _argument):
        self.say("noop")

    def do_quit(self, _argument):
        self.say("quit")
        return False


class Listener(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, address, port, style, context):
        super().__init__((address, port), Connection)
        self.style = style
        self.context = context
        self.implicit = port == 465

    def ask_for_certificates(self, certificate):
        """The client's flight then has a certificate, if an empty one, before Finished."""
        self.context.verify_mode = ssl.CERT_OPTIONAL
        self.context.load_verify_locations(certificate)


def main():
    certificate, key, keylog, *styles = sys.argv[1:]
    listeners = []
    for word in styles:
        address, _, style = word.partition("=")
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        context.set_ciphers("ALL:@SECLEVEL=0")
        context.keylog_filename = keylog
        listeners += [Listener(address, port, style, context) for port in (25, 465, 587)]
        if style in ASK_FOR_CERTIFICATES:
            listeners[-1].ask_for_certificates(certificate)
    threads = [threading.Thread(target=listener.serve_forever) for listener in listeners]
    for thread in threads:
        thread.start()
    print("ready", flush=True)
    for thread in threads:
        thread.join()


main()
