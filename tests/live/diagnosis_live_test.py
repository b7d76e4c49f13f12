#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Live test of the diagnosis: no false alarm in clean sessions, the cause of failing ones named.

usage: diagnosis_live_test.py --plugin-dir DIR --build-dir DIR     (as root)

Stock clients (swaks, msmtp, curl, smtplib) and conversations by the line talk to Postfix, Exim,
OpenSMTPD, aiosmtpd and smtp-server, in network namespaces as in live_test.py. The last one comes
from the npm registry: where it cannot be had, the last line says so. Of each session the outcome,
the findings of note and above, and the words of the verdict are held against what the client did.
"""

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import time

sys.dont_write_bytecode = True
os.environ["PYTHONDONTWRITEBYTECODE"] = "1"

from capture import Capture
from diagnosis_servers import HOSTS, SERVERS, DiagnosisServers
from node_packages import NotAvailable, fetch_node_modules, folder_of
from servers import write
from stage import (DRAIN_SECONDS, Failed, Tshark, check_machine, keep, private_servers, run,
                   two_hosts, work_folder)

HERE = os.path.dirname(os.path.abspath(__file__))
TIME_LIMIT = 140  # seconds for the whole test
FROM_NPM = "smtp-server"


def converse(work, unpacked, node_modules):
    """Runs all sessions; leaves capture, keys and truth in `work`."""
    names = [name for name in SERVERS if name != FROM_NPM or node_modules is not None]
    with two_hosts(*SERVERS.values()) as (client, server):
        hosts = os.path.join(work, "hosts")
        write(hosts, HOSTS)
        client.check("mount", "--bind", hosts, "/etc/hosts")
        daemons = DiagnosisServers(server, work, unpacked, node_modules)
        daemons.start()
        capture = Capture(client, "near0", os.path.join(work, "diagnosis.pcap"))
        try:
            print(client.check(sys.executable, os.path.join(HERE, "diagnosis_sessions.py"), work,
                               *names, timeout=100).strip())
        except (RuntimeError, subprocess.TimeoutExpired) as error:
            raise Failed(f"the client failed: {error}\n{daemons.logs()}") from error
        time.sleep(DRAIN_SECONDS)
        capture.stop()


def mismatches(truth, session):
    """What is not as it should be, a line each."""
    where = (session["server"]["address"], session["server"]["port"])
    if where != (truth["server"], truth["port"]):
        yield f"another session: {where}"
        return
    if session["outcome"] != truth["outcome"]:
        yield f"outcome {session['outcome']}, not {truth['outcome']}"
    findings = [finding for finding in session.get("findings", [])
                if finding["severity"] != "chat"]
    found = {finding["id"] for finding in findings}
    for identifier in sorted(set(truth["finds"]) - found):
        yield f"missed {identifier}"
    for finding in findings:
        if finding["id"] not in (*truth["finds"], *truth["optional"]):
            yield (f"false alarm {finding['id']} {finding['severity']} in frame "
                   f"{finding['frame']}: {finding['text']}")
    if not re.search(truth["verdict"], session["verdict"]):
        yield f"verdict: {session['verdict']}"


def compare(work, plugin_dir):
    def path(name):
        return os.path.join(work, name)

    with open(path("truth.json"), encoding="utf-8") as truth:
        truths = json.load(truth)
    sessions = Tshark(work, plugin_dir).sessions(
        path("diagnosis.pcap"), "-o", f"tls.keylog_file:{path('keys.log')}",
        "-o", f'uat:rsa_keys:"{path("server.key")}",""')
    wrong = [f"{truth['name']} (session {session['session']}): {line}"
             for truth, session in zip(truths, sessions) for line in mismatches(truth, session)]
    print(f"{len(sessions)} sessions read")
    if len(sessions) != len(truths):
        wrong.append(f"{len(truths)} sessions were made, {len(sessions)} are reported")
    if wrong:
        raise Failed("\n".join(wrong))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--plugin-dir", required=True)
    parser.add_argument("--build-dir", required=True)
    parser.add_argument("--again", action="store_true",
                        help="judge the capture of the last run, make no new one")
    arguments = parser.parse_args()
    check_machine(msmtp="msmtp")
    build = os.path.abspath(arguments.build_dir)
    out = os.path.join(build, "diagnosis_out")
    with work_folder() as work:
        if arguments.again:
            shutil.copytree(out, work, dirs_exist_ok=True)
            compare(work, arguments.plugin_dir)
            return
        private = private_servers(work, os.path.join(build, "servers"))
        node_modules, missing = None, ""
        try:
            node_modules = fetch_node_modules(folder_of(build))
        except NotAvailable as reason:
            missing = f"; NOT TRIED: {FROM_NPM} ({reason})"
        try:
            converse(work, private, node_modules)
        finally:
            keep(work, out)
            if os.path.exists(os.path.join(work, "server.key")):
                shutil.copy(os.path.join(work, "server.key"), out)
        compare(work, arguments.plugin_dir)
    tried = len(SERVERS) - (1 if missing else 0)
    print(f"passed with {tried} of {len(SERVERS)} servers{missing}")


if __name__ == "__main__":
    run(main, TIME_LIMIT)
