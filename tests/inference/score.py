# SPDX-License-Identifier: GPL-2.0-or-later
"""What was inferred without keys, held against what was read with them.

usage: score.py FOLDER PLUGIN_DIR      a folder with inference.pcap and keys.log
"""

import collections
import json
import os
import pathlib
import re
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "support"))

# pylint: disable=wrong-import-position
from tshark import WHOLE_TLS, Failed, Stage

LEAST_RIGHT = 0.95       # of all turns, and of those of the held-out servers and clients
LEAST_SESSIONS = 40
# How far a bucket's mean confidence may be from its share of right turns, apart from chance: two
# standard errors of as many turns.
MOST_MISCALIBRATED = 0.06
LEAST_IN_BUCKET = 10
MOST_MEAN_ERROR = 0.03  # over all turns
BUCKETS = (0.0, 0.5, 0.7, 0.9, 0.98, 1.01)

# These servers' sessions were not looked at when the model's numbers were chosen.
HELD_OUT = ("192.0.2.17", "192.0.2.18")  # in the manner of Haraka and OpenSMTPD


def sessions(stage, capture, keys):
    lines = stage.output_of(["-n", "-q", "-r", capture, "-o", f"tls.keylog_file:{keys}",
                             *WHOLE_TLS, "-z", "smtp_session,json"]).splitlines()
    return [json.loads(line) for line in lines if line.strip()]


def spoken(read, first, end):
    """The label of the turn whose records begin in the frames first .. end-1."""
    verbs = [command["verb"] for command in read["commands"]
             if command["encrypted"] and first <= command["frame"] < end]
    if verbs:
        # A group bears each verb once: how many recipients it has is another question.
        return "+".join(verb for at, verb in enumerate(verbs) if at == 0 or verbs[at - 1] != verb)
    for command in read["commands"]:
        if command["verb"] == "AUTH" and command["frame"] < first < command.get("reply_frame", 0):
            return "AUTH response"
    return "?"


def turns(blind, read):
    """(what was said, what was inferred, confidence, turn) of each encrypted turn."""
    found = [command for command in blind["commands"] if command["verb"] is None]
    ends = [command["frame"] for command in found[1:]] + [blind["last_frame"] + 1]
    for command, end in zip(found, ends):
        yield (spoken(read, command["frame"], end), command.get("inferred", "none"),
               command.get("confidence", 0.0), command)


class Score:
    def __init__(self, name):
        self.name = name
        self.pairs = []
        self.sessions = 0

    def add(self, blind, read):
        self.sessions += 1
        self.pairs += [turn[:3] for turn in turns(blind, read)]

    def right(self):
        return sum(said == inferred for said, inferred, _ in self.pairs)

    def accuracy(self):
        return self.right() / max(1, len(self.pairs))

    def print(self):
        print(f"{self.name}: {self.right()} of {len(self.pairs)} turns right "
              f"({100 * self.accuracy():.1f} %), {self.sessions} sessions")

    def print_confusion(self):
        counts = collections.Counter((said, inferred) for said, inferred, _ in self.pairs)
        print(f"{'said':<22} {'turns':>6} {'right':>6}  taken for")
        for said in sorted({pair[0] for pair in counts}):
            row = {inferred: count for (was, inferred), count in counts.items() if was == said}
            wrong = ", ".join(f"{inferred} {count}" for inferred, count in sorted(row.items())
                              if inferred != said)
            print(f"{said:<22} {sum(row.values()):>6} {row.get(said, 0):>6}  {wrong}")

    def print_calibration(self):
        """Returns what is wrong with the confidences."""
        problems = []
        error = 0
        print("confidence       turns   mean  right")
        for low, high in zip(BUCKETS, BUCKETS[1:]):
            inside = [pair for pair in self.pairs if low <= pair[2] < high]
            if not inside:
                continue
            mean = sum(pair[2] for pair in inside) / len(inside)
            right = sum(said == inferred for said, inferred, _ in inside) / len(inside)
            print(f"{low:.2f} to {min(high, 1):.2f}  {len(inside):>6}  {mean:.3f}  {right:.3f}")
            error += abs(mean - right) * len(inside) / len(self.pairs)
            chance = 2 * (mean * (1 - mean) / len(inside)) ** 0.5
            if len(inside) >= LEAST_IN_BUCKET and abs(mean - right) > MOST_MISCALIBRATED + chance:
                problems.append(f"confidences of {low} to {high} promise {mean:.3f}, "
                                f"but {right:.3f} are right")
        print(f"mean error of the confidence: {error:.3f}")
        if error > MOST_MEAN_ERROR:
            problems.append(f"the confidences are off by {error:.3f}")
        return problems


def check(folder, plugin_dir, verbose=False):
    """Prints the tables; raises Failed where the inference is not good enough."""
    with Stage(pathlib.Path(plugin_dir).parent) as stage:
        capture = stage.add(os.path.join(folder, "inference.pcap"))
        keys = stage.add(os.path.join(folder, "keys.log"))
        blind_sessions = sessions(stage, capture, stage.path / "empty" / "no-keys.log")
        read_sessions = sessions(stage, capture, keys)
    if len(blind_sessions) != len(read_sessions):
        raise Failed("not the same sessions with and without keys")
    everything, held_out, seen = Score("all"), Score("held out"), Score("others")
    kinds, servers = collections.Counter(), {}
    problems = []
    for blind, read in zip(blind_sessions, read_sessions):
        if not read.get("tls", {}).get("decrypted"):
            problems.append(f"session {read['session']} was not decrypted")
            continue
        if any(command["verb"] is None for command in read["commands"]):
            problems.append(f"session {read['session']} was decrypted only in part")
            continue
        address = blind["server"]["address"]
        for score in (everything, held_out if address in HELD_OUT else seen,
                      servers.setdefault(address, Score(address))):
            score.add(blind, read)
        kinds[f"{blind['tls']['version']} {blind['tls']['cipher']} {blind['tls']['mode']}"] += 1
        same = {key: (blind["tls"].get(key), read["tls"].get(key)) for key in ("finished_frame",)}
        for key, (without, with_keys) in same.items():
            if without != with_keys:
                problems.append(f"session {read['session']}: {key} {without}, read {with_keys}")
        greetings = [side.get("greeting", {}).get("frame") for side in (blind, read)]
        if greetings[0] != greetings[1]:
            problems.append(f"session {read['session']}: greeting {greetings[0]}, "
                            f"read {greetings[1]}")
        for said, inferred, confidence, command in turns(blind, read):
            if said == "?":
                problems.append(f"session {read['session']} frame {command['frame']}: "
                                "a turn where nothing was said")
            if verbose and (said != inferred or verbose == "all"):
                print(f"  session {read['session']} {address} frame {command['frame']}: {said} "
                      f"taken for {inferred} ({confidence}), {command['request_bytes']} and "
                      f"{command.get('reply_bytes')} bytes")
    for kind, count in sorted(kinds.items()):
        print(f"{count:>4} {kind}")
    everything.print_confusion()
    problems += everything.print_calibration()
    for address in sorted(servers):
        servers[address].print()
    for score in (everything, held_out, seen):
        score.print()
        if score.accuracy() < LEAST_RIGHT:
            problems.append(f"{score.name}: only {100 * score.accuracy():.1f} % right")
    if everything.sessions < LEAST_SESSIONS:
        problems.append(f"only {everything.sessions} sessions")
    if problems:
        raise Failed("\n".join(problems))


if __name__ == "__main__":
    check(sys.argv[1], sys.argv[2], verbose="all" if "-v" in sys.argv else True)
