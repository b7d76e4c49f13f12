# SPDX-License-Identifier: GPL-2.0-or-later
"""What the tests of this folder share: the sample captures, and tshark's answers about them."""

import concurrent.futures
import hashlib
import json
import os
import pathlib
import shutil
import struct
import subprocess
import sys
import tempfile

TESTS = pathlib.Path(__file__).resolve().parents[1]
SAMPLES = TESTS.parent / "sample_pcaps"
EXPECTED = pathlib.Path(__file__).resolve().parent / "expected"

sys.path.insert(0, str(TESTS))
from support.tshark import Failed, Stage  # noqa: E402, F401

TSHARK = shutil.which("tshark")

NANOSECOND_MAGIC = 0xA1B23C4D


def captures():
    found = sorted(SAMPLES.glob("*.pcap"))
    if not found:
        raise Failed(f"no captures in {SAMPLES}")
    return found


def some_captures():
    """Each third one, for what costs several runs of tshark and differs little between captures."""
    return captures()[::3]


def key_of(*files):
    digest = hashlib.sha256()
    for file in files:
        digest.update(hashlib.sha256(pathlib.Path(file).read_bytes()).digest())
    return digest.hexdigest()


def keep(path, text):
    """Whole or not at all: tests run side by side."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile("w", dir=path.parent, delete=False, encoding="utf-8") as file:
        file.write(text)
    os.replace(file.name, path)


def json_lines(stage, capture, *options, json_filter=""):
    """The lines that the tap json prints, as text. Those without options are asked for by a dozen
    tests: the first of them keeps what this plugin says of this capture in the build folder."""
    tap = "smtp_session,json" + (f",{json_filter}" if json_filter else "")
    arguments = ["-n", "-r", capture, *options, "-q", "-z", tap]
    if options or json_filter:
        output = stage.output_of(arguments)
    else:
        kept = stage.build_dir / "tests" / "golden" / "json" / key_of(TSHARK, stage.plugin, capture)
        if kept.is_file():
            output = kept.read_text(encoding="utf-8")
        else:
            output = stage.output_of(arguments)
            keep(kept, output)
    # Not splitlines(): U+2028, which JSON may hold, ends a line there.
    return output.rstrip("\n").split("\n") if output else []


def sessions(stage, capture, *options):
    return [json.loads(line) for line in json_lines(stage, capture, *options)]


def frame_times(capture):
    """The times of all frames in nanoseconds; frame n is at n - 1."""
    data = pathlib.Path(capture).read_bytes()
    if struct.unpack_from("=I", data)[0] != NANOSECOND_MAGIC:
        raise Failed(f"{capture} is no pcap file with nanoseconds")
    times, at = [], 24
    while at < len(data):
        seconds, nanoseconds, held, _ = struct.unpack_from("=IIII", data, at)
        times.append(seconds * 10**9 + nanoseconds)
        at += 16 + held
    return times


def for_each(items, check):
    """Runs check(item), which yields complaints, for all items; prints them; the exit status."""
    def run(item):
        try:
            return list(check(item))
        except (Failed, subprocess.TimeoutExpired, ValueError, KeyError, IndexError) as error:
            return [f"{type(error).__name__}: {error}"]

    failed = 0
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for item, complaints in zip(items, pool.map(run, items)):
            name = item.stem if isinstance(item, pathlib.Path) else str(item)
            for complaint in complaints:
                print(f"{name}: {complaint}")
            failed += bool(complaints)
    print(f"{len(items) - failed} of {len(items)} as they should be")
    return 1 if failed or not items else 0
