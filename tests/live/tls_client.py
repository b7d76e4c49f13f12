# SPDX-License-Identifier: GPL-2.0-or-later
"""The client of the TLS live test: cuts its text into records, resumes, and fails on purpose."""

import socket
import ssl

from client import CIPHER_NAMES, Session, now
from servers import CLIENT

NAME = "mx.example.test"


def context_for(version, keylog, ciphers=None):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE  # the certificate is made for one run
    context.minimum_version = context.maximum_version = version
    if ciphers:
        context.set_ciphers(ciphers)
    context.keylog_filename = keylog
    return context


def pieces(data, size):
    return [data[at:at + size] for at in range(0, len(data), size)]


class TlsSession(Session):
    """`record`: bytes in a record at the most; `corked`: records lie anyhow in the segments."""

    def __init__(self, name, host, port, implicit_tls=None, resume=None, record=None,
                 corked=False):
        self._resume = resume
        self._record = record
        self._corked = corked
        self.kept = None  # what the server gave to resume the session with
        self.failed = False
        try:
            super().__init__(name, host, port, source=CLIENT, implicit_tls=implicit_tls)
        except (ssl.SSLError, ConnectionError):
            self.failed = True  # the handshake; the truth says of what kind

    def _wrap(self, context, mode):
        begin = now()
        try:
            self._socket = context.wrap_socket(self._socket, server_hostname=NAME,
                                               session=self._resume)
        except (ssl.SSLError, ConnectionError) as error:
            self.truth["tls_error"] = str(error)
            raise
        self._encrypted = True
        version = self._socket.version()
        cipher = self._socket.cipher()[0]
        self.truth["tls"] = {"mode": mode, "version": version,
                             # The names of TLS 1.3 are those of the registry.
                             "cipher": CIPHER_NAMES.get(cipher, cipher), "sni": NAME,
                             "resumed": self._socket.session_reused,
                             "handshake_ns": now() - begin}

    def starttls(self, context):
        try:
            super().starttls(context)
        except (ssl.SSLError, ConnectionError):
            self.failed = True

    def _send(self, data):
        if not self._encrypted or not self._record:
            return super()._send(data)
        begin = now()
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_CORK, int(self._corked))
        for piece in pieces(data, self._record):
            self._socket.sendall(piece)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_CORK, 0)
        return begin, self._wait_until_sent(begin)

    def close(self):
        if self._encrypted:
            self.kept = self._socket.session
        super().close()


def speak_raw(name, host, port, data):
    """Connects, says `data` at once, and waits for the server to end the connection."""
    truth = {"name": name, "server": host, "server_port": port, "connected": True, "tls": None,
             "commands": []}
    with socket.socket() as wire:
        wire.settimeout(20)
        wire.bind((CLIENT, 0))
        truth["client_port"] = wire.getsockname()[1]
        wire.connect((host, port))
        wire.sendall(data)
        try:
            while wire.recv(4096):
                pass
        except ConnectionResetError:
            pass
    return truth
