#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""sample_pcaps/ is what make_sample_pcaps writes: the same bytes each time, nothing more or less.

The captures under TLS are kept as they are: encryption gives other bytes on each run. They must be
there, and no others.

samples_test.py GENERATOR SAMPLES check|write
"""

import filecmp
import pathlib
import shutil
import subprocess
import sys
import tempfile

import make_tls_samples

# A sample is read by people too, and there are many of them.
MAX_BYTES = 20000

README = """# Sample captures

Made by the scenarios in `tests/scenarios/`, the same bytes each time; what happened in each, step by
step, stands beside its function there. Those under TLS (`.pcapng`, with their keys inside) are made
once by `make_tls_samples.py`, since encryption gives other bytes on each run. All names and
addresses are those set aside for documentation.
After a change: `cmake --build build --target update_sample_pcaps`.

"""


def generate(generator, folder):
    subprocess.run([generator, folder], check=True)
    table = subprocess.run([generator, "--table"], check=True, stdout=subprocess.PIPE).stdout
    rows = "".join(sample.row() for sample in make_tls_samples.SAMPLES)
    (folder / "README.md").write_bytes(README.encode() + table + rows.encode())


def kept(samples):
    return {path.name for path in samples.glob("*.pcapng")}


def differences(made, samples):
    wanted = {f"{sample.name}.pcapng" for sample in make_tls_samples.SAMPLES}
    for name in sorted(kept(samples) ^ wanted):
        yield f"{name}: {'missing' if name in wanted else 'make_tls_samples.py makes no such'}"
    for name in sorted(kept(samples) & wanted):
        if (samples / name).stat().st_size > MAX_BYTES:
            yield f"{name}: larger than {MAX_BYTES} bytes"
    names = {path.name for path in made.iterdir()}
    for name in sorted(names | {path.name for path in samples.iterdir()} - kept(samples)):
        if name not in names:
            yield f"{name}: no scenario makes it"
        elif not (samples / name).is_file():
            yield f"{name}: missing"
        elif not filecmp.cmp(made / name, samples / name, shallow=False):
            yield f"{name}: other bytes"
        elif name.endswith(".pcap") and (made / name).stat().st_size > MAX_BYTES:
            yield f"{name}: larger than {MAX_BYTES} bytes"


def main():
    generator, samples, action = sys.argv[1], pathlib.Path(sys.argv[2]), sys.argv[3]
    with tempfile.TemporaryDirectory() as temporary:
        made = pathlib.Path(temporary)
        generate(generator, made)
        if action == "write":
            samples.mkdir(exist_ok=True)
            for old in samples.iterdir():
                if old.name not in kept(samples):
                    old.unlink()
            for new in made.iterdir():
                shutil.copyfile(new, samples / new.name)
            return 0
        found = list(differences(made, samples))
    print("\n".join(found) or f"{len(list(samples.iterdir()))} files are as made")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
