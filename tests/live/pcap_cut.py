# SPDX-License-Identifier: GPL-2.0-or-later
"""Makes captures that lack a part of a session, out of one that is whole."""

import socket
import struct

MAGIC_NANOSECONDS = 0xA1B23C4D
CLIENT_HELLO, SERVER_HELLO = 1, 2


class Frame:
    """One record of a pcap file of Ethernet, with what TCP over IPv4 says in it."""

    def __init__(self, seconds, nanoseconds, data):
        self.time = (seconds, nanoseconds)
        self.data = data
        self.ends = None
        self.payload = b""
        if data[12:14] != b"\x08\x00" or data[23] != 6:
            return
        tcp = 14 + (data[14] & 15) * 4
        ports = struct.unpack_from(">HH", data, tcp)
        self.ends = ((bytes(data[26:30]), ports[0]), (bytes(data[30:34]), ports[1]))
        end = 14 + struct.unpack_from(">H", data, 16)[0]
        self.payload = data[tcp + (data[tcp + 12] >> 4) * 4:end]

    def has_hello(self, kind):
        return self.payload[:1] == b"\x16" and self.payload[5:6] == bytes((kind,))

    def is_between(self, client_port, server):
        """`server` is an end; its peer is known by the port alone."""
        return self.ends is not None and any(
            source[1] == client_port and destination == server
            for source, destination in (self.ends, self.ends[::-1]))


def read(path):
    with open(path, "rb") as file:
        data = file.read()
    if struct.unpack_from("<I", data)[0] != MAGIC_NANOSECONDS:
        raise ValueError(f"{path}: no pcap file with nanoseconds")
    frames, at = [], 24
    while at < len(data):
        seconds, nanoseconds, held, _ = struct.unpack_from("<IIII", data, at)
        frames.append(Frame(seconds, nanoseconds, data[at + 16:at + 16 + held]))
        at += 16 + held
    return data[:24], frames


def write(path, header, frames):
    with open(path, "wb") as file:
        file.write(header)
        for frame in frames:
            file.write(struct.pack("<IIII", *frame.time, len(frame.data), len(frame.data)))
            file.write(frame.data)


def session(frames, truth):
    """A client port alone is not enough: the kernel may use it again towards another server."""
    server = (socket.inet_aton(truth["server"]), truth["server_port"])
    return [frame for frame in frames if frame.is_between(truth["client_port"], server)]


def position(frames, wanted):
    return next(at for at, frame in enumerate(frames) if wanted(frame))


def client_hello(frames):
    return position(frames, lambda frame: frame.has_hello(CLIENT_HELLO))


def starttls_reply(frames):
    asked = position(frames, lambda frame: frame.payload == b"STARTTLS\r\n")
    return asked + position(frames[asked:], lambda frame: frame.payload.startswith(b"220 "))


# Each takes the frames of one session.

def from_client_hello(frames):
    return frames[client_hello(frames):]


def from_starttls_reply(frames):
    return frames[starttls_reply(frames):]


def without_starttls(frames):
    return [frame for frame in frames if frame.payload != b"STARTTLS\r\n"]


def without_starttls_reply(frames):
    at = starttls_reply(frames)
    return frames[:at] + frames[at + 1:]


def without_client_hello(frames):
    at = client_hello(frames)
    return frames[:at] + frames[at + 1:]


def from_inside_tls(frames):
    """From the second frame with data behind the ServerHello on."""
    at = position(frames, lambda frame: frame.has_hello(SERVER_HELLO))
    return frames[at + 2:]


def moved(frames, at, behind):
    """The frame was captured later than it came: the order changes, the times do not."""
    order = frames[:at] + frames[at + 1:behind + 1] + [frames[at]] + frames[behind + 1:]
    times = [frame.time for frame in frames]
    for frame, time in zip(order, times):
        frame.time = time
    return order


def reply_behind_client_hello(frames):
    return moved(frames, starttls_reply(frames), client_hello(frames))


def reply_behind_server_hello(frames):
    server_hello = position(frames, lambda frame: frame.has_hello(SERVER_HELLO))
    return moved(frames, starttls_reply(frames), server_hello)


KEEP_GREETING = (without_starttls, without_starttls_reply, without_client_hello,
                 reply_behind_client_hello, reply_behind_server_hello)
