#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The same bytes in other segments give the same session: only frame numbers change.

recut_test.py BUILD_DIR GENERATOR [SEED...]
"""

import json
import pathlib
import re
import subprocess
import sys

import samples

# Conversations without loss or duplicates of their own.
SCENARIOS = (
    "plain", "multi_recipient_one_refused", "pipelined", "pipelined_all_refused",
    "data_refused_503", "dot_split_over_segments", "command_after_dot_same_segment", "bdat_chunks",
    "bdat_zero_last", "bdat_failed_chunk", "several_messages", "lmtp_three_recipients", "prdr",
    "xclient_restart", "esmtp_parameters", "auth_plain_initial", "auth_login", "auth_scram_sha256",
    "auth_xoauth2_refused", "auth_cancelled", "auth_ntlm", "proxy_v1", "proxy_v2", "early_talker",
    "greeting_421_multiline", "greeting_broken_off", "server_421_mid_session", "client_rst_in_data",
    "idle_451_unasked", "odd_port_recognised", "http_on_port_25", "long_lines", "eight_bit_and_nul",
    "bare_line_feeds", "smuggling", "ipv6")
SEEDS = ("1", "2")

# What tells of segments. Times stay: all pieces of a write bear its time.
SEGMENTS = ("retransmissions", "out_of_order")


def without_frames(value):
    if isinstance(value, dict):
        return {key: without_frames(each) for key, each in value.items()
                if not key.endswith("frame") and key not in SEGMENTS}
    if isinstance(value, list):
        return [without_frames(each) for each in value]
    if isinstance(value, str):  # a verdict or a finding
        return re.sub(r"\bframe \d+", "frame N", value)
    return value


def differences(a, b, path=""):
    if isinstance(a, dict) and isinstance(b, dict):
        for key in sorted(set(a) | set(b)):
            yield from differences(a.get(key), b.get(key), f"{path}.{key}" if path else key)
    elif isinstance(a, list) and isinstance(b, list) and len(a) == len(b):
        for number, (x, y) in enumerate(zip(a, b)):
            yield from differences(x, y, f"{path}.{number}")
    elif a != b:
        yield f"{path} is {b}, was {a}"


def main():
    build_dir, generator, *seeds = sys.argv[1:]
    with samples.Stage(build_dir) as stage:
        variants = []
        for seed in seeds or SEEDS:
            for shuffle in ([], ["--shuffle"]):
                folder = pathlib.Path(f"{stage.path}/recut-{seed}{'-shuffled' * len(shuffle)}")
                subprocess.run([generator, "--recut", seed, *shuffle, folder, *SCENARIOS],
                               check=True)
                variants.append(folder)

        def check(name):
            original = samples.SAMPLES / f"{name}.pcap"
            wanted = [json.loads(line) for line in samples.json_lines(stage, stage.add(original))]
            for folder in variants:
                recut = folder / f"{name}.pcap"
                if recut.read_bytes() == original.read_bytes():
                    yield f"{folder.name}: was not cut"
                got = samples.sessions(stage, recut)
                if len(got) != len(wanted):
                    yield f"{folder.name}: {len(got)} sessions, were {len(wanted)}"
                for a, b in zip(wanted, got):
                    for each in differences(without_frames(a), without_frames(b)):
                        yield f"{folder.name}: {each}"

        return samples.for_each(SCENARIOS, check)


if __name__ == "__main__":
    sys.exit(main())
