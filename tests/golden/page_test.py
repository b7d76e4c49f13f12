#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""`-z smtp_session,html,FILE` writes one page that holds the JSON of `-z smtp_session,json`, whatever
the words of the capture are, and that can neither load nor run anything else.

page_test.py BUILD_DIR
"""

import base64
import hashlib
import json
import re
import sys

import page
import samples

CAPTURES = ("markup.pcap", "two_sessions_interleaved.pcap", "starttls_tls12.pcapng",
            "starttls_no_keys.pcapng", "syn_unanswered.pcap", "idle_then_451.pcap", "pipelined.pcap",
            "odd_port_not_smtp.pcap", "eight_bit_and_nul.pcap", "reordered.pcap")
# What a script element's text may not hold as it is.
UNSAFE = re.compile("[<>&\u2028\u2029]")


def hash_of(text):
    return "'sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() + "'"


def wrong_page(text):
    elements = page.Elements(text)
    scripts = elements.named("script")
    if [script.get("id") for script in scripts] != ["data", None]:
        yield f"script elements: {scripts}"
    for name, attributes in elements.elements:
        for attribute, value in attributes.items():
            if attribute.startswith("on") or attribute in ("src", "href", "style"):
                yield f"<{name} {attribute}={value!r}>"
    policy = next(meta["content"] for meta in elements.named("meta")
                  if meta.get("http-equiv") == "Content-Security-Policy")
    wanted = (f"default-src 'none'; script-src {hash_of(elements.raw['script'][1])}; "
              f"style-src {hash_of(elements.raw['style'][0])}; base-uri 'none'; form-action 'none'")
    if policy != wanted:
        yield f"policy is {policy}, should be {wanted}"
    names = set(re.findall(r"https?://[^\"' ]+", text))
    if names - {"http://www.w3.org/2000/svg"}:  # a name, never loaded
        yield f"names {names}"
    if re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|@import|url\(", text):
        yield "reads text as HTML or code, or loads something"


def wrong_bars(entry):
    """The bars of replies are as long as the latencies of the JSON."""
    session = entry["session"]
    total = session["duration_ns"]
    waits = {}
    for kind, start, end, command in entry["bars"]:
        if not 0 <= start <= end <= total:
            yield f"bar {kind} from {start} to {end} of {total}"
        if kind == "wait":
            waits[command] = end - start
    for command in session["commands"]:
        if "latency_ns" in command and waits.get(command["index"]) != max(0, command["latency_ns"]):
            yield f"bar of {command['verb']} is {waits.get(command['index'])}, latency {command['latency_ns']}"


def check_page(stage, name):
    capture = stage.add(samples.SAMPLES / name)
    text, _ = page.make(stage, capture, f"{name}.html")
    unsafe = UNSAFE.search(page.data_text(text))
    if unsafe:
        yield f"data holds {unsafe.group(0)!r}"
    entries = page.data(text)
    wanted = [json.loads(line) for line in samples.json_lines(stage, capture)]
    if [entry["session"] for entry in entries] != wanted:
        yield "data is not the JSON"
    yield from wrong_page(text)
    for entry in entries:
        yield from wrong_bars(entry)
    if name == "markup.pcap" and "onerror=alert(2)" not in page.data_text(text):
        yield "the capture's markup is not in the page: nothing was tested"


def check_filter(stage):
    capture = stage.add(samples.SAMPLES / "two_sessions_interleaved.pcap")
    text, _ = page.make(stage, capture, "one.html", "smtp_session.id == 1")
    if [entry["session"]["session"] for entry in page.data(text)] != [1]:
        yield "a filter does not choose the session"


def refusal(stage, arguments, words):
    capture = stage.add(samples.SAMPLES / "plain.pcap")
    done = stage.run(["-n", "-r", capture, "-q", "-z", f"smtp_session,html{arguments}"])
    lines = done.stderr.decode().splitlines()
    if done.returncode == 0:
        yield "status 0"
    if len(lines) != 1 or words not in lines[0]:
        yield f"standard error is {lines}, should have {words!r}"


def check_kept(stage):
    """What the file held is kept where the option is refused."""
    kept = stage.path / "kept.html"
    kept.write_text("kept", encoding="utf-8")
    kept.chmod(0o666)
    yield from refusal(stage, f",{kept},no.field", "invalid display filter")
    if kept.read_text(encoding="utf-8") != "kept":
        yield "a refused option empties the file"


def main():
    with samples.Stage(sys.argv[1]) as stage:
        refusals = {
            "no file": ("", "after html comes the name of the file to write"),
            "empty file name": (",", "after html comes the name of the file to write"),
            "no name before the filter": (",,tcp", "after html comes the name of the file to write"),
            "no folder": (",none/page.html", "No such file or directory"),
            "a folder": (f",{stage.output}", "Is a directory"),
            "may not be written": (",/proc/version", 'cannot write "/proc/version"'),
            "full disk": (",/dev/full", "No space left on device"),
        }
        checks = {name: lambda name=name: check_page(stage, name) for name in CAPTURES}
        checks["filter"] = lambda: check_filter(stage)
        checks["refused option"] = lambda: check_kept(stage)
        for name, (arguments, words) in refusals.items():
            checks[name] = lambda arguments=arguments, words=words: refusal(stage, arguments, words)
        return samples.for_each(list(checks), lambda name: checks[name]())


if __name__ == "__main__":
    sys.exit(main())
