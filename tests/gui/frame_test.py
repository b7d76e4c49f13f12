#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Wireshark shows the session of the frame that is selected, with its latency, and its links go there.

frame_test.py BUILD_DIR
"""

import sys

from wireshark import LOWER, Wireshark, run

CAPTURE = "plain.pcap"
REPLY = 7

# "Reply to: 6" stands between: a link is underlined, and such words are hard to read.
AROUND_LINK = ("Command number: 1", "Latency: 0.000500000 seconds")


def expand_session(gui):
    gui.click_text("SMTP Session 0: reply to EHLO, 250, 0.500 ms", area=LOWER)
    gui.display.press("shift+Right")  # expands all below
    gui.wait_for_text("Summary", "Outcome: delivered", "Slowest latency: 0.002000000 seconds",
                      area=LOWER)


def scroll_to_link(gui):
    """What is read around it."""
    gui.display.press("Down", "Page_Down", "Page_Down")
    return gui.wait_for_text("Code: 250", *AROUND_LINK, area=LOWER)


def follow_link(gui, reading):
    above, below = (reading.place_of(line) for line in AROUND_LINK)
    gui.display.click((above[0], (above[1] + below[1]) // 2), times=2)
    gui.wait_for_text("Role: EHLO", "Sender: client", area=LOWER)


def complaints(build_dir):
    with Wireshark(build_dir, CAPTURE, "-g", str(REPLY), name="frame") as gui:
        expand_session(gui)
        gui.shot("summary")
        reading = scroll_to_link(gui)
        gui.shot("tree")
        follow_link(gui, reading)
        yield from gui.quit()


if __name__ == "__main__":
    sys.exit(run(complaints))
