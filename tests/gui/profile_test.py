#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""In the profile: arrows join command and reply, a session can be coloured, buttons filter; a
preference that is changed changes what a fresh run of tshark changes, in the list, in the report and
in Wireshark's own dialogs. Without the plugin, the profile opens no complaint.

profile_test.py BUILD_DIR
"""

import csv
import re
import sys

from display import Failed
from packet_list import PacketList
from wireshark import DETAILS, LOWER, PROFILE, SIZE, STATUS_BAR, Wireshark, run

CAPTURE = "two_sessions_interleaved.pcap"
FILTER_BAR = (SIZE[0] * 3 // 4, 84, SIZE[0] // 4, 30)

# Command and reply of session 1, and of session 0. The other frames between them are of the other
# session.
EXCHANGES = ((14, 16), (11, 15))
FRAME, OTHER = EXCHANGES[0]

# Some of the names of the page, and the limit that is changed: the only one of this value. With 0,
# each session is slow to open.
LABELS = ("Ports without TLS, or with STARTTLS", "Text of each message to keep (bytes)",
          "Closed receive window (ms)", "Late greeting (warning) (ms)")
LIMIT = "250"
CHANGED = ("-o", "smtp_session.initial_round_trip:0")

# The warning about a rule, and the line with the reason below it.
COLOUR_RULE = re.compile(r"read_filters_file\(\): Could not compile|"
                         r"must be a field or function, not smtp_session\.|"
                         r"smtp_session\.\w+ is neither a field nor a protocol name")

REPORT = ("-q", "-z", "smtp_session,report,smtp_session.id == 1")
# How often, and which group.
EXPERT_ROW = re.compile(r"^ *(\d+) +(\S+) +SMTP Session  ", re.M)


def check_arrows(rows):
    for command, reply in EXCHANGES:
        shown = rows.arrows(command, f"arrows_{command}")
        if shown != {command: "->", reply: "<-"}:
            yield f"with frame {command} selected, the arrows are {shown}"


def colours(rows, name):
    picture = rows.picture(FRAME, name)
    return {frame: rows.background(picture, frame) for frame in rows.frames() if frame != FRAME}


def check_colours(gui, rows):
    """View > Colorize Conversation colours the session, and nothing else."""
    session = {int(line.split()[0])
               for line in gui.tshark("-Y", "smtp_session.id == 1").splitlines()}
    before = colours(rows, "before_colours")
    gui.choose("View", "Colorize Conversation", "Color 1", shot="colours")
    # The details of the selected frame still have the rule of before.
    gui.go_to(OTHER)
    gui.click_text(f"Frame {OTHER}:", area=DETAILS)
    gui.display.press("Right")
    # What follows is hard to read; the colours tell the number of the session.
    gui.wait_for_text("Coloring Rule String: smtp_session.id", area=LOWER)
    gui.shot("coloured")
    gui.display.press("Left")
    after = colours(rows, "after_colours")
    changed = {frame for frame in before if after[frame] != before[frame]}
    if changed != session & set(before):
        yield f"coloured are {sorted(changed)}, the session's are {sorted(session)}"
    if len({after[frame] for frame in changed}) != 1:
        yield "the session has more than one colour"
    gui.display.press("ctrl+space")


def report(gui):
    window = gui.open_report()
    text = gui.copied_report(window)
    gui.dismiss(window)
    return text.split()


def check_report(gui, *options):
    if report(gui) != gui.tshark(*options, *REPORT).split():
        yield f"the report is not that of tshark {options}"


def change_preference(gui):
    place = gui.wait_for_text("SMTP Session 1: EHLO", area=LOWER).place_of("SMTP Session 1: EHLO")
    gui.choose_at(place, "Protocol Preferences", "Open SMTP Session Analysis preferences...")
    window = gui.wait_for_window("Preferences", others=(gui.main,))
    text = gui.wait_for_text(*LABELS, LIMIT, window=window)
    gui.shot("preferences")
    gui.display.click(text.place_of(LIMIT))
    there = gui.copied(lambda: gui.display.press("ctrl+a", "ctrl+c"))
    if there != LIMIT:
        raise Failed(f"the field of {LIMIT} has {there!r}")
    gui.display.write("0")
    gui.shot("preference_changed")
    gui.before_closing()
    gui.display.press("Return")
    gui.wait_for_no_window(window)


def check_preference(gui):
    """Wireshark dissects anew."""
    if gui.tshark(*REPORT) == gui.tshark(*CHANGED, *REPORT):
        yield "the change changes nothing"
    yield from check_report(gui)
    change_preference(gui)
    yield from check_report(gui, *CHANGED)


def check_expert(gui):
    gui.choose("Analyze", "Expert Information")
    window = gui.wait_for_window("Expert Information", others=(gui.main,))
    gui.display.resize(window, (150, 100, 1200, 600))
    rows = EXPERT_ROW.findall(gui.tshark(*CHANGED, "-q", "-z", "expert"))
    frames = gui.tshark(*CHANGED, "-Y", "smtp_session.finding").splitlines()
    if len(rows) != 1 or int(rows[0][0]) != len(frames):
        yield f"expert information of tshark: {rows}, of {len(frames)} frames"
    # A row for the kind of finding, and below it one for each frame, with its number and Info.
    gui.click_text(f"The connection is slow to open {rows[0][1]} SMTP Session", window=window)
    gui.display.press("Right")
    text = gui.wait_for_text("[ACK]", window=window)
    for frame in frames:
        number, port = re.match(r" *(\d+) .* (\d+) → 25 ", frame).groups()
        if not text.has(f"{number} {port} → 25 [ACK]"):
            yield f"no frame {number} in\n{text.text()}"
    gui.shot("expert")
    gui.dismiss(window)


def check_endpoints(gui):
    window = gui.statistics_tab("Endpoints", "SMTP Session 3")
    text = gui.wait_for_text("198.51.100.25", window=window)
    frames = gui.tshark("-Y", "smtp_session", "-T", "fields", "-e", "ip.addr", "-e", "tcp.port")
    ends = {}
    for line in frames.splitlines():
        for end in zip(*(words.split(",") for words in line.split("\t"))):
            ends[end] = ends.get(end, 0) + 1
    for (address, port), packets in ends.items():
        if not text.has(f"{address} {port} {packets}"):
            yield f"no row {address} {port} with {packets} packets in\n{text.text()}"
    gui.shot("endpoints")
    gui.dismiss(window)


def buttons():
    """(menu and entry, or name alone; filter) of the profile's buttons."""
    with (PROFILE / "dfilter_buttons").open(newline="") as file:
        for _, name, expression, _ in csv.reader(file):
            yield name.split("//"), expression.replace("\\x22", '"')


def check_buttons(gui):
    in_menu = 0
    for path, wanted in buttons():
        in_menu += len(path) > 1
        if in_menu > 1 and len(path) > 1:
            continue  # they differ in nothing but the filter, and each takes a second
        gui.choose(*path, area=FILTER_BAR, shot="button_menu" if len(path) > 1 else None)
        shown = gui.shown_filter()
        if shown != wanted:
            yield f"{path}: the filter is {shown!r}, should be {wanted!r}"
        count = len(gui.tshark(*CHANGED, "-2", "-Y", wanted).splitlines())
        gui.wait_for_text(f"Displayed: {count} (", area=STATUS_BAR)
        gui.shot(f"button_{path[-1].lower().replace(' ', '_')}")
    gui.clear_filter()


def complaints_without_plugin(build_dir):
    """The profile still loads; nothing opens. Only colours are missed, in the log: a rule has no way to
    ask whether its field exists."""
    with Wireshark(build_dir, CAPTURE, "-C", "SMTP Session", "-g", str(FRAME),
                   name="profile_without_plugin", with_plugin=False) as gui:
        gui.wait_for_text("Profile: SMTP Session", area=STATUS_BAR)
        gui.wait_for_text(f"Frame {FRAME}:", area=DETAILS)
        gui.shot("start")
        for line in gui.quit():
            if not COLOUR_RULE.search(line):
                yield f"without the plugin: {line}"


def complaints(build_dir):
    yield from complaints_without_plugin(build_dir)
    with Wireshark(build_dir, CAPTURE, "-C", "SMTP Session", "-g", str(FRAME),
                   name="profile") as gui:
        rows = PacketList(gui, FRAME, OTHER)
        yield from check_arrows(rows)
        yield from check_colours(gui, rows)
        yield from check_preference(gui)
        yield from check_expert(gui)
        yield from check_endpoints(gui)
        yield from check_buttons(gui)
        yield from gui.quit()


if __name__ == "__main__":
    sys.exit(run(complaints))
