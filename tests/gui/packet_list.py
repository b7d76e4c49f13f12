# SPDX-License-Identifier: GPL-2.0-or-later
"""What Wireshark's packet list shows without letters: the colours of its rows, and arrows."""

import collections
import subprocess

from display import Failed

# Left of the map beside the scroll bar, from the names of the columns to the details.
AREA = (0, 120, 1440, 420)
PIXEL = 3
# Sum of the differences in red, green and blue. Lines are blended with what is behind them.
DRAWN = 60
# Pixels one above another in the head of an arrow, and beside each other in its tail. The dot has
# no tail, and the tick no head.
HEAD = 4
TAIL = 6


def most_common(colours):
    return collections.Counter(colours).most_common(1)[0][0]


def differs(colour, background):
    return sum(abs(one - other) for one, other in zip(colour, background)) > DRAWN


class Picture:
    def __init__(self, path):
        done = subprocess.run(["convert", str(path), "-depth", "8", "rgb:-"],
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, check=True)
        self.bytes = done.stdout

    def colours(self, left, top, width, height):
        for row in range(top, top + height):
            start = (row * AREA[2] + left) * PIXEL
            for at in range(start, start + width * PIXEL, PIXEL):
                yield self.bytes[at:at + PIXEL]


class PacketList:
    """Its rows in a maximised window, where all frames are shown and the list has not scrolled."""

    def __init__(self, gui, frame, other_frame):
        """Looks where the rows are: those of the two frames change when one of them is selected
        after the other."""
        self.gui = gui
        # Where nothing has the keyboard, going to a frame makes Wireshark say so in its log.
        gui.display.click((AREA[0] + AREA[2] // 2, AREA[1] + AREA[3] // 2))
        backgrounds = []
        for selected in frame, other_frame:
            picture = self.picture(selected)
            backgrounds.append([most_common(picture.colours(0, row, AREA[2], 1))
                                for row in range(AREA[3])])
        changed = [row for row in range(AREA[3]) if backgrounds[0][row] != backgrounds[1][row]]
        self.height = len(changed) // 2
        self.top = changed[0] - (min(frame, other_frame) - 1) * self.height if changed else 0
        if not changed or changed[-1] - changed[0] != self.height * (abs(frame - other_frame) + 1) - 1:
            raise Failed(f"these lines of pixels are no two rows: {changed}")
        self.count = (AREA[3] - self.top) // self.height

    def picture(self, selected, name="list"):
        # First: what lights up under the mouse takes a moment to go.
        self.gui.display.put_mouse_away()
        self.gui.go_to(selected)
        return Picture(self.gui.shot(name, AREA))

    def frames(self):
        """Those that are wholly visible."""
        return range(1, self.count + 1)

    def _row(self, frame):
        return self.top + (frame - 1) * self.height

    def background(self, picture, frame):
        return most_common(picture.colours(0, self._row(frame), AREA[2], self.height))

    def arrow(self, picture, frame):
        """ "->" or "<-", as it stands before the number; "" where there is none."""
        background = self.background(picture, frame)
        # Wireshark draws around a line at half the height of a row from the left; a frame is there.
        middle = 1 + (self.height + 1) // 2
        sides = []
        for side in range(1, middle), range(middle + 1, 2 * middle):
            heights = [sum(differs(colour, background)
                           for colour in picture.colours(column, self._row(frame), 1, self.height))
                       for column in side]
            sides.append((max(heights) >= HEAD, max(heights) == 1 and sum(heights) >= TAIL))
        (left_head, left_tail), (right_head, right_tail) = sides
        return "->" if left_tail and right_head else "<-" if left_head and right_tail else ""

    def arrows(self, selected, name="list"):
        """By frame, while one is selected."""
        picture = self.picture(selected, name)
        return {frame: arrow for frame in self.frames() if (arrow := self.arrow(picture, frame))}
