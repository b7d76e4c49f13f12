#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The same source on other versions of Wireshark: Debian trixie (4.4) and forky (4.6).

For each suite: makes a root with mmdebstrap, or takes the one that is there, builds the source in
it, asserts that its tshark loads the plugin, and compares what the plugin writes for each sample
capture with what the host's build writes. Needs root and, to make a root, Debian's archive; which
mirror is read from this machine's apt sources. Roots are kept between runs (700 MB each).
"""

import argparse
import json
import os
import pathlib
import shutil
import subprocess
import sys
import time

TESTS = pathlib.Path(__file__).resolve().parents[1]
sys.path[:0] = [str(TESTS), str(TESTS / "scenarios")]
import make_tls_samples  # noqa: E402
from support.tshark import NOBODY, Failed, Stage, call  # noqa: E402

# Suite: the minor version of Wireshark that is expected in it ("" where the suite still moves), and
# whether a new compiler's warnings are errors there.
SUITES = {
    "trixie": ("4.4", True),
    "forky": ("", False),
}
PACKAGES = ["ca-certificates", "cmake", "g++", "libglib2.0-dev", "libgnutls28-dev", "libpcap-dev",
            "ninja-build", "pkgconf", "tshark", "wireshark-dev"]
DEFAULT_ROOTS = "/var/cache/smtp_session/roots"
NOT_COPIED = {".git", ".cache"}
# Wireshark 4.6 reads more of TLS than 4.0 without these preferences.
NEEDED = {f"{sample.name}.pcapng": ["-o", sample.needs]
          for sample in make_tls_samples.SAMPLES if sample.needs}
OUTPUTS = ("json", "report", "sessions", "csv", "servers", "transcript")


def mirror():
    """The archive that this machine takes Debian from."""
    sites = call(["apt-get", "indextargets", "--format", "$(REPO_URI)", "Created-By: Packages",
                  "Origin: Debian"]).split()
    for site in sites:
        if not site.rstrip("/").endswith("-security"):
            return site
    raise Failed("apt's sources name no Debian archive")


def make_root(suite, root):
    """Makes the root beside its place first, so that a run cut short leaves no half of one."""
    if not shutil.which("mmdebstrap"):
        raise Failed("mmdebstrap is not installed: apt-get install mmdebstrap")
    root.parent.mkdir(parents=True, exist_ok=True)
    unfinished = root.with_name(f".{root.name}.{os.getpid()}")
    begin = time.monotonic()
    try:
        # The index of a suite in preparation may be older than it says it may be; signatures are
        # checked all the same.
        call(["mmdebstrap", "--quiet", "--mode=root", "--variant=minbase",
              '--aptopt=Acquire::Check-Valid-Until "false"', f"--include={','.join(PACKAGES)}",
              suite, str(unfinished), mirror()])
        unfinished.rename(root)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
    print(f"{suite}: root made in {time.monotonic() - begin:.0f} s", flush=True)


class Chroot:
    """Commands inside a root. /proc is mounted in a mount namespace that ends with the command."""

    def __init__(self, root):
        self.root = root

    def run(self, command, timeout=900):
        inner = 'mount -t proc proc "$0/proc" && root=$0 && exec chroot "$root" "$@"'
        return subprocess.run(
            ["unshare", "--mount", "sh", "-c", inner, str(self.root), "env", "-i",
             "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C.UTF-8", "TZ=UTC", *command],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            timeout=timeout, check=False)

    def call(self, command):
        done = self.run(command)
        if done.returncode != 0:
            raise Failed(f"in {self.root.name}: {' '.join(command)}: status {done.returncode}\n"
                         + done.stdout.decode(errors="replace")
                         + done.stderr.decode(errors="replace"))
        return done.stdout.decode(errors="replace")


def copy_source(source, target):
    def left_out(folder, names):
        return [name for name in names
                if name in NOT_COPIED or (pathlib.Path(folder) == source and
                                          (name.startswith("build") or name == "out"))]
    shutil.copytree(source, target, ignore=left_out)


def as_ordinary_user(work, arguments):
    return ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", "env",
            f"HOME={work}/home", f"WIRESHARK_PLUGIN_DIR={work}/build/wsplugins", "tshark",
            *arguments]


def expected_outputs(build_dir, captures):
    """What the host's build writes, by capture, option and passes."""
    wanted = {}
    with Stage(build_dir) as stage:
        for capture in captures:
            staged = stage.add(capture)
            for output in OUTPUTS:
                for passes in ([], ["-2"]):
                    text = stage.output_of([*passes, *NEEDED.get(capture.name, []), "-q", "-z",
                                            f"smtp_session,{output}", "-r", staged])
                    wanted[capture.name, output, "".join(passes)] = text
    if not any(output == "json" and text.strip() for (_, output, _), text in wanted.items()):
        raise Failed("the host's build writes no JSON: there is nothing to compare with")
    return wanted


def differences(name, ours, theirs):
    """Nothing where equal; else one line that says where they part."""
    if ours == theirs:
        return []
    for number, (a, b) in enumerate(zip(ours.splitlines(), theirs.splitlines()), 1):
        if a == b:
            continue
        try:
            left, right = json.loads(a), json.loads(b)
            keys = [key for key in {**left, **right} if left.get(key) != right.get(key)]
            return [f"{name}: line {number} differs in {', '.join(keys)}"]
        except ValueError:
            return [f"{name}: line {number}:\n  host {a}\n  here {b}"]
    return [f"{name}: {len(ours.splitlines())} lines on the host, {len(theirs.splitlines())} here"]


def check_suite(suite, roots, source, wanted, captures):
    expected_minor, warnings_are_errors = SUITES[suite]
    root = roots / suite
    if not root.is_dir():
        make_root(suite, root)
    chroot = Chroot(root)
    place = root / "tmp" / f"smtp_session-{os.getpid()}"
    work = f"/tmp/{place.name}"
    begin = time.monotonic()
    try:
        copy_source(source, place)
        place.chmod(0o755)
        (place / "home").mkdir()
        os.chown(place / "home", NOBODY, NOBODY)
        flag = "ON" if warnings_are_errors else "OFF"
        chroot.call(["cmake", "-S", work, "-B", f"{work}/build", "-G", "Ninja",
                     "-DBUILD_TESTING=OFF", "-DCMAKE_BUILD_TYPE=RelWithDebInfo",
                     f"-DSMTP_SESSION_WARNINGS_AS_ERRORS={flag}"])
        chroot.call(["cmake", "--build", f"{work}/build"])
        call(["chmod", "-R", "a+rX", str(place)])
        version = chroot.call(["tshark", "--version"]).splitlines()[0].rstrip(".")
        if expected_minor and f" {expected_minor}." not in version:
            raise Failed(f"{suite}: expected Wireshark {expected_minor}, found {version}")
        if "smtp_session.so" not in chroot.call(as_ordinary_user(work, ["-G", "plugins"])):
            raise Failed(f"{suite}: {version} does not load the plugin")
        faults = []
        for capture in captures:
            shutil.copyfile(capture, place / capture.name)
            (place / capture.name).chmod(0o644)
        for (capture, output, passes), ours in wanted.items():
            arguments = ([passes] if passes else []) + NEEDED.get(capture, []) + [
                "-q", "-z", f"smtp_session,{output}", "-r", f"{work}/{capture}"]
            theirs = chroot.call(as_ordinary_user(work, arguments))
            faults += differences(f"{suite}: {capture} {output} {passes}".rstrip(), ours, theirs)
    finally:
        shutil.rmtree(place, ignore_errors=True)
    print(f"{suite}: {version}: plugin loaded, {len(wanted) - len(faults)} of {len(wanted)} outputs "
          f"equal the host's, {time.monotonic() - begin:.0f} s", flush=True)
    for fault in faults:
        print(fault)
    return not faults


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("source", type=pathlib.Path)
    parser.add_argument("build_dir", type=pathlib.Path, help="the host's build")
    parser.add_argument("captures", nargs="+", type=pathlib.Path)
    parser.add_argument("--suite", choices=SUITES, action="append")
    parser.add_argument("--roots", type=pathlib.Path,
                        default=os.environ.get("SMTP_SESSION_ROOTS", DEFAULT_ROOTS),
                        help="where roots are kept (environment: SMTP_SESSION_ROOTS)")
    args = parser.parse_args()
    if os.geteuid() != 0:
        raise Failed("compat.py needs root: it runs builds in roots of other suites")
    wanted = expected_outputs(args.build_dir, args.captures)
    good = [check_suite(suite, pathlib.Path(args.roots), args.source.resolve(), wanted,
                        args.captures) for suite in args.suite or SUITES]
    return 0 if all(good) else 1


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Failed as failure:
        sys.exit(str(failure))
