#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Makes the pictures of README.md anew: docs/screenshots/*.png. Look at them before they go in.

screenshots.py BUILD_DIR [FOLDER]
"""

import os
import pathlib
import sys

from display import call
from wireshark import PROJECT, Wireshark

SIZE = (1200, 720)
# A palette is enough for windows, and a third of the size.
COLOURS = "96"

PREFERENCES = """\
gui.update.enabled: FALSE
gui.ask_unsaved: FALSE
gui.layout_content_3: NONE
"""


def keep(gui, folder, name, area=None):
    gui.display.put_mouse_away()
    picture = gui.shot(name, area)
    call(["convert", str(picture), "-strip", "+dither", "-colors", COLOURS, "-define",
          "png:compression-level=9", str(folder / f"{name}.png")])


def start(build_dir, capture, frame):
    style = {"QT_FONT_DPI": "96"}
    if "QT_STYLE_OVERRIDE" in os.environ:  # e.g. adwaita-dark
        style["QT_STYLE_OVERRIDE"] = os.environ["QT_STYLE_OVERRIDE"]
    return Wireshark(build_dir, capture, "-C", "SMTP Session", "-g", str(frame), name="readme",
                     preferences=PREFERENCES, environment=style, size=SIZE)


def main():
    build_dir = sys.argv[1]
    folder = pathlib.Path(sys.argv[2]) if len(sys.argv) > 2 else PROJECT / "docs" / "screenshots"
    folder.mkdir(parents=True, exist_ok=True)
    details = (0, SIZE[1] // 2, SIZE[0], SIZE[1] // 2)
    with start(build_dir, "several_messages.pcap", 24) as gui:
        gui.display.press("ctrl+Down", "ctrl+Up")  # scrolls the list until the whole line is there
        gui.click_text("Internet Protocol Version 4, Src: 198.51.100.25, Dst: 192.0.2.10", area=details)
        gui.display.press("Down", "Down", "Down", "shift+Right")
        gui.wait_for_text("Outcome: partial", area=details)
        keep(gui, folder, "session")
        gui.choose("Tools", "SMTP Session", "Report of This Session")
        window = gui.wait_for_window("SMTP Session Report")
        gui.display.resize(window, (160, 60, 900, 600))
        gui.wait_for_text("Delivered in part", window=window)
        keep(gui, folder, "report")
        gui.dismiss(window)
    with start(build_dir, "starttls_tls13.pcapng", 1) as gui:
        gui.choose("Statistics", "Flow Graph")
        window = gui.wait_for_window("Flow", others=(gui.main,))
        gui.click_text("All Flows", window=window)
        gui.display.write("SMTP")
        gui.display.press("Return")
        gui.wait_for_text("TLS established", window=window)
        keep(gui, folder, "flow", gui.display.area_of(window))
        gui.dismiss(window)


if __name__ == "__main__":
    main()
