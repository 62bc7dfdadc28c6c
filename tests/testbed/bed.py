"""The run directory and what runs in it: users, ports, files, the servers' records, `testbed.json`."""

from __future__ import annotations

import contextlib
import json
import os
import pwd
import secrets
import shutil
import stat
import tempfile
import textwrap
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from . import processes

DOMAIN = "example.test"
HOST = "127.0.0.1"
#: an account that every Debian system has; owns mailboxes and spools
MAIL_USER = "mail"

#: services of each server: what is added to the base port
PORTS = {
    "oauth": {"http": 80},
    "dovecot": {"imap": 143, "imaps": 993, "pop3": 110, "pop3s": 995, "lmtp": 24, "auth": 12},
    "postfix": {
        "smtp": 25,
        "submission": 587,
        "smtps": 465,
        "auth-plaintext": 586,
        "plain-only": 581,
        "login-only": 582,
        "cram-only": 583,
    },
    "exim": {
        "smtp": 1025,
        "submission": 1587,
        "smtps": 1465,
        "auth-plaintext": 1586,
        "plain-only": 1581,
        "login-only": 1582,
        "cram-only": 1583,
    },
    "cyrus": {"imap": 1143, "imap-dots": 1144, "imaps": 1993, "pop3": 1110, "pop3s": 1995},
    "aiosmtpd": {"smtp": 2025, "submission": 2587, "smtps": 2465},
    "sink": {
        "smtp": 3025,
        "no-pipelining": 3026,
        "helo-only": 3027,
        "kept": 3028,
        "kept-no-pipelining": 3029,
        "kept-helo-only": 3030,
    },
}
#: the same servers at other addresses show these certificates
BAD_CERTIFICATES = {"expired": "127.0.0.2", "wronghost": "127.0.0.3", "selfsigned": "127.0.0.4"}
#: recipients that Postfix and Exim refuse, and how
REFUSED_RECIPIENTS = {
    "reject": "550 5.1.1 No such user here",
    "tempfail": "451 4.3.0 Try again later",
    "toobig": "552 5.3.4 Message too big",
}
#: refused at MAIL FROM, and refused at the end of the content when the subject holds the word
REFUSED_SENDER = ("badsender", "550 5.7.1 We do not take mail from you")
REFUSED_SUBJECT = ("refuse-this-content", "5.7.1 We do not take such content")

#: whose mailboxes of Dovecot and Cyrus take so many KiB and no more
SMALL_USER, SMALL_KIB = "erin", 100
#: whose folders Dovecot shows below INBOX, parted by dots, as Courier and old Cyrus do
DOTTED_USER = "frank"
#: may set quotas in Cyrus
ADMINISTRATOR = "cyrus"
#: special use → name of the folder in Dovecot: a client that only knows common names finds few of them
SPECIAL_FOLDERS = {
    "Sent": "Éléments envoyés",
    "Drafts": "Drafts",
    "Trash": "Corbeille",
    "Junk": "Courrier indésirable",
    "Archive": "Old & gold",
}

#: Unix sockets (Postfix, Dovecot) cannot have longer names than 108 bytes
LONGEST_DIRECTORY = 60
#: below the ports that the kernel hands to clients
BASE_PORTS = (20000, 24000, 28000, 16000, 12000)


def default_directory() -> Path:
    """A short path that the servers' own users can reach; a checkout is often neither."""
    if named := os.environ.get("WLEMAIL_TESTBED_DIR"):
        return Path(named)
    for parent in (tempfile.gettempdir(), "/var/tmp", "/tmp"):
        candidate = Path(parent).resolve() / "wlemail-testbed"
        if len(str(candidate)) <= LONGEST_DIRECTORY and not _closed_parent(candidate.parent):
            return candidate
    return Path("/tmp/wlemail-testbed")


def _closed_parent(directory: Path) -> Path | None:
    """The first directory on the way that other users cannot enter."""
    for part in (directory, *directory.parents):
        if part.exists() and not part.stat().st_mode & stat.S_IXOTH:
            return part
    return None


def new_users() -> dict[str, str]:
    """Login names with random passwords whose shapes have broken clients before."""

    def token() -> str:
        return secrets.token_hex(6)

    users = {
        "alice": token(),
        "bob": f"{token()} {token()}",  # a space
        "carol": f'{token()}"{token()}\\{token()}',  # what IMAP has to quote
        "dave": f"pässwörd€{token()}",  # not ASCII
        SMALL_USER: token(),
        DOTTED_USER: token(),
        ADMINISTRATOR: token(),
    }
    users.update({f"user{number:02}": token() for number in range(1, 21)})  # one for each thread
    return users


class Bed:
    def __init__(self, directory: Path) -> None:
        self.directory = directory.resolve()
        self.log = self.directory / "log"
        self.json = self.directory / "testbed.json"
        self.record: dict[str, Any] = {"servers": {}}
        with contextlib.suppress(OSError, ValueError):
            self.record = json.loads(self.json.read_text(encoding="utf-8"))

    # -- the record

    @property
    def users(self) -> dict[str, str]:
        return self.record["users"]

    @property
    def tokens(self) -> dict[str, str]:
        return self.record["tokens"]

    def port(self, server: str, service: str) -> int:
        return self.record["base_port"] + PORTS[server][service]

    def ports(self, server: str) -> dict[str, int]:
        return {service: self.port(server, service) for service in PORTS[server]}

    def running(self, server: str) -> bool:
        entry = self.record["servers"].get(server)
        return bool(entry) and all(map(processes.alive, entry["processes"]))

    def certificate(self, name: str) -> Path:
        return self.directory / "ca" / f"{name}.pem"

    def key(self, name: str) -> Path:
        return self.directory / "ca" / f"{name}-key.pem"

    def save(self) -> None:
        """Write testbed.json, which holds passwords, for its owner alone (and for whoever called sudo)."""
        text = json.dumps(self.record, indent=1, ensure_ascii=False) + "\n"
        new = self.json.with_suffix(".new")
        new.unlink(missing_ok=True)
        with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as out:
            out.write(text)
        if caller := os.environ.get("SUDO_UID"):
            os.chown(new, int(caller), -1)
        os.replace(new, self.json)

    # -- the directory

    def prepare(self) -> None:
        """Make the run directory and, the first time, its users and base port."""
        if closed := _closed_parent(self.directory.parent):
            raise SystemExit(f"{closed} is closed to other users, and the servers change users: use --dir")
        if len(str(self.directory)) > LONGEST_DIRECTORY:
            raise SystemExit(f"{self.directory}: too long a path for Unix sockets: use --dir")
        self.directory.mkdir(parents=True, exist_ok=True)
        # The default place lies in a directory where everybody may create: never use what somebody else made.
        if self.directory.stat().st_uid != os.getuid():
            raise SystemExit(f"{self.directory} belongs to another user: use --dir")
        self.directory.chmod(0o755)
        self.sub("log")
        if "users" not in self.record:
            self.record.update(
                directory=str(self.directory),
                domain=DOMAIN,
                ca=str(self.certificate("ca")),
                users=new_users(),
                tokens={"alice": secrets.token_urlsafe(24), "expired": secrets.token_urlsafe(24)},
                refused_recipients=REFUSED_RECIPIENTS,
                refused_sender=REFUSED_SENDER[0],
                refused_subject=REFUSED_SUBJECT[0],
                base_port=free_base_port(),
            )
            self.save()
        # A directory from before may lack users.
        self.record["users"] = {**new_users(), **self.users}
        self.record.update(small_user=SMALL_USER, dotted_user=DOTTED_USER, special_folders=SPECIAL_FOLDERS)

    def sub(self, name: str, owner: str = "root", mode: int = 0o755) -> Path:
        path = self.directory / name
        path.mkdir(parents=True, exist_ok=True)
        path.chmod(mode)
        shutil.chown(path, owner, pwd.getpwnam(owner).pw_gid)
        return path

    def write(self, path: Path, text: str, mode: int = 0o644, group: str = "root") -> Path:
        path.write_text(textwrap.dedent(text).lstrip("\n"), encoding="utf-8")
        shutil.chown(path, "root", group)
        path.chmod(mode)
        return path

    def spawn(
        self,
        server: str,
        argv: list[object],
        services: list[str] | None = None,
        env: Mapping[str, str] | None = None,
    ) -> processes.Process:
        """Start one process of a server and wait for its services (all of the server's where none are named)."""
        ready = [(HOST, self.port(server, service)) for service in services or PORTS[server]]
        self.require_free(ready)
        return processes.start(argv, self.log / f"{server}.out", ready, self.directory, env)

    def require_free(self, addresses: list[processes.Address]) -> None:
        for address in addresses:
            if processes.accepts(address):
                raise processes.Unavailable(f"port {address[1]} on {address[0]} is taken by another program")


def free_base_port() -> int:
    for base in BASE_PORTS:
        if not any(processes.accepts((HOST, base + port)) for server in PORTS.values() for port in server.values()):
            return base
    raise SystemExit(f"none of the port ranges from {BASE_PORTS} is free")
