# SPDX-License-Identifier: GPL-2.0-or-later
"""Postfix, Exim and aiosmtpd, run from unpacked packages inside one namespace.

Postfix and Exim exclude each other as Debian packages and would both start at boot, so they are
unpacked below the build folder and see a private /etc; the machine's own is never touched.
"""

import glob
import os
import pwd
import shutil
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))

POSTFIX = "192.0.2.10"
EXIM = "192.0.2.11"
AIOSMTPD = "192.0.2.12"
POSTFIX_FAR = "198.51.100.10"  # Postfix behind the lossy link
CLIENT = "192.0.2.1"
CLIENT_FAR = "198.51.100.1"

POSTFIX_GREETING_DELAY = 1  # seconds, on port 2525

DAEMON_USERS = (("postfix", 10025), ("Debian-exim", 10026))
DAEMON_GROUPS = (("postfix", 10025), ("Debian-exim", 10026), ("postdrop", 10027))

# All that the servers need of the machine's /etc.
ETC_FILES = ("passwd", "group", "nsswitch.conf", "hosts", "services", "protocols", "ld.so.cache",
             "localtime")

MASTER_CF = """\
smtp      inet  n - n - - smtpd
2525      inet  n - n - - smtpd
  -o smtpd_delay_reject=no
  -o smtpd_client_restrictions=sleep,{delay},permit
587       inet  n - n - - smtpd
465       inet  n - n - - smtpd
  -o smtpd_tls_wrappermode=yes
cleanup   unix  n - n - 0 cleanup
qmgr      unix  n - n 300 1 qmgr
tlsmgr    unix  - - n 1000? 1 tlsmgr
rewrite   unix  - - n - - trivial-rewrite
bounce    unix  - - n - 0 bounce
defer     unix  - - n - 0 bounce
trace     unix  - - n - 0 bounce
verify    unix  - - n - 1 verify
flush     unix  n - n 1000? 0 flush
proxymap  unix  - - n - - proxymap
error     unix  - - n - - error
retry     unix  - - n - - error
discard   unix  - - n - - discard
anvil     unix  - - n - 1 anvil
scache    unix  - - n - 1 scache
postlog   unix-dgram n - n - 1 postlogd
"""

MAIN_CF = """\
compatibility_level = 3.6
queue_directory = {work}/postfix-queue
data_directory = {work}/postfix-data
daemon_directory = {unpacked}/usr/lib/postfix/sbin
command_directory = {unpacked}/usr/sbin
shlib_directory = {unpacked}/usr/lib/postfix
mail_owner = postfix
setgid_group = postdrop
import_environment = MAIL_CONFIG LD_LIBRARY_PATH
maillog_file_prefixes = {work}
maillog_file = {work}/postfix.log
myhostname = mx.example.test
mydestination =
mynetworks = 192.0.2.0/24 198.51.100.0/24
inet_interfaces = {addresses}
inet_protocols = ipv4
smtpd_peername_lookup = no
smtpd_recipient_restrictions =
    check_recipient_access inline:{{
        {{nouser@example.test = 550 5.1.1 No such user here}}
        {{later@example.test = 450 4.2.1 Mailbox busy, try later}} }}
    permit_mynetworks reject
alias_maps =
local_recipient_maps =
default_transport = discard:
relayhost =
smtpd_tls_security_level = may
smtpd_tls_cert_file = {certificate}
smtpd_tls_key_file = {key}
"""

EXIM_CONF = """\
primary_hostname = exim.example.test
spool_directory = {work}/exim-spool
log_file_path = {work}/exim-log/%slog
local_interfaces = {address}
daemon_smtp_ports = 25
tls_advertise_hosts = *
tls_certificate = {certificate}
tls_privatekey = {key}
rfc1413_query_timeout = 0s
host_lookup =
queue_only
keep_environment =
acl_smtp_rcpt = check_rcpt

begin acl
check_rcpt:
  deny   local_parts = nouser
         message = 5.1.1 No such user here
  defer  local_parts = later
         message = 4.2.1 Mailbox busy, try later
  accept

begin routers
everything:
  driver = accept
  transport = nowhere

begin transports
nowhere:
  driver = appendfile
  file = /dev/null
"""


def package_names():
    with open(os.path.join(HERE, "packages-unpacked.txt"), encoding="ascii") as names:
        return names.read().split()


def fetch(folder):
    """Unpacks the servers' Debian packages below `folder`, once."""
    for package in package_names():
        target = os.path.join(folder, package)
        if os.path.isdir(target):
            continue
        archive = download(package, os.path.join(folder, "download"))
        partial = target + ".partial"
        shutil.rmtree(partial, ignore_errors=True)
        subprocess.run(["dpkg", "-x", archive, partial], check=True)
        os.rename(partial, target)


def download(package, folder):
    os.makedirs(folder, exist_ok=True)
    log = ""
    # The package index may be absent or older than the mirror: then once more with a new one.
    for command in (["download", package], ["update"], ["download", package]):
        result = subprocess.run(["apt-get", "-q", *command], cwd=folder, text=True,
                                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
        log += result.stdout
        archives = sorted(glob.glob(os.path.join(folder, package + "_*.deb")))
        if result.returncode == 0 and archives:
            return archives[-1]
    raise RuntimeError(f"cannot download the Debian package {package}; while on line, run: "
                       f"{os.path.join(HERE, 'live_test.py')} --fetch {os.path.dirname(folder)}"
                       f"\n{log}")


def make_certificate(work):
    certificate, key = os.path.join(work, "server.pem"), os.path.join(work, "server.key")
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
         "-subj", "/CN=mx.example.test", "-addext", "subjectAltName=DNS:mx.example.test",
         "-keyout", key, "-out", certificate],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
    os.chmod(key, 0o644)  # Exim reads it as its own user; it lives for one run
    return certificate, key


def write(path, text):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as out:
        out.write(text)


class Servers:
    """The servers of live_test.py; another test derives from it what it needs otherwise."""

    users = DAEMON_USERS
    groups = DAEMON_GROUPS
    master_cf = MASTER_CF.format(delay=POSTFIX_GREETING_DELAY)
    main_cf = MAIN_CF
    exim_conf = EXIM_CONF
    aiosmtpd_script = "aiosmtpd_server.py"
    aiosmtpd_environment = {}
    listeners = ({f"{POSTFIX}:{port}" for port in (25, 465, 587, 2525)}
                 | {f"{POSTFIX_FAR}:25", f"{EXIM}:25"}
                 | {f"{AIOSMTPD}:{port}" for port in (24, 25, 465, 587)})

    def __init__(self, namespace, work, unpacked):
        self._namespace = namespace
        self._work = work
        self._unpacked = unpacked
        self._processes = []
        self._logs = []

    def start(self):
        certificate, key = self.make_certificate()
        self._private_etc()
        self._start_postfix(certificate, key)
        self._start_exim(certificate, key)
        self._run("aiosmtpd", sys.executable, os.path.join(HERE, self.aiosmtpd_script),
                  AIOSMTPD, certificate, key, env=dict(os.environ, **self.aiosmtpd_environment))
        self.start_others(certificate, key)
        self._wait_until_listening()

    def make_certificate(self):
        return make_certificate(self._work)

    def start_others(self, certificate, key):
        """For servers that another test adds."""

    def _private_etc(self):
        etc = os.path.join(self._work, "etc")
        os.mkdir(etc)
        for name in ETC_FILES:
            if os.path.exists(os.path.join("/etc", name)):
                shutil.copy(os.path.join("/etc", name), etc)
        known = {entry.pw_name for entry in pwd.getpwall()}
        with open(os.path.join(etc, "passwd"), "a", encoding="ascii") as passwd:
            for name, number in self.users:
                if name not in known:
                    passwd.write(f"{name}:x:{number}:{number}::/nonexistent:/usr/sbin/nologin\n")
        with open(os.path.join(etc, "group"), "r+", encoding="ascii") as group:
            known = {line.partition(":")[0] for line in group}
            for name, number in self.groups:
                if name not in known:
                    group.write(f"{name}:x:{number}:\n")
        self._namespace.check("mount", "--bind", etc, "/etc")

    def _own(self, path, user, mode):
        os.makedirs(path)
        # Names of the private /etc are known inside the namespace only.
        self._namespace.check("chown", user, path)
        os.chmod(path, mode)

    def _start_postfix(self, certificate, key):
        unpacked = os.path.join(self._unpacked, "postfix")
        config = os.path.join(self._work, "etc", "postfix")
        write(os.path.join(config, "main.cf"), self.main_cf.format(
            work=self._work, unpacked=unpacked, certificate=certificate, key=key,
            addresses=f"{POSTFIX} {POSTFIX_FAR}"))
        write(os.path.join(config, "master.cf"), self.master_cf)
        queue = os.path.join(self._work, "postfix-queue")
        self._own(queue, "root", 0o755)
        self._own(os.path.join(queue, "pid"), "root", 0o755)
        for name in ("active", "bounce", "corrupt", "defer", "deferred", "flush", "hold",
                     "incoming", "private", "saved", "trace"):
            self._own(os.path.join(queue, name), "postfix", 0o700)
        self._own(os.path.join(queue, "maildrop"), "postfix:postdrop", 0o730)
        self._own(os.path.join(queue, "public"), "postfix:postdrop", 0o710)
        self._own(os.path.join(self._work, "postfix-data"), "postfix", 0o700)
        self._run("postfix", os.path.join(unpacked, "usr/lib/postfix/sbin/master"), "-d",
                  env=dict(os.environ, LD_LIBRARY_PATH=os.path.join(unpacked, "usr/lib/postfix")))

    def _start_exim(self, certificate, key):
        # Exim as root trusts the configuration at its compiled-in place; the private /etc has one.
        write(os.path.join(self._work, "etc", "exim4", "exim4.conf"), self.exim_conf.format(
            work=self._work, address=EXIM, certificate=certificate, key=key))
        for name in ("exim-spool", "exim-log"):
            self._own(os.path.join(self._work, name), "Debian-exim", 0o750)
        self._run("exim", os.path.join(self._unpacked, "exim4-daemon-light/usr/sbin/exim4"),
                  "-bdf", "-oP", os.path.join(self._work, "exim-spool", "daemon.pid"))

    def _run(self, name, *argv, **kwargs):
        path = os.path.join(self._work, f"{name}.out")
        self._logs.append(path)
        with open(path, "w", encoding="utf-8") as out:
            self._processes.append((name, self._namespace.start(
                *argv, stdout=out, stderr=subprocess.STDOUT, **kwargs)))

    def _wait_until_listening(self):
        missing = self.listeners
        for _ in range(150):
            for name, process in self._processes:
                if process.poll() is not None:
                    raise RuntimeError(f"{name} ended:\n{self.logs()}")
            listening = {line.split()[3] for line in
                         self._namespace.check("ss", "-Hltn").splitlines()}
            missing = self.listeners - listening
            if not missing:
                return
            time.sleep(0.1)
        raise RuntimeError(f"nobody listens on {sorted(missing)}\n{self.logs()}")

    def logs(self):
        text = ""
        for path in self._logs + glob.glob(os.path.join(self._work, "postfix.log")) \
                + glob.glob(os.path.join(self._work, "exim-log", "*log")):
            with open(path, encoding="utf-8", errors="replace") as log:
                text += f"--- {os.path.basename(path)}\n{log.read()[-3000:]}"
        return text
