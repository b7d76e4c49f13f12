# SPDX-License-Identifier: GPL-2.0-or-later
"""An SMTP client that writes down what it did and when: the truth of the live test.

Nothing here is read from a capture. "Sent" is the moment at which the kernel has no unsent byte
left (a large message is in its buffer long before it is on the wire); "received" is the return of
the recv() that brought the last byte.
"""

import base64
import fcntl
import re
import socket
import ssl
import struct
import subprocess
import time

SIOCOUTQNSD = 0x894B  # bytes in the send buffer that were never sent, see tcp(7)
TIMEOUT = 30.0

QUEUE_ID = (
    re.compile(r"queued as (\w+)"),   # Postfix
    re.compile(r"\bid=(\S+)"),        # Exim
)
ENHANCED = re.compile(r"^([245]\.\d{1,3}\.\d{1,3}) ")


def now():
    return time.clock_gettime_ns(time.CLOCK_REALTIME)


def standard_cipher_names():
    """OpenSSL's names of TLS 1.2 ciphers to those of the registry, which analysers show."""
    listing = subprocess.run(["openssl", "ciphers", "-stdname", "ALL"], stdout=subprocess.PIPE,
                             text=True, check=True).stdout
    return {line.split()[2]: line.split()[0] for line in listing.splitlines()}


CIPHER_NAMES = standard_cipher_names()


class ConnectionEnded(Exception):
    pass


class Reply:
    def __init__(self, lines, t_first, t_last):
        self.lines = lines
        self.code = int(lines[0][:3])
        self.t_first = t_first
        self.t_last = t_last

    def text(self):
        return self.lines[-1][4:]


class Session:
    def __init__(self, name, host, port, source=None, implicit_tls=None):
        self.truth = {"name": name, "server": host, "server_port": port, "clock": "client",
                      "commands": [], "messages": [], "auth": [], "tls": None}
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket.settimeout(TIMEOUT)
        self._buffer = b""
        self._arrivals = []  # (length of the buffer after a recv, its time)
        self._encrypted = False
        self._answered_all = 0
        self._message = None
        if source:
            self._socket.bind((source, 0))
        begin = now()
        try:
            self._socket.connect((host, port))
        except ConnectionRefusedError:
            self.truth["connected"] = False
            # A socket that was refused has no name any more; bind() before keeps it.
            self.truth["client_port"] = self._socket.getsockname()[1]
            self._socket.close()
            return
        self.truth["connected"] = True
        self.truth["connect_ns"] = now() - begin
        self.truth["client_port"] = self._socket.getsockname()[1]
        ready = now()
        if implicit_tls:
            self._wrap(implicit_tls, "implicit")
            ready = now()
        greeting = self._read_reply()
        self.truth["greeting"] = {"code": greeting.code, "text": greeting.text(),
                                  "delay_ns": greeting.t_first - ready}

    # The wire.

    def _wrap(self, context, mode):
        begin = now()
        self._socket = context.wrap_socket(self._socket, server_hostname="mx.example.test")
        self._encrypted = True
        self.truth["tls"] = {"mode": mode, "version": self._socket.version(),
                             "cipher": CIPHER_NAMES[self._socket.cipher()[0]],
                             "sni": "mx.example.test", "handshake_ns": now() - begin}

    def _send(self, data):
        begin = now()
        self._socket.sendall(data)
        return begin, self._wait_until_sent(begin)

    def _wait_until_sent(self, begin):
        unsent = bytearray(4)
        while True:
            fcntl.ioctl(self._socket.fileno(), SIOCOUTQNSD, unsent)
            end = now()
            if struct.unpack("i", unsent)[0] == 0:
                return end
            if end - begin > TIMEOUT * 1e9:
                raise TimeoutError("the message cannot be sent")
            time.sleep(0.0001)

    def _receive(self):
        data = self._socket.recv(65536)
        arrived = now()
        if not data:
            raise ConnectionEnded()
        self._buffer += data
        self._arrivals.append((len(self._buffer), arrived))

    def _arrival_of(self, length):
        return next(arrived for reached, arrived in self._arrivals if reached >= length)

    def _read_reply(self):
        lines, begin = [], 0
        while True:
            end = self._buffer.find(b"\r\n", begin)
            if end < 0:
                self._receive()
                continue
            line = self._buffer[begin:end].decode("utf-8", "replace")
            lines.append(line)
            begin = end + 2
            if line[3:4] != "-":
                break
        reply = Reply(lines, self._arrival_of(1), self._arrival_of(begin))
        self._buffer = self._buffer[begin:]
        self._arrivals = [(reached - begin, arrived) for reached, arrived in self._arrivals
                          if reached > begin]
        return reply

    # Commands.

    def _sent(self, verb, argument, span, size):
        command = {"verb": verb, "argument": argument, "encrypted": self._encrypted,
                   "pipelined": self._answered_all < len(self.truth["commands"]),
                   "t_first": span[0], "t_sent": span[1], "bytes": size}
        self.truth["commands"].append(command)
        return command

    def _answer(self, command):
        try:
            reply = self._read_reply()
        except (ConnectionEnded, ConnectionResetError):
            return None
        self._answered_all += 1
        command.update(code=reply.code, text=reply.text(), t_reply_first=reply.t_first,
                       t_reply=reply.t_last, latency_ns=reply.t_last - command["t_sent"])
        enhanced = ENHANCED.match(reply.text())
        if enhanced:
            command["enhanced"] = enhanced.group(1)
        self._note(command, reply)
        return reply

    def _note(self, command, reply):
        """Keeps the list of mail transactions."""
        verb, argument = command["verb"], command["argument"]
        if verb == "MAIL" and reply.code == 250:
            self._message = {"from": argument.partition("<")[2].partition(">")[0],
                             "recipients": []}
            self.truth["messages"].append(self._message)
        elif verb == "RCPT" and self._message is not None:
            self._message["recipients"].append(
                {"address": argument.partition("<")[2].partition(">")[0], "code": reply.code,
                 "accepted": reply.code // 100 == 2})
        elif verb in ("RSET", "EHLO", "HELO", "LHLO", "STARTTLS"):
            self._message = None

    def command(self, line):
        verb, _, argument = line.partition(" ")
        data = line.encode() + b"\r\n"
        return self._answer(self._sent(verb.upper(), argument, self._send(data), len(data)))

    def group(self, *lines):
        """Commands in one write (RFC 2920), then their replies."""
        data = [line.encode() + b"\r\n" for line in lines]
        span = self._send(b"".join(data))
        sent = [self._sent(line.partition(" ")[0].upper(), line.partition(" ")[2], span, len(piece))
                for line, piece in zip(lines, data)]
        return [self._answer(command) for command in sent]

    def hello(self, verb="EHLO"):
        return self.command(f"{verb} client.example.test")

    def starttls(self, context):
        assert self.command("STARTTLS").code == 220
        self._wrap(context, "starttls")
        self._message = None

    # AUTH is one command with rounds: only its first line and its final reply count.

    def auth_plain(self, user, password):
        secret = base64.b64encode(f"\0{user}\0{password}".encode()).decode()
        span = self._send(f"AUTH PLAIN {secret}\r\n".encode())
        reply = self._answer(self._sent("AUTH", "PLAIN", span, 0))
        self.truth["auth"].append({"mechanism": "PLAIN", "user": user, "code": reply.code,
                                   "rounds": 0})
        return reply

    def auth_login(self, user, password):
        command = self._sent("AUTH", "LOGIN", self._send(b"AUTH LOGIN\r\n"), 12)
        rounds = 0
        for word in (user, password):
            assert self._read_reply().code == 334
            rounds += 1
            self._send(base64.b64encode(word.encode()) + b"\r\n")
        reply = self._answer(command)
        self.truth["auth"].append({"mechanism": "LOGIN", "user": user, "code": reply.code,
                                   "rounds": rounds})
        return reply

    # Messages.

    def content(self, message, lmtp=False):
        """What follows 354: the message with its dots stuffed (RFC 5321 section 4.5.2)."""
        assert message.endswith(b"\r\n")
        stuffed = re.sub(rb"(?m)^\.", b"..", message)
        data = stuffed + b".\r\n"
        command = self._sent(".", "", self._send(data), len(data))
        self._message.update(size=len(message), end=".")
        if not lmtp:
            self._finish(self._answer(command))
            return
        accepted = [entry for entry in self._message["recipients"] if entry["accepted"]]
        for entry in accepted:
            # The command is complete with the last reply; this overwrites all but that one.
            reply = self._answer(command)
            entry["final_code"] = reply.code
            entry["accepted"] = reply.code // 100 == 2
        self._answered_all -= len(accepted) - 1
        self._message["code"] = reply.code
        self._message["accepted"] = any(entry["accepted"] for entry in accepted)
        self._message = None

    def _finish(self, reply):
        if reply is not None:
            self._message["code"] = reply.code
            self._message["accepted"] = reply.code // 100 == 2
            for pattern in QUEUE_ID:
                found = pattern.search(reply.text())
                if found:
                    self._message["id"] = found.group(1)
        self._message = None

    def bdat(self, *chunks):
        """RFC 3030: each chunk is a command with a reply."""
        for number, chunk in enumerate(chunks, 1):
            argument = str(len(chunk)) + (" LAST" if number == len(chunks) else "")
            data = f"BDAT {argument}\r\n".encode() + chunk
            reply = self._answer(self._sent("BDAT", argument, self._send(data), len(data)))
        self._message["size"] = sum(map(len, chunks))
        self._finish(reply)

    def mail(self, sender, recipients, message):
        """A whole transaction, one command at a time."""
        self.command(f"MAIL FROM:<{sender}>")
        replies = [self.command(f"RCPT TO:<{recipient}>") for recipient in recipients]
        if any(reply.code // 100 == 2 for reply in replies):
            self.command("DATA")
            self.content(message)

    def pause(self, seconds):
        time.sleep(seconds)

    def quit(self):
        self.command("QUIT")
        self.close()

    def close(self):
        self._socket.close()


def tls_context(version, keylog):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE  # the certificate is made for one run
    context.minimum_version = context.maximum_version = version
    context.keylog_filename = keylog
    return context
