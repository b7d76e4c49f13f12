#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Makes the sample captures under TLS, with their keys inside where the sample has keys.

make_tls_samples.py OUT [NAME...]     writes NAME.pcapng
make_tls_samples.py --table           the rows of sample_pcaps/README.md

Both ends are OpenSSL's own (through Python's ssl), joined in memory; the packets around their
records are made here. TLS draws random numbers, so each run gives other bytes: the files are made
once and kept. What must be read from them is `Sample.expected()`, written from the conversation.
"""

import pathlib
import ssl
import struct
import subprocess
import sys
import tempfile

CLIENT, SERVER = (bytes((192, 0, 2, 1)), 40000), (bytes((192, 0, 2, 25)), 0)
NAME = "mx.example.test"
START_NS = 1767607200 * 10**9  # 2026-01-05T10:00:00Z, as the other samples
THINK_NS = 1_000_000   # the client, after a reply
ANSWER_NS = 3_000_000  # the server, after a command
MAX_SEGMENT = 1460

SYN, ACK, FIN, PSH = 2, 16, 1, 8

V12, V13 = ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3

GREETING = "220 mx.example.test ESMTP"
HELLO = ("EHLO client.example.test", "250-mx.example.test\r\n250-SIZE 33554432\r\n250 HELP")
STARTTLS = ("STARTTLS", "220 2.0.0 Ready to start TLS")
MAIL = (
    ("MAIL FROM:<alice@example.test>", "250 2.1.0 Ok"),
    ("RCPT TO:<bob@example.test>", "250 2.1.5 Ok"),
    ("DATA", "354 End data with <CR><LF>.<CR><LF>"),
    ("Subject: under TLS\r\n\r\n..a dot\r\nThe text.\r\n.", "250 2.0.0 Ok: queued as 4ABC12"),
    ("QUIT", "221 2.0.0 Bye"),
)
# What Wireshark needs to be told to read all of a sample: the preference.
IN_ORDER = "tcp.reassemble_out_of_order:TRUE"
MORE_LAYERS = "gui.max_tree_depth:5000"
# A frame of so many records, a line in each, is more than Wireshark reads.
LINE = "A line of the message.\r\n"
LINES = 290


class Wire:
    """The TCP connection: frames with their times."""

    def __init__(self, port):
        self.frames = []
        self.now = START_NS
        self._ends = (CLIENT, (SERVER[0], port))
        self._next = [0x10000000, 0x20000000]

    def wait(self, nanoseconds):
        self.now += nanoseconds

    def send(self, server, flags, payload=b"", ahead=0):
        """A segment whose first byte is `ahead` bytes behind what was sent so far."""
        source, target = self._ends[server], self._ends[not server]
        ack = self._next[not server] if flags & ACK else 0
        seq = self._next[server] + ahead
        header = struct.pack(">HHIIBBHHH", source[1], target[1], seq, ack, 0x50, flags, 64240, 0,
                             0)
        pseudo = source[0] + target[0] + struct.pack(">HH", 6, len(header) + len(payload))
        tcp = header[:16] + struct.pack(">H", checksum(pseudo + header + payload)) + header[18:]
        address = struct.pack(">BBHHHBBH", 0x45, 0, 40 + len(payload), len(self.frames) + 1, 0x4000,
                              64, 6, 0) + source[0] + target[0]
        address = address[:10] + struct.pack(">H", checksum(address)) + address[12:]
        macs = [b"\x02\x00\x00\x00\x00\x01", b"\x02\x00\x00\x00\x00\x02"]
        ethernet = macs[not server] + macs[server] + b"\x08\x00"
        self.frames.append((self.now, ethernet + address + tcp + payload))
        end = seq + len(payload) + bool(flags & (SYN | FIN))
        if ahead <= 0:
            self._next[server] = max(self._next[server], end)

    def say(self, server, data):
        for at in range(0, len(data), MAX_SEGMENT):
            self.send(server, ACK | PSH, data[at:at + MAX_SEGMENT])

    def say_as(self, server, data, how):
        """`how`: "swapped", the end first; "resent", the beginning and then all of it but a part;
        "one", in one."""
        middle = len(data) // 2
        if how == "one":
            self.send(server, ACK | PSH, data)
        elif how == "swapped":
            self.send(server, ACK | PSH, data[middle:], middle)
            self.send(server, ACK | PSH, data[:middle])
            self._next[server] += len(data) - middle
        else:
            self.send(server, ACK | PSH, data[:middle])
            self.send(server, ACK | PSH, data[middle // 2:], middle // 2 - middle)


def checksum(data):
    data += b"\0" * (len(data) % 2)
    total = sum(struct.unpack(f">{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


class Peer:
    """One end of TLS, in memory."""

    def __init__(self, context, server):
        self._in, self._out = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.tls = context.wrap_bio(self._in, self._out, server_side=server,
                                    server_hostname=None if server else NAME)

    def shake(self, data):
        """Takes bytes of the other end; returns what to send it."""
        self._in.write(data)
        try:
            self.tls.do_handshake()
        except ssl.SSLError:
            pass  # it wants more, or it fails, and the alert that says why is to be sent
        return self._out.read()

    def seal(self, text, size):
        for at in range(0, len(text), size):
            self.tls.write(text[at:at + size])
        return self._out.read()


class Sample:
    def __init__(self, name, description, port, version, *, keys=True, cut=None, record=65536,
                 server_version=None, state="decrypted", message_as=None, needs=None):
        self.name, self.description = name, description
        self.port, self.version = port, version
        self.state = state
        self._keys, self._cut, self._record = keys, cut, record
        self._message_as, self.needs = message_as, needs
        self._server_version = server_version or version
        self._marks = {}

    def __str__(self):
        return self.name

    def row(self):
        return f"| `{self.name}.pcapng` | {self.description} |\n"

    @property
    def implicit(self):
        return self.port == 465

    @property
    def fails(self):
        return self._server_version != self.version

    # What is to be read from it.

    def expected(self):
        """(verb, code, encrypted) of the commands in the capture; None for what is unreadable."""
        clear = [] if self.implicit or self._cut == "ClientHello" else [HELLO, STARTTLS]
        sealed = [] if self.fails else [HELLO, *MAIL]
        commands = []
        for asked, answer in clear:
            lost = self._cut == "reply" and asked == "STARTTLS"
            commands.append((asked.split()[0], None if lost else int(answer[:3]), False))
        for asked, answer in sealed:
            verb = "." if asked.endswith("\n.") else asked.split()[0]
            readable = self.state == "decrypted"
            commands.append((verb if readable else None, int(answer[:3]) if readable else None,
                             True))
        return commands

    def outcome(self):
        if self.fails:
            return "tls_failed"
        return "delivered" if self.state == "decrypted" else "encrypted"

    # How it is made.

    def _contexts(self, folder):
        certificate, key = folder / "cert.pem", folder / "key.pem"
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
             "-nodes", "-days", "3650", "-subj", f"/CN={NAME}", "-keyout", key,
             "-out", certificate],
            check=True, stderr=subprocess.DEVNULL)
        server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        server.load_cert_chain(certificate, key)
        server.minimum_version = server.maximum_version = self._server_version
        client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        client.check_hostname = False
        client.verify_mode = ssl.CERT_NONE
        client.minimum_version = client.maximum_version = self.version
        client.keylog_filename = folder / "keys.log"
        return client, server

    def _talk_tls(self, wire, folder):
        """The handshake; returns both ends."""
        client, server = (Peer(context, side) for side, context in
                          enumerate(self._contexts(folder)))
        data = client.shake(b"")
        self._marks["ClientHello"] = len(wire.frames)
        wire.say(0, data)
        turn = 1
        while data:
            data = (client, server)[turn].shake(data)
            if data:
                wire.wait(ANSWER_NS if turn else THINK_NS)
                wire.say(turn, data)
            turn = 1 - turn
        return client, server

    def build(self):
        wire = Wire(self.port)
        for server, flags in ((0, SYN), (1, SYN | ACK), (0, ACK)):
            wire.send(server, flags)
            wire.wait(THINK_NS)
        with tempfile.TemporaryDirectory() as temporary:
            folder = pathlib.Path(temporary)
            self._talk(wire, folder)
            keys = (folder / "keys.log")
            secrets = keys.read_bytes() if keys.exists() else b""
        for server in (1, 0):
            wire.wait(THINK_NS)
            wire.send(server, FIN | ACK)
        wire.wait(THINK_NS)
        wire.send(1, ACK)
        return pcapng(self._part(wire.frames), secrets if self._keys else b"")

    def _talk(self, wire, folder):
        greeting = GREETING.encode() + b"\r\n"
        if not self.implicit:
            wire.say(1, greeting)
            for asked, answer in (HELLO, STARTTLS):
                wire.wait(THINK_NS)
                wire.say(0, asked.encode() + b"\r\n")
                wire.wait(ANSWER_NS)
                self._marks["reply"] = len(wire.frames)
                wire.say(1, answer.encode() + b"\r\n")
            wire.wait(THINK_NS)
        client, server = self._talk_tls(wire, folder)
        if self.fails:
            return
        if self.implicit:
            wire.wait(ANSWER_NS)
            wire.say(1, server.seal(greeting, self._record))
        for asked, answer in (HELLO, *MAIL):
            wire.wait(THINK_NS)
            is_message = asked.endswith("\n.")
            if is_message and self._message_as == "one":
                asked = LINE * LINES + "."
            sealed = client.seal(asked.encode() + b"\r\n", self._record)
            if is_message and self._message_as:
                wire.say_as(0, sealed, self._message_as)
            else:
                wire.say(0, sealed)
            wire.wait(ANSWER_NS)
            wire.say(1, server.seal(answer.encode() + b"\r\n", self._record))

    def _part(self, frames):
        if self._cut == "ClientHello":
            return frames[self._marks["ClientHello"]:]
        if self._cut == "reply":
            return frames[:self._marks["reply"]] + frames[self._marks["reply"] + 1:]
        return frames


def block(kind, body):
    body += b"\0" * (-len(body) % 4)
    return struct.pack("<II", kind, len(body) + 12) + body + struct.pack("<I", len(body) + 12)


def pcapng(frames, secrets):
    """Section header, interface with nanoseconds, the secrets of TLS, the packets."""
    out = block(0x0A0D0D0A, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1))
    out += block(1, struct.pack("<HHI", 1, 0, 262144) + struct.pack("<HHB3xHH", 9, 1, 9, 0, 0))
    if secrets:
        out += block(10, struct.pack("<II", 0x544C534B, len(secrets)) + secrets)
    for time, data in frames:
        out += block(6, struct.pack("<IIIII", 0, time >> 32, time & 0xFFFFFFFF, len(data),
                                    len(data)) + data)
    return out


SAMPLES = (
    Sample("starttls_tls13", "STARTTLS, TLS 1.3, keys in the file: read through to the end",
           587, V13),
    Sample("starttls_tls12", "STARTTLS, TLS 1.2, keys in the file", 25, V12),
    Sample("starttls_odd_port", "STARTTLS on port 10025, which Wireshark does not take for SMTP",
           10025, V13),
    Sample("implicit_tls13", "implicit TLS on port 465, TLS 1.3, keys in the file", 465, V13),
    Sample("implicit_tls12", "implicit TLS on port 465, TLS 1.2, keys in the file", 465, V12),
    Sample("tls_records_of_five_bytes", "a line lies in several TLS records", 587, V13, record=5),
    Sample("tls_segments_swapped", "a segment under TLS came behind the one after it", 587, V13,
           message_as="swapped", needs=IN_ORDER),
    Sample("tls_segment_resent_with_more",
           "a segment under TLS was sent again with more bytes than before", 25, V12,
           message_as="resent", needs=IN_ORDER),
    Sample("tls_many_records_in_a_frame",
           "a record a line, by the hundred in one frame, as a sender's own capture has them", 587, V13,
           record=len(LINE), message_as="one", needs=MORE_LAYERS),
    Sample("starttls_no_keys", "STARTTLS, TLS 1.3, no keys: what was seen on the wire", 587, V13,
           keys=False, state="no_key"),
    Sample("tls_begins_at_client_hello",
           "the capture begins with the ClientHello on port 25, keys in the file", 25, V13,
           cut="ClientHello"),
    Sample("starttls_reply_lost", "the reply to STARTTLS is not in the capture, the keys are", 25,
           V13, cut="reply"),
    Sample("tls_version_refused", "the server knows no version of the client's", 587, V12,
           server_version=V13, state="handshake_failed"),
)


def main():
    arguments = sys.argv[1:]
    if arguments == ["--table"]:
        for sample in SAMPLES:
            print(sample.row(), end="")
        return
    if not arguments or arguments[0].startswith("-"):
        sys.exit(__doc__)
    for sample in SAMPLES:
        if not arguments[1:] or sample.name in arguments[1:]:
            pathlib.Path(arguments[0], f"{sample.name}.pcapng").write_bytes(sample.build())


if __name__ == "__main__":
    main()
