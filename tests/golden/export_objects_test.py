#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""--export-objects writes each message whose end was sent, with the size that the JSON has.

export_objects_test.py BUILD_DIR
"""

import re
import sys

import samples

NAME = re.compile(r"session-(\d+)_message-(\d+)(_.*)?\.eml")

CONTENT = {
    "several_messages": b"From: Alice <alice@client.example>\r\nTo: Bob <bob@example.test>\r\n"
                        b"Subject: Tomorrow\r\nDate: Mon, 5 Jan 2026 10:00:00 +0000\r\n"
                        b"Message-ID: <1@client.example>\r\n\r\nLunch at noon?\r\n.and then?\r\n"
                        b"Alice\r\n",
    "starttls_tls13": b"Subject: under TLS\r\n\r\n.a dot\r\nThe text.\r\n",
}
CONTENT["bdat_chunks"] = CONTENT["pipelined"] = CONTENT["several_messages"]


def exported(stage, capture, *options):
    """The files by session and message."""
    folder = stage.output / f"{capture.stem}{''.join(options)}"
    stage.output_of(["-n", "-r", capture, *options, "-q", "--export-objects",
                     f"smtp_session,{folder}"])
    files = {}
    for path in folder.iterdir() if folder.is_dir() else ():
        match = NAME.fullmatch(path.name)
        if match is None:
            raise samples.Failed(f"a file {path.name}")
        files[int(match[1]), int(match[2])] = (path.name, path.read_bytes())
    return files


def main():
    with samples.Stage(sys.argv[1]) as stage:
        def check(original):
            capture = stage.add(original)
            files = exported(stage, capture)
            if files != exported(stage, capture, "-2"):
                yield "two passes export something else"
            sizes = {}
            for session in samples.sessions(stage, capture):
                # The end of a message is a command; what is not answered 2xx or 354 can be an end
                # too, but none without one.
                ends = sum(command["verb"] in (".",) or
                           (command["verb"] == "BDAT" and "LAST" in command["argument"].upper())
                           for command in session["commands"])
                mine = {key for key in files if key[0] == session["session"]}
                if len(mine) != ends:
                    yield f"session {session['session']}: {len(mine)} files, {ends} ends of data"
                for message in session.get("messages", []):
                    sizes[session["session"], message["index"]] = message
            for key, (name, data) in files.items():
                message = sizes[key]
                whole = len(data) == message["size"] and message.get("size_exact", True)
                if whole == name.endswith("_incomplete.eml"):
                    yield f"{name} has {len(data)} bytes of {message}"
            wanted = CONTENT.get(capture.stem)
            for name, data in files.values():
                if wanted is not None and data != wanted:
                    yield f"{name} holds {data}"
            if wanted is not None and not files:
                yield "nothing exported"

        return samples.for_each(
            [*samples.some_captures(), samples.SAMPLES / "starttls_tls13.pcapng"], check)


if __name__ == "__main__":
    sys.exit(main())
