#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Stock output stays as it is.

What tshark prints without the plugin must be byte for byte the same with it, but for the plugin's
own subtree. Each capture is read in each mode by two tshark runs that differ in this plugin alone.

Usage: stock_output_test.py --plugins BUILD/wsplugins CAPTURE[,KEYLOG] ...
"""

import argparse
import concurrent.futures
import difflib
import os
import re
import shutil
import subprocess
import sys
import tempfile

PLUGIN = "smtp_session.so"
TITLE = re.compile(rb"( *)SMTP Session \d+: ")
# As root, Wireshark ignores WIRESHARK_PLUGIN_DIR: such a run is made as this user (nobody).
ORDINARY_ID = 65534
MAX_DIFFERENCES = 20


def cut_tree(output):
    """-V without the plugin's subtree: its title and the lines that are indented below it."""
    kept, cut, below = [], 0, None
    for line in output.split(b"\n"):
        title = TITLE.match(line)
        if title:
            below = title.group(1) + b" "
            cut += 1
        elif below is not None and not line.startswith(below):
            below = None
        if below is None:
            kept.append(line)
    return b"\n".join(kept), cut


def cut_pdml(output):
    """PDML without the plugin's <proto>, and what is nested in it."""
    kept, cut, depth = [], 0, 0
    for line in output.split(b"\n"):
        if depth == 0 and b'<proto name="smtp_session"' in line:
            depth = 1
            cut += 1
            continue
        if depth > 0:
            depth += line.count(b"<proto ") - line.count(b"</proto>")
            continue
        # Line 3 names the file's reading time.
        kept.append(re.sub(rb' time="[^"]*"', b"", line) if line.startswith(b"<pdml") else line)
    return b"\n".join(kept), cut


def cut_nothing(output):
    return output, 0


MODES = {
    "summary": ([], cut_nothing),
    "summary in two passes": (["-2"], cut_nothing),
    "fields": (
        ["-T", "fields", "-e", "frame.number", "-e", "frame.protocols", "-e", "tcp.stream",
         "-e", "_ws.col.Protocol", "-e", "_ws.col.Info"],
        cut_nothing,
    ),
    "tree": (["-V"], cut_tree),
    "tree in two passes": (["-2", "-V"], cut_tree),
    "tree and bytes": (["-V", "-x"], cut_tree),
    "PDML": (["-T", "pdml"], cut_pdml),
    "filtered": (["-Y", "tcp"], cut_nothing),
    "conversations": (["-q", "-z", "conv,tcp"], cut_nothing),
}
MODES_WITH_SUBTREE = {"tree", "tree in two passes", "tree and bytes", "PDML"}


class Tshark:
    """One tshark with one folder of plugins."""

    def __init__(self, program, home, plugins):
        self.program = program
        self.environment = dict(os.environ, HOME=home, WIRESHARK_PLUGIN_DIR=plugins, LC_ALL="C.UTF-8")
        self.identity = {}
        if os.geteuid() == 0:
            self.identity = dict(user=ORDINARY_ID, group=ORDINARY_ID, extra_groups=[])

    def run(self, *arguments):
        return subprocess.run(
            [self.program, *arguments], env=self.environment, stdin=subprocess.DEVNULL,
            capture_output=True, check=False, **self.identity)

    def has_plugin(self):
        return PLUGIN.encode() in self.run("-G", "plugins").stdout


def stock_plugins(program):
    """The folder of Wireshark's own plugins, for WIRESHARK_PLUGIN_DIR takes its place."""
    for line in subprocess.run([program, "-G", "folders"], capture_output=True, check=True,
                               text=True).stdout.splitlines():
        name, _, folder = line.partition("\t")
        if name.startswith("Global Plugins"):
            return folder.strip()
    raise SystemExit("tshark -G folders names no folder of plugins")


def link_plugins(source, target):
    """Fills `target` with links to the plugins of `source`, this one excepted."""
    for folder, _, files in os.walk(source):
        place = os.path.join(target, os.path.relpath(folder, source))
        os.makedirs(place, exist_ok=True)
        for name in files:
            if name != PLUGIN:
                os.symlink(os.path.join(folder, name), os.path.join(place, name))


def make_folders(work, program, plugins):
    stock = stock_plugins(program)
    version = os.path.basename(stock)
    without, with_it = os.path.join(work, "without"), os.path.join(work, "with")
    for folder in (without, with_it):
        link_plugins(stock, os.path.join(folder, version))
        os.makedirs(os.path.join(folder, version, "epan"), exist_ok=True)
    shutil.copy(os.path.join(plugins, version, "epan", PLUGIN),
                os.path.join(with_it, version, "epan", PLUGIN))
    return without, with_it


def show_difference(stock, ours):
    lines = difflib.unified_diff(
        stock.decode(errors="replace").splitlines(), ours.decode(errors="replace").splitlines(),
        "without the plugin", "with the plugin", lineterm="", n=1)
    for count, line in enumerate(lines):
        if count == MAX_DIFFERENCES:
            print("    ...")
            break
        print("    " + line)


def compare(name, mode, capture, keylog, stock, ours):
    """True if both runs agree; how many subtrees were cut."""
    options, cut = MODES[mode]
    arguments = ["-r", capture, *options]
    if keylog:
        arguments += ["-o", "tls.keylog_file:" + keylog]
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        before, after = pool.map(lambda side: side.run(*arguments), (stock, ours))
    left, _ = cut(before.stdout)
    right, subtrees = cut(after.stdout)
    same = (left == right and before.returncode == after.returncode
            and before.stderr == after.stderr)
    if not left.strip():
        same = False
        print(f"    {name}: tshark prints nothing in mode '{mode}'")
    print(f"{'ok  ' if same else 'FAIL'} {name}: {mode} ({len(left)} bytes, {subtrees} subtrees)")
    if not same:
        if before.returncode != after.returncode:
            print(f"    exit status {before.returncode} without, {after.returncode} with")
        show_difference(left, right)
        show_difference(before.stderr, after.stderr)
    return same, subtrees


def readable_copy(path, folder):
    if not path:
        return path
    copy = shutil.copy(path, folder)
    os.chmod(copy, 0o644)
    return copy


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tshark", default=shutil.which("tshark"))
    parser.add_argument("--plugins", required=True, help="the build's folder wsplugins")
    parser.add_argument("captures", nargs="+", metavar="CAPTURE[,KEYLOG]")
    options = parser.parse_args()

    failures = 0
    subtrees = dict.fromkeys(MODES_WITH_SUBTREE, 0)
    with tempfile.TemporaryDirectory() as work:
        os.chmod(work, 0o755)
        home = os.path.join(work, "home")
        os.mkdir(home)
        os.chmod(home, 0o777)
        without, with_it = make_folders(work, options.tshark, options.plugins)
        stock = Tshark(options.tshark, home, without)
        ours = Tshark(options.tshark, home, with_it)
        if stock.has_plugin() or not ours.has_plugin():
            raise SystemExit("the runs do not differ in the plugin: it must load in one, not in both")
        for argument in options.captures:
            # The ordinary user that tshark runs as may not be able to enter their folders.
            capture, keylog = (readable_copy(path, work) for path in argument.partition(",")[::2])
            name = os.path.basename(capture)
            for mode in MODES:
                same, count = compare(name, mode, capture, keylog, stock, ours)
                failures += not same
                if mode in subtrees:
                    subtrees[mode] += count
    for mode, count in subtrees.items():
        # Were the plugin silent, equal output would prove nothing.
        if count == 0:
            failures += 1
            print(f"FAIL no subtree of the plugin was seen in mode '{mode}'")
    print(f"{failures} failures")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
