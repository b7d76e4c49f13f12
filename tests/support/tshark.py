# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs tshark as an ordinary user on a staged copy of the plugin.

As root, Wireshark ignores WIRESHARK_PLUGIN_DIR and personal plugins, and a plugin that cannot be
loaded leaves tshark's exit status at 0. So: tshark runs as "nobody" where the caller is root, what
it reads is copied where nobody may read it, and the plugin's presence (or absence) is asserted
before anything is measured or compared.
"""

import os
import pathlib
import shutil
import subprocess
import tempfile

NOBODY = 65534


# Wireshark reads all of TLS only with these, where a segment came behind a later one or again with
# more bytes (a busy machine), and where a frame holds hundreds of records (the sender's own capture).
WHOLE_TLS = ("-o", "tcp.reassemble_out_of_order:TRUE", "-o", "gui.max_tree_depth:5000")


class Failed(Exception):
    """Something that a test must not pass over; its text says what."""


def call(command, **options):
    """Runs a command without standard input; raises Failed with its errors if it fails."""
    done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, check=False, **options)
    if done.returncode != 0:
        raise Failed(f"{' '.join(map(str, command))}: status {done.returncode}\n"
                     + done.stderr.decode(errors="replace"))
    return done.stdout.decode(errors="replace")


def stock_plugin_folder():
    for line in call(["tshark", "-G", "folders"]).splitlines():
        if line.startswith("Global Plugins:"):
            return pathlib.Path(line.split(":", 1)[1].strip())
    raise Failed("tshark -G folders names no folder of global plugins")


class Stage:
    """A world-readable folder with a home, captures, and plugin folders with and without ours."""

    def __init__(self, build_dir):
        self._temporary = tempfile.TemporaryDirectory(prefix="smtp_session-")
        self.path = pathlib.Path(self._temporary.name)
        self.path.chmod(0o755)
        stock = stock_plugin_folder()
        self.minor = stock.name
        self.build_dir = pathlib.Path(build_dir)
        self.plugin = self.build_dir / "wsplugins" / self.minor / "epan" / "smtp_session.so"
        if not self.plugin.is_file():
            raise Failed(f"no plugin at {self.plugin}")
        for folder in ("home", "empty", "with", "without"):
            (self.path / folder).mkdir()
        # Files that tshark writes (home, and what a test asks for) belong to the user it runs as.
        self.output = self.path / "output"
        self.output.mkdir()
        if os.geteuid() == 0:
            for folder in (self.path / "home", self.output):
                os.chown(folder, NOBODY, NOBODY)
        for side in ("with", "without"):
            for file in stock.glob("*/*.so"):
                if file.name == "smtp_session.so":
                    continue  # an installed copy must not stand in for the one under test
                target = self.path / side / self.minor / file.parent.name
                target.mkdir(parents=True, exist_ok=True)
                (target / file.name).symlink_to(file)
        epan = self.path / "with" / self.minor / "epan"
        epan.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(self.plugin, epan / "smtp_session.so")
        self._assert_loaded()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._temporary.cleanup()

    def _assert_loaded(self):
        for with_plugin in (True, False):
            done = self.run(["-G", "plugins"], with_plugin)
            listed = b"smtp_session.so" in done.stdout
            if listed != with_plugin:
                raise Failed(f"plugin {'not ' if with_plugin else ''}loaded: "
                             + done.stderr.decode(errors="replace"))

    def add(self, capture, name=None):
        """Copies a capture to where tshark's user may read it."""
        target = self.path / (name or pathlib.Path(capture).name)
        shutil.copyfile(capture, target)
        target.chmod(0o644)
        return target

    def command(self, arguments, with_plugin=True, environment=None, wrapper=()):
        """The whole command line of a run; `wrapper` is e.g. valgrind with its options."""
        plugins = self.path / ("with" if with_plugin else "without")
        variables = {"HOME": self.path / "home", "WIRESHARK_PLUGIN_DIR": plugins,
                     "WIRESHARK_EXTCAP_DIR": self.path / "empty", "TZ": "UTC", "LC_ALL": "C.UTF-8",
                     **(environment or {})}
        drop = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"]
        return [str(word) for word in
                (drop if os.geteuid() == 0 else [])
                + ["env"] + [f"{name}={value}" for name, value in variables.items()]
                + list(wrapper) + ["tshark"] + list(arguments)]

    def run(self, arguments, with_plugin=True, environment=None, wrapper=(), timeout=300):
        """A finished run, whatever its status."""
        return subprocess.run(self.command(arguments, with_plugin, environment, wrapper),
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, cwd=self.output, timeout=timeout,
                              check=False)

    def output_of(self, arguments, **options):
        """Standard output of a run that must succeed."""
        done = self.run(arguments, **options)
        if done.returncode != 0:
            raise Failed(f"tshark {' '.join(map(str, arguments))}: status {done.returncode}\n"
                         + done.stderr.decode(errors="replace"))
        return done.stdout.decode(errors="replace")
