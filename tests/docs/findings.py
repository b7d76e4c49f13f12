#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""docs/findings.md, from the tables of the engine; and whether every finding has its two tests, and
what it rests on has been looked up.

    findings.py TREE          writes TREE/docs/findings.md
    findings.py TREE --check  exits 1 if the page is not what would be written
    findings.py TREE --tests  exits 1 if a finding has no test that raises it, or none that does not
    findings.py TREE --clauses
                              exits 1 if a finding or threshold cites what clauses.tsv does not hold
"""

import argparse
import difflib
import pathlib
import re
import sys

HEAD = """# Findings

Written by `tests/docs/findings.py .` from `dissector/findings.def` and `dissector/thresholds.def`; do
not edit.

Each finding is an expert item with a filter of its own, in the tree of the frame that it is about, a
line of the report and an object of the JSON. Its text has the figures that it rests on; the advice is
what to do next. Replies of 4xx and 5xx have the advice for their code where there is one. Where a
finding can have several severities, the usual one comes first.
"""

SECTIONS = [
    ("TCP", "TCP and connect"), ("GRT", "Greeting"), ("EHL", "EHLO"), ("TLS", "STARTTLS and TLS"),
    ("AUT", "AUTH"), ("CMD", "Commands"), ("PIP", "Pipelining"), ("REP", "Replies"),
    ("LAT", "Latency"), ("DAT", "Message"), ("BDT", "BDAT"), ("DUP", "Duplicates"), ("LMT", "LMTP"),
    ("SEC", "Security"), ("SES", "Amazon SES"),
]
SEVERITIES = {"kChat": "chat", "kNote": "note", "kWarn": "warn", "kError": "error"}
ALSO = re.compile(r"kNoOther|k(Chat|Note|Warn|Error)(And(Chat|Note|Warn|Error))*Too")
UNITS = {"kMilliseconds": "ms", "kCount": "", "kBytes": "bytes", "kPercent": "%"}

# What a finding may rest on; parts have "; " between them.
SECTION = r"\d+(?:\.\d+)*"
CITED_RFC = re.compile(rf"RFC (\d+)(?: ({SECTION}(?:, {SECTION})*))?")
OTHER_SOURCE = re.compile(r"CVE-\d{4}-\d{4,}|PROXY protocol 2|Amazon SES SMTP responses")

STRING = r'"(?:[^"\\]|\\.)*"'


class Failed(Exception):
    """Something that must not be passed over; its text says what."""


def rows(path, macro):
    """The arguments of each use of `macro`, adjacent string literals joined."""
    text = re.sub(r"//.*", "", path.read_text(encoding="utf-8"))
    found = []
    for match in re.finditer(rf"^{macro}\(((?:{STRING}|[^\")])*)\)$", text, re.M):
        fields = re.findall(rf"((?:\s*{STRING})+|[^,\s\"]+)\s*(?:,|$)", match.group(1))
        found.append(["".join(re.findall(STRING, field)).replace('""', "").strip('"')
                      .replace('\\"', '"') if '"' in field else field for field in fields])
    if len(found) != len(re.findall(rf"^{macro}\(", text, re.M)) or not found:
        raise Failed(f"{path}: a row of {macro} cannot be read")
    return found


def findings(tree):
    table = rows(tree / "dissector" / "findings.def", "FINDING")
    for row in table:
        if len(row) != 7 or row[2] not in SEVERITIES or not ALSO.fullmatch(row[3]):
            raise Failed(f"findings.def: {row}")
        if row[0].upper() != row[1].replace("-", ""):
            raise Failed(f"findings.def: {row[0]} is not named after {row[1]}")
    return table


def cell(text):
    return text.replace("|", "\\|")


def document(tree):
    table = findings(tree)
    text = HEAD
    known = {family for family, _ in SECTIONS}
    for row in table:
        if row[1].split("-")[0] not in known:
            raise Failed(f"findings.def: no section for {row[1]}")
    for family, title in SECTIONS:
        text += f"\n## {title}\n\n| id | filter | severity | what | next step | source |\n"
        text += "|---|---|---|---|---|---|\n"
        for _, name, severity, also, clause, summary, advice in table:
            if name.split("-")[0] != family:
                continue
            others = [word.lower() for word in re.findall("Chat|Note|Warn|Error", also)]
            levels = ", ".join([SEVERITIES[severity]] + others)
            filter_name = "smtp_session.finding." + name.lower().replace("-", "_")
            text += (f"| {name} | `{filter_name}` | {levels} | {cell(summary)} | {cell(advice)} "
                     f"| {cell(clause)} |\n")
    text += ("\n## Thresholds\n\nEach is a preference `smtp_session.<name>`.\n\n"
             "| preference | default | what |\n|---|---|---|\n")
    for name, value, unit, title, description in rows(tree / "dissector" / "thresholds.def",
                                                      "THRESHOLD"):
        text += f"| `{name}` | {value} {UNITS[unit]}".rstrip()
        text += f" | {cell(title)}. {cell(description)} |\n"
    return text


def check_page(tree):
    page = tree / "docs" / "findings.md"
    held = page.read_text(encoding="utf-8") if page.is_file() else ""
    text = document(tree)
    if held == text:
        return 0
    sys.stdout.writelines(difflib.unified_diff(held.splitlines(True), text.splitlines(True),
                                               str(page), "the tables"))
    print(f"{page} is not current: run tests/docs/findings.py .")
    return 1


def check_tests(tree):
    """The unit tests of an id are called TEST(<Id>, Raised...) and TEST(<Id>, NotRaised...)."""
    seen = set()
    for path in sorted((tree / "tests" / "unit").glob("*.cpp")):
        seen.update(re.findall(r"^TEST(?:_F|_P)?\((\w+),\s+(Raised|NotRaised)",
                               path.read_text(encoding="utf-8"), re.M))
    missing = [f"{row[1]}: no TEST({row[0]}, {kind}...)" for row in findings(tree)
               for kind in ("Raised", "NotRaised") if (row[0], kind) not in seen]
    print("\n".join(missing))
    return 1 if missing else 0


def cited(tree):
    """Each RFC and section that findings.def and thresholds.def name, with who names it."""
    found = {}
    for row in findings(tree):
        for part in row[4].split("; ") if row[4] else []:
            match = CITED_RFC.fullmatch(part)
            if not match and not OTHER_SOURCE.fullmatch(part):
                raise Failed(f"{row[1]}: {part!r} has not the form of a clause")
            for section in (match.group(2) or "").split(", ") if match else []:
                found.setdefault((match.group(1), section), row[1])
    for row in rows(tree / "dissector" / "thresholds.def", "THRESHOLD"):
        if re.search(rf"RFC \d+(?! section {SECTION})\b", row[4]):
            raise Failed(f"{row[0]}: an RFC without its section")
        for clause in re.findall(rf"RFC (\d+) section ({SECTION})", row[4]):
            found.setdefault(clause, row[0])
    return found


def check_clauses(tree):
    """A citation that clauses.tsv lacks was not looked up; a row that none has is left over."""
    path = tree / "tests" / "docs" / "clauses.tsv"
    held = set()
    for line in path.read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            rfc, section, heading = line.split("\t")
            if not heading or (rfc, section) in held:
                raise Failed(f"{path}: {line!r}")
            held.add((rfc, section))
    found = cited(tree)
    problems = [f"{found[clause]}: RFC {' '.join(clause)} is not in clauses.tsv"
                for clause in sorted(found.keys() - held)]
    problems += [f"clauses.tsv: nothing cites RFC {' '.join(clause)}"
                 for clause in sorted(held - found.keys())]
    print("\n".join(problems))
    return 1 if problems else 0


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("tree", type=pathlib.Path)
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--tests", action="store_true")
    parser.add_argument("--clauses", action="store_true")
    args = parser.parse_args()
    if args.check:
        return check_page(args.tree)
    if args.tests:
        return check_tests(args.tree)
    if args.clauses:
        return check_clauses(args.tree)
    (args.tree / "docs" / "findings.md").write_text(document(args.tree), encoding="utf-8")
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Failed as failure:
        sys.exit(str(failure))
