# SPDX-License-Identifier: GPL-2.0-or-later
"""An X display of its own for a test: its windows, a keyboard, a mouse and pictures of it."""

import os
import pathlib
import re
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from support.tshark import Failed, call  # noqa: E402

SIZE = (1500, 1000)
# Generous, for a machine that builds at the same time; each wait ends as soon as it may.
SECONDS = 40
POLL = 0.2


def wait_for(what, attempt, seconds=SECONDS, after=""):
    """The first true result of attempt(); `after()` tells more where there is none in time."""
    end = time.monotonic() + seconds
    while True:
        result = attempt()
        if result:
            return result
        if time.monotonic() > end:
            raise Failed(f"no {what} in {seconds} s{after() if after else ''}")
        time.sleep(POLL)


class Display:
    """Xvfb with a window manager; both end with it."""

    def __init__(self, size=SIZE):
        self.processes = []
        reading, writing = os.pipe()
        try:
            # It looks for a free number itself and tells it.
            self._start(["Xvfb", "-displayfd", str(writing), "-screen", "0",
                         f"{size[0]}x{size[1]}x24", "-ac", "-nolisten", "tcp", "-noreset"],
                        pass_fds=[writing])
            os.close(writing)
            with os.fdopen(reading) as numbers:
                number = numbers.readline().strip()
            if not number:
                raise Failed("Xvfb does not start")
            self.name = f":{number}"
            self._start(["openbox"], env=self._environment())
            wait_for("window manager", lambda: self._output(["wmctrl", "-m"]))
        except BaseException:
            self.close()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def _start(self, command, **options):
        self.processes.append(subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL, **options))

    def close(self):
        for process in reversed(self.processes):
            process.terminate()
            process.wait()
        self.processes = []

    def _environment(self):
        return {**os.environ, "DISPLAY": self.name}

    def _output(self, command):
        """Standard output; "" where the command fails, e.g. because a window has just closed."""
        done = subprocess.run(command, env=self._environment(), stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False)
        return done.stdout.decode(errors="replace") if done.returncode == 0 else ""

    def windows(self):
        """{id: title}"""
        lines = [line.split(None, 3) for line in self._output(["wmctrl", "-l"]).splitlines()]
        return {words[0]: words[3] if len(words) > 3 else "" for words in lines}

    def visible(self):
        """All windows of Wireshark that are shown, menus too."""
        return set(self._output(["xdotool", "search", "--onlyvisible", "--class",
                                 "wireshark"]).split())

    def area_of(self, window):
        """Left, top, width, height, without what the window manager puts around it."""
        text = self._output(["xwininfo", "-id", window])
        found = [re.search(rf"{name}: +(-?\d+)$", text, re.M) for name in (
            "Absolute upper-left X", "Absolute upper-left Y", "Width", "Height")]
        if None in found:
            raise Failed(f"window {window} is gone")
        return tuple(int(match[1]) for match in found)

    def activate(self, window):
        self._output(["xdotool", "windowactivate", "--sync", window])

    def resize(self, window, area):
        self._output(["wmctrl", "-i", "-r", window, "-e",
                      ",".join(["0", *(str(number) for number in area)])])
        # Before, what is read in it may be gone from there when it is clicked.
        wait_for("new size", lambda: self.area_of(window)[2:] == tuple(area[2:]))

    def press(self, *keys):
        self._output(["xdotool", "key", "--clearmodifiers", *keys])

    def write(self, text):
        self._output(["xdotool", "type", "--clearmodifiers", text])

    def click(self, place, button=1, times=1):
        self._output(["xdotool", "mousemove", *map(str, place), "click", "--repeat", str(times),
                      "--delay", "60", str(button)])

    def put_mouse_away(self):
        """To a corner, on the title of the main window, where nothing lights up under it."""
        self._output(["xdotool", "mousemove", "0", "0"])

    def clipboard(self):
        return self._output(["timeout", "5", "xclip", "-selection", "clipboard", "-o"])

    def empty_clipboard(self):
        # It goes on in the background to answer for the clipboard, and must not hold our pipe.
        subprocess.run(["xclip", "-selection", "clipboard", "-i", "/dev/null"],
                       env=self._environment(), stdin=subprocess.DEVNULL,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)

    def picture(self, path, area=None):
        """Writes a PNG of the screen, or of an area of it."""
        crop = ["-crop", "{2}x{3}+{0}+{1}".format(*area), "+repage"] if area else []
        # Without the time in it: the same pixels are the same bytes.
        call(["import", "-silent", "-window", "root", *crop, "-strip", "-define",
              "png:exclude-chunks=date,time", str(path)], env=self._environment())
