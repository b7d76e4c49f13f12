#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Tools > SMTP Session: each entry does what it says, and says why where it cannot.

menu_test.py BUILD_DIR
"""

import pathlib
import re
import sys

from display import wait_for
from wireshark import DETAILS, STATUS_BAR, Wireshark, run

# A session with three messages, the second of which is refused.
CAPTURE = "several_messages.pcap"
REFUSED = 24
NO_MESSAGE = 6
# Three seconds later than all others.
SLOWEST = 24

FILTERS = {
    "Filter This Session": "smtp_session.id == 0",
    "Filter This Message": "smtp_session.id == 0 && frame.number >= 17 && frame.number <= 24",
    "Filter Slow Replies": "smtp_session.latency > 1",
    "Filter Failures": "smtp_session.reply.code >= 400 || "
                       '(smtp_session.finding && _ws.expert.severity == "Error")',
}


def choose(gui, entry, shot=None):
    gui.choose("Tools", "SMTP Session", entry, shot=shot)


def words_of(text):
    return re.findall(r"\S+", text)


def check_report(gui):
    window = gui.open_report(shot="entries")
    gui.wait_for_text("client 192.0.2.10:40001, server 198.51.100.25:25", window=window)
    gui.shot("report")
    shown = gui.copied_report(window)
    wanted = gui.tshark("-q", "-z", "smtp_session,report")
    if words_of(shown) != words_of(wanted):
        yield f"the report is\n{shown}\nshould be\n{wanted}"
    gui.dismiss(window)


def check_page(gui):
    choose(gui, "HTML Report of the Capture in Browser")
    path = pathlib.Path(wait_for("page", lambda: gui.opened.read_text().strip()
                                 if gui.opened.exists() else "").removeprefix("file://"))
    gui.tshark("-q", "-z", f"smtp_session,html,{gui.stage.output / 'page.html'}")
    if path.read_bytes() != (gui.stage.output / "page.html").read_bytes():
        yield "the page is another one than tshark writes"
    if path.stat().st_mode & 0o077:
        yield f"others may read the page: {path.stat().st_mode:o}"
    gui.page = path


def check_filters(gui):
    for entry, wanted in FILTERS.items():
        gui.go_to(REFUSED)
        choose(gui, entry)
        count = len(gui.tshark("-2", "-Y", wanted).splitlines())
        gui.wait_for_text(f"Displayed: {count} (", area=STATUS_BAR)
        gui.shot(entry.replace(" ", "_").lower())
        shown = gui.shown_filter()
        if shown != wanted:
            yield f"{entry}: the filter is {shown!r}, should be {wanted!r}"
        gui.clear_filter()


def check_complaint(gui, entry, words):
    choose(gui, entry)
    window = gui.wait_for_dialog()
    gui.wait_for_text(words, window=window)
    gui.shot("complaint")
    gui.dismiss(window)


def complaints_without_sessions(build_dir):
    """No capture is open, or none with a session: the entries say so."""
    for capture, words, entries in (
            (None, "no capture is open.", ("Report of This Session", "Filter Failures")),
            ("odd_port_not_smtp.pcap", "this capture holds no SMTP session.",
             ("HTML Report of the Capture in Browser", "Go to the Slowest Reply"))):
        with Wireshark(build_dir, capture, name="menu_without") as gui:
            for entry in entries:
                check_complaint(gui, entry, f"SMTP Session: {words}")
            yield from gui.quit()


def complaints(build_dir):
    yield from complaints_without_sessions(build_dir)
    with Wireshark(build_dir, CAPTURE, "-g", str(REFUSED), name="menu") as gui:
        yield from check_report(gui)
        yield from check_page(gui)
        gui.go_to(1)
        choose(gui, "Go to the Slowest Reply")
        gui.wait_for_text(f"Frame {SLOWEST}:", area=DETAILS)
        yield from check_filters(gui)
        gui.go_to(NO_MESSAGE)
        check_complaint(gui, "Filter This Message", f"SMTP Session: packet {NO_MESSAGE} is of no message.")
        yield from gui.quit()
        if gui.page.exists():
            yield f"{gui.page} is left"


if __name__ == "__main__":
    sys.exit(run(complaints))
