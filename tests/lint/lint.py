#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Form of the sources: `lint.py format|tidy|licence TREE [--build-dir DIR] [--deep]`."""

import argparse
import os
import pathlib
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

FOLDERS = ("dissector", "plugin", "tests")
SPDX = "SPDX-License-Identifier: GPL-2.0-or-later"
# Suffixes of files that a person writes and that can hold a comment.
COMMENTED = {".h", ".cpp", ".py", ".sh", ".cmake"}
# Clang's analyzer follows calls four times as long without this, which finds nothing more here and
# is most of a test run. `--deep` is for a release.
SHALLOW = ("-Xclang", "-analyzer-config", "-Xclang", "mode=shallow")


def sources(tree, suffixes):
    found = sorted(path for folder in FOLDERS for path in (tree / folder).rglob("*")
                   if path.suffix in suffixes and path.is_file())
    if not found:
        sys.exit(f"{tree}: no sources: nothing was checked")
    return found


def check_format(tree, _, __):
    done = subprocess.run(["clang-format", "--dry-run", "-Werror", "--style=file",
                           *sources(tree, {".h", ".cpp"})], check=False)
    return done.returncode == 0


def check_licence(tree, _, __):
    good = True
    scripts = [tree / ".ci/run", tree / "tests/run", *sorted((tree / "packaging").glob("*"))]
    scripts = [path for path in scripts if path.is_file() and path.suffix != ".txt"]
    for path in sources(tree, COMMENTED) + scripts:
        head = "\n".join(path.read_text(encoding="utf-8", errors="replace").split("\n")[:3])
        if SPDX not in head:
            print(f"{path.relative_to(tree)}: no line {SPDX}")
            good = False
    return good


def tidy_one(tree, build_dir, deep, path):
    # GCC compiles: Clang does not know its option for objects that serve with and without LTO.
    arguments = ["--extra-arg=-Wno-ignored-optimization-argument"]
    if not deep:
        arguments += [f"--extra-arg={word}" for word in SHALLOW]
    done = subprocess.run(["clang-tidy", "--quiet", "-p", build_dir, *arguments, path], cwd=tree,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    # GCC's own flags in the compile commands are no fault of the source.
    text = re.sub(r"^\d+ warnings? .*\n|^Suppressed .*\n|^Use -header.*\n", "",
                  done.stdout.decode(errors="replace"), flags=re.M)
    return done.returncode == 0, text.strip()


def check_tidy(tree, build_dir, deep):
    if build_dir is None or not (build_dir / "compile_commands.json").is_file():
        sys.exit("tidy needs --build-dir with compile_commands.json")
    files = [path for folder in ("dissector", "plugin")
             for path in sorted((tree / folder).rglob("*.cpp"))]
    if not files:
        sys.exit(f"{tree}: no sources: nothing was checked")
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        results = list(pool.map(lambda path: tidy_one(tree, build_dir, deep, path), files))
    for path, (good, text) in zip(files, results):
        if not good:
            print(f"{path.relative_to(tree)}:\n{text}")
    print(f"{len(files)} files checked, {sum(not good for good, _ in results)} with warnings")
    return all(good for good, _ in results)


def main():
    checks = {"format": check_format, "tidy": check_tidy, "licence": check_licence}
    parser = argparse.ArgumentParser()
    parser.add_argument("check", choices=checks)
    parser.add_argument("tree", type=pathlib.Path)
    parser.add_argument("--build-dir", type=pathlib.Path)
    parser.add_argument("--deep", action="store_true", help="tidy with all of Clang's analysis")
    args = parser.parse_args()
    return 0 if checks[args.check](args.tree.resolve(), args.build_dir, args.deep) else 1


if __name__ == "__main__":
    sys.exit(main())
