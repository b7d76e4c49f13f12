# SPDX-License-Identifier: GPL-2.0-or-later
"""The aiosmtpd servers of the live test: SMTP, submission, submissions and LMTP on one address.

usage: aiosmtpd_server.py ADDRESS CERTIFICATE KEY
"""

import asyncio
import ssl
import sys

from aiosmtpd.lmtp import LMTP
from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword

SLOW_SECONDS = 0.5


class Handler:
    """Recipients decide what happens, so that a client can ask for it."""

    async def handle_RCPT(self, server, session, envelope, address, rcpt_options):
        local_part = address.partition("@")[0]
        if local_part == "nouser":
            return "550 5.1.1 No such user here"
        if local_part == "later":
            return "450 4.2.1 Mailbox busy, try later"
        if local_part == "slow":
            await asyncio.sleep(SLOW_SECONDS)
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(rcpt_options)
        return "250 2.1.5 Recipient ok"

    async def handle_DATA(self, server, session, envelope):
        if any(address.startswith("vanish@") for address in envelope.rcpt_tos):
            server.transport.abort()
            return "451 never seen"
        if any(address.startswith("spam@") for address in envelope.rcpt_tos):
            return "554 5.7.1 Message refused"
        return "250 2.0.0 Message accepted for delivery"


class LmtpHandler(Handler):
    async def handle_DATA(self, server, session, envelope):
        # One reply for each recipient, in their order (RFC 2033 section 4.2).
        return "\r\n".join(
            "452 4.2.2 Mailbox full" if address.startswith("full@") else "250 2.0.0 Delivered"
            for address in envelope.rcpt_tos)


def authenticate(server, session, envelope, mechanism, data):
    success = (isinstance(data, LoginPassword)
               and (data.login, data.password) == (b"alice", b"Live-Test-Secret"))
    return AuthResult(success=success, handled=False)  # the server itself says 535


async def main():
    address, certificate, key = sys.argv[1:]
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    common = {"hostname": "aio.example.test", "loop": asyncio.get_running_loop()}

    def plain():
        return SMTP(Handler(), authenticator=authenticate, auth_require_tls=False, **common)

    def submission():
        return SMTP(Handler(), tls_context=context, authenticator=authenticate, **common)

    def submissions():
        return SMTP(Handler(), authenticator=authenticate, auth_require_tls=False, **common)

    def lmtp():
        return LMTP(LmtpHandler(), **common)

    loop = asyncio.get_running_loop()
    for port, factory, tls in ((25, plain, None), (587, submission, None),
                               (465, submissions, context), (24, lmtp, None)):
        await loop.create_server(factory, address, port, ssl=tls)
    print("ready", flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main())
