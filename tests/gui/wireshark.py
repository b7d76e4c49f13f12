# SPDX-License-Identifier: GPL-2.0-or-later
"""Wireshark in a display of its own, as an ordinary user with a home of its own and our plugin."""

import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

from display import SIZE, Display, Failed, wait_for
from reading import Reading
from support.tshark import NOBODY, Stage

PROJECT = pathlib.Path(__file__).resolve().parents[2]
SAMPLES = PROJECT / "sample_pcaps"
PROFILE = PROJECT / "packaging" / "profile"

# Nothing asks or looks for updates; the details have the width of the window. A proportional font,
# since the zeros of the usual one have a dot and are read as "@".
PREFERENCES = """\
gui.update.enabled: FALSE
gui.ask_unsaved: FALSE
gui.layout_content_3: NONE
gui.qt.font_name: DejaVu Sans,11,-1,5,50,0,0,0,0,0
"""
RECENT_COMMON = "gui.geometry_main_maximized: TRUE\n"

# What Wireshark says in a container without a network.
HARMLESS = re.compile(r"nl80211 not found|^\s*$")


# Parts of the maximised window, as left, top, width, height.
MENU_BAR = (0, 20, SIZE[0], 26)
LOWER = (0, SIZE[1] // 2, SIZE[0], SIZE[1] // 2)
STATUS_BAR = (SIZE[0] // 2, SIZE[1] - 24, SIZE[0] // 2, 24)
DETAILS = (0, SIZE[1] // 2, SIZE[0] // 2, SIZE[1] // 5)

# From the left of the dialogs of conversations and endpoints to the boxes of the protocols.
CHECK_BOX = 32


def own(folder):
    """Gives a folder to the user that Wireshark runs as."""
    if os.geteuid() == 0:
        for path in (folder, *folder.rglob("*")):
            os.chown(path, NOBODY, NOBODY)


class Wireshark:
    """One run. Pictures are kept in `pictures`, for a person to look at."""

    def __init__(self, build_dir, capture, *arguments, name, preferences=PREFERENCES,
                 environment=None, size=SIZE, title="The Wireshark Network Analyzer",
                 wrap=lambda command: command, with_plugin=True):
        """`title` is that of the window where no capture is opened; wrap(command) is what to run in
        place of the command, which it must end up as."""
        self.name = name
        self.pictures = pathlib.Path(build_dir) / "tests" / "gui" / "pictures"
        self.pictures.mkdir(parents=True, exist_ok=True)
        self.menus = {}  # what was read in each
        self.process = self.display = self.stage = None
        try:
            self.stage = Stage(build_dir)
            self.capture = self.stage.add(SAMPLES / capture) if capture else None
            self.display = Display(size)
            self._start(arguments, preferences, environment or {}, wrap, with_plugin)
            self.main = self.wait_for_window(self.capture.name if self.capture else title)
            self.display.activate(self.main)
        except BaseException:
            self.close()
            raise

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        if kind is not None and self.display is not None:
            self.shot("failed")
        self.close()

    def _start(self, arguments, preferences, environment, wrap, with_plugin):
        home = self.stage.path / "home"
        settings = home / ".config" / "wireshark"
        profile = settings / "profiles" / "SMTP Session"
        profile.parent.mkdir(parents=True, exist_ok=True)
        # Used where -C asks for it.
        shutil.copytree(PROFILE, profile)
        with (profile / "preferences").open("a") as file:
            file.write(preferences)
        (settings / "preferences").write_text(preferences)
        (settings / "recent_common").write_text(RECENT_COMMON)
        runtime = home / "runtime"
        runtime.mkdir(mode=0o700)
        self.commands = self._stand_ins(home)
        own(home)
        command = self.stage.command(
            [*(["-r", self.capture] if self.capture else []), *arguments], with_plugin,
            environment={"DISPLAY": self.display.name, "XDG_RUNTIME_DIR": runtime,
                         "QT_FONT_DPI": "110", "PATH": f"{self.commands}:{os.environ['PATH']}",
                         **environment})
        command[command.index("tshark")] = "wireshark"
        self.messages = tempfile.TemporaryFile()
        self.process = subprocess.Popen(wrap(command), stdin=subprocess.DEVNULL, stdout=self.messages,
                                        stderr=subprocess.STDOUT, cwd=self.stage.output)

    def _stand_ins(self, home):
        """A folder with an xdg-open that notes what it is to open: there is no browser here."""
        folder = home / "bin"
        folder.mkdir()
        self.opened = home / "opened"
        script = folder / "xdg-open"
        script.write_text(f'#!/bin/sh\nprintf "%s\\n" "$1" >>"{self.opened}"\n')
        script.chmod(0o755)
        return folder

    def close(self):
        if self.process is not None:
            self.process.terminate()
            self.process.wait()
        if self.display is not None:
            self.display.close()
        if self.stage is not None:
            self.stage.__exit__()

    def log(self):
        """What Wireshark wrote, line by line, without what has nothing to do with us."""
        self.messages.seek(0)
        lines = self.messages.read().decode(errors="replace").splitlines()
        return [line for line in lines if not HARMLESS.search(line)]

    def quit(self):
        """Ends Wireshark as a user would; complains of a window left open, which may be an error, of
        a bad end and of anything in the log."""
        others = sorted(title for window, title in self.display.windows().items()
                        if window != self.main)
        if others:
            self.shot("left_open")
            return [f"there are windows {others}"]
        self.display.activate(self.main)
        self.display.press("ctrl+q")
        try:
            status = self.process.wait(timeout=30)
        except subprocess.TimeoutExpired as error:
            raise Failed("Wireshark does not end") from error
        complaints = [f"Wireshark says: {line}" for line in self.log()]
        if status != 0:
            complaints.append(f"Wireshark ends with status {status}")
        return complaints

    def wait_for_window(self, title, others=()):
        """The window whose title has `title` in it and that is none of `others`."""
        def found():
            if self.process.poll() is not None:
                raise Failed(f"Wireshark ended with status {self.process.returncode}: {self.log()}")
            for window, name in self.display.windows().items():
                if title in name and window not in others:
                    return window
            return None

        return wait_for(f"window {title!r}", found,
                        after=lambda: f", but {sorted(self.display.windows().values())}")

    def shot(self, name, area=None):
        """Keeps a picture of the screen under this name."""
        path = self.pictures / f"{self.name}_{name}.png"
        self.display.picture(path, area)
        return path

    def wait_for_text(self, *phrases, area=None, window=None):
        """Reads until all phrases are there; the reading."""
        picture = self.stage.path / "screen.png"
        last, before = None, None

        def attempt():
            nonlocal last, before
            part = self.display.area_of(window) if window else area
            self.display.picture(picture, part)
            now = picture.read_bytes()
            if now == before:
                return None  # nothing has changed: no need to read it again
            last, before = Reading(picture, part), now
            return last if all(last.has(phrase) for phrase in phrases) else None

        def missing():
            absent = [phrase for phrase in phrases if not last.has(phrase)]
            return f"; missing are {absent} in:\n{last.text()}"

        return wait_for("such text", attempt, after=missing)

    def click_text(self, phrase, area=None, window=None, times=1):
        reading = self.wait_for_text(phrase, area=area, window=window)
        place = reading.place_of(phrase)
        if place is None:
            raise Failed(f"no words {phrase!r} in:\n{reading.text()}")
        self.display.click(place, times=times)
        return place

    def choose(self, *path, area=MENU_BAR, shot=None):
        """Clicks on an entry of the menu bar, or of another bar, and then of each menu that opens.
        Keeps a picture of them where it is given a name."""
        self.display.activate(self.main)
        self._follow(path, area, shot)

    def choose_at(self, place, *path, shot=None):
        """The same with the menu that a right click opens."""
        before = self.display.visible()
        self.display.click(place, button=3)
        self._follow(path, self._menu_besides(before), shot)

    def _follow(self, path, area, shot):
        start = area
        for depth, entry in enumerate(path):
            if shot and depth == len(path) - 1:
                self.shot(shot)
            before = self.display.visible()
            # Menus open in the same place each time.
            menu = (start, path[:depth])
            if menu not in self.menus:
                self.menus[menu] = self.wait_for_text(entry, area=area)
            place = self.menus[menu].place_of(entry)
            if place is None:
                raise Failed(f"no {entry!r} in:\n{self.menus[menu].text()}")
            self.display.click(place)
            if depth < len(path) - 1:
                area = self._menu_besides(before)

    def _menu_besides(self, windows):
        return wait_for("menu", lambda: self._largest_besides(windows))

    def _largest_besides(self, windows):
        """The area of a window that has opened. Hints come and go beside a menu, and are smaller."""
        areas = []
        for window in self.display.visible() - windows:
            try:
                areas.append(self.display.area_of(window))
            except Failed:
                continue  # it has just closed
        return max(areas, key=lambda area: area[2] * area[3], default=None)

    def go_to(self, frame):
        """Selects a frame."""
        self.display.activate(self.main)
        self.display.press("ctrl+g")
        self.display.write(str(frame))
        self.display.press("Return")
        self.wait_for_text(f"Frame {frame}:", area=DETAILS)

    def copied(self, copy):
        """What is in the clipboard after copy()."""
        self.display.empty_clipboard()

        def attempt():
            copy()
            return self.display.clipboard()

        return wait_for("copied text", attempt)

    def shown_filter(self):
        self.display.activate(self.main)
        return self.copied(lambda: self.display.press("ctrl+slash", "ctrl+a", "ctrl+c"))

    def clear_filter(self):
        self.display.activate(self.main)
        self.display.press("ctrl+slash", "ctrl+a", "Delete", "Return")
        self.wait_for_text("(100.0%)", area=STATUS_BAR)

    def wait_for_dialog(self):
        """A window besides the main one, whatever its title."""
        return self.wait_for_window("", others=(self.main,))

    def dismiss(self, window):
        self.before_closing()

        def attempt():
            if window not in self.display.windows():
                return True
            self.display.activate(window)
            self.display.press("Escape")
            return window not in self.display.windows()

        wait_for("end of a dialog", attempt)

    def before_closing(self):
        """Qt looks for the window under the mouse as a dialog closes, and complains in the log where
        the frame that the window manager had put around the dialog has just gone."""
        self.display.put_mouse_away()

    def wait_for_no_window(self, window):
        wait_for("end of a window", lambda: window not in self.display.windows())

    def statistics_tab(self, dialog, tab):
        """Opens Statistics > Conversations or Endpoints, and the tab of SMTP sessions in it."""
        self.choose("Statistics", dialog)
        window = self.wait_for_window(dialog, others=(self.main,))
        self.click_text("list for specific type", window=window)
        self.display.write("smtp")
        left, top, width, height = self.display.area_of(window)
        protocols = (left, top + height // 3, width // 6, height // 3)
        _, row = self.wait_for_text("SMTP Session", area=protocols).place_of("SMTP Session")
        self.display.click((left + CHECK_BOX, row))
        self.click_text(tab, area=(left, top, width, height // 8))
        return window

    def open_report(self, shot=None):
        self.choose("Tools", "SMTP Session", "Report of This Session", shot=shot)
        return self.wait_for_window("SMTP Session Report")

    def copied_report(self, window):
        self.display.click(self.middle_of(window))
        return self.copied(lambda: self.display.press("ctrl+a", "ctrl+c"))

    def open_flow_graph(self):
        self.choose("Statistics", "Flow Graph")
        window = self.wait_for_window("Flow", others=(self.main,))
        self.click_text("All Flows", window=window)
        self.display.write("SMTP")
        self.display.press("Return")
        return window

    def middle_of(self, window):
        left, top, width, height = self.display.area_of(window)
        return left + width // 2, top + height // 2

    def tshark(self, *arguments):
        """What tshark prints about the same capture."""
        return self.stage.output_of(["-n", "-r", self.capture, *arguments])


def run(complaints):
    """Runs complaints(BUILD_DIR), which yields what is wrong, prints it; the exit status."""
    found = []
    try:
        for each in complaints(sys.argv[1]):
            found.append(each)
    except Failed as error:
        found.append(str(error))
    print("\n".join(found) or "as it should be")
    return 1 if found else 0
