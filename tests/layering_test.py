#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Who may include whom.

    layering_test.py TREE              exits 1 and names each violation of the rules below
    layering_test.py TREE --self-test  copies the tree, seeds violations of each rule one by one, and
                                       exits 1 if one of them is not found
"""

import argparse
import pathlib
import re
import shutil
import sys
import tempfile

# C++17 headers that may be read by dissector/: no clock, locale, thread, file or stream among them,
# so that the engine depends on its input alone.
PURE_HEADERS = set("""
algorithm any array bitset charconv deque forward_list functional initializer_list iterator limits
list map memory memory_resource numeric optional queue set stack string string_view tuple
type_traits typeinfo unordered_map unordered_set utility variant vector new
cassert cctype cerrno cfloat cinttypes climits cmath cstddef cstdint cstdio cstdlib cstring
""".split())

# The model: what views may read. All else in dissector/ is the engine's own business.
MODEL = {
    "types.h", "text.h", "names.h", "outcome.h", "session.h", "transaction.h", "metrics.h",
    "frame_index.h", "finding.h", "findings.def", "decrypt_state.h", "verdict.h",
    "turn_inference.h", "turn_grammar.h", "idle_end.h", "peak.h", "hello_reply.h",
    "message_frames.h", "ascii.h", "verbs.h", "reply_codes.h", "rare_list.h",
}
# How the plugin drives the engine.
ENGINE_DOOR = {"engine.h", "segment.h", "config.h", "thresholds.h", "certificate.h",
               "reply_advice.h", "message_contents.h"}

INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"]+)[>"]', re.M)
SOURCE_SUFFIXES = {".h", ".cpp"}
VERSION_MACRO = re.compile(
    r"\bWIRESHARK_VERSION_\w+|\bVERSION_(?:MAJOR|MINOR|MICRO)\b|ws_version\.h")
IMPURE = re.compile(
    r"\b(?:std::)?(?:system_clock|steady_clock|setlocale|localtime|gmtime|strftime|getenv|random_device"
    r"|(?:std::|::)time\s*\()")


def sources(tree, folder):
    base = tree / folder
    if not base.is_dir():
        return []
    return sorted(p for p in base.rglob("*") if p.suffix in SOURCE_SUFFIXES and p.is_file())


def includes(path):
    text = path.read_text(encoding="utf-8", errors="replace")
    for match in INCLUDE.finditer(text):
        line = text.count("\n", 0, match.start()) + 1
        yield line, match.group(1) == "<", match.group(2)


def code_lines(path):
    """The lines with comments taken out (strings that hold // lose their end: good enough here)."""
    text = path.read_text(encoding="utf-8", errors="replace")
    text = re.sub(r"/\*.*?\*/", lambda m: "\n" * m.group(0).count("\n"), text, flags=re.S)
    return [re.sub(r"//.*", "", line) for line in text.split("\n")]


def is_of_wireshark_or_glib(name):
    return name.startswith(("epan/", "wsutil/", "wiretap/", "wireshark/", "glib", "gmodule",
                            "ws_")) or name in ("config.h", "glib.h")


def engine_is_pure(tree):
    for path in sources(tree, "dissector"):
        for line, angled, name in includes(path):
            allowed = name in PURE_HEADERS if angled else name.startswith("dissector/")
            if not allowed:
                yield path, line, f"includes {name}"
        for number, line in enumerate(code_lines(path), 1):
            found = IMPURE.search(line)
            if found:
                yield path, number, f"uses {found.group(0)}"


def report_reads_the_model_only(tree):
    for path in sources(tree, "dissector/report"):
        for line, _, name in includes(path):
            part = name[len("dissector/"):]
            if name.startswith("dissector/") and part not in MODEL and \
                    not part.startswith("report/"):
                yield path, line, f"includes {name}"


def model_reads_the_model_only(tree):
    for name in sorted(MODEL):
        path = tree / "dissector" / name
        if not path.is_file():
            continue
        for line, _, included in includes(path):
            if included.startswith("dissector/") and included[len("dissector/"):] not in MODEL:
                yield path, line, f"includes {included}"


def one_file_tests_the_version(tree):
    for folder in ("dissector", "plugin", "tests"):
        for path in sources(tree, folder):
            if path == tree / "plugin" / "ws_compat.h":
                continue
            for number, line in enumerate(code_lines(path), 1):
                found = VERSION_MACRO.search(line)
                if found:
                    yield path, number, f"mentions {found.group(0)}"


def one_file_registers_the_fields(tree):
    users = [(path, number)
             for path in sources(tree, "plugin")
             for number, line in enumerate(code_lines(path), 1)
             if "proto_register_field_array" in line]
    for path, number in users:
        if path.name != "fields.cpp":
            yield path, number, "registers fields (only plugin/fields.cpp may)"


def plugin_uses_the_engine_not_its_parts(tree):
    for path in sources(tree, "plugin"):
        for line, angled, name in includes(path):
            part = name[len("dissector/"):]
            if name.startswith("dissector/") and part not in MODEL | ENGINE_DOOR and \
                    not part.startswith("report/"):
                yield path, line, f"includes {name}"
            if angled and name == "config.h":
                yield path, line, "includes <config.h>, which Debian's Wireshark 4.0 lacks"


def unit_tests_run_without_wireshark(tree):
    for path in sources(tree, "tests/unit"):
        for line, _, name in includes(path):
            if is_of_wireshark_or_glib(name) or name.startswith("plugin/"):
                yield path, line, f"includes {name}"


def scenarios_do_not_share_the_parser(tree):
    for path in sources(tree, "tests/scenarios"):
        for line, _, name in includes(path):
            if name.startswith(("dissector/", "plugin/")) or is_of_wireshark_or_glib(name):
                yield path, line, f"includes {name}"


RULES = [
    engine_is_pure,
    report_reads_the_model_only,
    model_reads_the_model_only,
    one_file_tests_the_version,
    one_file_registers_the_fields,
    plugin_uses_the_engine_not_its_parts,
    unit_tests_run_without_wireshark,
    scenarios_do_not_share_the_parser,
]

# (rule, file to write, text): each must be found by exactly that rule.
SEEDS = [
    (engine_is_pure, "dissector/seed.cpp", "#include <epan/packet.h>\n"),
    (engine_is_pure, "dissector/seed.cpp", "#  include <glib.h>\n"),
    (engine_is_pure, "dissector/report/seed.cpp", '#include "plugin/glue.h"\n'),
    (engine_is_pure, "dissector/seed.h", "#include <chrono>\n"),
    (engine_is_pure, "dissector/seed.cpp", "auto now = std::time(nullptr);\n"),
    (report_reads_the_model_only, "dissector/report/seed.cpp", '#include "dissector/engine.h"\n'),
    (report_reads_the_model_only, "dissector/report/seed.h", '#include "dissector/conversation.h"\n'),
    (model_reads_the_model_only, "dissector/session.h", '#include "dissector/engine.h"\n'),
    (one_file_tests_the_version, "plugin/seed.cpp", "#if WIRESHARK_VERSION_MINOR > 0\n#endif\n"),
    (one_file_tests_the_version, "plugin/seed.h", "#include <ws_version.h>\n"),
    (one_file_registers_the_fields, "plugin/seed.cpp", "proto_register_field_array(p, hf, n);\n"),
    (plugin_uses_the_engine_not_its_parts, "plugin/seed.cpp",
     '#include "dissector/conversation.h"\n'),
    (plugin_uses_the_engine_not_its_parts, "plugin/seed.cpp", "#include <config.h>\n"),
    (unit_tests_run_without_wireshark, "tests/unit/seed.cpp", "#include <epan/tvbuff.h>\n"),
    (unit_tests_run_without_wireshark, "tests/unit/seed.cpp", "#include <glib.h>\n"),
    (scenarios_do_not_share_the_parser, "tests/scenarios/seed.cpp",
     '#include "dissector/session.h"\n'),
]


def violations(tree):
    return [(rule.__name__, path.relative_to(tree), line, what)
            for rule in RULES for path, line, what in rule(tree)]


def copy_sources(tree, target):
    for folder in ("dissector", "plugin", "tests/unit", "tests/scenarios"):
        for path in sources(tree, folder):
            copy = target / path.relative_to(tree)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, copy)


def self_test(tree):
    failed = 0
    with tempfile.TemporaryDirectory() as folder:
        copy = pathlib.Path(folder)
        copy_sources(tree, copy)
        clean = set(violations(copy))
        for rule, name, text in SEEDS:
            path = copy / name
            path.parent.mkdir(parents=True, exist_ok=True)
            before = path.read_text(encoding="utf-8") if path.exists() else None
            path.write_text((before or "") + text, encoding="utf-8")
            found = {v[0] for v in set(violations(copy)) - clean}
            if before is None:
                path.unlink()
            else:
                path.write_text(before, encoding="utf-8")
            if found != {rule.__name__}:
                failed += 1
                print(f"{name} with {text.strip()!r}: expected {rule.__name__}, found {found or '{}'}")
    print(f"{len(SEEDS) - failed} of {len(SEEDS)} seeded violations found by their own rule")
    return failed == 0


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("tree", type=pathlib.Path)
    parser.add_argument("--self-test", action="store_true")
    args = parser.parse_args()
    tree = args.tree.resolve()
    if not sources(tree, "dissector"):
        sys.exit(f"{tree} holds no dissector/: nothing was checked")
    if args.self_test:
        return 0 if self_test(tree) else 1
    found = violations(tree)
    for rule, path, line, what in found:
        print(f"{path}:{line}: {what} [{rule}]")
    print(f"{len(found)} violations")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
