#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Wireshark shows the session of the frame that is selected, with its latency, and its links go there.

frame_test.py BUILD_DIR
"""

import sys

from wireshark import LOWER, Wireshark, run


def complaints(build_dir):
    with Wireshark(build_dir, "plain.pcap", "-g", "7", name="frame") as gui:
        gui.click_text("SMTP Session 0: reply to EHLO, 250, 0.500 ms", area=LOWER)
        gui.display.press("shift+Right")  # expands all below
        gui.display.press("Down", "Page_Down")
        gui.wait_for_text("Phase: hello", "Role: reply to EHLO", "Code: 250", "Reply to: 6",
                          "Latency: 0.000500000 seconds", area=LOWER)
        gui.shot("tree")
        gui.click_text("Reply to: 6", area=LOWER, times=2)
        gui.wait_for_text("Role: EHLO", "Command 1: EHLO client.example", area=LOWER)
        yield from gui.quit()


if __name__ == "__main__":
    sys.exit(run(complaints))
