# SPDX-License-Identifier: GPL-2.0-or-later
"""The aiosmtpd servers of the diagnosis live test.

usage: diagnosis_aiosmtpd_server.py ADDRESS CERTIFICATE KEY
"""

import asyncio
import ssl
import sys

from aiosmtpd.smtp import SMTP

from aiosmtpd_server import Handler, authenticate
from diagnosis_servers import CLEAR, SUBMISSION, SUBMISSIONS


async def main():
    address, certificate, key = sys.argv[1:]
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    common = {"hostname": "aio.example.test", "loop": asyncio.get_running_loop()}

    def clear():
        return SMTP(Handler(), auth_exclude_mechanism=["PLAIN", "LOGIN"], **common)

    def submission():
        return SMTP(Handler(), tls_context=context, require_starttls=True,
                    authenticator=authenticate, auth_required=True, **common)

    def submissions():
        # It does not know that it runs over TLS.
        return SMTP(Handler(), authenticator=authenticate, auth_require_tls=False, **common)

    loop = asyncio.get_running_loop()
    for port, factory, tls in ((CLEAR, clear, None), (SUBMISSION, submission, None),
                               (SUBMISSIONS, submissions, context)):
        await loop.create_server(factory, address, port, ssl=tls)
    await asyncio.Event().wait()


asyncio.run(main())
