#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The statistics count what the JSON lists, in one pass, in two, and through a filter.

statistics_test.py BUILD_DIR [NAME...]
"""

import collections
import json
import sys

import samples

NAMES = {None: "(encrypted)", "": "(empty line)", ".": "end of data"}
ROWS = ("EHLO HELO LHLO STARTTLS AUTH MAIL RCPT DATA BDAT . RSET NOOP VRFY EXPN HELP ETRN XCLIENT "
        "XFORWARD QUIT").split()
VERB_WIDTH = 24


def statistics(stage, capture, *options, display_filter=""):
    """The lines of JSON, the tree as {branch: {name: count}}, and both tables of latencies."""
    words = ["-n", "-r", capture, *options, "-q"]
    for tap in ("json", "tree", "srt"):
        words += ["-z", f"smtp_session,{tap}" + (f",{display_filter}" if display_filter else "")]
    words += ["-z", "smtp_session_srt,srt" + (f",{display_filter}" if display_filter else "")]
    lines = stage.output_of(words).split("\n")  # a text may hold U+2028, which ends no line
    tree, branch, table, stock, part = {}, None, {}, {}, None
    for line in lines:
        if line.startswith(("{", "=", "-")) or not line.strip():
            continue
        for title, name in (("SMTP Session:", "tree"), ("SMTP Session SRT", "stock"),
                            ("command  ", "table")):
            if line.startswith(title):
                part = name
                break
        else:
            if part == "tree" and not line.startswith("Topic"):
                name, count = split_tree_line(line)
                if line.startswith(" "):
                    tree[branch][name] = count
                else:
                    branch = name
                    tree[branch] = {"": count}
            elif part == "table":
                add_row(table, line)
            elif part == "stock" and line[:5].strip().isdigit():
                name, calls, *times = line[7:30].strip(), *line[30:].split()
                # Wireshark's order is min, max, avg, sum.
                stock[name] = [int(calls)] + times
    return [line for line in lines if line.startswith("{")], tree, table, stock


def split_tree_line(line):
    """The first number that stands in a column of its own is the count."""
    name, rest = line.strip().split("  ", 1)
    return name, int(rest.split()[0])


def add_row(table, line):
    if line.startswith("Left out"):
        table["left out"] = int(line.split(":")[1])
        return
    name, rest = line[:11].strip(), line[11:]
    words = rest.split()
    table[name] = [int(words[0])] + [" ".join(words[i:i + 2]) for i in range(1, len(words), 2)]


def duration_text(nanoseconds):
    microseconds = (nanoseconds + 500) // 1000
    if microseconds < 10**6:
        return f"{microseconds // 1000}.{microseconds % 1000:03} ms"
    milliseconds = (nanoseconds + 500_000) // 10**6
    return f"{milliseconds // 1000}.{milliseconds % 1000:03} s"


def seconds_text(nanoseconds):
    microseconds = (nanoseconds + 500) // 1000
    return f"{microseconds // 10**6}.{microseconds % 10**6:06}"


def nearest_rank(times, percent):
    return times[max(-(-len(times) * percent // 100), 1) - 1]


def row_of(command):
    if command["verb"] is None:
        return "encrypted"
    if command["verb"] not in ROWS:
        return "other"
    return NAMES.get(command["verb"], command["verb"])


def expected_tables(commands):
    times, left_out = collections.defaultdict(list), 0
    for command in commands:
        if "reply_frame" not in command:
            continue
        if not command["exact"] or "latency_ns" not in command:
            left_out += 1
            continue
        times[row_of(command)].append(command["latency_ns"])
    table, stock = {}, {}
    for name, values in times.items():
        values.sort()
        total = sum(values)
        table[name] = [len(values)] + [duration_text(each) for each in (
            values[0], total // len(values), nearest_rank(values, 50), nearest_rank(values, 95),
            values[-1], total)]
        stock[name] = [len(values)] + [seconds_text(each) for each in (
            values[0], values[-1], total // len(values), total)]
    if left_out:
        table["left out"] = left_out
    return table, stock


def expected_tree(sessions):
    outcomes = collections.Counter(session["outcome"] for session in sessions)
    commands = collections.Counter(
        NAMES.get(command["verb"], shown(command["verb"] or ""))
        for session in sessions for command in session.get("commands", []))
    findings = collections.Counter(
        finding["id"] for session in sessions for finding in session.get("findings", []))
    return outcomes, commands, findings


def shown(verb):
    text = "".join("?" if ord(char) < 32 or 127 <= ord(char) < 160 else char for char in verb)
    return text if len(text) <= VERB_WIDTH else text[:VERB_WIDTH - 1] + "…"


def counts(tree, branch):
    return {name: count for name, count in tree.get(branch, {}).items() if name}


def differences(sessions, commands, codes, tree, table, stock):
    """`commands`: those whose replies passed the filter. `codes`: as the fields have them."""
    outcomes, verbs, findings = expected_tree(sessions)
    ids = collections.Counter()
    for name, count in counts(tree, "Findings").items():
        ids[name.split()[0]] += count
    got_codes = {name: count for name, count in counts(tree, "Reply codes").items()
                 if name.isdigit()}
    pairs = [("codes", dict(codes), got_codes)]
    if verbs is not None:
        pairs += [("outcomes", dict(outcomes), counts(tree, "Outcomes")),
                  ("commands", dict(verbs), counts(tree, "Commands")),
                  ("findings", dict(findings), dict(ids))]
    wanted_table, wanted_stock = expected_tables(commands)
    pairs += [("latencies", wanted_table, table), ("Wireshark's latencies", wanted_stock, stock)]
    for what, wanted, got in pairs:
        if wanted != got:
            yield f"{what} are {got}, should be {wanted}"
    for branch, names in tree.items():
        if sum(names.values()) != 2 * names.get("", 0):
            yield f"{branch}: the parts do not add up: {names}"


def all_codes(stage, capture):
    """By session: the codes as the fields show them in a second pass."""
    text = stage.output_of(["-n", "-r", capture, "-2", "-T", "fields", "-E", "occurrence=a",
                            "-E", "aggregator=;", "-e", "smtp_session.id",
                            "-e", "smtp_session.reply.code"])
    codes = collections.defaultdict(collections.Counter)
    for line in text.splitlines():
        session, _, values = line.partition("\t")
        if values:
            codes[int(session.split(";")[0])].update(str(int(v)) for v in values.split(";"))
    return codes


# On an odd port, one pass gives Wireshark's table no frame before the one that shows SMTP.
LATE = ("odd_port_recognised",)


def main():
    build_dir, *names = sys.argv[1:]
    with samples.Stage(build_dir) as stage:
        def check(original):
            capture = stage.add(original)
            codes = all_codes(stage, capture)
            runs = [((), ""), (("-2",), "")]
            if len(codes) > 1 or capture.stem in (*LATE, "plain"):
                runs += [(options, "smtp_session.id == 0") for options in ((), ("-2",))]
            for options, display_filter in runs:
                label = " ".join([*options, display_filter]) or "one pass"
                lines, tree, table, stock = statistics(
                    stage, capture, *options, display_filter=display_filter)
                sessions = [json.loads(line) for line in lines]
                wanted = sum((codes[session["session"]] for session in sessions),
                             collections.Counter())
                commands = [command for session in sessions
                            for command in session.get("commands", [])]
                if capture.stem in LATE and not options:
                    stock = expected_tables(commands)[1]
                for complaint in differences(sessions, commands, wanted, tree, table, stock):
                    yield f"{label}: {complaint}"

            # A filter chooses frames: here those of replies that refuse.
            if not any(int(code) >= 400 for one in codes.values() for code in one):
                return
            for options in (), ("-2",):
                lines, tree, table, stock = statistics(
                    stage, capture, *options, display_filter="smtp_session.reply.code >= 400")
                frames = {int(line) for line in stage.output_of(
                    ["-n", "-r", capture, *options, "-Y", "smtp_session.reply.code >= 400", "-T",
                     "fields", "-e", "frame.number"]).splitlines()}
                commands = [command for line in lines for command in json.loads(line)["commands"]
                            if command.get("reply_frame") in frames]
                if expected_tables(commands) != (table, stock):
                    yield (f"refusals: latencies are {table} and {stock}, "
                           f"should be {expected_tables(commands)}")
                if tree["Outcomes"][""] != len(lines):
                    yield f"refusals: {tree['Outcomes']} of {len(lines)} sessions"

        chosen = ([each for each in samples.captures() if each.stem in names] if names
                  else samples.some_captures())
        return samples.for_each(chosen, check)


if __name__ == "__main__":
    sys.exit(main())
