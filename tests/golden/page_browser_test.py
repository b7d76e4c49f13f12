#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The HTML report in a browser: it shows its sessions, and nothing of the capture runs. Skipped (status
77) where there is no Chromium.

page_browser_test.py BUILD_DIR
"""

import os
import shutil
import struct
import subprocess
import sys

import page
import samples
from support.tshark import NOBODY

SKIPPED = 77
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
SECONDS = 120


def dumped(stage, browser, path):
    """The document after its scripts ran, and what they complained of."""
    home = stage.output / f"{path.stem}-home"
    drop = []
    if os.geteuid() == 0:  # Chromium does not run as root
        drop = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"]
    done = subprocess.run(
        [*drop, "env", f"HOME={home}", f"XDG_CONFIG_HOME={home}", f"XDG_CACHE_HOME={home}", browser,
         "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
         f"--user-data-dir={home}", "--window-size=1280,2000", "--virtual-time-budget=5000",
         "--enable-logging=stderr", "--dump-dom", f"file://{path}"],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False,
        timeout=SECONDS)
    complaints = [line for line in done.stderr.decode(errors="replace").splitlines()
                  if "CONSOLE" in line]
    return page.Elements(done.stdout.decode("utf-8")), complaints


def with_class(elements, name):
    return [attributes for _, attributes in elements.elements
            if name in (attributes.get("class") or "").split()]


def with_late_session(stage, name, late, seconds):
    """The capture `name`, and `late` behind it, so many seconds later."""
    data = (samples.SAMPLES / f"{name}.pcap").read_bytes()
    more = (samples.SAMPLES / f"{late}.pcap").read_bytes()
    at = 24
    while at < len(more):
        held = struct.unpack_from("=I", more, at + 8)[0]
        data += struct.pack("=I", struct.unpack_from("=I", more, at)[0] + seconds)
        data += more[at + 4:at + 16 + held]
        at += 16 + held
    path = stage.path / f"{name}_{late}.pcap"
    path.write_bytes(data)
    path.chmod(0o644)
    return path


def check_shown(stage, browser, name, rows, wanted):
    capture = stage.path / name
    if not capture.exists():
        stage.add(samples.SAMPLES / name)
    _, path = page.make(stage, capture, f"{name}.html")
    elements, complaints = dumped(stage, browser, path)
    for complaint in complaints:
        yield f"the browser complains: {complaint}"
    if len(with_class(elements, "session")) != rows:
        yield f"{len(with_class(elements, 'session'))} sessions are shown, should be {rows}"
    for words in wanted:
        if words not in elements.text:
            yield f"{words!r} is not shown"
    if elements.raw["title"] != ["SMTP sessions"]:
        yield f"the title is {elements.raw['title']}"
    # Elements of a chart are made by the page; those named here can only come from the capture.
    for tag in ("img", "iframe", "object", "embed", "link"):
        if elements.named(tag):
            yield f"there is an element {tag}: {elements.named(tag)}"
    if len(elements.named("script")) != 2:
        yield f"there are {len(elements.named('script'))} scripts"
    for tag, attributes in elements.elements:
        if any(attribute.startswith("on") for attribute in attributes):
            yield f"<{tag}> has a handler: {attributes}"


def main():
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None:
        print("skipped: none of " + " ".join(BROWSERS) + " is installed")
        return SKIPPED
    with samples.Stage(sys.argv[1]) as stage:
        late = with_late_session(stage, "two_sessions_interleaved", "ipv6", 300)
        cases = {
            late.name: (3, ("All 3 sessions delivered.", "Shortened by 5 minutes, at 1 striped place",
                            "Show to scale", "+300 s")),
            "markup.pcap": (1, (
                "Rejected: the server refused RCPT", "</script><script>document.title='run'</script>",
                'FROM:<"<img src=x onerror=alert(2)>"@client.example>',
                "mx.example.test <script>alert(1)</script><!--", "reply awaited", "Next: ",
                "???&lt;]]>\"'`${1}\\u003c")),  # separators and a change of direction
            "two_sessions_interleaved.pcap": (2, ("All 2 sessions delivered.", "Latency by command")),
            "starttls_tls12.pcapng": (1, ("TLS handshake", "STARTTLS, TLS 1.2", "7.000 ms")),
            "starttls_no_keys.pcapng": (1, ("[EHLO]", "[end of data]", "no key")),
            "syn_unanswered.pcap": (1, ("not answered",)),
            "odd_port_not_smtp.pcap": (0, ("No SMTP session in this capture.",)),
        }
        return samples.for_each(
            list(cases), lambda name: check_shown(stage, browser, name, *cases[name]))


if __name__ == "__main__":
    sys.exit(main())
