# SPDX-License-Identifier: GPL-2.0-or-later
"""The aiosmtpd servers of the TLS live test.

usage: tls_aiosmtpd_server.py ADDRESS CERTIFICATE KEY
"""

import asyncio
import ssl
import sys

from aiosmtpd.smtp import SMTP


class Handler:
    async def handle_RCPT(self, server, session, envelope, address, rcpt_options):
        if address.startswith("nouser@"):
            return "550 5.1.1 No such user here"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 Recipient ok"

    async def handle_DATA(self, server, session, envelope):
        return "250 2.0.0 Message accepted for delivery"


class ByteRecordSmtp(SMTP):
    """Under TLS each byte of a reply is a record of its own."""

    async def push(self, status):
        if self.transport.get_extra_info("ssl_object") is None:
            await super().push(status)
            return
        for byte in (status if isinstance(status, bytes) else status.encode("ascii")) + b"\r\n":
            self._writer.write(bytes((byte,)))  # a write is a record
        await self._writer.drain()


def server_context(certificate, key, curve=None):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    if curve:
        context.set_ecdh_curve(curve)
    return context


async def main():
    address, certificate, key = sys.argv[1:]
    context = server_context(certificate, key)
    # No client sends a share of this group at first: a HelloRetryRequest (RFC 8446 section 4.1.4).
    retrying = server_context(certificate, key, "secp384r1")
    loop = asyncio.get_running_loop()

    def factory(kind, tls_context=None):
        return lambda: kind(Handler(), hostname="aio.example.test", loop=loop,
                            tls_context=tls_context)

    for port, make, tls in ((25, factory(SMTP), None),
                            (465, factory(SMTP), context),
                            (587, factory(SMTP, context), None),
                            (2525, factory(SMTP, retrying), None),
                            (2587, factory(ByteRecordSmtp, context), None)):
        await loop.create_server(make, address, port, ssl=tls)
    print("ready", flush=True)
    await asyncio.Event().wait()


asyncio.run(main())
