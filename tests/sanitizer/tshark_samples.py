#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs tshark with a plugin built by `-fsanitize=address,undefined` over captures, whole and damaged.

Fails on any report of a sanitizer, any end by a signal, any "Dissector bug" of this plugin, and if
the plugin is not loaded or not sanitised.
"""

import argparse
import os
import pathlib
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from support.tshark import Failed, Stage, call  # noqa: E402

REPORT = re.compile(r"AddressSanitizer|UndefinedBehaviorSanitizer|LeakSanitizer|runtime error:")
OUR_BUG = re.compile(r"Dissector bug, protocol SMTP Session", re.I)

# One pass with a tree, two passes with a tree, and one pass without that runs the statistics.
MODES = {
    "-V": ["-V"],
    "-2 -V": ["-2", "-V"],
    "-z": ["-q", "-z", "smtp_session,report", "-z", "smtp_session,json",
           "-z", "smtp_session,sessions", "-z", "smtp_session,html,/dev/null"],
}
# Damaged copies are many: the two modes that show them as they come in.
DAMAGED_MODES = ("-V", "-z")
# editcap -E: each byte of a packet is changed with this probability.
DAMAGE = "0.02"
TIMEOUT_SECONDS = 120


def preload():
    """The run-time libraries, which must come first in a program that was not built with them."""
    found = []
    for library in ("libasan.so", "libubsan.so"):
        path = pathlib.Path(call(["g++", f"-print-file-name={library}"]).strip())
        if not path.is_absolute():
            raise Failed(f"g++ has no {library}")
        found.append(str(path.resolve()))
    return " ".join(found)


def assert_sanitised(build_dir):
    for plugin in pathlib.Path(build_dir).glob("wsplugins/*/epan/smtp_session.so"):
        symbols = call(["nm", "-D", "--undefined-only", str(plugin)])
        if "__asan_init" in symbols and "__ubsan_handle" in symbols:
            return
    raise Failed(f"the plugin of {build_dir} is not built with both sanitizers")


class SanitisedStage(Stage):
    """A stage whose tshark always runs with the sanitizers' libraries."""

    def __init__(self, build_dir):
        # The plugin leaves its memory to the process's end as all dissectors do: leaks are looked
        # for in the unit tests, where the engine's whole life is run.
        self._sanitizer = {"LD_PRELOAD": preload(), "ASAN_OPTIONS": "detect_leaks=0",
                           "UBSAN_OPTIONS": "print_stacktrace=1"}
        super().__init__(build_dir)

    def run(self, arguments, with_plugin=True, environment=None, wrapper=(), timeout=300):
        environment = {**self._sanitizer, **(environment or {})}
        return super().run(arguments, with_plugin, environment, wrapper, timeout)


def faults_of(stage, capture, mode, keys):
    arguments = ["-n", "-r", capture, *MODES[mode]]
    if keys:
        arguments += ["-o", f"tls.keylog_file:{keys}"]
    try:
        done = stage.run(arguments, timeout=TIMEOUT_SECONDS)
    except subprocess.TimeoutExpired:
        return [f"no end after {TIMEOUT_SECONDS} s"]
    errors = done.stderr.decode(errors="replace")
    faults = []
    if REPORT.search(errors):
        faults.append(errors)
    if OUR_BUG.search(done.stdout.decode(errors="replace")) or OUR_BUG.search(errors):
        faults.append("Dissector bug in this plugin")
    # 0, or 2 where a damaged record ends the file early; anything else is a crash or a refusal.
    if done.returncode not in (0, 2) and not faults:
        faults.append(f"status {done.returncode}: {errors}")
    return faults


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("build_dir", type=pathlib.Path, help="a sanitised build")
    parser.add_argument("captures", nargs="+", type=pathlib.Path)
    parser.add_argument("--damaged", type=int, default=1, help="damaged copies of each capture")
    parser.add_argument("--first-seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    args = parser.parse_args()

    assert_sanitised(args.build_dir)
    with SanitisedStage(args.build_dir) as stage:
        work = []
        for capture in args.captures:
            whole = stage.add(capture)
            key_file = capture.with_suffix(".keys")
            keys = stage.add(key_file) if key_file.is_file() else None
            work += [(whole, mode, keys) for mode in MODES]
            for seed in range(args.first_seed, args.first_seed + args.damaged):
                damaged = stage.path / f"{capture.stem}-damaged-{seed}{capture.suffix}"
                call(["editcap", "-E", DAMAGE, "--seed", str(seed), str(whole), str(damaged)])
                damaged.chmod(0o644)
                work += [(damaged, mode, keys) for mode in DAMAGED_MODES]
        with ThreadPoolExecutor(args.jobs) as pool:
            results = list(pool.map(lambda job: faults_of(stage, *job), work))
    failed = 0
    for (capture, mode, _), faults in zip(work, results):
        for fault in faults:
            failed += 1
            print(f"{capture.name} [{mode}]: {fault}")
    print(f"{len(work)} runs over {len(args.captures)} captures, {failed} faults")
    return 1 if failed else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Failed as failure:
        sys.exit(str(failure))
