#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Wireshark's dialogs show what tshark prints: both statistics, response times, the list of
sessions, conversations, the flow graph, the messages to export, the filter of a conversation.

dialogs_test.py BUILD_DIR
"""

import re
import sys

from wireshark import Wireshark, run

CAPTURE = "two_sessions_interleaved.pcap"
# A frame of session 1.
FRAME = 13

# By picture: where it is opened, a part of its title, words to wait for, and the option of tshark
# that prints the same.
TABLES = {
    "list": (("SMTP Session List",), "SMTP Session List", "192.0.2.10:40002", "smtp_session,table"),
    "tree": (("SMTP Session",), "SMTP Session", "delivered", "smtp_session,tree"),
    "response_times": (("Service Response Time", "SMTP Session"), "Service Response Time",
                       "end of data", "smtp_session_srt,srt"),
}
# What a line that has values holds at least.
NUMBERS = 3


def values(text):
    """The words of the lines that have values. A dialog may sort lines, and move columns."""
    words = (sorted(line.replace("|", " ").split()) for line in text.splitlines())
    return sorted(line for line in words
                  if sum(bool(re.fullmatch(r"[\d.]*\d", word)) for word in line) >= NUMBERS)


def check_table(gui, name, path, title, words, option):
    gui.choose("Statistics", *path, shot=f"menu_{name}")
    window = gui.wait_for_window(title, others=(gui.main,))
    gui.wait_for_text(words, window=window)
    gui.shot(name)
    place = gui.wait_for_text("Copy", window=window).place_of("Copy")
    copied = gui.copied(lambda: gui.display.click(place))
    shown = values(copied)
    wanted = values(gui.tshark("-q", "-z", option))
    if not wanted or shown != wanted:
        yield f"{name}: the dialog has {shown} in\n{copied}\ntshark has {wanted}"
    gui.dismiss(window)


def check_flow_graph(gui):
    window = gui.open_flow_graph()
    text = gui.tshark("-q", "-z", "flow,smtp_session,network")
    arrows = len(re.findall(r"Session \d+: ", text))
    gui.wait_for_text(f"{arrows} item(s)", "Session 1: EHLO client.example", window=window)
    gui.shot("flow_graph")
    gui.dismiss(window)


def check_conversations(gui):
    window = gui.statistics_tab("Conversations", "SMTP Session 2")
    text = gui.wait_for_text("40001", "40002", window=window)
    for session in 0, 1:
        packets = len(gui.tshark("-2", "-Y", f"smtp_session.id == {session}").splitlines())
        if not text.has(f"192.0.2.10 4000{session + 1} 198.51.100.25 25 {packets}"):
            yield f"session {session}: no row with {packets} packets in\n{text.text()}"
    gui.shot("conversations")
    gui.dismiss(window)


def check_export(gui):
    gui.choose("File", "Export Objects", "SMTP Session...")
    window = gui.wait_for_window("SMTP Session object list")
    gui.wait_for_text("session-0_message-1_Tomorrow.eml", "session-1_message-1_Tomorrow.eml",
                      window=window)
    gui.shot("export_objects")
    gui.dismiss(window)


def check_conversation_filter(gui):
    gui.choose("Analyze", "Conversation Filter", "SMTP Session")
    shown = gui.shown_filter()
    if shown != "smtp_session.id == 1":
        yield f"the filter of the conversation is {shown!r}"


def complaints(build_dir):
    with Wireshark(build_dir, CAPTURE, "-g", str(FRAME), name="dialogs") as gui:
        for name, row in TABLES.items():
            yield from check_table(gui, name, *row)
        check_flow_graph(gui)
        check_export(gui)
        yield from check_conversations(gui)
        yield from check_conversation_filter(gui)
        yield from gui.quit()


if __name__ == "__main__":
    sys.exit(run(complaints))
