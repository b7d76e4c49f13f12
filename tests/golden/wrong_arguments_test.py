#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""A wrong -z argument gives one line on standard error and a status other than 0, nothing else.

wrong_arguments_test.py BUILD_DIR
"""

import sys

import samples

NO_REPORT = ("smtp_session", "smtp_session,", "smtp_session,nonsense", "smtp_session,jsonx",
             "smtp_session_", "smtp_session,CSV", "smtp_session,tablex", "smtp_session,table,",
             "smtp_session,reportx", "smtp_session.report", "smtp_session,report ")
BAD_WORDS = ("smtp_session,json,stream,", "smtp_session,json,schema=x", "smtp_session,json,addresses",
             "smtp_session,json,addresses=plain,schema=", "smtp_session,json,stream,nosuch.field == 1",
             "smtp_session,json,streams", "smtp_session,json,stream=1", "smtp_session,json,schema=ecs,",
             "smtp_session,treex", "smtp_session,srtx", "smtp_session,htmlx,p.html",
             "smtp_session,comparex,0,0")
# For each report.
BAD_FILTERS = ("", "bad filter (", "nosuch.field == 1", "smtp_session.id ==")
# What stands before the filter. Their other wrong arguments: see page_test.py and compare_test.py.
BEFORE_FILTER = {"smtp_session,html": ",page.html", "smtp_session,compare": ",0,0"}
# Wireshark's own code reads its filter.
OF_WIRESHARK = ("smtp_session,table",)


def main():
    with samples.Stage(sys.argv[1]) as stage:
        capture = stage.add(samples.SAMPLES / "plain.pcap")
        listed = stage.run(["-z", "help"])
        reports = [word for word in (listed.stdout + listed.stderr).decode().split()
                   if word.startswith("smtp_session,")]

        def check(argument):
            done = stage.run(["-n", "-r", capture, "-q", "-z", argument])
            if done.returncode == 0:
                yield "status 0"
            if done.stdout:
                yield f"prints {done.stdout.decode()!r}"
            lines = done.stderr.decode().splitlines()
            if len(lines) != 1 or not lines[0].startswith("tshark: invalid "):
                yield f"says {lines}"
            # The report that was meant may be any of those there are.
            elif argument in NO_REPORT:
                for report in reports:
                    if report not in lines[0].split():
                        yield f"does not name {report}: {lines[0]}"

        if len(reports) < 10 or len(set(reports)) != len(reports):
            print(f"tshark lists these reports: {reports}")
            return 1
        bad_filters = [f"{report}{BEFORE_FILTER.get(report, '')},{rest}" for report in reports
                       if report not in OF_WIRESHARK for rest in BAD_FILTERS]
        return samples.for_each([*NO_REPORT, *BAD_WORDS, *bad_filters], check)


if __name__ == "__main__":
    sys.exit(main())
