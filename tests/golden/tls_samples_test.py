#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The samples under TLS are read as their conversation was.

This is the self-test of the plugin's access to decrypted records: each version of Wireshark must
hand them over in the same way, and where one does not, this says so.

tls_samples_test.py BUILD_DIR
"""

import json
import sys

import samples
import truth

sys.path.insert(0, str(samples.TESTS / "scenarios"))
import make_tls_samples  # noqa: E402  pylint: disable=wrong-import-position


def same(what, wanted, got):
    if wanted != got:
        yield f"{what} is {got!r}, should be {wanted!r}"


PASSES = ((), ("-2",), ("-Y", "smtp_session"))

# Without the preference the client cannot be read from the message on, and TLS-09 says why.
REASONS = {
    make_tls_samples.IN_ORDER: "in another order, or again with more bytes",
    make_tls_samples.MORE_LAYERS: "Wireshark ended this frame after ",
}


def unread_complaints(sample, session):
    verbs = [one.get("verb") for one in session.get("commands", [])]
    yield from same("commands", ["EHLO", "STARTTLS", "EHLO", "MAIL", "RCPT", "DATA", ".", None], verbs)
    found = [one for one in session.get("findings", []) if one["id"] == "TLS-09"]
    yield from same("findings TLS-09", 1, len(found))
    for one in found:
        if REASONS[sample.needs] not in one.get("text", ""):
            yield f"TLS-09 says {one.get('text')!r}"
        if f"-o {sample.needs}" not in one.get("advice", ""):
            yield f"TLS-09 advises {one.get('advice')!r}"


def complaints(sample, session):
    tls = session.get("tls", {})
    state = tls.get("decrypt_state")
    if sample.state == "decrypted" and state != "decrypted":
        yield f"the records that Wireshark decrypts are not found (state {state!r})"
    yield from same("decrypt_state", sample.state, state)
    yield from same("decrypted", sample.state == "decrypted", tls.get("decrypted"))
    yield from same("mode", "implicit" if sample.implicit else "starttls", tls.get("mode"))
    yield from same("sni", make_tls_samples.NAME, tls.get("sni"))
    if not sample.fails:
        version = "TLS 1.3" if sample.version == make_tls_samples.V13 else "TLS 1.2"
        yield from same("version", version, tls.get("version"))
    yield from same("outcome", sample.outcome(), session.get("outcome"))
    commands = session.get("commands", [])
    yield from same("commands", sample.expected(),
                    [(one.get("verb"), one.get("code"), one.get("encrypted")) for one in commands])
    for one in commands:
        if "latency_ns" in one:
            yield from same(f"latency of command {one['index']}", make_tls_samples.ANSWER_NS,
                            one["latency_ns"])


def main():
    with samples.Stage(sys.argv[1]) as stage:
        def check(sample):
            capture = stage.add(samples.SAMPLES / f"{sample.name}.pcapng")
            needed = ["-o", sample.needs] if sample.needs else []
            if sample.needs:
                for options in PASSES:
                    for line in samples.json_lines(stage, capture, *options) or ["{}"]:
                        yield from unread_complaints(sample, json.loads(line))
            for options in ([*needed, *more] for more in PASSES):
                for line in [json.loads(line)
                             for line in samples.json_lines(stage, capture, *options)] or [{}]:
                    for complaint in (*complaints(sample, line), *truth.wrong_share(line)):
                        yield f"{' '.join(options)}: {complaint}"

        return samples.for_each(list(make_tls_samples.SAMPLES), check)


if __name__ == "__main__":
    sys.exit(main())
