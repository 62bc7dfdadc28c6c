"""Cyrus IMAP 3.6: another idea of POP3 and IMAP than Dovecot's. Runs unpacked: its package would replace Postfix's."""

from __future__ import annotations

import imaplib
import os
import pwd
import shutil
import textwrap
from pathlib import Path

from .bed import ADMINISTRATOR, DOMAIN, HOST, MAIL_USER, SMALL_KIB, SMALL_USER, Bed
from .processes import Process, Unavailable, call, find_program

NAME = f"cyrus.{DOMAIN}"

CONFIGURATION = """
    configdirectory: {home}/config
    defaultpartition: default
    partition-default: {home}/spool
    cyrus_user: {user}
    servername: {name}
    defaultdomain: {domain}
    virtdomains: off
    autocreate_quota: 0
    autocreate_post: yes
    delete_mode: immediate
    expunge_mode: immediate
    unixhierarchysep: {slashes}
    altnamespace: {slashes}
    admins: {admin}
    autocreate_inbox_folders: Sent | Drafts | Trash | Junk | Archive
    autocreate_subscribe_folders: Sent | Drafts | Trash | Junk | Archive
    xlist-sent: Sent
    xlist-drafts: Drafts
    xlist-trash: Trash
    xlist-junk: Junk
    xlist-archive: Archive
    allowplaintext: yes
    allowapop: yes
    failedloginpause: 0s
    sasl_pwcheck_method: auxprop
    sasl_auxprop_plugin: sasldb
    sasl_sasldb_path: {passwords}
    sasl_mech_list: PLAIN LOGIN CRAM-MD5 DIGEST-MD5 SCRAM-SHA-1 SCRAM-SHA-256
    loginrealms: {domain}
    tls_server_cert: {certificate}
    tls_server_key: {key}
    popminpoll: 0
    conversations: 0
    idlesocket: {home}/config/socket/idle
    lmtpsocket: {home}/config/socket/lmtp
    notifysocket: {home}/config/socket/notify
    proc_path: {home}/config/proc
    mboxname_lockpath: {home}/config/lock
    maxlogins_per_user: 0
    maxlogins_per_host: 0
"""

SERVICES = """
    START {{
      recover cmd="{bin}/ctl_cyrusdb -C {configuration} -r"
    }}
    SERVICES {{
      imap cmd="{bin}/imapd -C {configuration} -U 100" listen="{host}:{imap}" proto="tcp4" prefork=1 maxchild=100
      dots cmd="{bin}/imapd -C {dotted} -U 100" listen="{host}:{imap-dots}" proto="tcp4" maxchild=100
      imaps cmd="{bin}/imapd -C {configuration} -s -U 100" listen="{host}:{imaps}" proto="tcp4" maxchild=100
      pop3 cmd="{bin}/pop3d -C {configuration} -U 100" listen="{host}:{pop3}" proto="tcp4" maxchild=100
      pop3s cmd="{bin}/pop3d -C {configuration} -s -U 100" listen="{host}:{pop3s}" proto="tcp4" maxchild=100
    }}
    EVENTS {{
    }}
    DAEMON {{
      idled cmd="{bin}/idled -C {configuration}"
    }}
"""


def start(bed: Bed) -> list[Process]:
    root = bed.directory / "opt/cyrus"
    programs = root / "usr/lib/cyrus/bin"
    if not (programs / "master").exists():
        raise Unavailable("Cyrus is not unpacked (run: python -m tests.testbed install)")
    home = bed.sub("cyrus", owner=MAIL_USER)
    for part in ("config", "config/socket", "config/proc", "config/log", "spool", "run"):
        bed.sub(f"cyrus/{part}", owner=MAIL_USER)
    configuration, dotted = configure(bed, "imapd.conf", slashes="yes"), configure(bed, "dotted.conf", slashes="no")
    services = bed.write(
        home / "cyrus.conf",
        textwrap.dedent(SERVICES).format(
            bin=programs, configuration=configuration, dotted=dotted, host=HOST, **bed.ports("cyrus")
        ),
    )
    libraries = ":".join(sorted({str(library.parent) for library in root.glob("usr/lib/**/*.so*")}))
    command: list[object] = [programs / "master", "-C", configuration, "-M", services]
    command += ["-p", home / "run/master.pid", "-L", bed.log / "cyrus-services.out"]
    process = bed.spawn("cyrus", command, env={"LD_LIBRARY_PATH": libraries, "LD_PRELOAD": without_syncs()})
    limit_small_user(bed)
    return [process]


def without_syncs() -> str:
    """The library that makes fsync do nothing: else each of ten thousand messages waits for the disk. "" without it."""
    return next((str(found) for found in sorted(Path("/usr/lib").glob("*/libeatmydata.so*"))), "")


def configure(bed: Bed, name: str, slashes: str) -> Path:
    """The configuration of one way to show the same folders: below INBOX with dots, or beside it with slashes."""
    home = bed.directory / "cyrus"
    text = CONFIGURATION.format(
        home=home,
        user=MAIL_USER,
        admin=ADMINISTRATOR,
        slashes=slashes,
        name=NAME,
        domain=DOMAIN,
        passwords=make_passwords(bed),
        certificate=bed.certificate("localhost"),
        key=own_key(bed),
    )
    return bed.write(home / name, text)


def limit_small_user(bed: Bed) -> None:
    """The quota of the user that has one; the folders come into being when the user logs in."""
    for user, command in (
        (SMALL_USER, ("NOOP",)),
        (ADMINISTRATOR, ("SETQUOTA", f"user/{SMALL_USER}", f"(STORAGE {SMALL_KIB})")),
    ):
        with imaplib.IMAP4(HOST, bed.port("cyrus", "imap"), timeout=20) as imap:
            imap.login(user, bed.users[user])
            answer, reason = imap._simple_command(*command)  # type: ignore[attr-defined]
            if answer != "OK":
                raise Unavailable(f"{command[0]} of {user}: {reason[0].decode()}")


def make_passwords(bed: Bed) -> str:
    """A password of its own for each user, under both names that Cyrus may look for."""
    path = bed.directory / "cyrus/sasldb2"
    known = call([find_program("sasldblistusers2"), "-f", path]) if path.exists() else ""
    program = find_program("saslpasswd2")
    for user, password in bed.users.items():
        for realm in (NAME, DOMAIN):
            if f"{user}@{realm}:" not in known:
                call([program, "-p", "-c", "-f", path, "-u", realm, user], text=password)
    give_to_mail_user(str(path))
    return str(path)


def own_key(bed: Bed) -> str:
    """Cyrus reads its key as an ordinary user."""
    copy = bed.directory / "cyrus/key.pem"
    shutil.copy(bed.key("localhost"), copy)
    give_to_mail_user(str(copy))
    return str(copy)


def give_to_mail_user(path: str) -> None:
    user = pwd.getpwnam(MAIL_USER)
    os.chown(path, user.pw_uid, user.pw_gid)
    os.chmod(path, 0o600)
