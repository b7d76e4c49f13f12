# SPDX-License-Identifier: GPL-2.0-or-later
"""What one session says, drawn at random from a fixed seed: no two have the same lengths."""

import random
import ssl
import string


class Plan:
    def __init__(self, seed, version="1.3", cipher=None, auth=None, pipelined=False,
                 refused=0, certificate=None):
        self._random = random.Random(seed)
        self.version, self.cipher = version, cipher
        self.auth, self.pipelined = auth, pipelined
        self.helo = self._domain("client")
        self.sender = self._address()
        self.certificate = certificate
        count = self._random.choice((1, 1, 1, 2, 3))
        self.recipients = [self._address() for _ in range(count)]
        self.recipients += ["nouser@example.test"] * refused
        self._random.shuffle(self.recipients)
        self.messages = self._random.choice((1, 1, 1, 2, 3))
        self.size = self._random.choice((120, 400, 900, 3000, 12_000, 40_000, 150_000))
        self.text = "A line of the message. " * 4

    def _word(self, least, most):
        return "".join(self._random.choices(string.ascii_lowercase,
                                            k=self._random.randint(least, most)))

    def _domain(self, host=""):
        return ".".join(filter(None, (host, self._word(0, 14), "example.test")))

    def _address(self):
        return f"{self._word(3, 18)}@{self._domain()}"

    def new_transaction(self):
        """Another sender and other recipients for the next message."""
        self.sender = self._address()
        self.recipients = [address if address.startswith("nouser") else self._address()
                           for address in self.recipients]

    def parameters(self):
        """ESMTP parameters of MAIL, as clients give them."""
        return self._random.choice(("", "", f" SIZE={self.size}", " BODY=8BITMIME",
                                    f" BODY=8BITMIME SIZE={self.size}"))

    def message(self):
        size = max(100, int(self.size * self._random.uniform(0.5, 1.5)))
        line = b"x" * 70 + b"\r\n"
        return (b"From: <" + self.sender.encode() + b">\r\nSubject: a test\r\n\r\n"
                + line * (size // len(line)) + b"the end\r\n")

    def context(self, keylog):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE  # the certificate is made for one run
        version = ssl.TLSVersion.TLSv1_2 if self.version == "1.2" else ssl.TLSVersion.TLSv1_3
        context.minimum_version = context.maximum_version = version
        if self.cipher and self.version == "1.2":
            context.set_ciphers(self.cipher + ":@SECLEVEL=0")
        if self.certificate:
            context.load_cert_chain(*self.certificate)
        context.keylog_filename = keylog
        return context
