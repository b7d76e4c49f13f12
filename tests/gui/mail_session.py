#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""One SMTP session over the loopback interface, by Python's client with a server of a few lines.

mail_session.py RECIPIENT
"""

import smtplib
import socketserver
import sys
import threading

PORT = 2525
REFUSED = "nouser"
MESSAGE = "From: alice@client.example\nSubject: Live\n\nHello\n"


class Server(socketserver.StreamRequestHandler):
    def handle(self):
        self.say("220 live.example.test ESMTP")
        for line in self.rfile:
            verb = line.split()[0].upper() if line.split() else b""
            if verb == b"DATA":
                self.say("354 End data with <CR><LF>.<CR><LF>")
                while self.rfile.readline() not in (b".\r\n", b""):
                    pass
                self.say("250 2.0.0 Ok")
            elif verb == b"RCPT" and REFUSED.encode() in line:
                self.say("550 5.1.1 No such user here")
            elif verb == b"QUIT":
                self.say("221 2.0.0 Bye")
                return
            else:
                self.say("250 2.0.0 Ok")

    def say(self, line):
        self.wfile.write(f"{line}\r\n".encode())


def main():
    socketserver.TCPServer.allow_reuse_address = True
    with socketserver.TCPServer(("127.0.0.1", PORT), Server) as server:
        thread = threading.Thread(target=server.handle_request)
        thread.start()
        with smtplib.SMTP("127.0.0.1", PORT, "client.example") as client:
            try:
                client.sendmail("alice@client.example", [sys.argv[1]], MESSAGE)
            except smtplib.SMTPRecipientsRefused:
                pass  # asked for
        thread.join()


if __name__ == "__main__":
    main()
