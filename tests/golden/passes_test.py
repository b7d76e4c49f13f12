#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Every sample capture reads the same in one pass, in two, through a filter, and in both JSON forms.

passes_test.py BUILD_DIR [NAME...]
"""

import sys

import samples


# The summary tells what is known so far; what encrypted turns probably were, and that the reply to a
# command is lost, shows behind them: final in a second pass only.
SUMMARY = {f"smtp_session.{name}" for name in (
    "outcome", "messages", "recipients", "recipients_rejected", "commands", "slowest_command",
    "slowest_latency", "share.network", "share.server", "share.client", "share.tls",
    "share.transfer", "summary.verdict", "inferred", "inferred.confidence", "exact")}


def names_later_frames(field):
    """Fields that may tell more in a second pass: links to later frames, and the summary."""
    return field.endswith(("_frame", "_in")) or field in SUMMARY


# On another port than those watched, frames before the one that shows it to be SMTP bear no fields in
# one pass.
LATE = ("odd_port_recognised",)


def all_fields(stage):
    fields = [line.split("\t")[2] for line in stage.output_of(["-G", "fields"]).splitlines()
              if line.startswith("F\t") and line.split("\t")[2].startswith("smtp_session.")]
    if len(fields) < 20:
        raise samples.Failed(f"tshark knows only these fields of the plugin: {fields}")
    return fields


def printed(stage, capture, fields, *options, json_filter=""):
    """The values of each frame by its number, and the lines of the tap, from one run."""
    words = ["-n", "-r", capture, *options, "-T", "fields", "-E", "separator=|", "-E",
             "occurrence=a", "-E", "aggregator=;", "-e", "frame.number",
             "-z", "smtp_session,json" + json_filter]
    for field in fields:
        words += ["-e", field]
    rows, lines = {}, []
    for line in stage.output_of(words).split("\n")[:-1]:  # not at U+2028, as splitlines() does
        if line.startswith("{"):
            lines.append(line)
        else:
            number, _, values = line.partition("|")
            rows[int(number)] = values
    return rows, lines


def differing(fields, wanted, got, label):
    for frame in sorted(set(wanted) | set(got)):
        a, b = wanted.get(frame), got.get(frame)
        if a == b:
            continue
        if a is None or b is None:
            yield f"frame {frame}: {label}: {'missing' if b is None else 'there'}"
            continue
        for field, x, y in zip(fields, a.split("|"), b.split("|")):
            if x != y:
                yield f"frame {frame}: {label}: {field} is {y!r}, was {x!r} in one pass"


def main():
    build_dir, *names = sys.argv[1:]
    with samples.Stage(build_dir) as stage:
        fields = all_fields(stage)
        # First the one that every frame of a session bears.
        steady = ["smtp_session.id"] + [field for field in fields
                                        if field != "smtp_session.id"
                                        and not names_later_frames(field)]

        def check(original):
            capture = stage.add(original)
            whole = samples.json_lines(stage, capture)
            one, lines = printed(stage, capture, steady)
            if lines != whole:
                yield "JSON is not that of a run without fields"
            shown = {frame: values for frame, values in one.items() if not values.startswith("|")}
            for wanted, options, json_filter in (
                    (one, ["-2"], ""), (shown, ["-Y", "smtp_session"], ",smtp_session"),
                    (shown, ["-2", "-Y", "smtp_session"], ",smtp_session.command || tcp")):
                label = " ".join(options)
                rows, lines = printed(stage, capture, steady, *options, json_filter=json_filter)
                if capture.stem in LATE:
                    wanted = {frame: wanted[frame] for frame in wanted if frame >= min(shown)}
                    rows = {frame: rows[frame] for frame in rows if frame >= min(shown)}
                yield from differing(steady, wanted, rows, label)
                if lines != whole:
                    yield f"{label}: JSON is not that of one pass"

            # A filter chooses sessions, and each is shown whole.
            for session in range(len(whole) if len(whole) > 1 else 0):
                lines = samples.json_lines(stage, capture,
                                           json_filter=f"smtp_session.id == {session}")
                if lines != whole[session:session + 1]:
                    yield f"JSON with the filter of session {session} is {lines}"
            if capture.stem == "plain" and samples.json_lines(stage, capture, json_filter="udp"):
                yield "JSON with the filter udp is not empty"

        chosen = [each for each in samples.captures() if not names or each.stem in names]
        return samples.for_each(chosen, check)


if __name__ == "__main__":
    sys.exit(main())
