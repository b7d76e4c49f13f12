# SPDX-License-Identifier: GPL-2.0-or-later
"""Reads a picture of the screen: the words in it and where each stands."""

import csv
import dataclasses
import subprocess
import sys

from display import Failed

# Tesseract was trained on print; letters of a screen are a third of that size.
SCALE = 3
# What it takes for one another.
ALIKE = str.maketrans("oO©@Q|lIi!", "0000011111")


def normal(text):
    """Without what is easily misread."""
    return "".join(char for char in text.translate(ALIKE).lower() if char.isalnum())


@dataclasses.dataclass
class Word:
    text: str
    left: int
    top: int
    width: int
    height: int

    def shares_line_with(self, other):
        """More than half of the lower word's height: letters that hang below move the middle."""
        common = min(self.top + self.height, other.top + other.height) - max(self.top, other.top)
        return 2 * common > min(self.height, other.height)


class Reading:
    """The words of a picture, line by line; places are those of the screen."""

    def __init__(self, picture, area=None):
        scaled = subprocess.run(
            ["convert", str(picture), "-colorspace", "Gray", "-resize", f"{SCALE * 100}%", "png:-"],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, check=True).stdout
        # One thread: more of them slow each other down. 11: text in any place, in no order.
        done = subprocess.run(
            ["env", "OMP_THREAD_LIMIT=1", "tesseract", "-", "-", "--psm", "11", "tsv"], input=scaled,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
        if done.returncode != 0:
            raise Failed(f"tesseract: {done.stderr.decode(errors='replace')}")
        left, top = area[:2] if area else (0, 0)
        words = []
        for row in csv.DictReader(done.stdout.decode().splitlines(), delimiter="\t",
                                  quoting=csv.QUOTE_NONE):
            if row["text"].strip():
                words.append(Word(row["text"], left + int(row["left"]) // SCALE,
                                  top + int(row["top"]) // SCALE, int(row["width"]) // SCALE,
                                  int(row["height"]) // SCALE))
        self.lines = []
        for word in sorted(words, key=lambda each: each.top + each.height / 2):
            if self.lines and word.shares_line_with(self.lines[-1][-1]):
                self.lines[-1].append(word)
            else:
                self.lines.append([word])
        for line in self.lines:
            line.sort(key=lambda each: each.left)

    def text(self):
        return "\n".join(" ".join(word.text for word in line) for line in self.lines)

    def has(self, phrase):
        return any(normal(phrase) in normal("".join(word.text for word in line))
                   for line in self.lines)

    def place_of(self, phrase):
        """The middle of the words that make up the phrase, or None. A line that has no other words
        comes first: menus hold "SMTP Session" and "SMTP Session List"."""
        wanted = normal(phrase)
        for line in self.lines:
            if normal("".join(word.text for word in line)) == wanted:
                return middle_of(line)
        for line in self.lines:
            for first in range(len(line)):
                for last in range(first, len(line)):
                    joined = normal("".join(word.text for word in line[first:last + 1]))
                    if joined == wanted:
                        return middle_of(line[first:last + 1])
                    if not wanted.startswith(joined):
                        break
        return None


def middle_of(words):
    left, right = words[0].left, words[-1].left + words[-1].width
    return (left + right) // 2, words[0].top + words[0].height // 2


if __name__ == "__main__":
    print(Reading(sys.argv[1]).text())
