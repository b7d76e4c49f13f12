#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Makes the pictures of README.md anew: docs/screenshots/*.png; or one of everything that the plugin
and its profile show in Wireshark. Look at them before they go in.

screenshots.py BUILD_DIR [FOLDER]
screenshots.py BUILD_DIR --all FOLDER
"""

import os
import pathlib
import shutil
import sys
import tempfile
import time

import capture_test
import display
import frame_test
from dialogs_test import TABLES
from display import call
from menu_test import FILTERS
from profile_test import FILTER_BAR
from wireshark import LOWER, PROJECT, Wireshark, own
from support.tshark import NOBODY

SIZE = (1200, 720)
# A palette is enough for windows, and a third of the size.
COLOURS = "96"
# Of the HTML page, what the browser is told.
PAGES = {
    "page_light": ["--window-size=1200,2000", "--blink-settings=preferredColorScheme=1"],
    "page_dark": ["--window-size=1200,2000", "--blink-settings=preferredColorScheme=0"],
    "page_narrow": ["--window-size=500,2000", "--blink-settings=preferredColorScheme=1"],
}
# For a dialog to draw what it has, where no words tell that it has.
DRAWING = 2

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


def start(build_dir, capture, *arguments, size=SIZE, **options):
    style = {"QT_FONT_DPI": "96"}
    if "QT_STYLE_OVERRIDE" in os.environ:  # e.g. adwaita-dark
        style["QT_STYLE_OVERRIDE"] = os.environ["QT_STYLE_OVERRIDE"]
    return Wireshark(build_dir, capture, "-C", "SMTP Session", *arguments, name="readme",
                     preferences=PREFERENCES, environment=style, size=size, **options)


def expand_session(gui, area):
    gui.click_text("Internet Protocol Version 4, Src: 198.51.100.25, Dst: 192.0.2.10", area=area)
    gui.display.press("Down", "Down", "Down", "shift+Right")
    gui.wait_for_text("Outcome: partial", area=area)


def make_those_of_readme(build_dir, folder):
    details = (0, SIZE[1] // 2, SIZE[0], SIZE[1] // 2)
    with start(build_dir, "several_messages.pcap", "-g", "24") as gui:
        gui.display.press("ctrl+Down", "ctrl+Up")  # scrolls the list until the whole line is there
        expand_session(gui, details)
        keep(gui, folder, "session")
        window = gui.open_report()
        gui.display.resize(window, (160, 60, 900, 600))
        gui.wait_for_text("Delivered in part", window=window)
        keep(gui, folder, "report")
        gui.dismiss(window)
    with start(build_dir, "starttls_tls13.pcapng", "-g", "1") as gui:
        window = gui.open_flow_graph()
        gui.wait_for_text("TLS established", window=window)
        keep(gui, folder, "flow", gui.display.area_of(window))
        gui.dismiss(window)


def keep_dialog(gui, folder, name, title, *path):
    gui.choose(*path)
    window = gui.wait_for_window(title, others=(gui.main,))
    time.sleep(DRAWING)
    keep(gui, folder, name)
    gui.dismiss(window)


def keep_menu(gui, folder, name, *path, **options):
    """The last word of the path is only waited for."""
    gui.choose(*path, shot=name, **options)
    shutil.copyfile(gui.pictures / f"{gui.name}_{name}.png", folder / f"{name}.png")


def keep_menus(gui, folder):
    """And what their entries do to the list."""
    for entry in FILTERS:
        name = entry.replace(" ", "_").lower()
        gui.choose("Tools", "SMTP Session", entry)
        time.sleep(DRAWING)
        keep(gui, folder, name)
        gui.clear_filter()
    gui.go_to(1)
    keep_menu(gui, folder, "tools_menu", "Tools", "SMTP Session", "Go to the Slowest Reply")
    time.sleep(DRAWING)
    keep(gui, folder, "slowest_reply")
    gui.choose("Tools", "SMTP Session", "HTML Report of the Capture in Browser")
    page = display.wait_for("page", lambda: gui.opened.exists() and gui.opened.read_text().strip())
    shutil.copyfile(page.removeprefix("file://"), folder / "page.html")
    keep_menu(gui, folder, "button_menu", "SMTP", "Envelope", area=FILTER_BAR)
    time.sleep(DRAWING)
    keep(gui, folder, "button_envelope")
    gui.clear_filter()


def keep_of_one_session(build_dir, folder):
    with start(build_dir, "several_messages.pcap", "-g", "24", size=display.SIZE) as gui:
        expand_session(gui, LOWER)
        keep(gui, folder, "session_summary")
        gui.display.press("Page_Down", "Page_Down")
        keep(gui, folder, "session_details")
        gui.display.press("Home", "shift+Left")
        window = gui.open_report()
        keep(gui, folder, "report_as_it_opens")
        gui.dismiss(window)
        keep_menus(gui, folder)
        keep_dialog(gui, folder, "expert", "Expert Information", "Analyze", "Expert Information")
        keep_dialog(gui, folder, "follow", "Follow TCP", "Analyze", "Follow", "TCP Stream")
        gui.clear_filter()
        keep_dialog(gui, folder, "export_objects", "object list", "File", "Export Objects",
                    "SMTP Session...")
        keep_dialog(gui, folder, "capture_filters", "Capture Filters", "Capture",
                    "Capture Filters...")
        keep_dialog(gui, folder, "coloring_rules", "Coloring Rules", "View", "Coloring Rules...")


def keep_of_two_sessions(build_dir, folder):
    with start(build_dir, "two_sessions_interleaved.pcap", "-g", "14", size=display.SIZE) as gui:
        keep(gui, folder, "arrows")
        for name, (path, title, *_) in TABLES.items():
            keep_dialog(gui, folder, f"statistics_{name}", title, "Statistics", *path)
        for dialog, tab in (("Conversations", "SMTP Session 2"), ("Endpoints", "SMTP Session 3")):
            window = gui.statistics_tab(dialog, tab)
            keep(gui, folder, dialog.lower())
            gui.dismiss(window)
        window = gui.open_flow_graph()
        time.sleep(DRAWING)
        keep(gui, folder, "flow_graph")
        gui.dismiss(window)
        keep_menu(gui, folder, "conversation_filter", "Analyze", "Conversation Filter",
                  "SMTP Session")
        gui.clear_filter()
        keep_menu(gui, folder, "colour_menu", "View", "Colorize Conversation", "Color 1")
        time.sleep(DRAWING)
        keep(gui, folder, "coloured")
        place = gui.wait_for_text("SMTP Session 1: EHLO", area=LOWER).place_of("SMTP Session 1: EHLO")
        gui.choose_at(place, "Protocol Preferences", "Open SMTP Session Analysis preferences...")
        window = gui.wait_for_window("Preferences", others=(gui.main,))
        keep(gui, folder, "preferences_as_they_open")
        gui.display.resize(window, (150, 30, 1000, 900))
        time.sleep(DRAWING)
        keep(gui, folder, "preferences")
        gui.dismiss(window)


def keep_of_live_capture(build_dir, folder):
    file = capture_test.FILE
    with start(build_dir, None, "-k", "-i", "lo", "-w", file, size=display.SIZE,
               title="Capturing from", wrap=capture_test.in_network) as gui:
        gui.capture = gui.stage.output / file
        capture_test.wait_for_start(gui)
        capture_test.talk(gui, capture_test.DELIVERED)
        capture_test.talk(gui, capture_test.REFUSED)
        gui.click_text("550", area=capture_test.LIST)
        keep(gui, folder, "capture")


def keep_of_link(build_dir, folder):
    # As in the test, which knows where the link is then.
    with Wireshark(build_dir, frame_test.CAPTURE, "-g", str(frame_test.REPLY), name="readme") as gui:
        frame_test.expand_session(gui)
        reading = frame_test.scroll_to_link(gui)
        keep(gui, folder, "link")
        frame_test.follow_link(gui, reading)
        keep(gui, folder, "link_followed")


def keep_of_page(folder):
    """What the menu's entry opens in a browser."""
    with tempfile.TemporaryDirectory() as home:
        place = pathlib.Path(home)
        shutil.copyfile(folder / "page.html", place / "page.html")
        own(place)
        drop = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"]
        for name, look in PAGES.items():
            call([*(drop if os.geteuid() == 0 else []), "env", f"HOME={home}", "chromium",
                  "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
                  f"--user-data-dir={home}/{name}", f"--screenshot={home}/{name}.png", *look,
                  f"file://{home}/page.html"])
            shutil.copyfile(place / f"{name}.png", folder / f"{name}.png")


def make_all(build_dir, folder):
    keep_of_one_session(build_dir, folder)
    keep_of_two_sessions(build_dir, folder)
    keep_of_link(build_dir, folder)
    keep_of_live_capture(build_dir, folder)
    keep_of_page(folder)


def main():
    build_dir, *arguments = sys.argv[1:]
    everything = arguments[:1] == ["--all"]
    folder = pathlib.Path(arguments[-1]) if arguments else PROJECT / "docs" / "screenshots"
    folder.mkdir(parents=True, exist_ok=True)
    if everything:
        make_all(build_dir, folder)
    else:
        make_those_of_readme(build_dir, folder)


if __name__ == "__main__":
    main()
