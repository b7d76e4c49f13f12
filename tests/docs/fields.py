#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""docs/fields.md, from what the plugin registered.

    fields.py BUILD_DIR FILE           writes FILE
    fields.py BUILD_DIR FILE --check   exits 1 if FILE is not what would be written
"""

import argparse
import difflib
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from support.tshark import Failed, Stage  # noqa: E402

PREFIX = "smtp_session"
HEAD = """# Fields

Written by `tests/docs/fields.py build docs/fields.md` from what the plugin registers; do not edit.
All are generated items: none is bytes of the frame.

"""


def cell(text):
    return text.replace("|", "\\|").strip()


def table(rows, head):
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in rows]) + "\n"


def document(listing):
    fields, findings = [], []
    for line in listing.splitlines():
        kind, *columns = line.split("\t")
        if kind != "F" or not (columns[1] + ".").startswith(PREFIX + "."):
            continue
        name, abbreviation, field_type = columns[:3]
        blurb = columns[6] if len(columns) > 6 else ""
        # Expert items are registered with a type of no value.
        if field_type == "FT_NONE" and abbreviation.startswith(PREFIX + ".finding."):
            findings.append([f"`{abbreviation}`", cell(name)])
        else:
            fields.append([f"`{abbreviation}`", f"`{field_type}`", cell(name), cell(blurb)])
    if not fields:
        raise Failed(f"tshark -G fields lists no {PREFIX}.*")
    text = HEAD + table(sorted(fields), ["field", "type", "name", "meaning"])
    if findings:
        text += "\n## Findings (expert items)\n\n" + table(sorted(findings), ["filter", "meaning"])
    return text


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("build_dir", type=pathlib.Path)
    parser.add_argument("file", type=pathlib.Path)
    parser.add_argument("--check", action="store_true")
    args = parser.parse_args()
    with Stage(args.build_dir) as stage:
        text = document(stage.output_of(["-G", "fields"]))
    if not args.check:
        args.file.write_text(text, encoding="utf-8")
        return 0
    held = args.file.read_text(encoding="utf-8") if args.file.is_file() else ""
    if held == text:
        return 0
    sys.stdout.writelines(difflib.unified_diff(held.splitlines(True), text.splitlines(True),
                                               str(args.file), "registered"))
    print(f"{args.file} is not current: run tests/docs/fields.py build docs/fields.md")
    return 1


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Failed as failure:
        sys.exit(str(failure))
