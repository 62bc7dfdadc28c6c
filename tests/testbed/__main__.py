"""`python -m tests.testbed install|up|status|check|down`, from the top of the checkout."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from . import cyrus, dovecot, exim, postfix, processes, small_servers
from .bed import BAD_CERTIFICATES, HOST, Bed, default_directory
from .certificates import make_certificates
from .check import check
from .install import install

#: in the order in which they start: those that others need come first
SERVERS = {
    "oauth": small_servers.start_oauth,
    "dovecot": dovecot.start,
    "postfix": postfix.start,
    "exim": exim.start,
    "cyrus": cyrus.start,
    "aiosmtpd": small_servers.start_aiosmtpd,
    "sink": small_servers.start_sink,
}
#: which servers have an address for each bad certificate
WITH_BAD_CERTIFICATES = ("dovecot", "postfix", "exim")


def up(bed: Bed) -> int:
    """Start what is not running; a server that cannot run says why and the others go on."""
    if os.geteuid() != 0:
        raise SystemExit("up needs root (the servers change users)")
    bed.prepare()
    make_certificates(bed)
    failed = 0
    for name, start in SERVERS.items():
        if not bed.running(name):
            failed += not start_one(bed, name, start)
    print(bed.json)
    return 1 if failed else 0


def start_one(bed: Bed, name: str, start: Callable[[Bed], list[processes.Process]]) -> bool:
    stop_one(bed, name)  # what is left of a server that lost some of its processes
    began = time.monotonic()
    try:
        started = start(bed)
    except (processes.Unavailable, OSError, subprocess.SubprocessError) as error:
        print(f"{name}: not started: {error}", file=sys.stderr)
        return False
    entry = {"host": HOST, "ports": bed.ports(name), "processes": started}
    if name in WITH_BAD_CERTIFICATES:
        entry["bad_certificates"] = BAD_CERTIFICATES
    bed.record["servers"][name] = entry
    bed.save()
    print(f"{name}: up in {time.monotonic() - began:.1f} s", file=sys.stderr)
    return True


def stop_one(bed: Bed, name: str) -> str:
    entry = bed.record["servers"].pop(name, None)
    return processes.stop(entry["processes"]) if entry else "was not running"


def down(bed: Bed) -> int:
    for name in reversed(SERVERS):
        print(f"{name}: {stop_one(bed, name)}", file=sys.stderr)
    # Not only emptied: the tests take the file for a promise that something runs.
    bed.json.unlink(missing_ok=True)
    return 0


def status(bed: Bed) -> int:
    for name in SERVERS:
        ports = bed.record["servers"].get(name, {}).get("ports", {})
        listing = " ".join(f"{service}={port}" for service, port in ports.items())
        print(f"{name:9} {'up  ' if bed.running(name) else 'down'} {listing}")
    return 0 if all(map(bed.running, SERVERS)) else 1


def check_all(bed: Bed) -> int:
    failed = 0
    for step, result in check(bed):
        print(f"{step:32} {result}")
        failed += not result.startswith("ok")
    return 1 if failed else 0


def install_all(bed: Bed) -> int:
    install(bed)
    return 0


def main() -> int:
    commands = {"install": install_all, "up": up, "status": status, "check": check_all, "down": down}
    parser = argparse.ArgumentParser(prog="python -m tests.testbed", description=__doc__)
    parser.add_argument("--dir", type=Path, default=default_directory(), help="run directory (default %(default)s)")
    parser.add_argument("command", choices=commands)
    arguments = parser.parse_args()
    return commands[arguments.command](Bed(arguments.dir))


if __name__ == "__main__":
    sys.exit(main())
