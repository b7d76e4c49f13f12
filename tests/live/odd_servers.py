# SPDX-License-Identifier: GPL-2.0-or-later
"""What the diagnosis live test needs beside mail servers.

usage: odd_servers.py ADDRESS PORT

A server that accepts connections to ADDRESS and PORT and never says a word; and Postfix's partner
for AUTH on 127.0.0.1, which speaks the authentication protocol of Dovecot, version 1.1.
"""

import asyncio
import base64
import sys

from diagnosis_servers import PASSWORD, USER

SASL_PORT = 12345

HANDSHAKE = ("VERSION\t1\t1\nMECH\tPLAIN\tplaintext\nMECH\tLOGIN\tplaintext\nSPID\t1\nCUID\t1\n"
             "COOKIE\t00112233445566778899aabbccddeeff\nDONE\n")


async def say_nothing(reader, _writer):
    while await reader.read(4096):
        pass


class Exchange:
    """One AUTH: what is known of the client so far."""

    def __init__(self, mechanism):
        self.mechanism = mechanism
        self.words = []

    def go_on(self, response):
        """None where another challenge is needed, else the user and whether he is the right one."""
        if self.mechanism == "PLAIN":
            if response is None:
                return None
            self.words = response.split("\0")[1:]
        elif response is not None:
            self.words.append(response)
        if len(self.words) < 2:
            return None
        return self.words[0], self.words == [USER, PASSWORD]

    def challenge(self):
        words = "" if self.mechanism == "PLAIN" else ("Username:", "Password:")[len(self.words)]
        return base64.b64encode(words.encode()).decode()


async def authenticate(reader, writer):
    writer.write(HANDSHAKE.encode())
    exchanges = {}
    while line := (await reader.readline()).decode().rstrip("\n"):
        verb, _, rest = line.partition("\t")
        if verb not in ("AUTH", "CONT"):
            continue
        number, *words = rest.split("\t")
        if verb == "AUTH":
            exchanges[number] = Exchange(words[0])
            response = words[-1].partition("resp=")[2] or None
        else:
            response = words[0]
        if response is not None:
            response = base64.b64decode(response).decode()
        result = exchanges[number].go_on(response)
        if result is None:
            writer.write(f"CONT\t{number}\t{exchanges[number].challenge()}\n".encode())
        else:
            writer.write(f"{'OK' if result[1] else 'FAIL'}\t{number}\tuser={result[0]}\n".encode())


async def main():
    address, port = sys.argv[1:]
    await asyncio.start_server(say_nothing, address, int(port))
    await asyncio.start_server(authenticate, "127.0.0.1", SASL_PORT)
    await asyncio.Event().wait()


asyncio.run(main())
