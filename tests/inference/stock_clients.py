# SPDX-License-Identifier: GPL-2.0-or-later
"""Stock clients under TLS: swaks, curl, msmtp and Python's smtplib. Each leaves its keys."""

import os
import smtplib
import subprocess
import tempfile

USER, PASSWORD = "alice", "Live-Test-Secret"
HERE = os.path.dirname(os.path.abspath(__file__))
CIPHERS_12 = "ECDHE-RSA-AES128-GCM-SHA256"


def run(keylog, *argv, allow=(0,), **kwargs):
    kwargs.setdefault("stdin", subprocess.DEVNULL)
    done = subprocess.run(argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=30,
                          check=False, env=dict(os.environ, SSLKEYLOGFILE=keylog), **kwargs)
    if done.returncode not in allow:
        raise RuntimeError(f"{' '.join(argv)}: {done.returncode}\n"
                           f"{done.stdout.decode(errors='replace')}")


def swaks(keylog, host, port, plan):
    mode = ["--tls-on-connect"] if port == 465 else ["--tls"]
    auth = (["--auth", plan.auth, "--auth-user", USER, "--auth-password", PASSWORD]
            if plan.auth else [])
    version = ["--tls-protocol", "tlsv1_2"] if plan.version == "1.2" else []
    run(keylog, "perl", f"-I{HERE}", "-MKeyLog", "/usr/bin/swaks", "--server", f"{host}:{port}",
        "--helo", plan.helo, "--from", plan.sender, "--to", ",".join(plan.recipients),
        "--body", plan.text, *mode, *auth, *version, *(["--pipeline"] if plan.pipelined else []),
        allow=(0, 24, 25, 26))


def curl(keylog, host, port, plan):
    with tempfile.NamedTemporaryFile() as mail:
        mail.write(plan.message())
        mail.flush()
        scheme = "smtps" if port == 465 else "smtp"
        recipients = [word for address in plan.recipients for word in ("--mail-rcpt", address)]
        auth = ["--user", f"{USER}:{PASSWORD}", "--login-options", f"AUTH={plan.auth}"] \
            if plan.auth else []
        version = ["--tls-max", "1.2"] if plan.version == "1.2" else ["--tlsv1.3"]
        run(keylog, "curl", "--silent", "--show-error", "--insecure", "--ssl-reqd", *version, *auth,
            "--mail-from", plan.sender, *recipients, "--upload-file", mail.name,
            "--mail-rcpt-allowfails", f"{scheme}://{host}:{port}/{plan.helo}", allow=(0, 55))


def msmtp(keylog, host, port, plan):
    auth = [f"--auth={plan.auth.lower()}", f"--user={USER}", "--passwordeval=echo " + PASSWORD] \
        if plan.auth else ["--auth=off"]
    version = (["--tls-priorities=NORMAL:-VERS-ALL:+VERS-TLS1.2"] if plan.version == "1.2" else [])
    run(keylog, "msmtp", "--file=/dev/null", f"--host={host}", f"--port={port}", "--tls=on",
        "--tls-certcheck=off", f"--tls-starttls={'off' if port == 465 else 'on'}",
        f"--domain={plan.helo}", f"--from={plan.sender}", *auth, *version, "--", *plan.recipients,
        allow=(0, 65, 69), input=plan.message(), stdin=None)


def library(keylog, host, port, plan):
    """Python's smtplib, as scripts use it."""
    context = plan.context(keylog)
    if port == 465:
        session = smtplib.SMTP_SSL(host, port, local_hostname=plan.helo, context=context)
    else:
        session = smtplib.SMTP(host, port, local_hostname=plan.helo)
        session.starttls(context=context)
    if plan.auth:
        session.login(USER, PASSWORD)
    for _ in range(plan.messages):
        try:
            session.sendmail(plan.sender, plan.recipients, plan.message())
        except smtplib.SMTPRecipientsRefused:
            pass
    session.quit()
