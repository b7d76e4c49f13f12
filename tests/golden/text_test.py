#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The text reports of some sample captures are those in expected_text/.

text_test.py BUILD_DIR [--update]     --update writes them anew: read every line of the difference
"""

import itertools
import pathlib
import sys

import samples

EXPECTED = pathlib.Path(__file__).resolve().parent / "expected_text"
REPORTS = {
    "report": ("eight_bit_and_nul", "gap_in_message", "lmtp_three_recipients", "long_lines",
               "multi_recipient_one_refused", "pipelined", "plain", "slow_greeting", "slow_rcpt",
               "starttls_no_keys", "starttls_tls13", "syn_unanswered", "tls_version_refused"),
    "servers": ("idle_then_451", "idle_451_unasked", "port_reuse", "starttls_no_keys",
                "two_sessions_interleaved"),
    "transcript": ("auth_cancelled", "auth_login", "auth_plain_initial", "bdat_failed_chunk",
                   "client_rst_in_data", "eight_bit_and_nul", "gap_in_message", "gap_in_reply",
                   "implicit_tls13", "lmtp_three_recipients", "pipelined", "proxy_v1",
                   "starttls_no_keys", "starttls_tls13", "syn_unanswered", "tls_version_refused",
                   "two_sessions_interleaved"),
}


def path_of(report, name):
    return EXPECTED / f"{name}.{report}.txt"


def main():
    build_dir, *options = sys.argv[1:]
    wanted = [(report, name) for report, names in REPORTS.items() for name in names]
    with samples.Stage(build_dir) as stage:
        captures = {name: stage.add(next(samples.SAMPLES.glob(f"{name}.pcap*")))
                    for _, name in wanted}

        def printed(report, name):
            return stage.output_of(["-n", "-r", captures[name], "-q", "-z",
                                    f"smtp_session,{report}"])

        def check(item):
            expected = path_of(*item).read_text(encoding="utf-8").splitlines()
            lines = printed(*item).splitlines()
            for number, (a, b) in enumerate(itertools.zip_longest(expected, lines), 1):
                if a != b:
                    yield f"line {number} is {b!r}, should be {a!r}"

        if options == ["--update"]:
            EXPECTED.mkdir(exist_ok=True)
            for old in EXPECTED.glob("*.txt"):
                old.unlink()
            for item in wanted:
                path_of(*item).write_text(printed(*item), encoding="utf-8")
            return 0
        status = samples.for_each(wanted, check)
        for stray in sorted(set(EXPECTED.glob("*.txt")) - {path_of(*item) for item in wanted}):
            print(f"{stray.name}: no such report")
            status = 1
        return status


if __name__ == "__main__":
    sys.exit(main())
