# SPDX-License-Identifier: GPL-2.0-or-later
"""Stock clients, with their own logs as truth: swaks and curl."""

import datetime
import re
import subprocess
import tempfile

from client import ENHANCED, QUEUE_ID
from servers import CLIENT

SENDER = "alice@example.test"
RECIPIENT = "bob@example.test"
TEXT = ("From: alice@example.test\r\nTo: bob@example.test\r\nSubject: live test\r\n\r\n"
        "A message of a stock client.\r\n.with a dot\r\n")

_next_port = 20000  # below the ports that the kernel gives to other clients


class ToolSession:
    """Has the truth of one run in the form of client.Session."""

    def __init__(self, name, clock, host, port):
        self.truth = {"name": name, "server": host, "server_port": 25, "client_port": port,
                      "clock": clock, "connected": True, "commands": [], "auth": [], "tls": None,
                      "messages": [{"from": SENDER, "recipients": [
                          {"address": RECIPIENT, "code": 250, "accepted": True}]}]}

    def greeting(self, code, text):
        self.truth["greeting"] = {"code": code, "text": text}

    def command(self, verb, argument):
        self.truth["commands"].append({"verb": verb, "argument": argument, "encrypted": False,
                                       "pipelined": False})
        return self.truth["commands"][-1]

    def end(self):
        """The message's result follows from the commands that were read in the log."""
        final = next(entry for entry in self.truth["commands"] if entry["verb"] == ".")
        message = self.truth["messages"][0]
        message.update(size=len(TEXT), code=final["code"], accepted=True)
        for pattern in QUEUE_ID:
            found = pattern.search(final["text"])
            if found:
                message["id"] = found.group(1)
        return self


def answer(command, code, text):
    command.update(code=int(code), text=text)
    enhanced = ENHANCED.match(text)
    if enhanced:
        command["enhanced"] = enhanced.group(1)


def take_port():
    global _next_port
    _next_port += 1
    return _next_port


def run(*argv, **kwargs):
    result = subprocess.run(argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                            timeout=30, check=False, **kwargs)
    text = result.stdout.decode("utf-8", "replace")
    if result.returncode != 0:
        raise RuntimeError(f"{argv[0]} failed:\n{text}")
    return text


def swaks(name, host):
    """swaks prints each line sent and received, and with -stl the time between in 1/1000 s."""
    port = take_port()
    session = ToolSession(name, "swaks", host, port)
    log = run("swaks", "--server", host, "--local-interface", f"{CLIENT}:{port}",
              "--helo", "client.example.test", "--from", SENDER, "--to", RECIPIENT,
              "--data", TEXT.replace("\r\n", "\\n").removesuffix("\\n"), "-stl")
    command = None
    for line in log.splitlines():
        sent = re.match(r" -> (EHLO|MAIL|RCPT|DATA|QUIT|\.)(?: (.*))?$", line)
        received = re.match(r"<-  (\d{3}) (.*)$", line)
        lapse = re.match(r"=== response in (\d+\.\d+)s", line)
        if sent:
            command = session.command(sent.group(1), sent.group(2) or "")
        elif received and command is None:
            session.greeting(int(received.group(1)), received.group(2))
        elif received:
            answer(command, *received.groups())
        elif lapse and command is not None:
            command["latency_ns"] = round(float(lapse.group(1)) * 1000) * 1_000_000
    return session.end(), "delivered"


def curl(name, host):
    """curl -v prints commands and replies; --trace-time puts the time of day before each."""
    port = take_port()
    session = ToolSession(name, "curl", host, port)
    with tempfile.NamedTemporaryFile() as mail:
        mail.write(TEXT.encode())
        mail.flush()
        log = run("curl", "--silent", "--verbose", "--trace-time", "--local-port", str(port),
                  "--mail-from", SENDER, "--mail-rcpt", RECIPIENT, "--upload-file", mail.name,
                  f"smtp://{host}/client.example.test")
    command = None
    sent_at = None
    for line in log.splitlines():
        match = re.match(r"(\d\d:\d\d:\d\d\.\d{6}) ([<>*]) (.*)$", line)
        if not match:
            continue
        moment = datetime.datetime.strptime(match.group(1), "%H:%M:%S.%f")
        direction, words = match.group(2), match.group(3)
        if direction == ">":
            verb, _, argument = words.partition(" ")
            command = session.command(verb, argument)
            sent_at = moment
        elif direction == "<" and re.match(r"\d{3} ", words):
            if command is None:
                session.greeting(int(words[:3]), words[4:])
                continue
            if command["verb"] == "DATA" and "code" in command:
                # curl shows no line for the message itself, hence no time for its end.
                command = session.command(".", "")
                sent_at = None
            answer(command, words[:3], words[4:])
            if sent_at is not None:
                lapse = (moment - sent_at) % datetime.timedelta(days=1)
                command["latency_ns"] = round(lapse.total_seconds() * 1e9)
    # curl ends with QUIT, but no longer logs when it does.
    if command["verb"] != "QUIT":
        session.command("QUIT", "")["unlogged"] = True
    return session.end(), "delivered"
