#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""No secret of an AUTH exchange is in any field or report of the plugin.

secrets_test.py BUILD_DIR GENERATOR
"""

import sys

import page
import samples
import truth
from passes_test import all_fields

REPORTS = ("sessions", "report", "json", "csv", "servers", "transcript", "compare,0,0")


def main():
    build_dir, generator = sys.argv[1:]
    secrets = {name: [secret for session in sessions for secret in session.secrets]
               for name, sessions in truth.truths(generator).items()}
    with samples.Stage(build_dir) as stage:
        fields = all_fields(stage)

        def check(original):
            capture = stage.add(original)
            words = ["-n", "-r", capture, "-T", "fields", "-E", "occurrence=a"]
            for field in fields:
                words += ["-e", field]
            printed = {"the fields": stage.output_of(words),
                       "the tree": stage.output_of(["-n", "-r", capture, "-T", "json",
                                                    "-j", "smtp_session"]),
                       "the expert items": stage.output_of(["-n", "-r", capture, "-q",
                                                            "-z", "expert"])}
            for report in REPORTS:
                printed[report] = stage.output_of(["-n", "-r", capture, "-q", "-z",
                                                   f"smtp_session,{report}"])
                if not printed[report].strip():
                    yield f"{report} prints nothing"
            printed["html"], _ = page.make(stage, capture, f"{original.stem}.html")
            for secret in secrets[original.stem]:
                for where, text in printed.items():
                    if secret in text:
                        yield f"{secret} is in {where}"

        return samples.for_each([each for each in samples.captures() if secrets[each.stem]], check)


if __name__ == "__main__":
    sys.exit(main())
