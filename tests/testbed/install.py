"""Install what the servers need on Debian 12, and leave nothing running or started at boot."""

from __future__ import annotations

import contextlib
import os
import pwd
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from .bed import Bed
from .exim import ACCOUNT
from .processes import Unavailable, call

PACKAGES = ["postfix", "dovecot-core", "dovecot-imapd", "dovecot-pop3d", "dovecot-lmtpd", "openssl", "ca-certificates"]
PACKAGES += ["sasl2-bin", "libsasl2-modules", "libsasl2-modules-db", "libeatmydata1"]  # for Cyrus
UNITS = ["postfix", "dovecot"]
#: servers that cannot be installed beside the others
UNPACKED = {"exim": ["exim4-daemon-light"], "cyrus": ["cyrus-common", "cyrus-imapd", "cyrus-pop3d"]}
POLICY = Path("/usr/sbin/policy-rc.d")
ENVIRONMENT = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
APT_INSTALL = ["apt-get", "install", "-y", "-qq", "--no-install-recommends"]


def install(bed: Bed) -> None:
    if os.geteuid() != 0:
        raise SystemExit("install needs root")
    if not shutil.which("apt-get"):
        raise SystemExit("install knows only apt-get (Debian, Ubuntu)")
    bed.prepare()
    with services_denied():
        run(["apt-get", "update", "-qq"])
        # Otherwise Postfix asks at the terminal, and makes itself the system's mail service.
        call(["debconf-set-selections"], text="postfix postfix/main_mailer_type select No configuration\n")
        run([*APT_INSTALL, *PACKAGES])
        for name, packages in UNPACKED.items():
            run([*APT_INSTALL, *unpack(bed, name, packages)])
    make_account()
    with contextlib.suppress(FileNotFoundError):  # no systemd in a container
        subprocess.run(["systemctl", "disable", "--now", *UNITS], capture_output=True)


@contextlib.contextmanager
def services_denied() -> Iterator[None]:
    """Keep packages from starting their services, as Debian's invoke-rc.d provides for."""
    if POLICY.exists():
        yield
        return
    POLICY.write_text("#!/bin/sh\nexit 101\n")
    POLICY.chmod(0o755)
    try:
        yield
    finally:
        POLICY.unlink()


def run(argv: list[str]) -> None:
    """Run apt-get; say nothing unless it fails."""
    done = subprocess.run(argv, env=ENVIRONMENT, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"{done.stdout}{done.stderr}{' '.join(argv[:3])} failed")


def unpack(bed: Bed, name: str, packages: list[str]) -> list[str]:
    """Unpack a server that conflicts with an installed one; return the libraries to install for it."""
    target, done = bed.directory / "opt" / name, bed.directory / "opt" / name / "done"
    if not done.exists():
        shutil.rmtree(target, ignore_errors=True)
        cache = bed.sub("opt")
        try:
            call(["apt-get", "download", "-qq", *packages], cwd=cache, env=ENVIRONMENT)
        except Unavailable as error:
            raise SystemExit(f"{name}: {error}") from error
        needed: list[str] = []
        for package in packages:
            archive = max(cache.glob(f"{package}_*.deb"))
            call(["dpkg-deb", "-x", archive, target])
            depends = call(["dpkg-deb", "-f", archive, "Depends"])
            needed += re.findall(r"(?:^|[,|])\s*(lib[\w.+-]+)", depends)
        for path in target.rglob("*"):  # never leave a set-user-id program behind
            if path.is_file() and not path.is_symlink():
                path.chmod(path.stat().st_mode & 0o755)
        done.write_text("\n".join(needed))
    return done.read_text().split()


def make_account() -> None:
    """The account that Exim insists on."""
    try:
        pwd.getpwnam(ACCOUNT)
    except KeyError:
        call(["useradd", "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", ACCOUNT])
