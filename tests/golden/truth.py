# SPDX-License-Identifier: GPL-2.0-or-later
"""What happened in a capture, as its scenario tells (the language is in tests/scenarios/scenario.h),
and how a session's JSON departs from it."""

import re
import subprocess

UNITS = {"ns": 1, "us": 10**3, "ms": 10**6, "s": 10**9}


def duration(text):
    number, unit = re.fullmatch(r"(\d+)(ns|us|ms|s)", text).groups()
    return int(number) * UNITS[unit]


class Session:
    def __init__(self, facts):
        self.facts = facts
        self.greeting = None
        self.commands, self.messages, self.auth = [], [], []
        self.findings, self.unsolicited, self.secrets = [], [], []


def pairs(words):
    return [tuple(part.replace("<SP>", " ") for part in word.split("=", 1)) for word in words]


def parse(text):
    """The sessions of one scenario's truth; none for a capture without SMTP."""
    found = []
    for line in re.sub(r"\n +", " ", text.strip()).split("\n"):
        word, *rest = line.split(" ")
        if word == "none":
            continue
        if word == "session":
            found.append(Session(pairs(rest)))
        elif word == "greeting":
            found[-1].greeting = (rest[0], rest[1], pairs(rest[2:]))
        elif word == "message":
            found[-1].messages.append((rest[0], pairs(rest[1:])))
        elif word == "auth":
            found[-1].auth.append((rest[0], rest[1], pairs(rest[2:])))
        elif word in ("finding", "unsolicited", "secret"):
            {"finding": found[-1].findings, "unsolicited": found[-1].unsolicited,
             "secret": found[-1].secrets}[word].append(rest[0])
        else:
            found[-1].commands.append((word, rest[0], rest[1], pairs(rest[2:])))
    return found


def truths(generator):
    """Name of each scenario and its sessions."""
    text = subprocess.run([generator, "--truth"], check=True, stdout=subprocess.PIPE).stdout.decode()
    found = {}
    for part in re.split(r"^== ", text, flags=re.M)[1:]:
        name, _, body = part.partition("\n")
        found[name] = parse(body)
    return found


def member(value, path):
    """The member of a JSON value that a dotted path names, or None."""
    for key in path.split("."):
        if isinstance(value, list):
            value = value[int(key)] if int(key) < len(value) else None
        elif isinstance(value, dict):
            value = value.get(key)
        else:
            return None
    return value


def shown(value):
    if isinstance(value, bool):
        return "true" if value else "false"
    return "-" if value is None else str(value)


def is_right(value, wanted, is_duration=False):
    if wanted == "*":
        return True
    if is_duration and wanted != "-":
        return value == duration(wanted)
    return shown(value) in wanted.split("|")


def wrong_members(where, value, facts):
    for path, wanted in facts:
        got = member(value, path)
        if not is_right(got, wanted, path.endswith("_ns")):
            yield f"{where}: {path} is {shown(got)}, should be {wanted}"


def align(wanted, got):
    """Pairs of a wanted and a found command. A wanted "?" takes a command whose verb is not known
    (or an end of data), or none."""
    aligned, at = [], 0
    for i, each in enumerate(wanted):
        if each[0] != "?":
            aligned.append((each, got[at] if at < len(got) else None))
            at += 1
            continue
        following = next((other[0] for other in wanted[i + 1:] if other[0] != "?"), None)
        if at < len(got) and got[at].get("verb") in (None, ".") and following != got[at].get("verb"):
            aligned.append((each, got[at]))
            at += 1
    return aligned, got[at:]


def wrong_commands(truth, session):
    aligned, more = align(truth.commands, session.get("commands", []))
    for number, ((verb, code, latency, facts), got) in enumerate(aligned, 1):
        where = f"command {number} {verb}"
        if got is None:
            yield f"{where}: missing"
            continue
        if verb != "?" and got.get("verb") != verb:
            yield f"{where}: verb is {got.get('verb')}"
        yield from wrong_members(where, got, [("code", code), ("latency_ns", latency), *facts])
    for got in more:
        yield f"no such command: {got.get('verb')} {got.get('argument', '')} {got.get('code')}"


def wrong_recipients(where, message, facts):
    wanted = [value.rsplit("@", 1) for key, value in facts if key == "to"]
    wanted = [[local + "@" + rest.split(":")[0], *rest.split(":")[1:]] for local, rest in wanted]
    if not wanted:
        return
    got = [[each.get("address"), shown(each.get("code"))]
           + ([shown(each["final_code"])] if "final_code" in each else [])
           for each in message.get("recipients", [])]
    if got != wanted:
        yield f"{where}: recipients are {got}, should be {wanted}"
    for each in message.get("recipients", []):
        codes = [each[key] for key in ("code", "final_code") if key in each]
        if codes and each.get("accepted") != all(code // 100 == 2 for code in codes):
            yield f"{where}: {each.get('address')} accepted is {each.get('accepted')}"


def wrong_share(session):
    """Every instant has one owner."""
    total = sum(session["share"].values()) if "share" in session else None
    if total != session.get("duration_ns"):
        yield f"the shares add up to {total}, the session took {session.get('duration_ns')}"


def wrong_session(truth, session):
    """All that is wrong with the JSON of one session."""
    yield from wrong_members("session", session, truth.facts)
    yield from wrong_share(session)
    if truth.greeting:
        code, delay, facts = truth.greeting
        yield from wrong_members("greeting", session.get("greeting", {}),
                                 [("code", code), ("delay_ns", delay), *facts])
    yield from wrong_commands(truth, session)

    messages = session.get("messages", [])
    if truth.messages and len(messages) != len(truth.messages):
        yield f"{len(messages)} messages, should be {len(truth.messages)}"
    for number, ((code, facts), got) in enumerate(zip(truth.messages, messages), 1):
        where = f"message {number}"
        others = [(key, value) for key, value in facts if key != "to"]
        yield from wrong_members(where, got, [("code", code), *others])
        yield from wrong_recipients(where, got, facts)

    auth = session.get("auth", [])
    if len(auth) != len(truth.auth):
        yield f"{len(auth)} AUTH exchanges, should be {len(truth.auth)}"
    for (mechanism, code, facts), got in zip(truth.auth, auth):
        yield from wrong_members("auth", got, [("mechanism", mechanism), ("code", code), *facts])

    unsolicited = [shown(each.get("code")) for each in session.get("unsolicited_replies", [])]
    if unsolicited != truth.unsolicited:
        yield f"unsolicited replies are {unsolicited}, should be {truth.unsolicited}"
    findings = [each.get("id") for each in session.get("findings", [])]
    for wanted in truth.findings:
        if wanted not in findings:
            yield f"no finding {wanted}, only {findings}"
