# SPDX-License-Identifier: GPL-2.0-or-later
"""The packages of node/package-lock.json, from the npm registry that this machine uses.

usage: node_packages.py --build-dir DIR

Installs them; ends with the status SKIPPED, and says why, where they cannot be had.
"""

import argparse
import filecmp
import os
import shutil
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
NAMES = ("package.json", "package-lock.json")
SKIPPED = 77  # as in CMakeLists.txt
TIME_LIMIT = 60  # seconds: a registry that is out of reach lets npm try for minutes


class NotAvailable(Exception):
    """Why there are no such packages here."""


def folder_of(build):
    return os.path.join(os.path.abspath(build), "servers", "node")


def fetch_node_modules(folder):
    """Installs them below `folder`, once; their place."""
    missing = [name for name in ("node", "npm") if shutil.which(name) is None]
    if missing:
        raise NotAvailable(f"no {' and '.join(missing)} on this machine")
    modules = os.path.join(folder, "node_modules")
    done = os.path.join(folder, "done")  # the lock file of what is installed
    lock = os.path.join(HERE, "node", "package-lock.json")
    if os.path.exists(done) and filecmp.cmp(done, lock, shallow=False):
        return modules
    os.makedirs(folder, exist_ok=True)
    for name in NAMES:
        shutil.copy(os.path.join(HERE, "node", name), folder)
    try:
        result = subprocess.run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"],
                                cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                stderr=subprocess.STDOUT, text=True, timeout=TIME_LIMIT,
                                check=False)
    except subprocess.TimeoutExpired as error:
        raise NotAvailable(f"npm was not done within {TIME_LIMIT} s") from error
    if result.returncode != 0:
        lines = result.stdout.strip().splitlines() or ["no word of npm"]
        raise NotAvailable(f"npm: {lines[0]}")
    shutil.copy(lock, done)
    return modules


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build-dir", required=True)
    try:
        print(fetch_node_modules(folder_of(parser.parse_args().build_dir)))
    except NotAvailable as reason:
        print(f"NOT TRIED: smtp-server ({reason})")
        sys.exit(SKIPPED)


if __name__ == "__main__":
    main()
