#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The JSON of every sample capture is as packaging/smtp_session.schema.json says, and that says no
more than there is: each of its members is described and is in some capture.

schema_test.py BUILD_DIR
"""

import copy
import json
import sys

import jsonschema

import samples

SCHEMA = samples.TESTS.parent / "packaging" / "smtp_session.schema.json"
# In no sample capture: their servers say the same under TLS, and accept the first ClientHello.
UNSEEN = {"tls.alpn", "tls.hello_retry", "tls.early_data_offered", "hellos.extensions_lost",
          "hellos.extensions_gained"}


def resolved(schema, part):
    while "$ref" in part:
        part = schema["$defs"][part["$ref"].rsplit("/", 1)[1]]
    return part


def members(schema, part, path=""):
    """The dotted names of all members, and the part of the schema for each."""
    part = resolved(schema, part)
    if part.get("type") == "array":
        yield from members(schema, part["items"], path)
    for name, member in part.get("properties", {}).items():
        yield f"{path}{name}", member
        yield from members(schema, member, f"{path}{name}.")


def seen_members(value, path=""):
    if isinstance(value, list):
        for item in value:
            yield from seen_members(item, path)
    elif isinstance(value, dict):
        for name, member in value.items():
            yield f"{path}{name}"
            yield from seen_members(member, f"{path}{name}.")


def wrong_copies(session):
    """What the schema must refuse."""
    for path, value in (("outcome", "lost"), ("session_id", "x"), ("tcp.close", "maybe"),
                        ("commands.0.code", 0), ("commands.0.latency_ns", 1.5),
                        ("commands.0.surprise", 1), ("surprise", 1), ("client.surprise", 1),
                        ("start", "yesterday"), ("schema", "smtp_session/2"),
                        ("commands.0.confidence", 0.5), ("commands.0.verb", None)):
        copied = copy.deepcopy(session)
        *way, last = path.split(".")
        place = copied
        for key in way:
            place = place[int(key) if isinstance(place, list) else key]
        place[last] = value
        yield f"{path} = {value!r}", copied


def main():
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    described = dict(members(schema, schema))
    seen = set()
    with samples.Stage(sys.argv[1]) as stage:
        def check(capture):
            for session in samples.sessions(stage, stage.add(capture)):
                seen.update(seen_members(session))
                for error in validator.iter_errors(session):
                    yield f"{'.'.join(map(str, error.absolute_path))}: {error.message}"

        status = samples.for_each(samples.captures()
                                  + sorted(samples.SAMPLES.glob("*.pcapng")), check)
        plain = samples.sessions(stage, stage.add(samples.SAMPLES / "plain.pcap"))[0]
    for what, wrong in wrong_copies(plain):
        if validator.is_valid(wrong):
            print(f"the schema allows {what}")
            status = 1
    for name in sorted(set(described) - seen - UNSEEN):
        print(f"{name}: in no sample capture")
        status = 1
    for name, part in described.items():
        if "description" not in part:
            print(f"{name}: no description")
            status = 1
    return status


if __name__ == "__main__":
    sys.exit(main())
