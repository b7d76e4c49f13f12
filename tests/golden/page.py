# SPDX-License-Identifier: GPL-2.0-or-later
"""The page of `-z smtp_session,html`, made and taken apart."""

import html.parser
import json
import re

from samples import Failed

DATA = re.compile(r'<script type="application/json" id="data">(.*?)</script>', re.S)


def make(stage, capture, name, json_filter=""):
    """The page's text, and its path."""
    path = stage.output / name
    option = f"smtp_session,html,{name}" + (f",{json_filter}" if json_filter else "")
    printed = stage.output_of(["-n", "-r", capture, "-q", "-z", option])
    if printed:
        raise Failed(f"-z {option} prints {printed!r}")
    return path.read_text(encoding="utf-8"), path


def data_text(page):
    return DATA.search(page).group(1)


def data(page):
    return json.loads(data_text(page))


class Elements(html.parser.HTMLParser):
    """All elements with their attributes, and the text of the body."""

    def __init__(self, page):
        super().__init__(convert_charrefs=True)
        self.elements = []  # (name, attributes)
        self.text = ""
        self.raw = {}  # text of title, style and script elements, by name
        self._inside = None
        self.feed(page)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag in ("title", "style", "script"):
            self._inside = tag
            self.raw.setdefault(tag, []).append("")

    def handle_endtag(self, tag):
        if tag == self._inside:
            self._inside = None

    def handle_data(self, data):  # pylint: disable=redefined-outer-name
        if self._inside:
            self.raw[self._inside][-1] += data
        else:
            self.text += data

    def named(self, name):
        return [attributes for tag, attributes in self.elements if tag == name]
