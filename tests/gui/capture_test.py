#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Sessions are shown while Wireshark captures them, and may be reported then; once the capture has
ended, the report is that of tshark on the file that was captured.

capture_test.py BUILD_DIR
"""

import os
import pathlib
import sys

from display import call, wait_for
from wireshark import LOWER, MENU_BAR, SIZE, Wireshark, run

# The upper half, below the menus.
LIST = (0, MENU_BAR[1] + MENU_BAR[3], SIZE[0], SIZE[1] // 2)
FILE = "live.pcapng"
DELIVERED, REFUSED = "bob@example.test", "nouser@example.test"
SCRIPT = pathlib.Path(__file__).with_name("mail_session.py")


def in_network(command):
    """The command in a network of its own, in which an ordinary user may capture."""
    up = ["sh", "-c", 'ip link set lo up && exec "$@"', "sh"]
    if os.geteuid() != 0:
        return ["unshare", "--map-current-user", "--keep-caps", "--net", *up, *command]
    after = command.index("--clear-groups") + 1
    return ["unshare", "--net", *up, *command[:after], "--inh-caps=+net_raw",
            "--ambient-caps=+net_raw", *command[after:]]


def wait_for_start(gui):
    wait_for("captured file", lambda: gui.capture.exists() and gui.capture.stat().st_size)


def talk(gui, recipient):
    """A session in the network of Wireshark."""
    enter = ["nsenter", "--target", str(gui.process.pid), "--net"]
    if os.geteuid() != 0:
        enter += ["--user", "--preserve-credentials"]
    call([*enter, sys.executable, "-B", str(SCRIPT), recipient])


def check_during_capture(gui):
    talk(gui, DELIVERED)
    gui.wait_for_text("reply to QUIT", area=LIST)
    talk(gui, REFUSED)
    gui.wait_for_text("reply to RCPT 550", "FIN", area=LIST)
    gui.click_text("550", area=LIST)
    gui.wait_for_text("Session 1: reply to RCPT, 550", area=LOWER)
    gui.shot("while_capturing")
    window = gui.open_report()
    gui.wait_for_text("Session 1 (tcp.stream 1): rejected", window=window)
    gui.dismiss(window)


def check_after_capture(gui):
    gui.display.activate(gui.main)
    gui.display.press("ctrl+e")
    gui.main = gui.wait_for_window(gui.capture.name)
    wanted = gui.tshark("-q", "-z", "smtp_session,report,smtp_session.id == 1")
    window = gui.open_report()
    gui.shot("report")
    shown = gui.copied_report(window)
    gui.dismiss(window)
    if shown.split() != wanted.split():
        yield f"the report is\n{shown}\nshould be\n{wanted}"


def complaints(build_dir):
    with Wireshark(build_dir, None, "-C", "SMTP Session", "-k", "-i", "lo", "-w", FILE,
                   name="capture", title="Capturing from", wrap=in_network) as gui:
        gui.capture = gui.stage.output / FILE
        wait_for_start(gui)
        check_during_capture(gui)
        yield from check_after_capture(gui)
        # It notes the start and the end of each capture.
        yield from (line for line in gui.quit() if "[Capture MESSAGE]" not in line)


if __name__ == "__main__":
    sys.exit(run(complaints))
