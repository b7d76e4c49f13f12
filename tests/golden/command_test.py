#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""packaging/smtp-session: rotated captures read as the whole one, a session is cut out with its keys.

command_test.py BUILD_DIR
"""

import importlib.machinery
import importlib.util
import io
import json
import os
import pathlib
import subprocess
import sys
import tempfile

import samples

COMMAND = samples.TESTS.parent / "packaging" / "smtp-session"
# The session crosses files, two do, time goes back within the capture, TLS with secrets inside.
ROTATED = ("two_sessions_interleaved.pcap", "dot_split_over_segments.pcap", "ip_fragments.pcap",
           "starttls_tls13.pcapng", "implicit_tls12.pcapng")
# Capture, session, frames of it, and what it shows.
CUTS = (("two_sessions_interleaved.pcap", 1), ("port_reuse.pcap", 1), ("ip_fragments.pcap", 0),
        ("odd_port_recognised.pcap", 0), ("starttls_tls13.pcapng", 0),
        ("icmp_unreachable.pcap", 0), ("starttls_no_keys.pcapng", 0))


def load_command():
    loader = importlib.machinery.SourceFileLoader("smtp_session_command", str(COMMAND))
    spec = importlib.util.spec_from_loader(loader.name, loader)
    sys.dont_write_bytecode = True
    module = importlib.util.module_from_spec(spec)
    loader.exec_module(module)
    return module


class Bench:
    def __init__(self, build_dir, folder):
        self.build_dir = os.path.abspath(build_dir)
        self.folder = pathlib.Path(folder)

    def run(self, *arguments):
        return subprocess.run([sys.executable, COMMAND, *map(str, arguments)], cwd=self.folder,
                              env={**os.environ, "BUILD_DIR": self.build_dir, "TZ": "UTC"},
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, timeout=300, check=False)

    def output_of(self, *arguments):
        done = self.run(*arguments)
        if done.returncode != 0 or done.stderr:
            raise samples.Failed(f"{arguments}: status {done.returncode}: {done.stderr.decode()}")
        return done.stdout.decode()

    def json_of(self, *arguments):
        return [json.loads(line) for line in self.output_of("json", *arguments).split("\n")[:-1]]

    def editcap(self, *arguments):
        subprocess.run(["editcap", *map(str, arguments)], check=True, stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL, cwd=self.folder)

    def rotated(self, name, frames=7):
        """A folder of its own with the pieces of a sample. Their names tell no order."""
        target = self.folder / f"rotated-{name}"
        target.mkdir()
        whole = samples.SAMPLES / name
        self.editcap("-c", frames, whole, target / f"piece{whole.suffix}")
        pieces = sorted(target.iterdir())
        for number, piece in enumerate(pieces):
            piece.rename(target / f"{len(pieces) - number:03}{whole.suffix}")
        (target / "notes.txt").write_text("no capture")
        return target


def check_rotated(bench, stage, name):
    folder = bench.rotated(name)
    whole = samples.json_lines(stage, stage.add(samples.SAMPLES / name))
    if bench.output_of("json", folder).split("\n")[:-1] != whole:
        yield "the JSON of a folder of pieces is not that of the whole capture"
    if len(list(folder.iterdir())) < 4:
        yield "is in few pieces"
    pattern = f"{folder}/*{pathlib.Path(name).suffix}"
    if bench.output_of("json", pattern, folder).split("\n")[:-1] != whole:
        yield "the JSON of a glob and a folder is not that of the whole capture"


def without_frames(session):
    """What does not depend on the capture that the session is in."""
    return {key: session.get(key) for key in ("session_id", "outcome", "duration_ns", "share")} | {
        "commands": [(each["verb"], each.get("code"), each.get("latency_ns"))
                     for each in session["commands"]],
        "state": session.get("tls", {}).get("decrypt_state")}


def check_cut(bench, name, number):
    source = samples.SAMPLES / name
    target = bench.folder / f"cut-{name}-{number}.pcapng"
    bench.output_of("cut", "--session", number, "-o", target, source)
    wanted = next(each for each in bench.json_of(source) if each["session"] == number)
    found = bench.json_of(target)
    if len(found) != 1 or without_frames(found[0]) != without_frames(wanted):
        yield f"session {number} of {name} is {found} when cut out"
    if name == "icmp_unreachable.pcap" and found[0]["findings"] != wanted["findings"]:
        yield "the ICMP error is not in the cut"


def check_secrets(bench, command):
    """A cut holds the secrets of its session, from the captures or from a key log, and no others."""
    tls13, tls12 = (samples.SAMPLES / name for name in ("starttls_tls13.pcapng",
                                                        "starttls_tls12.pcapng"))
    both = {path: sorted(set(command.embedded_secrets(path))) for path in (tls13, tls12)}
    for number, path in enumerate((tls13, tls12)):
        target = bench.folder / f"secrets-{path.name}"
        sessions = bench.json_of(tls13, tls12)
        wanted = next(each["session"] for each in sessions
                      if each["tls"]["version"] == ("TLS 1.3", "TLS 1.2")[number])
        bench.output_of("cut", "--session", wanted, "-o", target, tls13, tls12)
        kept = sorted(command.embedded_secrets(target))
        if not kept or not set(kept) <= set(both[path]):
            yield f"the cut of {path.name} holds {kept}"
        if bench.json_of(target)[0]["tls"]["decrypt_state"] != "decrypted":
            yield f"the cut of {path.name} cannot be read"
    bare, keys = bench.folder / "bare.pcapng", bench.folder / "keys.log"
    bench.editcap("--discard-all-secrets", tls13, bare)
    keys.write_text("# all keys\n" + "\n".join(both[tls12] + both[tls13]) + "\n")
    keys.chmod(0o600)
    if bench.json_of(bare)[0]["tls"]["decrypted"]:
        yield "the keys are still there"
    if not bench.json_of("--keylog", keys, bare)[0]["tls"]["decrypted"]:
        yield "--keylog is not passed on"
    target = bench.folder / "with-keys.pcapng"
    bench.output_of("cut", "--session", 0, "--keylog", keys, "-o", target, bare)
    if not set(command.embedded_secrets(target)) <= set(both[tls13]):
        yield "the cut holds keys of another session"
    if not bench.json_of(target)[0]["tls"]["decrypted"]:
        yield "the cut has not got the keys of --keylog"


def check_reports(bench, stage):
    plain = samples.SAMPLES / "plain.pcap"
    staged = stage.add(plain)
    for report in ("sessions", "report", "transcript", "csv", "servers", "srt", "tree"):
        wanted = stage.output_of(["-n", "-r", staged, "-q", "-z", f"smtp_session,{report}"])
        if bench.output_of(report, plain) != wanted:
            yield f"{report} is not that of tshark"
    page = bench.folder / "page.html"
    bench.output_of("html", "-o", page, plain)
    if "<html" not in page.read_text(encoding="utf-8")[:200]:
        yield "html writes no page"
    saved = bench.folder / "saved.json"
    saved.write_text(bench.output_of("json", "--stream", plain), encoding="utf-8")
    if "compare" in bench.output_of("compare", 0, saved, plain) or not saved.read_text():
        yield "compare fails"
    if bench.json_of("--schema", "ecs", plain)[0]["ecs"]["version"] != "8.11.0":
        yield "--schema is not passed on"
    if "*@" not in bench.output_of("json", "--addresses", "domain", plain):
        yield "--addresses is not passed on"
    if bench.output_of("json", "--filter", "udp", plain):
        yield "--filter is not passed on"
    packed = bench.folder / "packed.pcap.gz"
    packed.write_bytes(load_command().gzip.compress(plain.read_bytes()))
    if bench.json_of(packed) != bench.json_of(plain):
        yield "a capture that gzip compressed reads otherwise"


def check_installed(stage):
    """Outside the source tree it runs the tshark of the system."""
    script = stage.add(COMMAND)
    plain = stage.add(samples.SAMPLES / "plain.pcap", "installed.pcap")
    for with_plugin in (True, False):
        command = stage.command([], with_plugin)
        command[command.index("tshark"):] = [sys.executable, str(script), "json", str(plain)]
        done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, cwd=stage.output, check=False)
        errors = done.stderr.decode().splitlines()
        if with_plugin:
            if done.stdout.decode().split("\n")[:-1] != samples.json_lines(stage, plain) or errors:
                yield f"with the plugin: {done.stdout[:80]!r}, {errors}"
        elif done.returncode != 1 or done.stdout or len(errors) != 1:
            yield f"without the plugin: status {done.returncode}, {errors}"


def check_wrong_arguments(bench):
    plain = samples.SAMPLES / "plain.pcap"
    empty = bench.folder / "empty"
    empty.mkdir()
    for status, arguments in (
            (2, []), (2, ["nonsense", plain]), (2, ["report"]), (2, ["report", "nosuch.pcap"]),
            (2, ["report", "nosuch*.pcap"]), (2, ["report", empty]), (2, ["report", COMMAND]),
            (2, ["report", "--nonsense", plain]), (2, ["report", "--filter", "bad (", plain]),
            (2, ["json", "--schema", "x", plain]), (2, ["html", plain]),
            (2, ["report", "--keylog", "nosuch", plain]), (2, ["compare", "x", "1", plain]),
            (2, ["compare", "0", "nosuch.json", plain]), (2, ["cut", "-o", "x", plain]),
            (2, ["cut", "--session", "x", "-o", "x", plain]),
            (2, ["cut", "--session", "0", "-o", "nosuch/x", plain]),
            (2, ["cut", "--session", "0", "-o", plain, plain]),
            (1, ["cut", "--session", "9", "-o", "x", plain])):
        done = bench.run(*arguments)
        lines = done.stderr.decode().splitlines()
        if (done.returncode != status or done.stdout or len(lines) != 1
                or not lines[0].startswith("smtp-session: ")):
            yield f"{arguments}: status {done.returncode}, {done.stdout!r}, {lines}"


def check_progress(command):
    class Terminal(io.StringIO):
        def isatty(self):
            return True

    command.Progress.AFTER = command.Progress.EACH = 0.0
    plain = samples.SAMPLES / "plain.pcap"
    kept = sys.stderr
    try:
        for stream, shown in ((Terminal(), True), (io.StringIO(), False)):
            sys.stderr = stream
            progress = command.Progress([plain], False)
            progress.add(plain.stat().st_size // 2)
            progress.end()
            if ("% of" in stream.getvalue()) != shown:
                yield f"progress is {stream.getvalue()!r}"
    finally:
        sys.stderr = kept


def main():
    build_dir = sys.argv[1]
    command = load_command()
    with samples.Stage(build_dir) as stage, tempfile.TemporaryDirectory() as folder:
        bench = Bench(build_dir, folder)
        checks = {"reports": lambda: check_reports(bench, stage),
                  "installed": lambda: check_installed(stage),
                  "wrong arguments": lambda: check_wrong_arguments(bench),
                  "secrets": lambda: check_secrets(bench, command)}
        for name in ROTATED:
            checks[f"rotated {name}"] = lambda name=name: check_rotated(bench, stage, name)
        for name, number in CUTS:
            checks[f"cut {name}"] = lambda name=name, number=number: check_cut(bench, name, number)
        status = samples.for_each(list(checks), lambda item: checks[item]())
        for complaint in check_progress(command):
            print(complaint)
            status = 1
        return status


if __name__ == "__main__":
    sys.exit(main())
